// biome-ignore lint/plugin: OpenSSL makes key pairs from its own chance; the labs' are gone with the process
import { generateKeyPairSync } from 'node:crypto'
import type { Random } from '../domain/ids.ts'
import { parseIso } from '../domain/time.ts'
import { der, extension, issueCertificate, sequence, type X509Name } from './x509.ts'

export interface Certificate {
  /** PEM. */
  readonly cert: string
  readonly key: string
}

/**
 * A self-signed certificate for `localhost` and 127.0.0.1, good until 2049 and trusted by nobody who was not
 * told to (RFC 5280; ECDSA P-256).
 */
export function makeCertificate(random: Random): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name: X509Name = [['CN', 'Dingdong lab']]
  // GeneralNames: dNSName [2], iPAddress [7].
  const names = sequence(der(0x82, Buffer.from('localhost')), der(0x87, Buffer.from([127, 0, 0, 1])))
  const cert = issueCertificate({
    subject: name,
    publicKey,
    by: { name, privateKey },
    serial: serialOf(random, 8),
    from: parseIso('2020-01-01T00:00:00Z')!,
    until: parseIso('2049-12-31T23:59:59Z')!,
    isAuthority: true,
    extensions: [extension('551d11', names)],
  })
  return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}

/** A serial number of that many random bytes. */
export const serialOf = (random: Random, bytes: number): bigint =>
  BigInt(`0x01${Buffer.from(random(bytes)).toString('hex')}`)
