import type { Random } from '../domain/ids.ts'
import { makeCertificate } from './certificate.ts'
import { type LabReaction, type LabRequest, listenHttp } from './http-listener.ts'
import { type ConnectionFault, createScript, faultOf, type Rule } from './script.ts'

/** A simulator behind http and, at another port, behind https. */
export interface HttpDoors {
  readonly origin: string
  readonly secureOrigin: string
  /** The certificate of `secureOrigin`, PEM: trust it, or see `bad_tls`. */
  readonly ca: string
  readonly origins: readonly string[]
  /** Faults of connections to `secureOrigin`. */
  scriptConnections(rules: readonly Rule<ConnectionFault>[]): void
  connections(): number
  /** Resolves once no connection is open. */
  idle(): Promise<void>
  close(): Promise<void>
}

/** Listens on 127.0.0.1: plainly at `port`, and at any free one with a certificate of its own. */
export async function openHttpDoors(options: {
  readonly port: number
  readonly random: Random
  readonly react: (request: LabRequest) => Promise<LabReaction>
}): Promise<HttpDoors> {
  const { random, react, port } = options
  const script = createScript<ConnectionFault>(random)
  const trusted = makeCertificate(random)
  const untrusted = makeCertificate(random)
  const certificateFor = () => (faultOf(script.next(null), 'bad_tls') ? untrusted : trusted)
  const plain = await listenHttp({ port, react })
  const secure = await listenHttp({ port: 0, react, certificateFor })
  return {
    origin: plain.origin,
    secureOrigin: secure.origin,
    ca: trusted.cert,
    origins: [plain.origin, secure.origin],
    scriptConnections: (rules) => script.set(rules),
    connections: () => plain.connections() + secure.connections(),
    async idle() {
      await Promise.all([plain.idle(), secure.idle()])
    },
    async close() {
      await Promise.all([plain.close(), secure.close()])
    },
  }
}
