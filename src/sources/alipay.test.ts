import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testRandom } from '../../test/kit/fixed.ts'
import { createHttpClient, type OwnedHttpClient } from '../channels/http-client.ts'
import { MINUTE } from '../domain/time.ts'
import { type AlipayLab, startAlipayLab } from '../lab/alipay-lab.ts'
import { notificationBody } from '../lab/alipay-words.ts'
import { newRsaPair } from '../lab/rail-keys.ts'
import { alipay } from './alipay.ts'
import { alipayTrade } from './samples.ts'
import type { Answered, Question } from './source.ts'

const start = Date.UTC(2026, 10, 22, 8)
let now = start
const clock = { now: () => now, after: (_: number, wake: () => void) => stopper(setImmediate(wake)) }
const stopper = (timer: NodeJS.Immediate) => () => clearImmediate(timer)

const theirs = newRsaPair()
const app = newRsaPair()
const bare = (pem: string) => pem.replace(/-----[^-]+-----|\s/g, '')
let lab: AlipayLab
let http: OwnedHttpClient
let settings: ReturnType<typeof parse>
const parse = (given: object) => alipay.settings.parse(given)

beforeAll(async () => {
  lab = await startAlipayLab({ clock, random: testRandom, keys: { alipay: theirs, app } })
  http = createHttpClient({ allowOrigins: [lab.origin] })
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

function receive(body: string | Buffer, options = settings) {
  return alipay.receive(options, { method: 'POST', query: {}, headers: {}, body: Buffer.from(body) }, now)
}

function eventsOf(fields: Record<string, string>, more: object = {}) {
  const body = notificationBody({ alipayPrivatePem: theirs.privatePem }, fields)
  const received = receive(body, { ...settings, ...more })
  if (received.kind !== 'events') throw new Error(JSON.stringify(received))
  expect(received.reply).toMatchObject({ status: 200, body: 'success' })
  return received.events
}

describe('a notification', () => {
  const refs = [
    { kind: 'order_no', value: 'D20261122-17' },
    { kind: 'alipay_trade', value: '2026112222001010181400000001' },
  ]
  const payment = {
    id: '2026112222001010181400000001',
    rail: 'alipay',
    byGateway: true,
    amount: { minor: 1999, currency: 'CNY' },
  }

  test('of a payment pays the order at its own time, with its sum at the payment only', () => {
    expect(eventsOf(alipayTrade())).toEqual([
      {
        id: '2026112200222155945010181400000001',
        type: 'order.paid',
        source: 'alipay/2014072300007148',
        time: Date.parse('2026-11-22T07:59:40Z'),
        subject: 'D20261122-17',
        data: { refs, order: { no: 'D20261122-17' }, payment, extra: { subject: '年度会员 + 礼品/100%' } },
      },
    ])
  })

  test('pays no other sum, where a buyer chose the name of what is bought', () => {
    const { passback_params: _, ...trade } = alipayTrade()
    const cut = { ...trade, subject: 'x', total_amount: '9999.00', total_b: '1&total_amount=0.01' }
    expect(receive(notificationBody({ alipayPrivatePem: theirs.privatePem }, cut)).kind).toBe('forged')
    const own = { ...trade, subject: 'A&B=C', passback_params: 'a=1&out_trade_no=D20261122-17' }
    expect(eventsOf(own)[0]?.type).toBe('order.paid')
  })

  test('sent again is the same event, whatever time it is sent at', () => {
    expect(eventsOf(alipayTrade({ notify_time: '2026-11-22 16:04:00' }))).toEqual(eventsOf(alipayTrade()))
  })

  test.each([
    ['an unpaid trade that ran out', { gmt_payment: '' }, ['order.expired'], undefined],
    [
      'one that went back as a whole',
      { refund_fee: '19.99', gmt_refund: '2026-11-22 17:00:00' },
      ['order.paid', 'order.refunded'],
      1999,
    ],
    ['one that was paid, without saying more', {}, ['order.paid', 'order.refunded'], 1999],
  ])('of a closed trade tells %s', (_, more, types, refunded) => {
    const events = eventsOf(alipayTrade({ trade_status: 'TRADE_CLOSED', ...more } as Record<string, string>))
    expect(events.map(({ type }) => type)).toEqual(types)
    expect(events.at(-1)!.data.refund?.amount.minor).toBe(refunded)
  })

  test('of a part that went back carries the sum of all parts, under one id', () => {
    const one = eventsOf(alipayTrade({ refund_fee: '5.00', notify_id: 'n1' }))[1]!
    const two = eventsOf(alipayTrade({ refund_fee: '7.50', notify_id: 'n2' }))[1]!
    expect(one).toMatchObject({ id: 'n1:order.refunded', type: 'order.refunded' })
    expect(two.data.refund).toEqual({ ...one.data.refund, amount: { minor: 750, currency: 'CNY' } })
  })

  test('of a closed trade ends one try where the shop says so', () => {
    const closed = alipayTrade({ trade_status: 'TRADE_CLOSED', gmt_payment: '' })
    expect(eventsOf(closed, { closedTrade: 'payment' })).toMatchObject([
      {
        type: 'payment.failed',
        data: { payment: { rail: 'alipay', failure: { code: 'TRADE_CLOSED' } } },
      },
    ])
  })

  test.each(['app_id', 'seller_id'])('about another %s is not taken', (field) => {
    const fields = alipayTrade({ [field]: '2088999999999999' })
    const body = notificationBody({ alipayPrivatePem: theirs.privatePem }, fields)
    expect(receive(body)).toMatchObject({ kind: 'unreadable', path: field })
  })
})

describe('asking Alipay', () => {
  let count = 0
  const order = (place = true): Question => {
    const value = `ASKED-${++count}`
    if (place) lab.place({ no: value, minor: 1999 })
    return { refs: [{ kind: 'order_no', value }], total: null, placedAt: null }
  }
  const noOf = (question: Question) => question.refs[0]!.value
  const ports = () => ({ http: http.request, random: testRandom, now, signal: new AbortController().signal })
  const ask = (question: Question, given: object = settings): Promise<Answered> =>
    alipay.query!(given as never, question, ports())
  const close = (question: Question, given: object = settings) =>
    alipay.actions!.close_order!(given as never, { ...question, idempotencyKey: 'k', payment: '' }, ports())

  test('tells what became of a payment, with the same ids and facts each time', async () => {
    expect(await ask(order(false))).toEqual({ kind: 'stranger' })
    const question = order()
    expect(await ask(question)).toEqual({ kind: 'pending' })
    lab.step(noOf(question), { kind: 'pay' })
    const paid = await ask(question)
    expect(paid).toMatchObject({
      events: [{ id: `query:${noOf(question)}:TRADE_SUCCESS:order.paid`, type: 'order.paid', time: start }],
    })
    now += MINUTE
    expect(await ask(question)).toEqual(paid)
    lab.step(noOf(question), { kind: 'refund', minor: 1999 })
    expect(await ask(question)).toMatchObject({
      events: [
        { type: 'order.paid' },
        { type: 'order.refunded', data: { refund: { amount: { minor: 1999 } } } },
      ],
    })
  })

  test('agrees with what the notification of the same payment says of it', async () => {
    const question = order()
    lab.step(noOf(question), { kind: 'pay' })
    const asked = await ask(question)
    if (asked.kind !== 'events') throw new Error(asked.kind)
    const trade = lab.find(noOf(question))!
    const [told] = eventsOf(alipayTrade({ out_trade_no: trade.no, trade_no: trade.id }))
    expect(asked.events[0]!.data.payment).toEqual(told!.data.payment)
    expect(asked.events[0]!.data.refs).toEqual(told!.data.refs)
  })

  test('closes what is unpaid, and then tells its end', async () => {
    const question = order()
    expect(await close(question)).toEqual({ kind: 'done', events: [] })
    expect(await ask(question)).toMatchObject({ events: [{ type: 'order.expired' }] })
    expect(await close(question)).toEqual({ kind: 'refused', code: 'ACQ.REASON_TRADE_STATUS_INVALID' })
    expect(await close(order(false))).toEqual({ kind: 'refused', code: 'ACQ.TRADE_NOT_EXIST' })
  })

  test.each([
    ['a system error', { kind: 'system_error' }, { kind: 'later', code: 'ACQ.SYSTEM_ERROR' }],
    ['a limit', { kind: 'limit', seconds: 7 }, { kind: 'later', retryAfter: 7_000 }],
    ['a broken gateway', { kind: 'fail', status: 502 }, { kind: 'later' }],
    ['a dropped connection', { kind: 'drop', when: 'after' }, { kind: 'later' }],
    [
      'an answer that is not the signed text',
      { kind: 'false_signature' },
      { kind: 'later', code: 'answer_signature' },
    ],
  ] as const)('asks again after %s', async (_, fault, answer) => {
    const question = order()
    lab.step(noOf(question), { kind: 'pay' })
    lab.scriptQueries([{ fault }])
    expect(await ask(question)).toMatchObject(answer)
    expect(await close(question)).toMatchObject({ kind: 'unknown' })
  })

  test('calls a person when the app or its key is wrong', async () => {
    const wrongKey = { ...settings, privateKey: newRsaPair().privatePem }
    expect(await ask(order(), wrongKey)).toEqual({ kind: 'operator', code: 'isv.invalid-signature' })
    expect(await close(order(), wrongKey)).toEqual({ kind: 'operator', code: 'isv.invalid-signature' })
    expect(await ask(order(), { ...settings, appId: '2014072300009999' })).toEqual({
      kind: 'operator',
      code: 'isv.invalid-app-id',
    })
  })
})

test('keys are taken as Alipay’s console shows them and as PEM, PKCS#8 or PKCS#1', () => {
  const given = lab.settings()
  const own = { publicKeys: [bare(theirs.publicPem)], privateKey: bare(app.privatePem) }
  expect(alipay.settings.safeParse({ ...given, ...own }).success).toBe(true)
  expect(alipay.settings.safeParse({ ...given, publicKeys: ['AAAA'] }).success).toBe(false)
  expect(alipay.settings.safeParse({ ...given, privateKey: 'AAAA' }).success).toBe(false)
  expect(alipay.settings.safeParse({ ...given, privateKey: undefined }).success).toBe(false)
})
