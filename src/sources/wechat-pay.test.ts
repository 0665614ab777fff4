import { createCipheriv } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Aes, Formatter, Rsa } from 'wechatpay-axios-plugin'
import { testRandom } from '../../test/kit/fixed.ts'
import { createHttpClient, type OwnedHttpClient } from '../channels/http-client.ts'
import { mendText } from '../domain/storable-text.ts'
import { MINUTE, SECOND } from '../domain/time.ts'
import { listenHttp } from '../lab/http-listener.ts'
import { newRsaPair } from '../lab/rail-keys.ts'
import { startWechatLab, type WechatLab } from '../lab/wechat-lab.ts'
import { sealedNotice, signWechat, type WechatParties } from '../lab/wechat-words.ts'
import { wechatRefund, wechatTransaction } from './samples.ts'
import type { Answered, Question, SourceRequest } from './source.ts'
import { wechatPay } from './wechat-pay.ts'
import { openResource, wechatAuthorization } from './wechat-signature.ts'

const start = Date.UTC(2026, 10, 22, 8)
let now = start
const clock = { now: () => now, after: (_: number, wake: () => void) => stopper(setImmediate(wake)) }
const stopper = (timer: NodeJS.Immediate) => () => clearImmediate(timer)

let lab: WechatLab
let http: OwnedHttpClient
let parties: WechatParties
let settings: ReturnType<typeof parse>
const parse = (given: object) => wechatPay.settings.parse(given)

beforeAll(async () => {
  lab = await startWechatLab({ clock, random: testRandom })
  http = createHttpClient({ allowOrigins: [lab.origin] })
  parties = lab.parties
  settings = parse(lab.settings())
})
afterAll(async () => {
  await lab?.close()
  await http?.close()
})
beforeEach(() => {
  now = start
  lab.scriptQueries([])
})

function notified(type: string, resource: object): SourceRequest {
  const body = sealedNotice(parties, { id: 'EV-1', type, at: start }, resource, 'nonce-of-12b')
  return signedRequest(body)
}

function signedRequest(body: string): SourceRequest {
  const { headers } = signWechat(parties, body, start, 'a-nonce')
  return { method: 'POST', query: {}, headers, body: Buffer.from(body) }
}

function eventOf(type: string, resource: object, options: object = {}) {
  const received = wechatPay.receive({ ...settings, ...options }, notified(type, resource), now)
  if (received.kind !== 'events') throw new Error(JSON.stringify(received))
  expect(received.reply).toMatchObject({ status: 200, body: '{"code":"SUCCESS","message":"成功"}' })
  return received.events[0]!
}

describe('the signature of WeChat Pay', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 60 })

  test('is the one that an independent SDK makes and accepts', () => {
    fc.assert(
      fc.property(text, fc.stringMatching(/^[0-9A-Za-z]{1,32}$/), (attach, nonce) => {
        const body = JSON.stringify({ attach })
        const time = Formatter.timestamp()
        const signed = Formatter.joinedByLineFeed(String(time), nonce, body)
        const headers = {
          'wechatpay-timestamp': String(time),
          'wechatpay-nonce': nonce,
          'wechatpay-serial': parties.platformSerial.toLowerCase(),
          'wechatpay-signature': Rsa.sign(signed, parties.platformPrivatePem),
        }
        const request = { method: 'POST', query: {}, headers, body: Buffer.from(body) }
        // Genuine, though it is no notification.
        expect(wechatPay.receive(settings, request, time * 1000)).toMatchObject({ kind: 'unreadable' })
        const other = { ...request, body: Buffer.from(`${body} `) }
        expect(wechatPay.receive(settings, other, time * 1000)).toMatchObject({ kind: 'forged' })
      }),
      { numRuns: 30 },
    )
  })

  test('of our requests is accepted by an independent SDK', () => {
    const key = { mchid: parties.mchid, serial: parties.merchantSerial, key: rsaKey() }
    const request = { method: 'GET', path: '/v3/pay/transactions/out-trade-no/A?mchid=1', body: '' }
    const header = wechatAuthorization(key, request, now, 'abcdef')
    const part = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(header)![1]!
    const signed = Formatter.request(request.method, request.path, part('timestamp'), part('nonce_str'), '')
    expect(Rsa.verify(signed, part('signature'), parties.merchantPublicPem)).toBe(true)
    expect(header).toBe(
      Formatter.authorization(parties.mchid, 'abcdef', part('signature'), part('timestamp'), key.serial),
    )
  })

  test('opens what an independent SDK has sealed, and nothing that was changed', () => {
    fc.assert(
      fc.property(text, text, fc.nat(), (said, aad, place) => {
        const plain = JSON.stringify({ said })
        const ciphertext = Aes.AesGcm.encrypt(plain, parties.apiV3Key, 'nonce-of-12b', aad)
        const resource = {
          algorithm: 'AEAD_AES_256_GCM',
          nonce: 'nonce-of-12b',
          associated_data: aad,
          ciphertext,
        }
        const keys = ['x'.repeat(32), parties.apiV3Key]
        expect(openResource(keys, resource)).toEqual({ ok: true, value: { said: mendText(said) } })
        const bytes = Buffer.from(ciphertext, 'base64')
        bytes[place % bytes.length]! ^= 1
        expect(openResource(keys, { ...resource, ciphertext: bytes.toString('base64') }).ok).toBe(false)
      }),
      { numRuns: 100 },
    )
  })

  test('accepts a short tag from nobody', () => {
    const cipher = createCipheriv('aes-256-gcm', parties.apiV3Key, 'nonce-of-12b', { authTagLength: 4 })
    const sealed = Buffer.concat([cipher.update('{}'), cipher.final(), cipher.getAuthTag()])
    const resource = {
      algorithm: 'AEAD_AES_256_GCM',
      nonce: 'nonce-of-12b',
      ciphertext: sealed.toString('base64'),
    }
    expect(openResource([parties.apiV3Key], resource).ok).toBe(false)
  })

  test('is refused when it is a probe, and when its key is unknown', () => {
    const genuine = notified('TRANSACTION.SUCCESS', wechatTransaction())
    const probe = { ...genuine.headers, 'wechatpay-signature': 'WECHATPAY/SIGNTEST/abc' }
    expect(wechatPay.receive(settings, { ...genuine, headers: probe }, now)).toEqual({
      kind: 'forged',
      why: 'a probe of WeChat Pay’s: signed wrong on purpose',
    })
    const serial = { ...genuine.headers, 'wechatpay-serial': '__proto__' }
    expect(wechatPay.receive(settings, { ...genuine, headers: serial }, now).kind).toBe('forged')
  })

  test('made ahead of our clock counts for five minutes, too', () => {
    const genuine = notified('TRANSACTION.SUCCESS', wechatTransaction())
    expect(wechatPay.receive(settings, genuine, start - 5 * MINUTE).kind).toBe('events')
    expect(wechatPay.receive(settings, genuine, start - 5 * MINUTE - SECOND).kind).toBe('forged')
  })
})

function rsaKey() {
  return Rsa.from(settings.privateKey!, 'private') as Parameters<typeof wechatAuthorization>[0]['key']
}

describe('a notification', () => {
  test('of a payment pays the order, with the sum that was to be paid at the payment only', () => {
    const event = eventOf('TRANSACTION.SUCCESS', wechatTransaction())
    expect(event).toEqual({
      id: 'EV-1',
      type: 'order.paid',
      source: 'wechat/1900000109',
      time: Date.parse('2026-11-22T15:59:40+08:00'),
      subject: 'D20261122-17',
      data: {
        refs: [
          { kind: 'order_no', value: 'D20261122-17' },
          { kind: 'wechat_tx', value: '4200000000202611220000000001' },
        ],
        order: { no: 'D20261122-17' },
        payment: {
          id: '4200000000202611220000000001',
          rail: 'wechat',
          byGateway: true,
          method: 'JSAPI',
          amount: { minor: 1999, currency: 'CNY' },
        },
      },
    })
  })

  test('of a try under the shop’s order number names both', () => {
    const resource = wechatTransaction({ out_trade_no: 'D1_2_b' })
    expect(eventOf('TRANSACTION.SUCCESS', resource, { trySeparator: '_' }).data).toMatchObject({
      refs: [
        { kind: 'order_no', value: 'D1_2' },
        { kind: 'out_trade_no', value: 'D1_2_b' },
        { kind: 'wechat_tx' },
      ],
      order: { no: 'D1_2' },
    })
  })

  test('of a refund gives that refund’s sum; one that failed or was called off gives none', () => {
    expect(eventOf('REFUND.SUCCESS', wechatRefund())).toMatchObject({
      type: 'order.refunded',
      data: {
        refund: {
          id: '50300000012026112200000001',
          amount: { minor: 500, currency: 'CNY' },
          paymentId: '4200000000202611220000000001',
        },
      },
    })
    for (const type of ['REFUND.ABNORMAL', 'REFUND.CLOSED']) {
      const event = eventOf(type, wechatRefund())
      expect(event.type).toBe(`wechat.${type}`)
      expect(event.data.refund).toBeUndefined()
    }
  })

  test('of a deduction that failed is a failed payment', () => {
    const resource = wechatTransaction({ trade_state: 'PAYERROR', success_time: undefined })
    expect(eventOf('TRANSACTION.FAIL', resource)).toMatchObject({
      type: 'payment.failed',
      data: { payment: { rail: 'wechat', failure: { code: 'PAYERROR' } } },
    })
  })

  test.each([
    ['mchid', 'resource.mchid'],
    ['appid', 'resource.appid'],
  ])('about another %s is not taken', (field, path) => {
    const request = notified('TRANSACTION.SUCCESS', wechatTransaction({ [field]: '1900000999' }))
    expect(wechatPay.receive(settings, request, now)).toMatchObject({ kind: 'unreadable', path })
  })

  test('of the merchant’s own self-test is answered and says nothing', () => {
    const sealed = notified('SECURITY_ECHO', { echo_message: 'hello' })
    const bare = signedRequest(JSON.stringify({ id: 'EV-2', event_type: 'SECURITY_ECHO' }))
    for (const request of [sealed, bare]) {
      expect(wechatPay.receive(settings, request, now)).toMatchObject({
        kind: 'nothing',
        reply: { status: 200 },
      })
    }
    const wrongKey = parse({ ...lab.settings(), apiV3Keys: ['k'.repeat(32)] })
    expect(wechatPay.receive(wrongKey, sealed, now)).toMatchObject({ kind: 'unreadable', path: 'resource' })
  })
})

describe('asking WeChat Pay', () => {
  let count = 0
  const order = (more: Partial<Question> = {}): Question => {
    const value = `ASKED-${++count}`
    lab.place({ no: value, minor: 1999 })
    return { refs: [{ kind: 'order_no', value }], total: null, placedAt: null, ...more }
  }
  const noOf = (question: Question) => question.refs[0]!.value
  const ask = (question: Question, given: object = settings): Promise<Answered> =>
    wechatPay.query!(given as never, question, ports())
  const ports = () => ({ http: http.request, random: testRandom, now, signal: new AbortController().signal })
  const close = (question: Question, given: object = settings) =>
    wechatPay.actions!.close_order!(
      given as never,
      { ...question, idempotencyKey: 'k', payment: '' },
      ports(),
    )

  test('tells what became of a payment, with the same ids and facts each time', async () => {
    const question = order()
    expect(await ask(question)).toEqual({ kind: 'pending' })
    lab.step(noOf(question), { kind: 'wait_for_password' })
    expect(await ask(question)).toEqual({ kind: 'pending' })
    lab.step(noOf(question), { kind: 'fail' })
    const failed = await ask(question)
    expect(failed).toMatchObject({
      events: [
        {
          id: `query:${noOf(question)}:PAYERROR`,
          type: 'payment.failed',
          data: { payment: { rail: 'wechat', failure: { code: 'PAYERROR' } } },
        },
      ],
    })
    expect(await ask(question)).toEqual(failed)
    lab.step(noOf(question), { kind: 'pay' })
    const paid = await ask(question)
    const { id } = lab.find(noOf(question))!
    expect(paid).toMatchObject({
      events: [{ type: 'order.paid', data: { payment: { id, amount: { minor: 1999 } } } }],
    })
    now += MINUTE
    expect(await ask(question)).toEqual(paid)
    lab.step(noOf(question), { kind: 'refund', minor: 100 })
    expect(await ask(question)).toMatchObject({ events: [{ type: 'order.paid' }] })
  })

  test('tells the end of an unpaid order, or of one try, as the shop says', async () => {
    const question = order()
    expect(await close(question)).toEqual({ kind: 'done', events: [] })
    expect(await ask(question)).toMatchObject({
      events: [{ type: 'order.expired', data: { order: { reason: 'wechat_closed' } } }],
    })
    expect(await ask(question, { ...settings, closedTrade: 'payment' })).toMatchObject({
      events: [{ type: 'payment.failed', data: { payment: { failure: { code: 'CLOSED' } } } }],
    })
  })

  test('closes no order that is paid, and says so', async () => {
    const question = order()
    lab.step(noOf(question), { kind: 'pay' })
    expect(await close(question)).toEqual({ kind: 'refused', code: 'ORDER_PAID' })
  })

  test('asks for the number of each try, and lets the open one keep the order open', async () => {
    const [first, second] = [order(), order()]
    const question = {
      ...first,
      refs: [first, second].map((each) => ({ kind: 'out_trade_no', value: noOf(each) })),
    }
    await close(first)
    expect(await ask(question)).toEqual({ kind: 'pending' })
    lab.step(noOf(second), { kind: 'pay' })
    expect(await ask(question)).toMatchObject({ events: [{ type: 'order.paid' }] })
  })

  test('knows no order that was never placed, and does not ask for numbers that it cannot have', async () => {
    const strange = { kind: 'order_no', value: 'NEVER-PLACED' }
    expect(await ask({ ...order(), refs: [strange] })).toEqual({ kind: 'stranger' })
    expect(await ask({ ...order(), refs: [{ kind: 'order_no', value: '../../v3/refund' }] })).toEqual({
      kind: 'stranger',
    })
  })

  test.each([
    ['a system error', { kind: 'system_error' }, { kind: 'later', code: 'SYSTEM_ERROR' }],
    ['a limit', { kind: 'limit', seconds: 7 }, { kind: 'later', retryAfter: 7_000 }],
    ['a broken gateway', { kind: 'fail', status: 502 }, { kind: 'later' }],
    ['a dropped connection', { kind: 'drop', when: 'after' }, { kind: 'later', code: 'http_closed' }],
    ['an answer without end', { kind: 'huge', bytes: 600_000 }, { kind: 'later', code: 'answer_cut' }],
    ['a false signature', { kind: 'false_signature' }, { kind: 'later', code: 'answer_signature' }],
  ] as const)('asks again after %s', async (_, fault, answer) => {
    const question = order()
    lab.step(noOf(question), { kind: 'pay' })
    lab.scriptQueries([{ fault }])
    expect(await ask(question)).toMatchObject(answer)
  })

  test('does not know whether a close that broke off was carried out', async () => {
    for (const fault of [{ kind: 'drop', when: 'after' }, { kind: 'system_error' }] as const) {
      lab.scriptQueries([{ fault }])
      expect(await close(order())).toMatchObject({ kind: 'unknown' })
    }
    const nobody = { ...settings, apiBase: 'http://127.0.0.1:1' }
    expect(await close(order(), nobody)).toEqual({ kind: 'operator', code: 'http_blocked_address' })
  })

  test('calls a person when the merchant’s keys are wrong', async () => {
    const wrongKey = { ...settings, privateKey: newRsaPair().privatePem }
    expect(await ask(order(), wrongKey)).toEqual({ kind: 'operator', code: 'SIGN_ERROR' })
    expect(await close(order(), wrongKey)).toEqual({ kind: 'operator', code: 'SIGN_ERROR' })
    const wrongMerchant = { ...settings, mchid: '1900000999' }
    expect(await ask(order(), wrongMerchant)).toEqual({ kind: 'operator', code: 'MCH_NOT_EXISTS' })
  })

  test('believes no answer that is not signed, nor one about another order or merchant', async () => {
    const question = order()
    const base = { out_trade_no: noOf(question), mchid: parties.mchid, trade_state: 'SUCCESS' }
    let answer: { body: string; headers?: Record<string, string> }
    const other = await listenHttp({ port: 0, react: async () => ({ status: 200, ...answer }) })
    const open = createHttpClient({ allowOrigins: [other.origin] })
    const answered = () =>
      wechatPay.query!({ ...settings, apiBase: other.origin }, question, { ...ports(), http: open.request })
    answer = { body: JSON.stringify(base) }
    expect(await answered()).toMatchObject({ kind: 'later', code: 'answer_unsigned' })
    for (const more of [{ out_trade_no: 'ANOTHER' }, { mchid: '1900000999' }]) {
      answer = signWechat(parties, JSON.stringify({ ...base, ...more }), now, 'nonce')
      expect(await answered()).toMatchObject({ kind: 'later', code: 'answer_about_another_order' })
    }
    answer = signWechat(parties, JSON.stringify({ ...base, trade_state: 'NEW' }), now, 'nonce')
    expect(await answered()).toMatchObject({ kind: 'later', code: 'answer_unknown_state' })
    await Promise.all([open.close(), other.close()])
  })

  test('believes no answer that another platform key signed', async () => {
    const other = { ...settings, platformKeys: { [parties.platformSerial]: newRsaPair().publicPem } }
    const question = order()
    lab.step(noOf(question), { kind: 'pay' })
    expect(await ask(question, other)).toMatchObject({ kind: 'later', code: 'answer_signature' })
  })
})

test('settings that cannot work are refused, each with its place', () => {
  const good = lab.settings()
  const issues = (more: object) =>
    wechatPay.settings.safeParse({ ...good, ...more }).error?.issues.map(({ path }) => path.join('.'))
  expect(issues({ privateKey: undefined, merchantSerial: undefined })).toEqual([
    'merchantSerial',
    'privateKey',
  ])
  expect(issues({ queryThrough: 'shop' })).toEqual(['shopQueryUrl', 'shopQuerySecrets'])
  expect(issues({ platformKeys: { PUB_KEY_ID_1: 'no key' } })).toEqual(['platformKeys.PUB_KEY_ID_1'])
  expect(issues({ platformKeys: {} })).toEqual(['platformKeys'])
  expect(issues({ apiV3Keys: ['short'] })).toEqual(['apiV3Keys.0'])
  expect(issues({ privateKey: 'no key' })).toEqual(['privateKey'])
})
