import { randomBytes, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import tls from 'node:tls'
import { describe, expect, test } from 'vitest'
import { makeCertificate } from './certificate.ts'

describe('the lab certificate', () => {
  test('is one that OpenSSL reads: right names, right dates, signed with its own key', () => {
    const read = new X509Certificate(makeCertificate(randomBytes).cert)
    expect(read.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1')
    expect(read.validTo).toBe('Dec 31 23:59:59 2049 GMT')
    expect(read.ca).toBe(true)
    expect(read.verify(read.publicKey)).toBe(true)
  })

  test('carries a TLS conversation for whoever trusts it, and for nobody else', async () => {
    const made = makeCertificate(randomBytes)
    const server = tls.createServer(made, (socket) => socket.end('hello')).listen(0, '127.0.0.1')
    server.on('tlsClientError', () => {})
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo

    const trusting = tls.connect({ host: '127.0.0.1', port, ca: made.cert })
    const [greeting] = await once(trusting, 'data')
    expect(String(greeting)).toBe('hello')
    trusting.destroy()

    const [error] = await once(tls.connect({ host: '127.0.0.1', port }), 'error')
    expect(error.code).toBe('DEPTH_ZERO_SELF_SIGNED_CERT')
    server.close()
  })
})
