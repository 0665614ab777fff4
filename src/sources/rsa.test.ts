import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { rsaPrivateKey, rsaPublicKey, rsaSign, rsaVerifies } from './rsa.ts'

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const body = Buffer.from('body')

test('a signature has one spelling: neither unused bits, nor spaces, nor a missing end make another', () => {
  const signature = rsaSign(privateKey, body)
  expect(rsaVerifies(publicKey, body, signature)).toBe(true)
  const last = signature.at(-3)!
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  const other = alphabet[alphabet.indexOf(last) ^ 1]!
  const spellings = [
    `${signature.slice(0, -3)}${other}==`,
    signature.slice(0, -2),
    ` ${signature}`,
    `${signature}\n`,
    signature.replaceAll('+', '-').replaceAll('/', '_').slice(0, -2),
  ]
  for (const each of spellings) {
    expect(Buffer.from(each, 'base64')).toEqual(Buffer.from(signature, 'base64'))
    expect(rsaVerifies(publicKey, body, each)).toBe(false)
  }
})

test('keys are read as PEM and as base64 alone, PKCS#8 and PKCS#1; a key of another kind is none', () => {
  const base64 = (key: Buffer) => key.toString('base64')
  for (const type of ['pkcs8', 'pkcs1'] as const) {
    const pem = privateKey.export({ type, format: 'pem' }).toString()
    for (const text of [pem, base64(privateKey.export({ type, format: 'der' }))]) {
      expect(rsaVerifies(publicKey, body, rsaSign(rsaPrivateKey(text)!, body))).toBe(true)
    }
  }
  expect(rsaPublicKey(base64(publicKey.export({ type: 'spki', format: 'der' })))!.equals(publicKey)).toBe(
    true,
  )
  const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  expect(rsaPublicKey(curve.publicKey.export({ type: 'spki', format: 'pem' }).toString())).toBeNull()
  for (const text of ['', 'AAAA', '-----BEGIN PUBLIC KEY-----']) {
    expect([rsaPublicKey(text), rsaPrivateKey(text)]).toEqual([null, null])
  }
})
