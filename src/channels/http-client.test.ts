import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import net, { type AddressInfo, type Socket } from 'node:net'
import tls from 'node:tls'
import { afterEach, describe, expect, test } from 'vitest'
import type { HttpRequest, HttpResult } from '../domain/http.ts'
import { makeCertificate } from '../lab/certificate.ts'
import { createHttpClient, type HttpClientOptions } from './http-client.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** A raw TCP server: `onRequest` gets the socket and everything read, once the request (2-byte body) is complete. */
async function serve(
  onRequest: (socket: Socket, text: string) => void,
  onConnect: (socket: Socket) => void = () => {},
  secure?: tls.TlsOptions,
) {
  const sockets = new Set<Socket>()
  const seen = { connections: 0, requests: 0 }
  const accept = (socket: Socket) => {
    seen.connections++
    sockets.add(socket)
    socket.on('error', () => {})
    onConnect(socket)
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
      if (!text.endsWith('\r\n\r\n{}')) return
      seen.requests++
      const whole = text
      text = ''
      onRequest(socket, whole)
    })
  }
  const server = secure ? tls.createServer(secure, accept) : net.createServer(accept)
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const origin = `${secure ? 'https' : 'http'}://127.0.0.1:${port}`
  return { origin, port, seen, sockets }
}

function clientFor(origin: string | null, options: HttpClientOptions = {}) {
  const client = createHttpClient({ allowOrigins: origin ? [origin] : [], ...options })
  cleanups.push(() => client.close())
  return (request: Partial<HttpRequest> & { url: string }, signal = new AbortController().signal) =>
    client.request(
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{}',
        timeout: 5_000,
        ...request,
      },
      signal,
    )
}

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Two: a\r\nX-Two: b\r\n\r\nok'

describe('an answer', () => {
  test('comes back whole, and the connection is used again', async () => {
    const server = await serve((socket) => socket.write(ANSWER))
    const call = clientFor(server.origin, { connections: 1 })
    const result = await call({ url: `${server.origin}/path?a=1` })
    expect(result).toEqual({
      kind: 'answer',
      status: 200,
      headers: { 'content-length': '2', 'x-two': 'a, b' },
      body: 'ok',
      complete: true,
    })
    await call({ url: server.origin })
    expect(server.seen).toEqual({ connections: 1, requests: 2 })
  })

  test('with a redirect is handed back, never followed', async () => {
    const inner = await serve((socket) => socket.write(ANSWER))
    const server = await serve((socket) =>
      socket.write(`HTTP/1.1 302 Found\r\nLocation: ${inner.origin}/secret\r\nContent-Length: 0\r\n\r\n`),
    )
    const result = await clientFor(server.origin)({ url: server.origin })
    expect(result).toMatchObject({
      kind: 'answer',
      status: 302,
      headers: { location: `${inner.origin}/secret` },
    })
    expect(inner.seen.connections).toBe(0)
  })

  test('over the cap keeps its status and loses its tail', async () => {
    const server = await serve((socket) =>
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(100_000)}`),
    )
    const result = await clientFor(server.origin, { maxBytes: 1_000 })({ url: server.origin })
    expect(result).toEqual({
      kind: 'answer',
      status: 200,
      headers: { 'content-length': '100000' },
      body: 'x'.repeat(1_000),
      complete: false,
    })
  })

  test('that breaks inside its body keeps its status', async () => {
    const server = await serve((socket) =>
      socket.end('HTTP/1.1 201 Created\r\nContent-Length: 50\r\n\r\nhalf of it'),
    )
    const result = await clientFor(server.origin)({ url: server.origin })
    expect(result).toMatchObject({ kind: 'answer', status: 201, body: 'half of it', complete: false })
  })

  test('that drips for ever is cut by the limit of the whole call', async () => {
    const server = await serve((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nh'))
    const result = await clientFor(server.origin)({ url: server.origin, timeout: 250 })
    expect(result).toMatchObject({ kind: 'answer', status: 200, body: 'h', complete: false })
  })

  test('after 100 Continue is the real one', async () => {
    const server = await serve((socket) => socket.write(`HTTP/1.1 102 Processing\r\n\r\n${ANSWER}`))
    expect(await clientFor(server.origin)({ url: server.origin })).toMatchObject({
      status: 200,
      complete: true,
    })
  })
})

describe('a call is refused (nothing was handed over)', () => {
  const expectRefused = (result: HttpResult, code: string) =>
    expect(result, JSON.stringify(result)).toMatchObject({ kind: 'refused', code })

  test('when nobody listens', async () => {
    const server = await serve(() => {})
    const { origin } = server
    for (const cleanup of cleanups.splice(0)) await cleanup()
    expectRefused(await clientFor(origin)({ url: origin }), 'connect')
  })

  test('when the name does not exist', async () => {
    const resolve = async () => {
      throw Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' })
    }
    expectRefused(await clientFor(null, { resolve })({ url: 'http://shop.example/' }), 'dns')
  })

  test('when the name has no address', async () => {
    expectRefused(await clientFor(null, { resolve: async () => [] })({ url: 'http://shop.example/' }), 'dns')
  })

  test('when the certificate proves nothing', async () => {
    const server = await serve(() => {}, undefined, makeCertificate(randomBytes))
    expectRefused(await clientFor(server.origin)({ url: server.origin }), 'tls_untrusted')
    expect(server.seen.requests).toBe(0)
  })

  test('when the certificate is for another name', async () => {
    const made = makeCertificate(randomBytes)
    const server = await serve(() => {}, undefined, made)
    const origin = `https://other.example:${server.port}`
    const resolve = async () => [{ address: '127.0.0.1', family: 4 }]
    expectRefused(await clientFor(origin, { resolve, ca: [made.cert] })({ url: origin }), 'tls_untrusted')
  })

  test('when the connection drops inside the TLS handshake', async () => {
    const server = await serve(
      () => {},
      (socket) => socket.once('data', () => socket.destroy()),
    )
    const origin = server.origin.replace('http:', 'https:')
    expectRefused(await clientFor(origin)({ url: origin }), 'tls')
  })

  test('when https meets a server that speaks plain http', async () => {
    const server = await serve(
      () => {},
      (socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    )
    const origin = server.origin.replace('http:', 'https:')
    expectRefused(await clientFor(origin)({ url: origin }), 'tls')
  })

  test('when the TLS handshake never ends', async () => {
    const server = await serve(() => {})
    const origin = server.origin.replace('http:', 'https:')
    expectRefused(await clientFor(origin)({ url: origin, timeout: 250 }), 'timeout')
  })

  test('when the caller gave up before, and the server hears nothing', async () => {
    const server = await serve(() => {})
    expectRefused(await clientFor(server.origin)({ url: server.origin }, AbortSignal.abort()), 'aborted')
    expect(server.seen.connections).toBe(0)
  })

  test('when the caller gives up while connecting, and the request never leaves later', async () => {
    const asked = Promise.withResolvers<void>()
    const found = Promise.withResolvers<{ address: string; family: number }[]>()
    const resolve = () => {
      asked.resolve()
      return found.promise
    }
    const server = await serve((socket) => socket.write(ANSWER))
    const origin = `http://slow.example:${server.port}`
    const client = createHttpClient({ allowOrigins: [origin], resolve, connections: 1 })
    cleanups.push(() => client.close())
    const request = { url: origin, method: 'POST', headers: {}, body: '{}', timeout: 5_000 }
    const giveUp = new AbortController()
    const first = client.request(request, giveUp.signal)
    await asked.promise
    giveUp.abort()
    expectRefused(await first, 'aborted')
    const second = client.request(request, new AbortController().signal)
    found.resolve([{ address: '127.0.0.1', family: 4 }])
    expect(await second).toMatchObject({ kind: 'answer', status: 200 })
    expect(server.seen.requests).toBe(1)
  })

  test.each(['ftp://example.com/', 'not a url', 'http://user:secret@example.com/', 'file:///etc/passwd'])(
    'when the address is no plain web address: %s',
    async (url) => expectRefused(await clientFor(null)({ url }), 'bad_request'),
  )

  test('when a header could smuggle another', async () => {
    const server = await serve(() => {})
    const headers = { 'x-a': 'b\r\nx-c: d' }
    expectRefused(await clientFor(server.origin)({ url: server.origin, headers }), 'bad_request')
  })
})

describe('a private address is blocked', () => {
  test.each([
    'http://127.0.0.1:PORT/',
    'http://0x7f.1:PORT/',
    'http://2130706433:PORT/',
    'http://[::ffff:127.0.0.1]:PORT/',
  ])('when the URL spells it: %s', async (url) => {
    const server = await serve((socket) => socket.write(ANSWER))
    const result = await clientFor(null)({ url: url.replace('PORT', String(server.port)) })
    expect(result).toMatchObject({ kind: 'refused', code: 'blocked_address' })
    expect(server.seen.connections).toBe(0)
  })

  test('when a name leads to it, by the machine’s own resolver too', async () => {
    const server = await serve((socket) => socket.write(ANSWER))
    const result = await clientFor(null)({ url: `http://localhost:${server.port}/` })
    expect(result).toMatchObject({ kind: 'refused', code: 'blocked_address' })
    expect(server.seen.connections).toBe(0)
  })

  test('when the name led elsewhere a moment ago: every connection is judged by its own look-up', async () => {
    const server = await serve((socket) => socket.write(ANSWER))
    const answers = ['127.0.0.1', '10.0.0.1', '127.0.0.1']
    let asked = 0
    const resolve = async () => [{ address: answers[asked++]!, family: 4 }]
    const call = clientFor(null, { resolve })
    const url = `http://rebind.example:${server.port}/`
    for (const address of answers) {
      const result = await call({ url })
      expect(result).toMatchObject({ kind: 'refused', code: 'blocked_address' })
      expect(result).toHaveProperty('detail', expect.stringContaining(address))
    }
    expect({ asked, connections: server.seen.connections }).toEqual({ asked: 3, connections: 0 })
  })

  test('unless its exact origin is allowed: another port of the same host is not', async () => {
    const server = await serve((socket) => socket.write(ANSWER))
    const other = await serve((socket) => socket.write(ANSWER))
    const call = clientFor(server.origin)
    expect(await call({ url: server.origin })).toMatchObject({ kind: 'answer' })
    expect(await call({ url: other.origin })).toMatchObject({ code: 'blocked_address' })
    expect(await call({ url: server.origin.replace('http:', 'https:') })).toMatchObject({
      code: 'blocked_address',
    })
  })

  test('and where a machine is told its secrets even then, by its number or by an allowed name', async () => {
    const resolve = async () => [{ address: '169.254.169.254', family: 4 }]
    for (const url of ['http://169.254.169.254', 'http://erp.lan:3000'])
      expect(await clientFor(url, { resolve })({ url })).toMatchObject({ code: 'blocked_address' })
  })
})

describe('a call is broken (the request had left)', () => {
  const expectBroken = (result: HttpResult, code: string) =>
    expect(result, JSON.stringify(result)).toMatchObject({ kind: 'broken', code })

  test('when the server drops the connection after reading everything, and it is not sent again', async () => {
    const server = await serve((socket) => socket.destroy())
    expectBroken(await clientFor(server.origin)({ url: server.origin }), 'closed')
    expect(server.seen).toEqual({ connections: 1, requests: 1 })
  })

  test('when the server accepts and drops before reading the body', async () => {
    const server = await serve(
      () => {},
      (socket) => socket.once('data', () => socket.resetAndDestroy()),
    )
    const body = 'x'.repeat(4_000_000)
    expectBroken(await clientFor(server.origin)({ url: server.origin, body }), 'closed')
    expect(server.seen.connections).toBe(1)
  })

  test('when a kept connection dies under the next request, and it is not sent again', async () => {
    let count = 0
    const server = await serve((socket) => (++count === 1 ? socket.write(ANSWER) : socket.destroy()))
    const call = clientFor(server.origin, { connections: 1 })
    expect(await call({ url: server.origin })).toMatchObject({ kind: 'answer' })
    expectBroken(await call({ url: server.origin }), 'closed')
    expect(server.seen).toEqual({ connections: 1, requests: 2 })
  })

  test('when no headers come in time', async () => {
    const server = await serve(() => {})
    expectBroken(await clientFor(server.origin)({ url: server.origin, timeout: 250 }), 'timeout')
  })

  test('when the other side goes silent half way through its headers', async () => {
    const server = await serve((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-'))
    expectBroken(await clientFor(server.origin)({ url: server.origin, timeout: 250 }), 'timeout')
  })

  test('when the other side answers something that is not HTTP', async () => {
    const server = await serve((socket) => socket.write('220 mail.example ESMTP\r\n'))
    expectBroken(await clientFor(server.origin)({ url: server.origin }), 'protocol')
  })

  test('when the answer’s headers are endless', async () => {
    const server = await serve((socket) =>
      socket.write(`HTTP/1.1 200 OK\r\nX-Long: ${'x'.repeat(100_000)}\r\n\r\n`),
    )
    expectBroken(await clientFor(server.origin)({ url: server.origin }), 'protocol')
  })

  test('when the caller gives up while waiting', async () => {
    const giveUp = new AbortController()
    const server = await serve(() => giveUp.abort())
    expectBroken(await clientFor(server.origin)({ url: server.origin }, giveUp.signal), 'aborted')
  })

  test('and after any of it the client still works', async () => {
    let count = 0
    const server = await serve((socket) => (++count === 1 ? socket.destroy() : socket.write(ANSWER)))
    const call = clientFor(server.origin)
    await call({ url: server.origin })
    expect(await call({ url: server.origin })).toMatchObject({ kind: 'answer', status: 200 })
  })
})

test('closing frees the sockets and refuses later calls', async () => {
  const server = await serve((socket) => socket.write(ANSWER))
  const client = createHttpClient({ allowOrigins: [server.origin] })
  const request = { url: server.origin, method: 'POST', headers: {}, body: '{}', timeout: 5_000 }
  await client.request(request, new AbortController().signal)
  const [socket] = server.sockets
  const closed = once(socket!, 'close')
  await client.close()
  await closed
  expect(await client.request(request, new AbortController().signal)).toMatchObject({ kind: 'refused' })
})
