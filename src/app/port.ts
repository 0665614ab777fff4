import { createServer } from 'node:net'
import type { Config } from '../config.ts'

/** The port is taken by another program. */
export class PortBusy extends Error {
  readonly host: string
  readonly port: number
  constructor(host: string, port: number) {
    super(`port ${port} on ${host} is in use`)
    this.name = 'PortBusy'
    this.host = host
    this.port = port
  }
}

/** Asked before the database is started, so that a mistake shows at once and leaves nothing behind. */
export async function refuseBusyPort({ host, port }: Pick<Config, 'host' | 'port'>): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const probe = createServer().once('error', (error: NodeJS.ErrnoException) => {
      // Anything else (no such address, no right to it) says more when the real server tries.
      if (error.code === 'EADDRINUSE') reject(new PortBusy(host, port))
      else resolve()
    })
    probe.listen({ host, port }, () => probe.close(() => resolve()))
  })
}
