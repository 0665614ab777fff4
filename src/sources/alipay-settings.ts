import * as z from 'zod'
import {
  type CertificateFile,
  certificateFile,
  certificatesIn,
  commonName,
  hasRsaKey,
  isSignedByRsa,
  leadsToRoot,
} from './alipay-certificates.ts'
import { rsaPrivateKey, rsaPublicKey } from './rsa.ts'
import { checkQuerySettings, querySettings } from './shop-query.ts'
import { tradeSettings } from './trade.ts'

const APP_FILE = 'appCertPublicKey_….crt'
const ALIPAY_FILE = 'alipayCertPublicKey_RSA2.crt'
const ROOT_FILE = 'alipayRootCert.crt'
/** The settings of certificate mode: the three files that Alipay gives out together. */
const CERTIFICATES = ['appCertPublicKey', 'alipayCertPublicKeys', 'alipayRootCert'] as const

const certificate = (file: string) =>
  z
    .string()
    .max(20_000)
    .superRefine((text, context) => {
      const message = certificateProblem(text, file)
      if (message) context.addIssue({ code: 'custom', message, continue: false })
    })

export const alipaySettings = z
  .object({
    appId: z.string().regex(/^\d{8,32}$/),
    /** 卖家支付宝用户号. */
    sellerId: z.string().regex(/^2088\d{12}$/),
    /** Public-key mode: 支付宝公钥 (not the app's own), as base64 or PEM; two while one is being changed. */
    publicKeys: z
      .array(
        z
          .string()
          .max(20_000)
          .refine((text) => rsaPublicKey(text) !== null, 'expected an RSA public key as base64 or PEM'),
      )
      .min(1)
      .max(3)
      .optional(),
    /** Certificate mode (公钥证书模式): 应用公钥证书, as PEM. */
    appCertPublicKey: certificate(APP_FILE).optional(),
    /** Certificate mode: 支付宝公钥证书, as PEM with its authority's as downloaded; two while one is being changed. */
    alipayCertPublicKeys: z.array(certificate(ALIPAY_FILE)).min(1).max(3).optional(),
    /** Certificate mode: 支付宝根证书, all of its certificates, as PEM. */
    alipayRootCert: z
      .string()
      .max(40_000)
      .superRefine((text, context) => {
        const message = rootProblem(text)
        if (message) context.addIssue({ code: 'custom', message, continue: false })
      })
      .optional(),
    ...tradeSettings,
    ...querySettings,
    /** The app's private key, base64 or PEM: it can also refund. */
    privateKey: z
      .string()
      .max(20_000)
      .refine((text) => rsaPrivateKey(text) !== null, 'expected an RSA private key as base64 or PEM')
      .optional(),
    gateway: z
      .url({ protocol: /^https?$/ })
      .max(200)
      .default('https://openapi.alipay.com/gateway.do'),
  })
  .superRefine((given, context) => {
    checkQuerySettings(given, ['privateKey'], context)
    checkMode(given, context)
  })
export type AlipaySettings = z.infer<typeof alipaySettings>

/** What is wrong with the text of one certificate. Never quotes it: it may be a key that was put in the wrong place. */
function certificateProblem(text: string, file: string): string | null {
  if (text.includes('PRIVATE KEY-----') || rsaPrivateKey(text))
    return `expected the certificate ${file} as PEM, came a private key: that belongs in privateKey`
  const read = certificateFile(text)
  if (!read) {
    if (text.includes('-----BEGIN CERTIFICATE'))
      return `expected the certificate ${file} as PEM, came one that is cut or altered: copy the whole file again, line breaks included`
    return rsaPublicKey(text)
      ? `expected the certificate ${file} as PEM, came a bare public key: that belongs in publicKeys, for apps in public-key mode`
      : `expected the certificate ${file} as PEM: the file’s whole text, from -----BEGIN CERTIFICATE----- on`
  }
  if (read.own.ca)
    return `expected the certificate ${file}, came that of an authority: ${ROOT_FILE} belongs in alipayRootCert`
  return hasRsaKey(read.own)
    ? null
    : `expected the certificate ${file} with an RSA key, came another kind such as SM2: choose RSA2 when downloading`
}

/** Certificates of other kinds (SM2, EC) are in Alipay's bundle and do not matter to RSA2. */
function rootProblem(text: string): string | null {
  const read = certificatesIn(text)
  if (!read)
    return `expected ${ROOT_FILE} as PEM, came one that is cut or altered: copy the whole file again, line breaks included`
  if (read.length === 0)
    return `expected ${ROOT_FILE} as PEM: the file’s whole text, all certificates in it, from the first -----BEGIN CERTIFICATE----- on`
  const other = read.find((each) => !each.ca)
  if (other)
    return `expected ${ROOT_FILE}, came a certificate that is no authority’s (${commonName(other.subject)}): that belongs in appCertPublicKey or alipayCertPublicKeys`
  return read.some((each) => isSignedByRsa(each) && hasRsaKey(each))
    ? null
    : `expected ${ROOT_FILE} with at least one RSA certificate, came SM2 or EC ones only, which are skipped: copy the whole file`
}

/** Which of the two modes it is, and whether the three certificates, and the private key, belong together. */
function checkMode(given: AlipaySettings, context: z.RefinementCtx): void {
  const say = (path: PropertyKey[], message: string) => context.addIssue({ code: 'custom', path, message })
  const there = CERTIFICATES.filter((name) => given[name] !== undefined)
  const [names, all] = [there, CERTIFICATES].map((each) => each.join(', '))
  if (given.publicKeys) {
    if (there.length > 0)
      say(
        ['publicKeys'],
        `expected either publicKeys (public-key mode) or certificates (certificate mode), came both: take out publicKeys or ${names} (null takes a setting out)`,
      )
    return
  }
  if (there.length === 0) {
    say(['publicKeys'], `expected publicKeys (public-key mode), or ${all} (certificate mode), came neither`)
    return
  }
  for (const name of CERTIFICATES) {
    if (given[name] === undefined)
      say([name], `expected, because ${names} is given: certificate mode needs all three files`)
  }
  if (there.length === CERTIFICATES.length) checkCertificates(given, say)
}

function checkCertificates(
  { appCertPublicKey, alipayCertPublicKeys, alipayRootCert, privateKey, gateway }: AlipaySettings,
  say: (path: PropertyKey[], message: string) => void,
): void {
  const app = certificateFile(appCertPublicKey!)!.own
  const key = privateKey === undefined ? null : rsaPrivateKey(privateKey)
  const files = alipayCertPublicKeys!.map((text) => certificateFile(text)!)
  const isOwn = ({ own }: CertificateFile) =>
    key ? own.checkPrivateKey(key) : own.publicKey.equals(app.publicKey)
  const isTheirs = files.some(({ own }) => own.publicKey.equals(app.publicKey)) || files.some(isOwn)
  if (key && !app.checkPrivateKey(key)) {
    say(
      ['appCertPublicKey'],
      isTheirs
        ? `expected ${APP_FILE} (the app’s own), came Alipay’s`
        : `expected ${APP_FILE} of the key in privateKey, came the certificate of another key: give the key that this certificate was applied for with`,
    )
  }
  const roots = certificatesIn(alipayRootCert!)!
  for (const [at, file] of files.entries()) {
    const path = ['alipayCertPublicKeys', at]
    if (isOwn(file))
      say(path, `expected ${ALIPAY_FILE} (Alipay’s own), came the app’s, or the same as in appCertPublicKey`)
    else if (!isSandbox(gateway) && !leadsToRoot(file, roots))
      say(
        path,
        `expected ${ALIPAY_FILE} with a chain up to a certificate of alipayRootCert, came one (${commonName(file.own.subject)}, issued by ${commonName(file.own.issuer)}) without: give both files whole, as downloaded`,
      )
  }
}

/** What the sandbox gives out leads to no root: its authorities are not in its alipayRootCert.crt (seen 2019 to 2025). */
const isSandbox = (gateway: string): boolean => new URL(gateway).hostname.endsWith('.alipaydev.com')
