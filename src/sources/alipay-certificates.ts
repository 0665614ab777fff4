import { createHash, X509Certificate } from 'node:crypto'
import type { Instant } from '../domain/time.ts'

/** The certificates of a PEM text in its order, none where it holds none; `null` where one of them cannot be read. */
export function certificatesIn(text: string): readonly X509Certificate[] | null {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  if (blocks.length !== text.split('-----BEGIN CERTIFICATE-----').length - 1) return null
  try {
    return blocks.map((block) => new X509Certificate(block))
  } catch {
    // OpenSSL's words for a broken certificate help nobody; the setting's own message says what was expected.
    return null
  }
}

/** Of a file that Alipay gives out, the certificate it is about, with those of its authorities beside it. */
export interface CertificateFile {
  readonly own: X509Certificate
  readonly between: readonly X509Certificate[]
  /** From when and until when all of them are good. */
  readonly from: Instant
  readonly until: Instant
}

/** `null` where there is no certificate to read. The own one comes first, or else is the one that issued no other. */
export function certificateFile(text: string): CertificateFile | null {
  const all = certificatesIn(text)
  if (!all || all.length === 0) return null
  const issuesAnother = (each: X509Certificate) =>
    all.some((other) => other !== each && other.issuer === each.subject)
  const own = all.find((each) => !issuesAnother(each)) ?? all[0]!
  return {
    own,
    between: all.filter((each) => each !== own),
    from: Math.max(...all.map((each) => each.validFromDate.getTime())),
    until: Math.min(...all.map((each) => each.validToDate.getTime())),
  }
}

/** Whether the key inside is one that RSA2 signatures can be made with; Alipay gives out SM2 certificates as well. */
export const hasRsaKey = (certificate: X509Certificate): boolean => {
  try {
    return certificate.publicKey.asymmetricKeyType === 'rsa'
  } catch {
    // A kind of key that OpenSSL does not know.
    return false
  }
}

/** Whether RSA signed it: of the root bundle only these count. */
export const isSignedByRsa = ({ signatureAlgorithmOid }: X509Certificate): boolean =>
  signatureAlgorithmOid.startsWith('1.2.840.113549.1.1.')

/**
 * A certificate's serial number as Alipay has it: MD5 (hex) of the issuer's name, its last part first, and the decimal
 * serial number (alipay-sdk 4.14, `getSN`). Names are taken bare, where `issuer` escapes them (RFC 2253).
 */
export function certificateSn({ issuer, serialNumber }: X509Certificate): string {
  const name = issuer
    .split('\n')
    .map((part) => part.replace(/^emailAddress=/, 'E=').replace(/\\([0-9A-F]{2}|.)/g, bareCharacter))
    .reverse()
    .join(',')
  return createHash('md5')
    .update(`${name}${BigInt(`0x${serialNumber}`)}`)
    .digest('hex')
}

const bareCharacter = (_: string, escaped: string): string =>
  escaped.length === 2 ? String.fromCharCode(Number.parseInt(escaped, 16)) : escaped

/** `alipay_root_cert_sn`: the serial numbers of the bundle's RSA certificates, joined by `_`. The gateway refuses others. */
export const rootCertSn = (roots: readonly X509Certificate[]): string =>
  roots.filter(isSignedByRsa).map(certificateSn).join('_')

/** Longest way from a certificate to its root; Alipay's has one authority between. */
const MOST_BETWEEN = 4

/** Whether each certificate on the way was issued by the next, up to one of the roots. Dates are not looked at. */
export function leadsToRoot({ own, between }: CertificateFile, roots: readonly X509Certificate[]): boolean {
  let here = own
  for (let step = 0; step <= MOST_BETWEEN; step++) {
    if (roots.some((root) => issued(here, root))) return true
    const next = between.find((each) => each !== here && issued(here, each))
    if (!next) return false
    here = next
  }
  return false
}

/** Whether `by` is an authority, has the issuer's name, and its key made the signature. */
function issued(certificate: X509Certificate, by: X509Certificate): boolean {
  try {
    return by.ca && certificate.checkIssued(by) && certificate.verify(by.publicKey)
  } catch {
    // A kind of key that OpenSSL does not know.
    return false
  }
}

/** The last part of a name: who it is. */
export const commonName = (name: string): string => name.split('\n').at(-1)!.replace(/^CN=/, '').slice(0, 80)
