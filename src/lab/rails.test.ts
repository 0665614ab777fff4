import { createHash, createSign } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testRandom } from '../../test/kit/fixed.ts'
import { MINUTE } from '../domain/time.ts'
import { type AlipayLab, startAlipayLab } from './alipay-lab.ts'
import { beijingText } from './alipay-words.ts'
import { type EpayLab, startEpayLab } from './epay-lab.ts'
import { type HttpListener, type LabReaction, type LabRequest, listenHttp } from './http-listener.ts'
import { newRsaPair } from './rail-keys.ts'
import { startWechatLab, type WechatLab } from './wechat-lab.ts'

// What the simulators refuse and how they notify. That they agree with the rails' own SDKs is tested with the sources.

let now = Date.UTC(2026, 10, 22, 8)
const waits: number[] = []
const clock = {
  now: () => now,
  after(ms: number, wake: () => void) {
    waits.push(ms)
    const timer = setImmediate(wake)
    return () => clearImmediate(timer)
  },
}

let wechat: WechatLab
let alipay: AlipayLab
let epay: EpayLab
let shop: HttpListener
let got: LabRequest[]
let answers: LabReaction[]
beforeAll(async () => {
  wechat = await startWechatLab({ clock, random: testRandom })
  alipay = await startAlipayLab({ clock, random: testRandom })
  epay = await startEpayLab({ clock, random: testRandom, fork: { capitals: true, post: true } })
  shop = await listenHttp({
    port: 0,
    react: async (request) => {
      got.push(request)
      return answers.shift() ?? { status: 200, body: 'success' }
    },
  })
  for (const lab of [wechat, alipay, epay]) lab.noticesTo(shop.origin)
})
afterAll(async () => {
  await Promise.all([wechat, alipay, epay, shop].map((each) => each?.close()))
})
beforeEach(() => {
  got = []
  answers = []
  waits.length = 0
  for (const lab of [wechat, alipay, epay]) lab.scriptNotices([])
})

describe('a notice', () => {
  test('is handed over again by the rail’s schedule until it is taken in the rail’s words', async () => {
    answers = ['drop', { status: 500 }, { status: 200, body: 'SUCCESS!' }]
    alipay.place({ no: 'A1', minor: 100 })
    alipay.step('A1', { kind: 'pay' })
    await alipay.noticesDone()
    expect(alipay.tries().map(({ status, taken }) => [status, taken])).toEqual([
      [null, false],
      [500, false],
      [200, false],
      [200, true],
    ])
    expect(waits).toEqual([4, 10, 10].map((minutes) => minutes * MINUTE))
    const ids = got.map(({ body }) => new URLSearchParams(body).get('notify_id'))
    expect(new Set(ids).size).toBe(1)
  })

  test('goes twice, a second apart, or not at all, where the script says so', async () => {
    for (const no of ['W1', 'W2']) wechat.place({ no, minor: 100 })
    wechat.scriptNotices([
      { fault: { kind: 'duplicate_notice' }, to: 'W1' },
      { fault: { kind: 'no_notice' }, to: 'W2' },
    ])
    for (const no of ['W1', 'W2']) wechat.step(no, { kind: 'pay' })
    await wechat.noticesDone()
    expect(wechat.tries().map(({ no }) => no)).toEqual(['W1', 'W1'])
    expect(waits).toEqual([1_000])
  })

  test('of a fork is posted, with a signature in capitals', async () => {
    epay.place({ no: 'E1', minor: 5 })
    epay.step('E1', { kind: 'pay' })
    await epay.noticesDone()
    const fields = Object.fromEntries(new URLSearchParams(got[0]!.body))
    const text = `money=0.05&name=月卡&out_trade_no=E1&pid=1001&trade_no=${fields.trade_no}&trade_status=TRADE_SUCCESS&type=alipay`
    expect(fields.sign).toBe(
      createHash('md5')
        .update(text + epay.key)
        .digest('hex')
        .toUpperCase(),
    )
    expect(got[0]!.method).toBe('POST')
  })

  test('of what fails or waits is sent by no rail, of a closing by Alipay alone', async () => {
    for (const lab of [wechat, alipay, epay]) {
      lab.place({ no: 'N1', minor: 100 })
      for (const kind of ['wait_for_password', 'fail', 'close'] as const) lab.step('N1', { kind })
      await lab.noticesDone()
    }
    expect(got.map(({ body }) => new URLSearchParams(body).get('trade_status'))).toEqual(['TRADE_CLOSED'])
  })
})

test('a trade takes no step that its state forbids', () => {
  wechat.place({ no: 'S1', minor: 100 })
  expect(wechat.step('S1', { kind: 'refund', minor: 1 })).toBe(false)
  expect(wechat.step('S1', { kind: 'pay' })).toBe(true)
  expect(wechat.step('S1', { kind: 'pay' })).toBe(false)
  expect(wechat.step('S1', { kind: 'close' })).toBe(false)
  expect(wechat.step('S1', { kind: 'refund', minor: 60 })).toBe(true)
  expect(wechat.step('S1', { kind: 'refund', minor: 41 })).toBe(false)
  expect(wechat.step('nobody', { kind: 'pay' })).toBe(false)
})

test('a query may be a moment behind the notice', async () => {
  epay.place({ no: 'L1', minor: 100 })
  epay.scriptNotices([{ fault: { kind: 'early_notice', ms: 5_000 } }])
  epay.step('L1', { kind: 'pay' })
  const status = async () => {
    const query = new URLSearchParams({ act: 'order', pid: epay.pid, key: epay.key, out_trade_no: 'L1' })
    const answer = await fetch(`${epay.origin}/api.php?${query}`)
    return ((await answer.json()) as { status: string }).status
  }
  expect(await status()).toBe('0')
  now += 5_000
  expect(await status()).toBe('1')
})

test.each([
  ['no authorization', {}, 401],
  ['another scheme', { authorization: 'Bearer x' }, 401],
  [
    'an old time',
    {
      authorization:
        'WECHATPAY2-SHA256-RSA2048 mchid="1900000109",serial_no="5157F09EFDC096DE15EBE81A47057A72",timestamp="1",nonce_str="n",signature="AA=="',
    },
    401,
  ],
  ['another merchant', { authorization: 'WECHATPAY2-SHA256-RSA2048 mchid="1"' }, 400],
])('WeChat Pay answers no question with %s', async (_, headers, status) => {
  const path = '/v3/pay/transactions/out-trade-no/W1?mchid=1900000109'
  expect((await fetch(wechat.origin + path, { headers: headers as Record<string, string> })).status).toBe(
    status,
  )
})

test.each([
  ['no app', {}, 'isv.missing-charset'],
  ['another app', { charset: 'utf-8', app_id: '1' }, 'isv.invalid-app-id'],
  [
    'an old time',
    { charset: 'utf-8', app_id: '2014072300007148', sign_type: 'RSA2', timestamp: '2020-01-01 00:00:00' },
    'isv.invalid-timestamp',
  ],
  [
    'no signature',
    { charset: 'utf-8', app_id: '2014072300007148', sign_type: 'RSA2', timestamp: '2026-11-22 16:00:00' },
    'isv.invalid-signature',
  ],
])('Alipay answers no question with %s', async (_, parameters, code) => {
  const query = new URLSearchParams({
    method: 'alipay.trade.query',
    ...(parameters as Record<string, string>),
  })
  const answer = await fetch(`${alipay.origin}/gateway.do?${query}`, { method: 'POST' })
  expect(await answer.text()).toContain(`"sub_code":"${code}"`)
})

describe('Alipay in certificate mode', () => {
  const app = newRsaPair()
  let strict: AlipayLab
  beforeAll(async () => {
    const keys = { alipay: newRsaPair(), app }
    strict = await startAlipayLab({ clock, random: testRandom, mode: 'certificates', keys })
  })
  afterAll(() => strict?.close())

  /** The gateway's sub code for a call that is right but for these parameters. */
  async function subCodeFor(changes: Readonly<Record<string, string>>): Promise<string | undefined> {
    const all: Record<string, string> = {
      app_id: strict.parties.appId,
      method: 'alipay.trade.query',
      charset: 'utf-8',
      sign_type: 'RSA2',
      timestamp: beijingText(now),
      app_cert_sn: strict.certificates!.app.sn,
      alipay_root_cert_sn: strict.certificates!.root.sn,
      biz_content: '{"out_trade_no":"NOBODY"}',
      ...changes,
    }
    const names = Object.keys(all)
      .filter((name) => all[name] !== '')
      .sort()
    const text = names.map((name) => `${name}=${all[name]}`).join('&')
    const sign = createSign('RSA-SHA256').update(text).sign(app.privatePem, 'base64')
    const answer = await fetch(`${strict.origin}/gateway.do?${new URLSearchParams({ ...all, sign })}`, {
      method: 'POST',
    })
    const { alipay_trade_query_response: object } = (await answer.json()) as Record<
      string,
      { sub_code: string }
    >
    return object!.sub_code
  }

  test.each([
    ['nothing wrong', {}, 'ACQ.TRADE_NOT_EXIST'],
    ['no serial number of the app’s certificate', { app_cert_sn: '' }, 'isv.missing-app-cert-sn'],
    ['none of the root', { alipay_root_cert_sn: '' }, 'isv.missing-alipay-root-cert-sn'],
    ['another app’s', { app_cert_sn: '0'.repeat(32) }, 'isv.app-cert-not-exist'],
    ['another root’s', { alipay_root_cert_sn: '0'.repeat(32) }, 'isv.invalid-alipay-root-cert-sn'],
  ])('is told %s and says so', async (_, changes, code) => {
    expect(await subCodeFor(changes)).toBe(code)
  })

  test('takes no roots in another order, no root left out, and no certificate that has run out', async () => {
    const { app: own, root } = strict.certificates!
    const [first, second] = root.sn.split('_')
    for (const sn of [`${second}_${first}`, first!, `${root.sn}_${first}`])
      expect(await subCodeFor({ alipay_root_cert_sn: sn })).toBe('isv.invalid-alipay-root-cert-sn')
    const before = now
    now = own.until + 1_000
    expect(await subCodeFor({})).toBe('isv.app-cert-expired')
    now = before
  })
})
