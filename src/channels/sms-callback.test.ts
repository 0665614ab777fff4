import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { RawRequest } from './channel.ts'
import { smsHttp } from './sms-http.ts'

const NOW = Date.UTC(2026, 10, 22, 8)
const SECRET = 'a-shared-secret-of-24-chars'

function read(callback: object, request: Partial<RawRequest> & { body?: Buffer }, more: object = {}) {
  const settings = smsHttp.settings.parse({
    request: { url: 'https://sms.example/?to={{to}}&text={{text}}' },
    success: { status: true },
    callbackSecret: SECRET,
    callback,
    ...more,
  })
  const raw = {
    method: 'POST',
    path: '/',
    query: {},
    headers: {},
    body: Buffer.alloc(0),
    remoteAddress: '1.2.3.4',
  }
  return smsHttp.readCallback!(settings, { ...raw, ...request }, NOW)
}

const TOKEN = { check: { kind: 'token', in: 'query', name: 'k' } }
const RECEIPT = {
  receipt: {
    ref: 'sid',
    id: 'ext.id',
    status: 'st',
    delivered: ['DELIVRD', 0],
    pending: ['ENROUTE'],
    code: 'err',
    time: 't',
  },
}
const REPLY = { reply: { from: 'mobile', text: 'content', time: 'ts' } }
const json = (value: unknown) => ({ query: { k: SECRET }, body: Buffer.from(JSON.stringify(value)) })

describe('a callback proves itself', () => {
  const body = Buffer.from('{"sid":"1","st":"DELIVRD"}')

  test('by a token in the query or in a header', () => {
    const inHeader = { check: { kind: 'token', in: 'header', name: 'X-Token' }, ...RECEIPT }
    expect(read({ ...TOKEN, ...RECEIPT }, { query: { k: SECRET }, body })?.callbacks).toHaveLength(1)
    expect(read(inHeader, { headers: { 'x-token': SECRET }, body })?.callbacks).toHaveLength(1)
    for (const k of ['', 'wrong', SECRET.slice(1), `${SECRET}x`]) {
      expect(read({ ...TOKEN, ...RECEIPT }, { query: { k }, body })).toBeNull()
    }
    expect(read({ ...TOKEN, ...RECEIPT }, { body })).toBeNull()
    expect(read(inHeader, { query: { 'X-Token': SECRET }, body })).toBeNull()
  })

  test('by an HMAC of its bytes', () => {
    const check = { check: { kind: 'hmac', header: 'X-Sign' }, ...RECEIPT }
    const sign = createHmac('sha256', SECRET).update(body).digest('hex')
    expect(read(check, { headers: { 'x-sign': sign }, body })?.callbacks).toHaveLength(1)
    expect(read(check, { headers: { 'x-sign': sign.toUpperCase() }, body })?.callbacks).toHaveLength(1)
    expect(read(check, { headers: { 'x-sign': sign }, body: Buffer.from('{"sid":"2"}') })).toBeNull()
    expect(read(check, { body })).toBeNull()
  })

  test('by an HMAC with a time stamp, for five minutes', () => {
    const check = {
      check: { kind: 'hmac', header: 'x-sign', timestampHeader: 'x-time', encoding: 'base64' },
      ...RECEIPT,
    }
    const at = (seconds: number) => {
      const stamp = String(NOW / 1_000 + seconds)
      const sign = createHmac('sha256', SECRET).update(`${stamp}.`).update(body).digest('base64')
      return read(check, { headers: { 'x-sign': sign, 'x-time': stamp }, body })
    }
    expect(at(-299)?.callbacks).toHaveLength(1)
    expect(at(-301)).toBeNull()
    expect(at(301)).toBeNull()
  })

  test('or is none, where no callbacks were set up', () => {
    const settings = smsHttp.settings.parse({
      request: { url: 'https://sms.example/?to={{to}}&text={{text}}' },
      success: { status: true },
    })
    const request = { method: 'POST', path: '/', query: {}, headers: {}, body, remoteAddress: '' }
    expect(smsHttp.readCallback!(settings, request, NOW)).toBeNull()
  })
})

describe('receipts', () => {
  test('are read by either id, with code and time', () => {
    const item = { sid: 12, ext: { id: 'msg_1' }, st: 'DELIVRD', err: '000', t: 1795334400 }
    expect(read({ ...TOKEN, ...RECEIPT }, json(item))).toEqual({
      reply: 'ok',
      callbacks: [
        {
          kind: 'receipt',
          providerRef: '12',
          idempotencyKey: 'msg_1',
          status: 'delivered',
          code: '000',
          at: 1795334400_000,
        },
      ],
    })
  })

  test('failed, in a list, numbers and texts alike; not final ones are skipped', () => {
    const items = {
      data: {
        list: [
          { sid: '1', st: '0' },
          { sid: '2', st: 'UNDELIV' },
          { sid: '3', st: 'ENROUTE' },
          { st: 0 },
          7,
          null,
        ],
      },
    }
    const callbacks = read({ ...TOKEN, ...RECEIPT, items: 'data.list' }, json(items))?.callbacks
    expect(callbacks).toMatchObject([
      { providerRef: '1', idempotencyKey: null, status: 'delivered' },
      { providerRef: '2', status: 'failed', code: 'UNDELIV', at: null },
    ])
  })

  test('as a form, and in the query', () => {
    const form = { query: { k: SECRET }, body: Buffer.from('sid=9&st=DELIVRD') }
    expect(read({ ...TOKEN, ...RECEIPT, format: 'form', answer: 'SUCCESS' }, form)).toMatchObject({
      reply: 'SUCCESS',
      callbacks: [{ providerRef: '9', status: 'delivered' }],
    })
    const query = { query: { k: SECRET, sid: '9', st: '1' } }
    expect(read({ ...TOKEN, ...RECEIPT, format: 'query' }, query)?.callbacks).toMatchObject([
      { status: 'failed' },
    ])
  })

  test('that cannot be read say nothing, and throw nothing', () => {
    for (const body of ['', 'not json', '[]', 'null', '{"__proto__":{"sid":"1","st":"DELIVRD"}}']) {
      expect(
        read({ ...TOKEN, ...RECEIPT }, { query: { k: SECRET }, body: Buffer.from(body) })?.callbacks,
      ).toEqual([])
    }
  })
})

describe('replies', () => {
  test('carry number, words, and whether they ask us to stop', () => {
    const items = [
      { mobile: '13800138000', content: '退订', ts: '2026-11-22T08:00:00+08:00' },
      { mobile: '+12025550100', content: 'thanks!', ts: '2026-11-22 08:00:00' },
    ]
    expect(read({ ...TOKEN, ...REPLY }, json(items), { number: 'cn' })?.callbacks).toEqual([
      { kind: 'reply', from: '+8613800138000', text: '退订', stop: true, at: Date.UTC(2026, 10, 22) },
      { kind: 'reply', from: '+12025550100', text: 'thanks!', stop: false, at: null },
    ])
  })

  test('and receipts may come to the same address', () => {
    const both = { ...TOKEN, ...RECEIPT, ...REPLY }
    const items = [
      { mobile: '8613800138000', content: 'TD' },
      { sid: '1', st: 'DELIVRD' },
    ]
    expect(read(both, json(items), { number: 'digits' })?.callbacks).toMatchObject([
      { kind: 'reply', from: '+8613800138000', stop: true },
      { kind: 'receipt', providerRef: '1' },
    ])
  })
})
