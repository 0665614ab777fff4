import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSite, orderEvent, type Site } from '../../test/kit/site.ts'
import { transaction } from '../db/connect.ts'
import { formatId } from '../domain/ids.ts'
import { DAY, HOUR, MINUTE } from '../domain/time.ts'

const FUNDS = 'payment-failed-funds'
let site: Site
let event: string
beforeAll(async () => {
  site = await openSite()
  await site.keep(
    site.shop,
    orderEvent('t1', 'payment.failed', 'T-1', {
      order: { no: 'T-1', title: '季度会员', total: { minor: 12_800, currency: 'CNY' } },
      customer: { email: 'lin@example.org', name: '林小雨' },
      payment: {
        id: 'pay_t1',
        rail: 'stripe',
        failure: { code: 'card_declined', declineCode: 'insufficient_funds' },
      },
    } as never),
  )
  const { json } = await site.call('GET', '/v1/orders/T-1/timeline', { key: site.shop.key })
  event = json.entries.find(({ kind }: { kind: string }) => kind === 'event').event
}, 60_000)
afterAll(() => site?.close())

const tryIt = (json: object, { key = FUNDS, shop = site.shop, language = 'en' } = {}) =>
  site.call('POST', `/v1/flows/${key}/test?lang=${language}`, { key: shop.key, json })
const sourceOf = async (): Promise<string> =>
  (await site.call('GET', `/v1/flows/${FUNDS}`, { key: site.shop.key })).json.source

/** Every row there is, by table. */
async function everything(): Promise<Record<string, number>> {
  const { db } = site.engine.database
  const { rows } = await db.query<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = 'public' order by 1",
  )
  const counts: Record<string, number> = {}
  for (const { name } of rows)
    counts[name] = (await db.query<{ n: number }>(`select count(*)::int as n from "${name}"`)).rows[0]!.n
  return counts
}

it('tells step by step what the flow does, masked, and changes and sends nothing', async () => {
  const [before, mails] = [await everything(), site.lab.smtp.received.list().length]
  const { status, json } = await tryIt({ order: 'T-1' })
  expect(status).toBe(200)
  const start = site.clock.now()
  expect(json).toMatchObject({
    flow: FUNDS,
    version: 1,
    sample: false,
    order: 'T-1',
    starts: true,
    killed: null,
  })
  expect(json.event).toEqual({ id: event, type: 'payment.failed', at: start })
  expect(json.checks).toContainEqual({
    check: 'while',
    state: 'yes',
    says: 'order.lastFailure.class == "insufficient_funds"',
  })
  const first = json.steps.find(({ step }: { step: string }) => step === 'first')
  expect(first).toMatchObject({ at: start + HOUR, kind: 'send', code: 'planned' })
  expect(first.messages).toHaveLength(1)
  expect(first.messages[0]).toMatchObject({
    channel: 'email',
    to: 'l***@example.org',
    template: 'payment_failed_funds',
    outcome: 'sent',
    at: start + HOUR,
    locale: 'zh-CN',
  })
  expect(first.messages[0].text).toContain('林***')
  expect(JSON.stringify(json)).not.toMatch(/林小雨|lin@example/)
  // A link of a trial opens nothing.
  const [link] = /http\S+\/l\/\w+/.exec(first.messages[0].text)!
  expect((await site.call('GET', new URL(link).pathname)).status).toBe(404)
  expect(json.end).toMatchObject({ status: 'stopped', reason: 'said_enough' })
  expect(json.unforeseen.length).toBeGreaterThan(2)
  expect(await everything()).toEqual(before)
  expect(site.lab.smtp.received.list()).toHaveLength(mails)
})

it('says why a flow would not start, in the reader’s language', async () => {
  const { json } = await tryIt({ event }, { key: 'payment-failed-details', language: 'zh' })
  expect(json).toMatchObject({ starts: false, steps: [], end: null })
  expect(json.why).toContain('不成立：order.lastFailure.class == "wrong_details"')
  const states = json.checks.map(({ check, state }: Record<string, string>) => [check, state])
  expect(states).toContainEqual(['while', 'no'])
  expect(states).toContainEqual(['age', 'not_looked_at'])
})

it('tries on a made-up event where none is named, for every flow there is', async () => {
  const { items } = (await site.call('GET', '/v1/flows', { key: site.other.key })).json
  for (const { key } of items) {
    const { status, json } = await tryIt({}, { key, shop: site.other })
    expect([key, status, json.starts, json.sample]).toEqual([key, 200, true, true])
    expect([key, json.steps.length > 0, json.end !== null]).toEqual([key, true, true])
  }
})

it('tries a text that is not published, and refuses one that could not be', async () => {
  const source = (await sourceOf()).replace('value: 1h', 'value: 3h')
  const { json } = await tryIt({ order: 'T-1', source })
  expect(json.version).toBeNull()
  const first = json.steps.find(({ step }: { step: string }) => step === 'first')
  expect(first.at).toBe(site.clock.now() + 3 * HOUR)
  const wrong = await tryIt({ source: source.replaceAll('payment_failed_day', 'payment_failed_dya') })
  expect([wrong.status, wrong.json.error.code]).toEqual([422, 'FLOW_INVALID'])
  expect(wrong.json.error.fields[0].problem).toContain('payment_failed_day')
  // A new one, under a name that the shop has not: its first words can be tried before it is there.
  const added = await tryIt(
    { source: source.replace(`key: ${FUNDS}`, 'key: brand-new') },
    { key: 'brand-new' },
  )
  expect(added.json).toMatchObject({ flow: 'brand-new', version: null, starts: true })
  const other = await tryIt({ source }, { key: 'brand-new' })
  expect(other.json.error.fields[0].path).toBe('key')
})

it('says that a switch is on, and what the gate makes of it', async () => {
  await site.call('POST', `/v1/flows/${FUNDS}/kill`, { key: site.shop.key })
  await site.call('POST', `/v1/flows/${FUNDS}/disable`, { key: site.shop.key })
  const { json } = await tryIt({ order: 'T-1' })
  expect(json).toMatchObject({ enabled: false, killed: 'flow', starts: true })
  const messages = json.steps.flatMap(({ messages }: { messages: object[] }) => messages)
  expect(messages.length).toBeGreaterThan(1)
  for (const message of messages) expect(message).toMatchObject({ outcome: 'dropped' })
  expect(messages[0].verdicts[0].reasons).toEqual(['killed_flow'])
  await site.call('POST', `/v1/flows/${FUNDS}/revive`, { key: site.shop.key })
  await site.call('POST', `/v1/flows/${FUNDS}/enable`, { key: site.shop.key })
})

it('leads to nothing of another shop, and names what is not there', async () => {
  const shop = site.other
  expect((await tryIt({ event }, { shop })).status).toBe(404)
  const order = await tryIt({ order: 'T-1' }, { shop })
  expect([order.status, order.text.includes('T-1')]).toEqual([404, true])
  const near = await tryIt({}, { key: 'payment-failed-fund' })
  expect(near.json.error.fields[0].problem).toContain(`did you mean ${FUNDS}?`)
  const both = await tryIt({ order: 'T-1', event })
  expect([both.status, both.json.error.code]).toEqual([422, 'FIELD_INVALID'])
})

it('says of an event what is wrong with it and where ids stand, in both languages', async () => {
  const none = 'evt_00000000000000000000000000'
  const problem = async (event: string, language: string, shop = site.shop) => {
    const { status, json } = await tryIt({ event }, { language, shop })
    expect([status, json.error.fields.length, json.error.fields[0].path]).toEqual([404, 1, 'event'])
    return json.error.fields[0].problem
  }
  expect(await problem('nonsense', 'en')).toMatch(/^"nonsense" is no id of an event, .* evt_.*dingdong tail/)
  expect(await problem('nonsense', 'zh')).toMatch(/^“nonsense”不是事件编号.*dingdong tail/)
  expect(await problem(none, 'en')).toMatch(/^there is no event "evt_0+"; .*dingdong order.*dingdong tail/)
  expect(await problem(none, 'zh')).toMatch(/^没有事件“evt_0+”；.*dingdong tail/)
  expect(await problem(event, 'en', site.other)).toMatch(/^there is no event "evt_/)
  // Kept, and nobody has decided about it yet: as long as orders cannot be written, nobody does.
  const { shop, engine } = site
  const early = await transaction(engine.database.db, async (tx) => {
    await tx.query('lock table orders in share mode')
    const [kept] = await engine.intake.keep({ shop: shop.id, connection: shop.internal, trust: 'signed' }, [
      orderEvent('early', 'order.created', 'EARLY-1'),
    ])
    const id = formatId('evt', kept!.id)
    expect(await problem(id, 'en')).toMatch(/is there, its order is not yet; try again/)
    expect(await problem(id, 'zh')).toMatch(/已收到，但它的订单还没有建立；请稍候再试/)
    return id
  })
  await engine.worker.drain()
  expect((await tryIt({ event: early })).status).toBe(200)
})

it('takes the order as it stood when the event came, whatever has become of it', async () => {
  const before = (await tryIt({ event })).json
  site.clock.set(site.clock.now() + 2 * HOUR)
  await site.engine.worker.drain()
  await site.keep(site.shop, orderEvent('t1-paid', 'order.paid', 'T-1'))
  site.clock.set(site.clock.now() + 2 * DAY + MINUTE)
  await site.engine.worker.drain()
  expect((await tryIt({ event })).json).toEqual(before)
  const paid = await tryIt({ order: 'T-1' }, { key: 'order-paid' })
  expect(paid.json).toMatchObject({ starts: true, event: { type: 'order.paid' } })
})
