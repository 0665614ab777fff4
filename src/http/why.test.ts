import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSite, orderEvent, type Site } from '../../test/kit/site.ts'
import { savePreferences } from '../db/contacts.ts'
import type { CustomerId } from '../domain/ids.ts'
import { DAY, MINUTE } from '../domain/time.ts'

const MONDAY = Date.parse('2026-11-23T02:00:00Z')
let site: Site
beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site?.close())

const timeline = async (no: string, lang = 'en') =>
  (await site.call('GET', `/v1/orders/${no}/timeline?lang=${lang}`, { key: site.shop.key })).json
const failed = (id: string, no: string, more: object = {}) =>
  orderEvent(id, 'payment.failed', no, {
    order: {
      no,
      title: '季度会员',
      total: { minor: 12_800, currency: 'CNY' },
      payUrl: 'https://shop.example/pay',
    },
    customer: { email: 'why@example.org' },
    payment: { id: `pay_${id}`, rail: 'stripe', failure: { code: 'incorrect_cvc' } },
    ...more,
  })
const messagesIn = (found: { entries: { kind: string; message: Record<string, unknown> }[] }) =>
  found.entries.filter(({ kind }) => kind === 'message').map(({ message }) => message)

describe('an order’s story', () => {
  it('names the rule of each message: flow, step and version, and the arm of its run', async () => {
    await site.keep(site.shop, failed('w1', 'WHY-1'))
    const told = await timeline('WHY-1')
    const entry = told.entries.find(({ kind }: { kind: string }) => kind === 'message')
    expect(entry).toMatchObject({
      arm: 'treated',
      message: { flow: 'payment-failed-details', flowVersion: 1, state: 'sent' },
    })
    expect(entry.message.step).toBeTruthy()
    expect(entry.message.wouldHelp).toEqual([])
    expect(entry.message.verdict).not.toMatch(/:.*:/)
  })

  it('says what would have to change for a dropped message to be sent', async () => {
    const [customer] = (
      await site.deps.db.query<{ id: CustomerId }>(
        `select customer_id as id from orders where shop_id = $1 and no = 'WHY-1'`,
        [site.shop.id],
      )
    ).rows
    await savePreferences(site.deps.db, site.shop.id, customer!.id, { off: ['everything'] })
    // By now the first order does not speak for the second any more.
    site.clock.set(MONDAY + 10 * MINUTE)
    await site.keep(site.shop, failed('w2', 'WHY-2'))
    const dropped = (found: Parameters<typeof messagesIn>[0]) =>
      messagesIn(found).find(({ state }) => state === 'dropped')
    expect(dropped(await timeline('WHY-2'))?.wouldHelp).toEqual([
      'It would be sent if the receiver turned this kind of message on again.',
    ])
    expect(dropped(await timeline('WHY-2', 'zh'))?.wouldHelp).toEqual([
      '需要：收件人重新开启这类消息，才会发送。',
    ])
  })

  it('tells a stop by the law at the last check as ours: rule, source, date, the words, what to change', async () => {
    const title = '星河游戏点卡'
    await site.keep(site.shop, failed('w5', 'WHY-5', { order: { no: 'WHY-5', title } }))
    await site.deps.db.query(
      `update message set state = 'failed', fate_code = 'law:volcengine-game', channel = 'sms', purpose = 'service'
       where shop_id = $1 and order_id = (select id from orders where shop_id = $1 and no = 'WHY-5')`,
      [site.shop.id],
    )
    const stopped = async (lang: string) => messagesIn(await timeline('WHY-5', lang))[0]!
    const zh = await stopped('zh')
    expect(zh).toMatchObject({
      code: 'law:volcengine-game',
      stateText: '叮咚在发出前拦下了它，没有交给服务商。',
      why: [
        '成文后的内容违反规则 volcengine-game：游戏行业只能发验证码短信。',
        '依据：火山引擎短信《模版审核规范》（2024-03-19） https://www.volcengine.com/docs/6361/170340 ，2026-11-26 核对。',
        expect.stringMatching(/^其中“.*”（.*）来自订单或店铺的名称。$/),
      ],
    })
    expect(String((zh.why as string[])[2])).toMatch(/游戏|点卡/)
    const en = await stopped('en')
    expect(en.stateText).toBe('Dingdong stopped it just before it was handed over; no provider has seen it.')
    expect(en.wouldHelp).toEqual([
      expect.stringMatching(/^What may be done: /),
      expect.stringMatching(/^Change the template .*dingdong template set/),
    ])
    expect(JSON.stringify([zh, en])).not.toMatch(/可以发送|It may go|refused it/)
    const alone = await site.call('GET', `/v1/messages/${zh.message}?lang=zh`, { key: site.shop.key })
    expect(alone.json.why).toEqual(zh.why)
  })

  it('tells that a message was taken and did not arrive, as its receipt says', async () => {
    await site.keep(site.shop, failed('w6', 'WHY-6'))
    const took = async (code: string | null, deliveredAt: number | null) => {
      await site.deps.db.query(
        `update message set state = 'sent', fate_code = $2, delivered_at = $3
         where shop_id = $1 and order_id = (select id from orders where shop_id = $1 and no = 'WHY-6')`,
        [site.shop.id, code, deliveredAt],
      )
      const told = async (lang: string) => messagesIn(await timeline('WHY-6', lang))[0]!.stateText
      return [await told('en'), await told('zh')]
    }
    expect(await took('ABSENT', null)).toEqual([
      'The provider has taken it, but its receipt says that it was not delivered (ABSENT).',
      '服务商已接收，但回执说没有送达（ABSENT）。',
    ])
    expect((await took('receipt_failed', null))[0]).toMatch(/was not delivered\.$/)
    expect((await took(null, null))[0]).toBe('The provider has taken it.')
    expect((await took(null, 1))[0]).toBe('The provider has taken it.')
  })

  it('says why an event started no run, from the flow in force when it came', async () => {
    await site.keep(
      site.shop,
      orderEvent('w3', 'order.created', 'WHY-3', {
        order: { no: 'WHY-3', total: { minor: 100, currency: 'CNY' } },
      }),
    )
    const told = await timeline('WHY-3')
    // A ladder for another kind of failure than the one that came.
    const funds = (await timeline('WHY-1')).notStarted.find(
      ({ flow }: { flow: string }) => flow === 'payment-failed-funds',
    )
    expect(funds).toMatchObject({ type: 'payment.failed', version: 1, reason: 'condition_false' })
    expect(funds.why[0]).toBe('Its condition was not true.')
    expect(funds.why[1]).toMatch(/^Not true: order\.lastFailure\.class/)
    const later = (minutes: number) => site.clock.set(MONDAY + minutes * MINUTE)
    later(1)
    await site.call('POST', '/v1/flows/order-received/disable', { key: site.shop.key })
    later(2)
    await site.keep(site.shop, orderEvent('w4', 'order.created', 'WHY-4', { order: { no: 'WHY-4' } }))
    const off = (await timeline('WHY-4', 'zh')).notStarted.find(
      ({ flow }: { flow: string }) => flow === 'order-received',
    )
    expect(off.wouldHelp).toEqual(['启用它，以后的事件才会启动：dingdong flow on order-received。'])
    later(3)
    await site.call('POST', '/v1/flows/order-received/enable', { key: site.shop.key })
    const second = await timeline('WHY-4', 'zh')
    expect(second.notStarted.find(({ flow }: { flow: string }) => flow === 'order-received')).toMatchObject({
      reason: 'disabled',
      why: ['当时这个流程已停用。'],
      wouldHelp: ['现在已启用，以后的事件会启动它。'],
    })
    // Enabled when that one came: it is running, so nothing is said about it.
    expect(told.notStarted.map(({ flow }: { flow: string }) => flow)).not.toContain('order-received')
  })

  it('says why a run ended before its last step, and what could be otherwise next time', async () => {
    await site.keep(site.shop, failed('w6', 'WHY-6'))
    const ended = async (reason: string, lang: string) => {
      await site.deps.db.query(
        `update run set status = 'stopped', stop_reason = $2
         where shop_id = $1 and order_id = (select id from orders where shop_id = $1 and no = 'WHY-6')`,
        [site.shop.id, reason],
      )
      const told = await timeline('WHY-6', lang)
      return told.entries.find(({ kind }: { kind: string }) => kind === 'run')
    }
    expect(await ended('order_life', 'zh')).toMatchObject({
      status: 'stopped',
      stopReason: 'order_life',
      why: ['下一步要等到订单的付款期限之后，所以不再继续。'],
      wouldHelp: [expect.stringContaining('dingdong flow set payment-failed-details')],
    })
    expect(await ended('paid', 'en')).toMatchObject({
      why: ['The order is paid, so the flow ended.'],
      wouldHelp: [],
    })
  })

  it('says that something happened too long ago to be spoken of, and what would change that', async () => {
    const at = site.clock.now() - 10 * DAY
    await site.keep(site.shop, { ...failed('w8', 'WHY-8'), time: at })
    const told = await timeline('WHY-8')
    expect(messagesIn(told)).toEqual([])
    const old = told.notStarted.filter(({ reason }: { reason: string }) => reason === 'too_old')
    expect(old).toMatchObject([{ flow: 'payment-failed-details', type: 'payment.failed' }])
    expect(old[0].why).toEqual([expect.stringMatching(/^It had happened too long ago: .* raise startWithin/)])
    const zh = (await timeline('WHY-8', 'zh')).notStarted.find(
      ({ reason }: { reason: string }) => reason === 'too_old',
    )
    expect(zh.why[0]).toMatch(/发生得太久.*调大 startWithin/)
  })

  it('says the same of what came in time and was looked at too late', async () => {
    const { engine, shop } = site
    await engine.intake.keep({ shop: shop.id, connection: shop.internal, trust: 'signed' }, [
      { ...failed('w9', 'WHY-9'), time: site.clock.now() },
    ])
    site.clock.set(site.clock.now() + DAY + MINUTE)
    await engine.worker.drain()
    const told = await timeline('WHY-9')
    expect(messagesIn(told)).toEqual([])
    expect(told.notStarted).toContainEqual(
      expect.objectContaining({ flow: 'payment-failed-details', reason: 'too_old' }),
    )
  })
})

describe('what is asked for and is not there', () => {
  const problem = async (method: string, route: string, lang: string, json?: unknown) => {
    const answer = await site.call(method, route, {
      key: site.shop.key,
      headers: { 'accept-language': lang },
      ...(json === undefined ? {} : { json }),
    })
    expect([answer.status, answer.json.error.code]).toEqual([404, 'NOT_FOUND'])
    return answer.json.error.fields[0].problem
  }

  it('is named, with what is near or where to look', async () => {
    expect(await problem('GET', '/v1/orders/WHY-l/timeline', 'en')).toMatch(
      /^there is no order "WHY-l"; did you mean WHY-\d\?$/,
    )
    expect(await problem('GET', '/v1/orders/something-else', 'zh')).toMatch(
      /^没有订单“something-else”；最近的订单：WHY-\d、.*WHY-\d。$/,
    )
    expect(await problem('POST', '/v1/messages/msg_bogus/resend', 'zh', {})).toMatch(
      /^没有消息“msg_bogus”；.*dingdong tail。$/,
    )
    expect(await problem('POST', '/v1/rules/large-oder/on', 'en', {})).toBe(
      'there is no rule "large-oder"; did you mean large-order?',
    )
    expect(await problem('POST', '/v1/rules/large-order/test', 'en', { order: 'NOPE' })).toMatch(
      /^there is no order "NOPE"; the latest are /,
    )
  })

  it('is told of the events that name it and make no order, with the type that was probably meant', async () => {
    const payed = async (no: string) => {
      const json = { id: `payed-${no}`, type: 'order.payed', data: { order: { no } } }
      await site.call('POST', '/v1/events', { key: site.shop.key, json })
      await site.engine.worker.drain()
    }
    await payed('LOST-77')
    const en = await problem('GET', '/v1/orders/LOST-77/timeline', 'en')
    expect(en).toMatch(
      /^there is no order "LOST-77"\. Events that name "LOST-77": 1, of types that make no order\. The newest is evt_\w+ of type "order\.payed"\. Nothing is done on .*did you mean order\.paid\?.* "dingdong tail --last 100" shows the latest events/,
    )
    expect(await problem('GET', '/v1/orders/LOST-77', 'zh')).toMatch(
      /^没有订单“LOST-77”。有 1 个事件写着“LOST-77”，.*类型“order\.payed”。.*是否想写 order\.paid？.*dingdong tail --last 100；.*TYPE_UNKNOWN。$/,
    )
    await payed('WHY-l')
    expect(await problem('GET', '/v1/orders/WHY-l', 'en')).toMatch(
      /^there is no order "WHY-l"; did you mean WHY-\d\? Events that name "WHY-l": 1/,
    )
    const { json } = await site.call('GET', '/v1/orders/LOST-77', { key: site.other.key })
    expect(json.error.fields[0].problem).toBe('there is no order "LOST-77"; the shop has no orders yet.')
  })

  it('names no order of another shop', async () => {
    const { json } = await site.call('GET', '/v1/orders/WHY-1', { key: site.other.key })
    expect(json.error.fields[0].problem).toBe('there is no order "WHY-1"; the shop has no orders yet.')
  })
})
