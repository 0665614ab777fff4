import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { RawRequest } from '../channels/channel.ts'

/** Keeps the bytes as they came, whatever their type: signatures are checked on them. */
export function keepRawBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
}

/** The request as sources and providers read it. */
export function rawRequest(request: FastifyRequest): RawRequest {
  return {
    method: request.method,
    path: request.url.split('?')[0]!,
    query: flat(request.query as Record<string, unknown>),
    headers: flat(request.headers),
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
    remoteAddress: request.ip,
  }
}

function flat(values: Readonly<Record<string, unknown>>): Record<string, string> {
  const out: Record<string, string> = {}
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'string') out[name] = value
    else if (Array.isArray(value)) out[name] = value.join(', ')
  }
  return out
}
