import { type KeyObject, sign } from 'node:crypto'
import { type Instant, toIso } from '../domain/time.ts'

/** A name as its attributes, in the certificate's order. */
export type X509Name = readonly (readonly [keyof typeof ATTRIBUTES, string])[]

export interface ToIssue {
  readonly subject: X509Name
  readonly publicKey: KeyObject
  readonly by: { readonly name: X509Name; readonly privateKey: KeyObject }
  /** Above 0. */
  readonly serial: bigint
  /** Between 1950 and 2049, to the second. */
  readonly from: Instant
  readonly until: Instant
  readonly isAuthority: boolean
  /** What the key may sign; absent: anything. */
  readonly signs?: 'certificates' | 'data'
  /** Further extensions, as DER. */
  readonly extensions?: readonly Buffer[]
  readonly hash?: 'sha256' | 'sha1'
}

/**
 * A certificate as PEM (RFC 5280), signed with an RSA, P-256 or SM2 key. Node can read certificates but not make them,
 * hence the few lines of DER.
 */
export function issueCertificate(toIssue: ToIssue): string {
  const { subject, publicKey, by, serial, from, until, isAuthority, signs, extensions = [] } = toIssue
  const { algorithm, hash } = algorithmOf(by.privateKey, toIssue.hash ?? 'sha256')
  const authority = extension('551d13', sequence(der(0x01, Buffer.from([0xff]))))
  const usage = extension('551d0f', der(0x03, Buffer.from(signs === 'data' ? [3, 0xf8] : [1, 6])))
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, bytesOf(serial)),
    algorithm,
    nameOf(by.name),
    sequence(utcTime(from), utcTime(until)),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...(isAuthority ? [authority] : []), ...(signs ? [usage] : []), ...extensions)),
  )
  const signature = Buffer.concat([Buffer.from([0]), sign(hash, body, by.privateKey)])
  return pem('CERTIFICATE', sequence(body, algorithm, der(0x03, signature)))
}

/** A critical extension of this type (its OID's bytes). */
export const extension = (type: string, value: Buffer): Buffer =>
  sequence(oid(type), der(0x01, Buffer.from([0xff])), der(0x04, value))

const ATTRIBUTES = {
  CN: '550403',
  C: '550406',
  L: '550407',
  ST: '550408',
  O: '55040a',
  OU: '55040b',
} as const

/** Countries are PrintableStrings, all else is UTF-8. */
const nameOf = (name: X509Name): Buffer =>
  sequence(
    ...name.map(([attribute, value]) =>
      set(sequence(oid(ATTRIBUTES[attribute]), der(attribute === 'C' ? 0x13 : 0x0c, Buffer.from(value)))),
    ),
  )

/** sha256WithRSA, sha1WithRSA, ecdsa-with-SHA256, or SM2 with SM3 (GM/T 0015). */
function algorithmOf(key: KeyObject, hash: 'sha256' | 'sha1') {
  if (key.asymmetricKeyType === 'rsa') {
    const type = `2a864886f70d0101${hash === 'sha1' ? '05' : '0b'}`
    return { algorithm: sequence(oid(type), der(0x05, Buffer.alloc(0))), hash }
  }
  return key.asymmetricKeyDetails?.namedCurve === 'SM2'
    ? { algorithm: sequence(oid('2a811ccf55018375')), hash: 'sm3' }
    : { algorithm: sequence(oid('2a8648ce3d040302')), hash: 'sha256' }
}

/** A number above 0 as DER has it: a sign bit more than it needs. */
function bytesOf(number: bigint): Buffer {
  const hex = number.toString(16)
  const bytes = Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex')
  return bytes[0]! & 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes
}

/** `201122080000Z` */
const utcTime = (at: Instant): Buffer =>
  der(0x17, Buffer.from(`${toIso(at).slice(2, 19).replace(/[-T:]/g, '')}Z`))

export function der(tag: number, content: Buffer): Buffer {
  const size = content.length
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), content])
}

export const sequence = (...parts: readonly Buffer[]) => der(0x30, Buffer.concat(parts))
const set = (...parts: readonly Buffer[]) => der(0x31, Buffer.concat(parts))
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'))

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}
