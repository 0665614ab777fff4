import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A TCP road that can lose everything without a word, as a pulled cable or a silent firewall does. */
export interface BlackHole {
  readonly port: number
  /** From now on nothing passes, either way, and nobody is told. */
  swallow(): void
  /** New connections work again. Those that were swallowed stay dead, and open. */
  heal(): void
  close(): Promise<void>
}

export async function startBlackHole(target: number): Promise<BlackHole> {
  const sockets = new Set<Socket>()
  let swallowing = false
  const server = createServer((near) => {
    sockets.add(near)
    near.on('error', () => {}).once('close', () => sockets.delete(near))
    if (swallowing) return
    const far = connect(target, '127.0.0.1')
    sockets.add(far)
    far.on('error', () => near.destroy()).once('close', () => sockets.delete(far))
    near.setNoDelay(true)
    far.setNoDelay(true)
    near.on('end', () => far.end())
    far.on('end', () => near.end())
    near.pipe(far)
    far.pipe(near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    swallow() {
      swallowing = true
      for (const socket of sockets) {
        socket.unpipe()
        socket.removeAllListeners('end')
        // Read on, so that the other side's kernel sees every byte taken.
        socket.on('data', () => {})
        socket.resume()
      }
    },
    heal() {
      swallowing = false
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      const closed = once(server, 'close')
      server.close()
      await closed
    },
  }
}
