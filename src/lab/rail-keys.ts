// biome-ignore lint/plugin: OpenSSL makes key pairs from its own chance; the labs' are gone with the process
import { generateKeyPairSync } from 'node:crypto'

/** An RSA key pair as PEM: SPKI and PKCS#8. */
export interface RsaPair {
  readonly publicPem: string
  readonly privatePem: string
}

export function newRsaPair(): RsaPair {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return {
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}
