import type { KeyObject } from 'node:crypto'
import { type FormBytes, signedFields } from './form.ts'
import { rsaPublicKey, rsaSign, rsaVerifies } from './rsa.ts'

/** Whether one of Alipay's public keys signed these bytes. */
function signedByOne(publicKeys: readonly string[], signed: Uint8Array, signature: string): boolean {
  return publicKeys.some((text) => {
    const key = rsaPublicKey(text)
    return key !== null && rsaVerifies(key, signed, signature)
  })
}

/**
 * Why a notification's signature does not hold; `null` when it does. Most services sign without `sign_type`, some with
 * it, so both are tried as Alipay's own SDKs do (alipay-sdk 4.14, `checkNotifySign`). These differ about empty fields
 * (PHP's leaves them out, Java's and Node's do not), so both are tried there, too; an empty one is never read.
 */
export function notificationProblem(publicKeys: readonly string[], fields: FormBytes): string | null {
  const signature = fields.get('sign')?.toString('latin1')
  if (!signature) return 'no sign among the fields'
  if (fields.get('sign_type')?.toString('latin1') !== 'RSA2') return 'expected sign_type RSA2'
  const hasEmpty = [...fields.values()].some((value) => value.length === 0)
  const readings = [signedFields(fields, ['sign', 'sign_type']), signedFields(fields, ['sign'])]
  if (hasEmpty) {
    readings.push(
      signedFields(fields, ['sign', 'sign_type'], 'signed'),
      signedFields(fields, ['sign'], 'signed'),
    )
  }
  return readings.some((signed) => signedByOne(publicKeys, signed, signature))
    ? null
    : 'the signature does not fit: another key, or changed fields'
}

/** Parameters of a call with their `sign`: all of them, sorted by name, `name=value&…`, RSA2. */
export function signedParameters(
  parameters: Readonly<Record<string, string>>,
  privateKey: KeyObject,
): Readonly<Record<string, string>> {
  const fields = new Map(Object.entries(parameters).map(([name, value]) => [name, Buffer.from(value)]))
  return { ...parameters, sign: rsaSign(privateKey, signedFields(fields, [])) }
}

export interface AlipayAnswer {
  /** The text of the answer's object, exactly as it came. */
  readonly object: string
  /** `null`: not signed, as some refusals are. */
  readonly genuine: boolean | null
}

/**
 * The object of `{"<method>_response":{…},"sign":"…"}`. Signed is its text as it came: to write the JSON anew would
 * change escapes and spaces. `null` when the answer has no such object.
 */
export function readAlipayAnswer(
  body: string,
  method: string,
  publicKeys: readonly string[],
): AlipayAnswer | null {
  const names = [`${method.replaceAll('.', '_')}_response`, 'error_response']
  const object = names.map((name) => objectAfter(body, name)).find((text) => text !== null)
  if (!object) return null
  const signature = outerText(body, 'sign')
  return {
    object,
    genuine: signature === null ? null : signedByOne(publicKeys, Buffer.from(object), signature),
  }
}

/** Which certificate of Alipay's an answer says that it was signed with; `undefined` in public-key mode. */
export const certSnIn = (body: string): string | undefined => outerText(body, 'alipay_cert_sn') || undefined

/** A text of the outer object; `null` without one. */
function outerText(body: string, name: 'sign' | 'alipay_cert_sn'): string | null {
  try {
    const text: unknown = (JSON.parse(body) as Record<string, unknown>)[name]
    return typeof text === 'string' ? text : null
  } catch {
    return null
  }
}

/** The `{…}` that is the value of the outer object's `name`, by counting braces outside strings; `null` without one. */
function objectAfter(body: string, name: string): string | null {
  const key = new RegExp(`"${name}"\\s*:\\s*(?=\\{)`, 'y')
  let depth = 0
  let start = -1
  let inString = false
  for (let at = 0; at < body.length; at++) {
    const char = body[at]
    if (inString) {
      if (char === '\\') at++
      else if (char === '"') inString = false
      continue
    }
    if (char === '"' && depth === 1 && start < 0) {
      key.lastIndex = at
      const found = key.exec(body)
      if (found) {
        at += found[0].length - 1
        start = at + 1
        continue
      }
    }
    if (char === '"') inString = true
    else if (char === '{') depth++
    else if (char === '}' && --depth === 1 && start >= 0) return body.slice(start, at + 1)
  }
  return null
}
