import { createDecipheriv, type KeyObject, X509Certificate } from 'node:crypto'
import { type Instant, SECOND } from '../domain/time.ts'
import { at, type ReadJson, readJson, textAt } from './json.ts'
import { timeProblem } from './reply.ts'
import { rsaPublicKey, rsaSign, rsaVerifies } from './rsa.ts'

/** How far the signed time may be from ours, either way (as in every SDK of WeChat Pay). */
const TOLERANCE_S = 300

/** Signatures that WeChat Pay makes wrong on purpose, to see whether they are checked (pay.weixin.qq.com/doc/v3). */
const PROBE = 'WECHATPAY/SIGNTEST/'

/** WeChat Pay's public keys by serial: `PUB_KEY_ID_…` with a public key, or a platform certificate's serial with it. */
export type PlatformKeys = Readonly<Record<string, string>>

/** What is wrong with one entry of the platform keys; `null` when nothing is. */
export function platformKeyProblem(serial: string, pem: string): string | null {
  if (!rsaPublicKey(pem)) return 'expected an RSA public key or certificate as PEM'
  if (!pem.includes('BEGIN CERTIFICATE')) return null
  const own = new X509Certificate(pem).serialNumber
  return own.toUpperCase() === serial.toUpperCase() ? null : `this certificate’s serial is ${own}`
}

type Headers = Readonly<Record<string, string>>

/**
 * Why a callback's or an answer's signature does not hold; `null` when it does. Signed: `<time>\n<nonce>\n<body>\n`,
 * RSA-SHA256 with the key that `Wechatpay-Serial` names (pay.weixin.qq.com/doc/v3, read November 2026).
 */
export function wechatSignatureProblem(
  keys: PlatformKeys,
  headers: Headers,
  body: Uint8Array,
  now: Instant,
): string | null {
  const time = headers['wechatpay-timestamp']
  const nonce = headers['wechatpay-nonce']
  const serial = headers['wechatpay-serial']
  const signature = headers['wechatpay-signature']
  if (!time || !nonce || !serial || !signature) {
    return 'Wechatpay-Timestamp, -Nonce, -Serial or -Signature is missing'
  }
  if (signature.startsWith(PROBE)) return 'a probe of WeChat Pay’s: signed wrong on purpose'
  if (!/^\d{1,12}$/.test(time)) return 'Wechatpay-Timestamp is no number of seconds'
  const pem = keyOf(keys, serial)
  if (!pem) return 'Wechatpay-Serial names a key that is not among platformKeys'
  const key = rsaPublicKey(pem)
  const signed = Buffer.concat([Buffer.from(`${time}\n${nonce}\n`), body, Buffer.from('\n')])
  if (!key || !rsaVerifies(key, signed, signature)) return 'the signature does not fit the body'
  const off = Math.floor(now / SECOND) - Number(time)
  return timeProblem(off, TOLERANCE_S)
}

/** Serials of certificates are hexadecimal and written in either case. */
function keyOf(keys: PlatformKeys, serial: string): string | undefined {
  const name = Object.keys(keys).find((each) => each.toUpperCase() === serial.toUpperCase())
  return name === undefined ? undefined : keys[name]
}

/** The resource of a callback, opened with the APIv3 key it was sealed with: AES-256-GCM, its tag the last 16 bytes. */
export function openResource(apiV3Keys: readonly string[], resource: unknown): ReadJson {
  const algorithm = textAt(resource, 'algorithm')
  if (algorithm !== 'AEAD_AES_256_GCM') return { ok: false, problem: 'expected AEAD_AES_256_GCM' }
  const nonce = at(resource, 'nonce')
  const sealed = Buffer.from(textAt(resource, 'ciphertext') ?? '', 'base64')
  if (typeof nonce !== 'string' || nonce.length !== 12 || sealed.length <= 16) {
    return { ok: false, problem: 'expected a nonce of 12 characters and a ciphertext' }
  }
  const data = at(resource, 'associated_data')
  const aad = Buffer.from(typeof data === 'string' ? data : '')
  for (const key of apiV3Keys) {
    const plain = open(Buffer.from(key), Buffer.from(nonce), aad, sealed)
    if (plain) return readJson(plain)
  }
  return { ok: false, problem: 'no APIv3 key of the settings opens it' }
}

function open(key: Buffer, nonce: Buffer, aad: Buffer, sealed: Buffer): Buffer | null {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 })
    decipher.setAAD(aad).setAuthTag(sealed.subarray(-16))
    return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()])
  } catch {
    // GCM's only way to say that the tag does not fit: another key, or changed bytes.
    return null
  }
}

export interface Merchant {
  readonly mchid: string
  /** Serial of the merchant's own certificate. */
  readonly serial: string
  readonly key: KeyObject
}

/** The `Authorization` of a request: `<method>\n<path with query>\n<time>\n<nonce>\n<body>\n`, signed by the merchant. */
export function wechatAuthorization(
  { mchid, serial, key }: Merchant,
  request: { readonly method: string; readonly path: string; readonly body: string },
  now: Instant,
  nonce: string,
): string {
  const time = Math.floor(now / SECOND)
  const signature = rsaSign(key, `${request.method}\n${request.path}\n${time}\n${nonce}\n${request.body}\n`)
  const parts = { mchid, serial_no: serial, timestamp: time, nonce_str: nonce, signature }
  const text = Object.entries(parts).map(([name, value]) => `${name}="${value}"`)
  return `WECHATPAY2-SHA256-RSA2048 ${text.join(',')}`
}
