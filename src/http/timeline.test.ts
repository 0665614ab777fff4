import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSite, orderEvent, type Site } from '../../test/kit/site.ts'
import { addConnection, removeConnection, setConnectionEnabled } from '../db/connections.ts'
import { startInquiries } from '../db/inquiries.ts'
import { findOrder } from '../db/orders.ts'
import { formatId, newId } from '../domain/ids.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site?.close())

it('an order’s timeline shows what was asked about it, what was answered, and when it is asked again', async () => {
  const { shop, clock, deps } = site
  await site.keep(shop, orderEvent('t1', 'payment.started', 'T-1'))
  const order = (await findOrder(deps.db, shop.id, { kind: 'order_no', value: 'T-1' }))!
  const now = clock.now()
  const inquiry = {
    order,
    connection: shop.internal,
    kind: 'unpaid',
    startedAt: now,
    dueAt: now + 5_000,
  } as const
  await startInquiries(deps.db as never, shop.id, [{ ...inquiry, payment: null }], 1)
  await deps.db.query('update inquiry set log = $2 where shop_id = $1', [
    shop.id,
    JSON.stringify([
      [now, 'later', 'http_503'],
      [now + 1_000, 'pending', null],
    ]),
  ])
  const timeline = await site.call('GET', '/v1/orders/T-1/timeline', { key: shop.key })
  const seen = timeline.json.entries.filter(({ kind }: { kind: string }) => kind === 'inquiry')
  const connection = formatId('conn', shop.internal)
  const common = { kind: 'inquiry', connection, source: 'dingdong', clock: 'unpaid' }
  expect(seen).toEqual([
    { ...common, at: now, what: 'later', code: 'http_503' },
    { ...common, at: now + 1_000, what: 'pending', code: null },
    { ...common, at: now + 5_000, what: 'next', code: null },
  ])
})

it('tells why a cascade began with a channel: what each cost, with its figures', async () => {
  const { shop, deps } = site
  await site.keep(
    shop,
    orderEvent('t2', 'order.created', 'T-2', {
      order: { no: 'T-2' },
      customer: { email: 't2@example.org' },
    }),
  )
  const costs = [
    { channel: 'email', segments: 1, each: 0, cost: 0 },
    { channel: 'sms', segments: 2, each: 45, cost: 90 },
  ]
  await deps.db.query(
    `update run set progress = progress || jsonb_build_object('costs', $2::jsonb)
     where shop_id = $1 and flow = 'order-received'`,
    [shop.id, JSON.stringify({ last: costs })],
  )
  const run = async (lang: string) =>
    (await site.call('GET', `/v1/orders/T-2/timeline?lang=${lang}`, { key: shop.key })).json.entries.find(
      ({ flow }: { flow?: string }) => flow === 'order-received',
    )
  expect(await run('en')).toMatchObject({
    costs: [{ step: 'last', channels: costs }],
    why: ['last goes from cheap to dear: email 0, sms 0.09 CNY (2 segments at 0.045).'],
  })
  expect((await run('zh')).why).toEqual(['last 从便宜的渠道开始：email 0，sms 0.09 CNY（2 条 × 0.045）。'])
})

it('tells what came for a paid order where it is another sum than its total', async () => {
  const { shop } = site
  const cny = (minor: number) => ({ minor, currency: 'CNY' })
  const total = { no: 'T-7', total: cny(39_900) }
  const pay = (id: string, minor: number) =>
    site.keep(
      shop,
      orderEvent(id, 'order.paid', 'T-7', { order: total, payment: { id, amount: cny(minor) } } as never),
    )
  const difference = async (lang: string) =>
    (await site.call('GET', `/v1/orders/T-7/timeline?lang=${lang}`, { key: shop.key })).json.difference
  await pay('t7-1', 1)
  expect(await difference('en')).toEqual({
    total: cny(39_900),
    received: cny(1),
    refunded: cny(0),
    differs: 'too_little',
    by: cny(39_899),
    text: 'received 0.01 CNY for a total of 399 CNY: 398.99 CNY too little',
  })
  expect((await difference('zh')).text).toBe('实收 0.01 CNY，订单金额 399 CNY：少收 398.99 CNY')
  await pay('t7-2', 39_899)
  expect(await difference('en')).toBeNull()
})

it('tells of each failure by which of its codes and whose word it has its class', async () => {
  const { shop } = site
  const failed = (id: string, no: string, failure?: object) =>
    orderEvent(id, 'payment.failed', no, {
      order: { no },
      payment: { id: `pay-${id}`, rail: 'stripe', scheme: 'mastercard', ...(failure && { failure }) },
    } as never)
  await site.call('PUT', '/v1/failure-codes/stripe/do_not_honor', {
    key: shop.key,
    json: { class: 'insufficient_funds', advice: 'LATER' },
  })
  await site.keep(
    shop,
    failed('f1', 'T-3', { code: 'card_declined', declineCode: 'do_not_honor' }),
    failed('f2', 'T-3', {
      code: 'card_declined',
      declineCode: 'generic_decline',
      networkCode: '51',
      networkAdviceCode: '24',
    }),
    failed('f3', 'T-3', { code: 'never_heard_of' }),
    failed('f4', 'T-3'),
  )
  const failures = async (lang: string) => {
    const { json } = await site.call('GET', `/v1/orders/T-3/timeline?lang=${lang}`, { key: shop.key })
    return json.entries.filter(({ type }: { type?: string }) => type === 'payment.failed')
  }
  const told = (await failures('en')).map(({ failure }: { failure: unknown }) => failure)
  const [own, advised, unknown, silent] = ['do_not_honor', '24', 'never_heard_of', undefined].map((code) =>
    told.find(({ decidedBy }: { decidedBy: { code: string } | null }) => decidedBy?.code === code),
  )
  expect(own).toMatchObject({
    class: 'insufficient_funds',
    decidedBy: { field: 'declineCode', code: 'do_not_honor', knownBy: 'shop' },
    codes: [{ code: 'do_not_honor' }, { code: 'card_declined', knownBy: 'table' }],
  })
  expect(advised).toMatchObject({
    class: 'insufficient_funds',
    decidedBy: { field: 'networkAdviceCode', rail: 'mastercard_mac', list: expect.any(String) },
    codes: [
      { code: '24' },
      { code: 'generic_decline', generic: true },
      { code: '51' },
      { code: 'card_declined' },
    ],
  })
  expect(unknown).toMatchObject({ class: 'other', decidedBy: { code: 'never_heard_of', knownBy: 'nobody' } })
  expect(silent).toMatchObject({ class: 'other', decidedBy: null, codes: [] })
  const zh = (await failures('zh')).map(
    ({ failure }: { failure: { classText: string } }) => failure.classText,
  )
  expect(zh.toSorted()).toEqual(['余额或额度不足', '余额或额度不足', '其他原因', '其他原因'].toSorted())
})

it('events of one instant stand as one leads to the next, however they came', async () => {
  const { shop } = site
  const types = ['order.delivered', 'order.paid', 'payment.failed', 'order.created']
  for (const type of types) await site.keep(shop, orderEvent(`o-${type}`, type, 'T-9', {}))
  const { entries } = (await site.call('GET', '/v1/orders/T-9/timeline', { key: shop.key })).json
  const events = entries.filter(({ kind }: { kind: string }) => kind === 'event')
  expect(events.map(({ type }: { type: string }) => type)).toEqual(types.toReversed())
})

const stumbled = (id: string, no: string, payment: object = { card: 'card_1', scheme: 'visa' }) =>
  orderEvent(id, 'payment.failed', no, {
    order: { no, total: { minor: 12_800, currency: 'CNY' } },
    payment: { id: `pay-${id}`, rail: 'stripe', failure: { code: 'processing_error' }, ...payment },
  } as never)

async function unhealed(no: string, lang = 'en') {
  const { json } = await site.call('GET', `/v1/orders/${no}/timeline?lang=${lang}`, { key: site.shop.key })
  return json.entries
    .filter(({ type }: { type?: string }) => type === 'payment.failed')
    .map(({ notHealed }: { notHealed: unknown }) => notHealed)
}

it('tells of a failure that nobody healed what stood in the way and what would have to change', async () => {
  await site.keep(site.shop, stumbled('s1', 'S-1'))
  const [en] = await unhealed('S-1')
  expect(en).toEqual({
    reasons: ['sender_unasked'],
    why: [expect.stringContaining('told by dingdong, which cannot be asked')],
    wouldHelp: [expect.stringContaining('dingdong connection add stripe')],
  })
  const [zh] = await unhealed('S-1', 'zh')
  expect(zh.why).toEqual([expect.stringContaining('叮咚无法向它查询')])
  await site.keep(site.shop, stumbled('s2', 'S-2', {}))
  expect(await unhealed('S-2')).toMatchObject([{ reasons: ['sender_unasked', 'card_unnamed'] }])
})

it('tells of a failure whose sender is off, or was taken away since, that this is why nobody asks', async () => {
  const { shop, clock, deps, engine } = site
  const { sealer } = await deps.keyring.open(shop.id)
  const now = clock.now()
  const id = newId('conn', now, deps.random)
  const settings = sealer.seal('{}', { shop: shop.id, column: 'connection.settings', row: id })
  const row = { id, source: 'stripe', name: 'Stripe', path_hash: null, settings, created_at: now }
  await addConnection(deps.db, shop.id, row)
  await setConnectionEnabled(deps.db, shop.id, id, false)
  await engine.intake.keep({ shop: shop.id, connection: id, trust: 'signed' }, [stumbled('s9', 'S-9')])
  await engine.worker.drain()
  expect(await unhealed('S-9')).toMatchObject([
    { reasons: ['sender_off'], wouldHelp: [`Switch it on: dingdong connection on ${formatId('conn', id)}.`] },
  ])
  await removeConnection(deps.db, shop.id, id, settings, now)
  const told = { reasons: ['sender_removed'], why: ['The connection that told it (stripe) was taken away.'] }
  const wouldHelp = ['Connect it again: dingdong connection add stripe.']
  expect(await unhealed('S-9')).toMatchObject([{ ...told, wouldHelp }])
  expect(await unhealed('S-9', 'zh')).toMatchObject([{ why: ['告知失败的连接（stripe）已删除。'] }])
})

it('says nothing about healing of a failure that is the buyer’s', async () => {
  const failure = { code: 'card_declined', declineCode: 'insufficient_funds' }
  await site.keep(site.shop, stumbled('s3', 'S-3', { failure }))
  expect(await unhealed('S-3')).toEqual([null])
})

it('says nothing of a failure that is being healed, and of the next that an order is healed once', async () => {
  const { shop, clock, deps } = site
  await site.keep(shop, stumbled('s4', 'S-4'))
  const order = (await findOrder(deps.db, shop.id, { kind: 'order_no', value: 'S-4' }))!
  const at = clock.now()
  const inquiry = { order, connection: shop.internal, kind: 'platform', startedAt: at, dueAt: at } as const
  await startInquiries(deps.db as never, shop.id, [{ ...inquiry, payment: 'pay-s4' }], 1)
  expect(await unhealed('S-4')).toEqual([null])
})
