import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import type { Certificate } from './certificate.ts'

export interface LabRequest {
  readonly method: string
  readonly path: string
  /** What followed the `?`, as it came. */
  readonly query: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface LabAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** An answer, the connection cut, or silence until the other side gives up. */
export type LabReaction = LabAnswer | 'drop' | 'stall'

export interface HttpListener {
  readonly origin: string
  readonly port: number
  connections(): number
  /** Resolves once no connection is open. */
  idle(): Promise<void>
  close(): Promise<void>
}

const MAX_BODY = 1024 * 1024

/** A small HTTP server on 127.0.0.1 only; `react` decides what each request gets. */
export async function listenHttp(options: {
  readonly port: number
  /** TLS, with the certificate that this gives for each connection. */
  readonly certificateFor?: () => Certificate
  readonly react: (request: LabRequest) => Promise<LabReaction>
}): Promise<HttpListener> {
  const sockets = new Set<Socket>()
  const handle = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    serve(incoming, outgoing, options.react).catch(() => incoming.socket.destroy())
  }
  const { certificateFor } = options
  const server = certificateFor ? createSecureServer(certificateFor, handle) : createServer(handle)
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
  })
  server.listen(options.port, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    origin: `${certificateFor ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    connections: () => sockets.size,
    async idle() {
      for (const socket of sockets) if (!socket.closed) await once(socket, 'close')
    },
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

type Handle = (incoming: IncomingMessage, outgoing: ServerResponse) => void

/** TLS itself asks for a certificate by server name only, and an address has none: so one server for each certificate. */
function createSecureServer(certificateFor: () => Certificate, handle: Handle): Server {
  const servers = new Map<Certificate, Server>()
  const serverOf = (certificate: Certificate): Server => {
    const server = servers.get(certificate) ?? createTlsServer(certificate, handle)
    if (!servers.has(certificate)) server.on('tlsClientError', (_error, socket) => socket.destroy())
    servers.set(certificate, server)
    return server
  }
  return createTcpServer((socket) => serverOf(certificateFor()).emit('connection', socket))
}

async function serve(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  react: (request: LabRequest) => Promise<LabReaction>,
): Promise<void> {
  const body = await readBody(incoming)
  if (body === null) {
    outgoing.writeHead(413).end()
    return
  }
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(incoming.headers)) headers[name] = String(value)
  const [path = '/', ...query] = (incoming.url ?? '/').split('?')
  const reaction = await react({
    method: incoming.method ?? '',
    path,
    query: query.join('?'),
    headers,
    body,
  })
  if (reaction === 'stall') return
  if (reaction === 'drop') {
    incoming.socket.destroy()
    return
  }
  outgoing.writeHead(reaction.status, { 'content-type': 'application/json', ...reaction.headers })
  outgoing.end(reaction.body ?? '')
}

async function readBody(incoming: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
