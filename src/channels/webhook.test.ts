import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, test } from 'vitest'
import type { HttpResult } from '../domain/http.ts'
import type { MessageId, ShopId } from '../domain/ids.ts'
import type { OutboundMessage } from '../domain/message.ts'
import { systemClock } from '../domain/time.ts'
import { startWebhookLab } from '../lab/webhook-lab.ts'
import type { ProviderPorts } from './channel.ts'
import { createHttpClient } from './http-client.ts'
import { signedRequest, WEBHOOK_SCHEDULE, webhook } from './webhook.ts'

const clock = systemClock()
const random = (bytes: number) => randomBytes(bytes)
const newSecret = () => `whsec_${randomBytes(24).toString('base64')}`

function aCall(more: Partial<OutboundMessage> = {}): OutboundMessage {
  return {
    shop: 1 as ShopId,
    id: '01949df8-1c00-7000-8000-000000000001' as MessageId,
    idempotencyKey: 'msg_01j2',
    channel: 'webhook',
    purpose: 'service',
    to: 'https://erp.example/hook',
    locale: 'en',
    content: {
      kind: 'webhook',
      type: 'order.paid',
      body: { order: { no: '20261122-1' }, note: '“谢谢” </script>' },
    },
    unsubscribeUrl: null,
    attempt: 1,
    createdAt: Date.UTC(2026, 10, 22, 8),
    ...more,
  }
}

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function openWithLab(secrets?: (labSecret: string) => string[]) {
  const lab = await startWebhookLab({ clock, random })
  const client = createHttpClient({ allowOrigins: lab.origins })
  cleanups.push(
    () => lab.close(),
    () => client.close(),
  )
  const settings = { url: lab.url, secrets: secrets?.(lab.secret) ?? [lab.secret] }
  const sender = webhook.open(webhook.settings.parse(settings), portsWith(client.request))
  return {
    lab,
    send: (more?: Partial<OutboundMessage>) => sender.send(aCall(more), new AbortController().signal),
  }
}

function portsWith(http: ProviderPorts['http'], now?: number): ProviderPorts {
  return {
    clock: now === undefined ? clock : { ...clock, now: () => now },
    random,
    http,
    log: { debug() {}, warn() {} },
    storeInboxItem: async () => {},
  }
}

describe('a webhook', () => {
  test('arrives signed, with type, time stamp and data, and the official library accepts it', async () => {
    const { lab, send } = await openWithLab()
    expect(await send()).toEqual({ kind: 'sent', providerRef: null, detail: 'http_204' })
    const { headers, body } = lab.received.list()[0]!.content
    expect(new Webhook(lab.secret).verify(body, headers)).toEqual({
      type: 'order.paid',
      timestamp: '2026-11-22T08:00:00.000Z',
      data: { order: { no: '20261122-1' }, note: '“谢谢” </script>' },
    })
    expect(headers['webhook-id']).toBe('msg_01j2')
  })

  test('of any content and id verifies against the official library', () => {
    const secret = newSecret()
    const content = fc.record({
      kind: fc.constant('webhook' as const),
      type: fc.string(),
      body: fc.dictionary(fc.string(), fc.jsonValue()),
    })
    const now = Date.now()
    fc.assert(
      fc.property(content, fc.string({ unit: 'binary' }), (some, idempotencyKey) => {
        const { headers, body } = signedRequest(aCall({ content: some, idempotencyKey }), [secret], now)
        new Webhook(secret).verify(body!, headers as Record<string, string>)
      }),
    )
  })

  test('keeps id and body over its attempts, while time stamp and signature move on', () => {
    const secrets = [newSecret()]
    const first = signedRequest(aCall({ attempt: 1 }), secrets, 1_000_000)
    const later = signedRequest(aCall({ attempt: 2 }), secrets, 9_000_000)
    expect(later.body).toBe(first.body)
    expect(later.headers['webhook-id']).toBe(first.headers['webhook-id'])
    expect(later.headers['webhook-timestamp']).not.toBe(first.headers['webhook-timestamp'])
    expect(later.headers['webhook-signature']).not.toBe(first.headers['webhook-signature'])
  })

  test('counts once at a receiver that looks at the id', async () => {
    const { lab, send } = await openWithLab()
    await send({ attempt: 1 })
    await send({ attempt: 2 })
    expect(lab.received.counts()).toEqual({ accepted: 2, refused: 0, repeats: 1 })
  })
})

describe('while a key is being changed', () => {
  test('a receiver that knows only the old key, and one that knows only the new, both accept', async () => {
    const fresh = newSecret()
    const { lab, send } = await openWithLab((old) => [fresh, old])
    expect(await send()).toMatchObject({ kind: 'sent' })
    lab.useSecrets([fresh])
    expect(await send()).toMatchObject({ kind: 'sent' })
    expect(lab.received.list()[0]!.content.headers['webhook-signature']?.split(' ')).toHaveLength(2)
  })

  test('afterwards the old key alone opens nothing', async () => {
    const { lab, send } = await openWithLab()
    lab.useSecrets([newSecret()])
    expect(await send()).toMatchObject({ kind: 'operator', code: 'signature_refused' })
  })
})

describe('the answer decides', () => {
  const NOW = Date.UTC(2026, 10, 22, 8)
  const answer = (status: number, headers: Record<string, string> = {}): HttpResult => ({
    kind: 'answer',
    status,
    headers,
    body: 'why',
    complete: true,
  })
  const fateOf = (result: HttpResult) =>
    webhook
      .open(
        { url: 'https://erp.example/hook', secrets: [newSecret()], timeout: 20_000 },
        portsWith(async () => result, NOW),
      )
      .send(aCall(), new AbortController().signal)

  test.each([
    [200, { kind: 'sent' }],
    [202, { kind: 'sent' }],
    [299, { kind: 'sent' }],
    [301, { kind: 'retry', code: 'http_301' }],
    [302, { kind: 'retry' }],
    [304, { kind: 'retry' }],
    [400, { kind: 'retry' }],
    [401, { kind: 'operator', code: 'signature_refused' }],
    [404, { kind: 'retry' }],
    [410, { kind: 'operator', code: 'endpoint_gone' }],
    [413, { kind: 'rejected', blame: 'content' }],
    [429, { kind: 'retry', afterMs: null }],
    [500, { kind: 'retry' }],
    [503, { kind: 'retry' }],
  ])('%i', async (status, fate) => expect(await fateOf(answer(status))).toMatchObject(fate))

  test.each([
    ['seconds', { 'retry-after': '120' }, 120_000],
    ['a date', { 'retry-after': 'Sun, 22 Nov 2026 08:02:00 GMT' }, 120_000],
    [
      'a date by a clock that is an hour slow',
      { 'retry-after': 'Sun, 22 Nov 2026 07:02:00 GMT', date: 'Sun, 22 Nov 2026 07:00:00 GMT' },
      120_000,
    ],
    ['a date gone by', { 'retry-after': 'Sun, 22 Nov 2026 07:00:00 GMT' }, 0],
    ['a year', { 'retry-after': '31536000' }, 86_400_000],
    ['nonsense', { 'retry-after': 'soon' }, null],
    ['less than nothing', { 'retry-after': '-5' }, null],
  ])('Retry-After as %s', async (_what, headers, afterMs) => {
    expect(await fateOf(answer(503, headers as Record<string, string>))).toMatchObject({
      kind: 'retry',
      afterMs,
    })
  })

  test('a status whose body was cut still counts', async () => {
    expect(await fateOf({ ...answer(200), complete: false } as HttpResult)).toMatchObject({ kind: 'sent' })
  })

  test('an endpoint that leads to a private address is for the operator, an unknown name is not', async () => {
    const refused = (code: 'blocked_address' | 'dns') => ({ kind: 'refused' as const, code, detail: '' })
    expect(await fateOf(refused('blocked_address'))).toMatchObject({
      kind: 'operator',
      code: 'blocked_address',
    })
    expect(await fateOf(refused('dns'))).toMatchObject({ kind: 'retry', code: 'dns' })
  })

  test('from the lab itself: redirect, huge, Retry-After in both forms', async () => {
    const { lab, send } = await openWithLab()
    lab.script([
      { fault: { kind: 'redirect', to: lab.url }, nth: 1 },
      { fault: { kind: 'huge', bytes: 900_000 }, nth: 2 },
      { fault: { kind: 'limit', seconds: 90 }, nth: 3 },
      { fault: { kind: 'limit', seconds: 90, form: 'date' }, nth: 4 },
    ])
    expect(await send()).toMatchObject({ kind: 'retry', code: 'http_302' })
    expect(await send()).toMatchObject({ kind: 'sent' })
    expect(await send()).toMatchObject({ kind: 'retry', afterMs: 90_000 })
    expect(await send()).toMatchObject({ kind: 'retry', afterMs: 90_000 })
    expect(lab.received.counts().accepted).toBe(1)
  })
})

describe('settings', () => {
  const parse = (more: object) =>
    webhook.settings.safeParse({ url: 'https://erp.example/hook', secrets: [newSecret()], ...more }).success

  test('take 15 to 30 seconds and one to three keys of 24 to 64 bytes', () => {
    expect(parse({})).toBe(true)
    expect(parse({ timeout: 14_999 })).toBe(false)
    expect(parse({ timeout: 30_001 })).toBe(false)
    expect(parse({ secrets: [] })).toBe(false)
    expect(parse({ secrets: ['whsec_c2hvcnQ='] })).toBe(false)
    expect(parse({ secrets: [randomBytes(24).toString('base64')] })).toBe(false)
    expect(parse({ url: 'ftp://erp.example/' })).toBe(false)
    expect(parse({ unknown: 1 })).toBe(false)
  })

  test('the schedule is the one of the standard: ten attempts over three days', () => {
    expect(WEBHOOK_SCHEDULE).toHaveLength(10)
    expect(WEBHOOK_SCHEDULE[0]).toBe(0)
    expect(WEBHOOK_SCHEDULE.reduce((sum, wait) => sum + wait, 0)).toBe(272_105_000)
  })
})
