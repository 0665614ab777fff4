import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'

/** An RSA public key from PEM (a key or a certificate) or, as Alipay's console shows it, from the base64 alone; `null` when it is none. */
export function rsaPublicKey(text: string): KeyObject | null {
  return rsaKey(() =>
    text.includes('-----BEGIN')
      ? createPublicKey(text)
      : createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' }),
  )
}

/** An RSA private key from PEM or from the base64 alone, PKCS#8 or PKCS#1; `null` when it is none. */
export function rsaPrivateKey(text: string): KeyObject | null {
  if (text.includes('-----BEGIN')) return rsaKey(() => createPrivateKey(text))
  const key = Buffer.from(text, 'base64')
  return (
    rsaKey(() => createPrivateKey({ key, format: 'der', type: 'pkcs8' })) ??
    rsaKey(() => createPrivateKey({ key, format: 'der', type: 'pkcs1' }))
  )
}

function rsaKey(read: () => KeyObject): KeyObject | null {
  try {
    const key = read()
    return key.asymmetricKeyType === 'rsa' ? key : null
  } catch {
    // OpenSSL's words for a text that is no key help nobody; the setting's own message says what was expected.
    return null
  }
}

/** SHA256withRSA (PKCS#1 v1.5), base64. */
export function rsaSign(privateKey: KeyObject, signed: string | Uint8Array): string {
  return sign('sha256', Buffer.from(signed), privateKey).toString('base64')
}

/**
 * Whether `signature` (base64) fits. A second spelling of the same base64 is refused: it would let a body that
 * differs from the signed one through, and no sender makes one.
 */
export function rsaVerifies(publicKey: KeyObject, signed: Uint8Array, signature: string): boolean {
  const bytes = Buffer.from(signature, 'base64')
  return bytes.toString('base64') === signature && verify('sha256', signed, publicKey, bytes)
}
