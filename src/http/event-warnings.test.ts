import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keptEvent, openSite, type Site } from '../../test/kit/site.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site?.close())

const post = (json: unknown, headers: Record<string, string> = {}) =>
  site.call('POST', '/v1/events', { key: site.shop.key, json, headers })

const kept = (event: string) => keptEvent(site, event)

it('takes an event whose buyer cannot be reached, and says so beside that event', async () => {
  const by = (customer: object, id: string) => ({ id, type: 'order.paid', subject: id, data: { customer } })
  const events = [
    by({ phone: '12ab', email: 'lin.secret@' }, 'w1'),
    by({ phone: '13800138000', email: 'lin@example.org' }, 'w2'),
    by({ phone: '010-12345678' }, 'w3'),
    { id: 'w4', type: 'order.paid', subject: 'w4' },
  ]
  const { status, json, text } = await post(events)
  expect(status).toBe(202)
  expect(json.results.map((each: { outcome: string }) => each.outcome)).toEqual(Array(4).fill('accepted'))
  expect(json.results.map((each: { warnings?: object[] }) => each.warnings)).toEqual([
    [
      {
        path: 'data.customer.email',
        code: 'EMAIL_INVALID',
        problem: expect.stringContaining('text of 11'),
      },
      { path: 'data.customer.phone', code: 'PHONE_INVALID', problem: expect.stringContaining('of CN') },
    ],
    undefined,
    [{ path: 'data.customer.phone', code: 'PHONE_NO_SMS', problem: expect.any(String) }],
    undefined,
  ])
  for (const personal of ['12ab', 'lin.secret', '12345678']) expect(text).not.toContain(personal)
  const again = (await post(events, { 'accept-language': 'zh' })).json.results
  expect(again[0]).toMatchObject({ outcome: 'duplicate', event: json.results[0].event })
  expect(again[0].warnings[1].problem).toMatch(/无法识别为 CN 的号码.*例如 \+86…。$/)
  expect((await kept(json.results[0].event))?.data.customer).toEqual({
    phone: '12ab',
    email: 'lin.secret@',
  })
})

describe('a mistyped event', () => {
  const warned = async (json: unknown, headers: Record<string, string> = {}) => {
    const answer = await post(json, headers)
    expect(answer.status).toBe(202)
    return answer.json.results.map((each: { warnings?: object[] }) => each.warnings)
  }
  const NAMES = [
    { path: 'data.order.totl', code: 'FIELD_UNKNOWN', problem: expect.stringContaining('mean total?') },
    { path: 'data.custmer', code: 'FIELD_UNKNOWN', problem: expect.stringContaining('mean customer?') },
    { path: 'data.customer.emial', code: 'FIELD_UNKNOWN', problem: expect.stringContaining('mean email?') },
  ]
  const TYPO = {
    order: { no: 'TY1', totl: { minor: 1, currency: 'CNY' } },
    custmer: { name: 'Lin' },
    customer: { emial: 'a@b.co' },
  }

  it('is taken, and each name that nobody reads is told beside it, in every form', async () => {
    const event = { type: 'order.created', subject: 'TY1', data: TYPO }
    const cloud = { ...event, specversion: '1.0', source: '/shop' }
    const batch = [
      { ...event, id: 'ty1' },
      { id: 'ty2', type: 'order.created', subject: 'TY2', data: { order: { no: 'TY2' }, coupon: 'X' } },
    ]
    expect(await warned(batch)).toEqual([NAMES, undefined])
    const structured = { 'content-type': 'application/cloudevents+json' }
    expect(await warned({ ...cloud, id: 'ty3' }, structured)).toEqual([NAMES])
    const batched = { 'content-type': 'application/cloudevents-batch+json' }
    expect(await warned([{ ...cloud, id: 'ty4' }], batched)).toEqual([NAMES])
    const binary = { 'ce-specversion': '1.0', 'ce-id': 'ty5', 'ce-source': '/shop', 'ce-type': event.type }
    expect(await warned(TYPO, { ...binary, 'ce-subject': 'TY1' })).toEqual([NAMES])
    const [[first]] = await warned({ ...event, id: 'ty1' }, { 'accept-language': 'zh' })
    expect(first.problem).toBe(
      '没有 data.order.totl 这个字段，其内容不会被读取（是否想写 total？）。事件的其余内容照常处理；自有内容请放在 data.extra 中。',
    )
  })

  it('is told where its data, or a field of it, stands beside data', async () => {
    const around = {
      id: 'ar1',
      type: 'order.created',
      subject: 'AR1',
      dta: {},
      traceparent: '00-1',
      coupon: 'X',
    }
    const flat = { id: 'ar2', type: 'order.created', subject: 'AR2', order: { no: 'AR2' }, customer: {} }
    const [slip, outside, cloud] = await warned([
      around,
      flat,
      {
        id: 'ar3',
        specversion: '1.0',
        source: '/s',
        type: 'order.created',
        subject: 'AR3',
        datacontenttype: 'x',
      },
    ])
    expect(slip).toEqual([
      { path: 'dta', code: 'FIELD_UNKNOWN', problem: expect.stringContaining('(did you mean data?)') },
    ])
    expect(outside.map(({ path, problem }: { path: string; problem: string }) => [path, problem])).toEqual([
      ['order', expect.stringContaining('(did you mean data.order?)')],
      ['customer', expect.stringContaining('(did you mean data.customer?)')],
    ])
    expect(cloud).toBeUndefined()
  })

  it('of a type that nothing is done on is told with the type that was meant, until a flow starts on it', async () => {
    const shipped = { id: 'sh1', type: 'parcel.shipped', subject: 'SH1' }
    const [[payed], [own]] = await warned([{ id: 'pd1', type: 'order.payed', subject: 'PD1' }, shipped])
    expect(payed).toMatchObject({ path: 'type', code: 'TYPE_UNKNOWN' })
    expect(payed.problem).toMatch(/"order\.payed".*without effect \(did you mean order\.paid\?\)\. /)
    expect(own.problem).toMatch(/"parcel\.shipped".*without effect\. Where the type is your own/)
    const path = '/v1/flows/order-paid'
    const { version, flow } = (await site.call('GET', path, { key: site.shop.key })).json
    const source = JSON.stringify({
      ...flow,
      trigger: { ...flow.trigger, on: [...flow.trigger.on, shipped.type] },
    })
    const put = await site.call('PUT', path, { key: site.shop.key, json: { basedOn: version, source } })
    expect(put.status).toBe(200)
    site.engine.configs.forget(site.shop.id)
    expect(await warned(shipped)).toEqual([undefined])
    expect((await warned({ id: 'sh2', type: 'parcel.shiped', subject: 'SH1' }))[0][0].problem).toContain(
      'did you mean parcel.shipped?',
    )
  })

  it('gives at most 20 warnings, however much is wrong', async () => {
    const odd = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`x${at}`, at]))
    const items = Array.from({ length: 200 }, () => ({ name: 'a', quantity: 1, ...odd }))
    const [warnings] = await warned({
      id: 'odd1',
      type: 'order.created',
      data: { order: { no: 'ODD1', items, ...odd } },
    })
    expect(warnings.length).toBeLessThanOrEqual(20)
  })

  it('shows in the story of the order that it names, whichever came first', async () => {
    const story = async (no: string, lang = 'en') => {
      await site.engine.worker.drain()
      const path = `/v1/orders/${no}/timeline?lang=${lang}`
      const { entries } = (await site.call('GET', path, { key: site.shop.key })).json
      return entries.filter(({ type }: { type?: string }) => type === 'order.payed')
    }
    const payed = (id: string, more: object) => ({ id, type: 'order.payed', ...more })
    await post([
      payed('pl1', { subject: 'PL1' }),
      payed('pl2', { subject: 'evt-7', data: { order: { no: 'PL1' } } }),
      payed('pl3', { subject: 'PL2', data: { refs: [{ kind: 'order_no', value: '#PL1' }] } }),
    ])
    await post({ id: 'pl0', type: 'order.created', subject: 'PL1', data: { order: { no: 'PL1' } } })
    await post(payed('pl4', { subject: '#PL1', data: { order: { no: 'PL1' } } }))
    const shown = await story('PL1')
    expect(shown).toHaveLength(4)
    for (const { trust, warnings } of shown)
      expect([trust, warnings]).toEqual([
        'authenticated',
        [
          expect.objectContaining({
            code: 'TYPE_UNKNOWN',
            problem: expect.stringContaining('did you mean order.paid?'),
          }),
        ],
      ])
    expect((await story('PL1', 'zh'))[0].warnings[0].problem).toContain('是否想写 order.paid？')
    const other = { id: 'pl5', type: 'order.created', subject: 'PL1', data: { order: { no: 'PL1' } } }
    await site.call('POST', '/v1/events', { key: site.other.key, json: other })
    await site.engine.worker.drain()
    const theirs = await site.call('GET', '/v1/orders/PL1/timeline', { key: site.other.key })
    expect(theirs.text).not.toContain('payed')
  })
})
