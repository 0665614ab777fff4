import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testRandom } from '../../test/kit/fixed.ts'
import { createHttpClient, type OwnedHttpClient } from '../channels/http-client.ts'
import { type EpayLab, signEpay, startEpayLab } from '../lab/epay-lab.ts'
import { listenHttp } from '../lab/http-listener.ts'
import { epay } from './epay.ts'
import { epayTrade } from './samples.ts'
import type { Answered, Question } from './source.ts'

const now = Date.UTC(2026, 10, 22, 8)
const clock = { now: () => now, after: (_: number, wake: () => void) => stopper(setImmediate(wake)) }
const stopper = (timer: NodeJS.Immediate) => () => clearImmediate(timer)

let lab: EpayLab
let http: OwnedHttpClient
let settings: ReturnType<typeof parse>
const parse = (given: object) => epay.settings.parse(given)

beforeAll(async () => {
  lab = await startEpayLab({ clock, random: testRandom })
  http = createHttpClient({ allowOrigins: [lab.origin] })
  settings = parse(lab.settings())
})
afterAll(async () => {
  await lab?.close()
  await http?.close()
})
beforeEach(() => lab.scriptQueries([]))

const get = (query: Record<string, string>, options: object = {}) =>
  epay.receive({ ...settings, ...options }, { method: 'GET', query, headers: {}, body: Buffer.alloc(0) }, now)

describe('a notification of 易支付', () => {
  test('pays no other order, where a buyer chose the name of what is bought', () => {
    const name = 'x&out_trade_no=VICTIM&p=1'
    const {
      sign = '',
      sign_type = '',
      ...own
    } = signEpay({ ...epayTrade(), name, out_trade_no: 'OWN' }, lab.key)
    const cut = { ...own, name: 'x', out_trade_no: 'VICTIM', p: '1&out_trade_no=OWN', sign, sign_type }
    expect(signEpay({ ...own, name: 'x', out_trade_no: 'VICTIM', p: cut.p }, lab.key).sign).toBe(sign)
    expect(get(cut).kind).toBe('forged')
    const body = Buffer.from(new URLSearchParams(cut).toString())
    expect(epay.receive(settings, { method: 'POST', query: {}, headers: {}, body }, now).kind).toBe('forged')
    expect(get(signEpay({ ...epayTrade(), name: 'A&B=C & D' }, lab.key)).kind).toBe('events')
  })

  test('pays the order, by GET and by POST alike', () => {
    const signed = signEpay(epayTrade(), lab.key)
    const received = get(signed)
    expect(received).toEqual({
      kind: 'events',
      reply: { status: 200, type: 'text/plain; charset=utf-8', body: 'success' },
      events: [
        {
          id: '2026112215594034021:TRADE_SUCCESS',
          type: 'order.paid',
          source: 'epay/1001',
          time: now,
          subject: 'D20261122-17',
          data: {
            refs: [
              { kind: 'order_no', value: 'D20261122-17' },
              { kind: 'epay_trade', value: '2026112215594034021' },
            ],
            order: { no: 'D20261122-17' },
            payment: {
              id: '2026112215594034021',
              rail: 'epay',
              byGateway: true,
              method: 'alipay',
              amount: { minor: 1999, currency: 'CNY' },
            },
            extra: { name: '年度会员 & 礼品' },
          },
        },
      ],
    })
    const body = Buffer.from(new URLSearchParams(signed).toString())
    expect(epay.receive(settings, { method: 'POST', query: {}, headers: {}, body }, now)).toEqual(received)
  })

  test('is signed as the reference kit does it: MD5 over sorted, filled fields and the key', () => {
    // Worked out by hand from the kit's rule, not by the simulator.
    const text =
      'money=1.00&name=VIP会员&out_trade_no=D1&pid=1001&trade_no=T1&trade_status=TRADE_SUCCESS&type=wxpay'
    const sign = createHash('md5').update(`${text}${lab.key}`).digest('hex')
    const fields = { ...Object.fromEntries(new URLSearchParams(text)), param: '', sign_type: 'MD5' }
    expect(get({ ...fields, sign }).kind).toBe('events')
    expect(get({ ...fields, sign: sign.toUpperCase(), sign_type: 'md5' }).kind).toBe('events')
    const spaced = createHash('md5').update(`${text}&key=${lab.key}`).digest('hex')
    expect(get({ ...fields, sign: spaced }).kind).toBe('forged')
    expect(get({ ...fields, sign: spaced }, { keyPrefix: '&key=' }).kind).toBe('events')
  })

  test('is refused with any field changed, added or taken away', () => {
    const signed = signEpay(epayTrade({ param: 'u=7' }), lab.key)
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(signed)), fc.string({ minLength: 1 }), (name, value) => {
        const same = signed[name]!.toLowerCase() === value.toLowerCase()
        const spelled = name === 'sign' || name === 'sign_type'
        if (signed[name] !== value && !(spelled && same)) {
          expect(get({ ...signed, [name]: value }).kind).toBe('forged')
        }
        const { [name]: _, ...rest } = signed
        // Without sign_type it is MD5, as its documentation has it.
        expect(get(rest).kind).toBe(name === 'sign_type' ? 'events' : 'forged')
        if (!Object.hasOwn(signed, value)) expect(get({ ...signed, [value]: 'x' }).kind).toBe('forged')
      }),
      { numRuns: 200 },
    )
  })

  test('of another merchant is not taken, of another state changes nothing', () => {
    expect(get(signEpay(epayTrade({ pid: '1002' }), lab.key))).toMatchObject({
      kind: 'unreadable',
      path: 'pid',
    })
    expect(get(signEpay(epayTrade({ trade_status: 'TRADE_CLOSED' }), lab.key))).toMatchObject({
      events: [{ type: 'epay.TRADE_CLOSED' }],
    })
  })
})

describe('asking 易支付', () => {
  let count = 0
  const order = (place = true): Question => {
    const value = `ASKED-${++count}`
    if (place) lab.place({ no: value, minor: 1999 })
    return { refs: [{ kind: 'order_no', value }], total: null, placedAt: null }
  }
  const noOf = (question: Question) => question.refs[0]!.value
  const ports = () => ({ http: http.request, random: testRandom, now, signal: new AbortController().signal })
  const ask = async (question: Question, given: object = settings): Promise<Answered> => {
    const answered = await epay.query!(given as never, question, ports())
    expect(JSON.stringify(answered)).not.toContain(lab.key)
    return answered
  }

  test('tells a payment with the same id and facts each time, and as the notification does', async () => {
    expect(await ask(order(false))).toEqual({ kind: 'stranger' })
    const question = order()
    expect(await ask(question)).toEqual({ kind: 'pending' })
    lab.step(noOf(question), { kind: 'pay' })
    const paid = await ask(question)
    if (paid.kind !== 'events') throw new Error(paid.kind)
    expect(await ask(question)).toEqual(paid)
    const { id, no } = lab.find(noOf(question))!
    const told = get(signEpay(epayTrade({ trade_no: id, out_trade_no: no, name: '月卡' }), lab.key))
    if (told.kind !== 'events') throw new Error(told.kind)
    expect(paid.events.map(({ type, time, data }) => ({ type, time, data }))).toEqual(
      told.events.map(({ type, time, data }) => ({ type, time, data })),
    )
    lab.step(noOf(question), { kind: 'refund', minor: 1 })
    expect(await ask(question)).toEqual(paid)
  })

  test.each([
    ['a page of errors', { kind: 'system_error' }, { kind: 'later', code: 'answer_unreadable' }],
    ['a limit', { kind: 'limit', seconds: 7 }, { kind: 'later', retryAfter: 7_000 }],
    ['a dropped connection', { kind: 'drop', when: 'after' }, { kind: 'later', code: 'http_closed' }],
    ['an answer without end', { kind: 'huge', bytes: 600_000 }, { kind: 'later', code: 'answer_unreadable' }],
  ] as const)('asks again after %s', async (_, fault, answer) => {
    lab.scriptQueries([{ fault }])
    expect(await ask(order())).toMatchObject(answer)
  })

  test('calls a person when merchant or key is wrong, and keeps the key out of what it says', async () => {
    const wrong = { kind: 'operator', code: 'epay_refused' }
    expect(await ask(order(), { ...settings, pid: '1002' })).toEqual(wrong)
    expect(await ask(order(), { ...settings, keys: ['another key'] })).toEqual(wrong)
    const nowhere = { ...settings, apiBase: 'http://localhost:1' }
    expect(await ask(order(), nowhere)).toEqual({ kind: 'operator', code: 'http_blocked_address' })
  })

  test.each([
    [{ code: -1, msg: '订单号不存在' }, { kind: 'stranger' }],
    [{ code: 0, msg: '商户订单号不存在' }, { kind: 'stranger' }],
    [{ code: -3, msg: 'verify failed' }, { kind: 'operator' }],
    [{ code: -1, msg: '商户ID或密钥错误' }, { kind: 'operator' }],
    [{ code: -1, msg: '系统繁忙' }, { kind: 'later' }],
    [
      { code: 1, out_trade_no: 'ANOTHER', status: 1 },
      { kind: 'later', code: 'answer_about_another_order' },
    ],
    [
      { code: 1, out_trade_no: 'D1', pid: 7, status: 1 },
      { kind: 'later', code: 'answer_about_another_merchant' },
    ],
    [
      { code: 1, out_trade_no: 'D1', pid: 1001, status: 9 },
      { kind: 'later', code: 'answer_unknown_state' },
    ],
    [{ code: '1', out_trade_no: 'D1', status: '0' }, { kind: 'pending' }],
  ])('understands what forks answer: %j', async (said, expected) => {
    const fork = await listenHttp({
      port: 0,
      react: async () => ({ status: 200, body: JSON.stringify(said) }),
    })
    const open = createHttpClient({ allowOrigins: [fork.origin] })
    const question = { ...order(), refs: [{ kind: 'order_no', value: 'D1' }] }
    const given = { ...settings, apiBase: `${fork.origin}/` }
    expect(await epay.query!(given, question, { ...ports(), http: open.request })).toMatchObject(expected)
    await Promise.all([open.close(), fork.close()])
  })

  test('is never done without TLS over a network: the key travels in the address', () => {
    const given = { pid: '1', keys: ['12345678'], queryThrough: 'rail' }
    expect(epay.settings.safeParse({ ...given, apiBase: 'http://pay.example' }).success).toBe(false)
    expect(epay.settings.safeParse({ ...given, apiBase: 'http://127.0.0.1.evil.example' }).success).toBe(
      false,
    )
    expect(epay.settings.safeParse({ ...given, apiBase: 'https://pay.example' }).success).toBe(true)
  })
})
