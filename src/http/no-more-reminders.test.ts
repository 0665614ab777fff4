import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { testRandom } from '../../test/kit/fixed.ts'
import { openSite, orderEvent, type Site } from '../../test/kit/site.ts'
import { watched } from '../../test/kit/world.ts'
import { planMessages } from '../db/messages.ts'
import { plainVerdict } from '../domain/gate/verdict.ts'
import { type ContactId, type CustomerId, type MessageId, newId } from '../domain/ids.ts'
import type { Channel, Purpose } from '../domain/message.ts'
import { DAY, HOUR } from '../domain/time.ts'

/** "不再提醒" is said once, on a page without login; every road that could lead to a reminder must have heard it. */

let site: Site
let count = 0
beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site?.close())

interface Buyer {
  readonly email: string
  readonly phone: string
  readonly customer: CustomerId
  readonly contacts: readonly { readonly id: ContactId; readonly channel: Channel }[]
}
let buyer: Buyer

const query = async <Row>(text: string, values: readonly unknown[] = []) =>
  (await site.deps.db.query<Row>(text, [site.shop.id, ...values])).rows
const failed = (no: string, customer: object) => ({
  ...orderEvent(`e-${no}`, 'payment.failed', no, {
    order: {
      no,
      title: '季度会员',
      total: { minor: 100, currency: 'CNY' },
      payUrl: 'https://shop.example/pay',
    },
    customer,
    payment: { id: `pay-${no}`, rail: 'stripe', failure: { code: 'incorrect_cvc' } },
  }),
  time: site.clock.now(),
})

beforeEach(async () => {
  const n = ++count
  const email = `quiet${n}@example.org`
  const phone = `+86138001380${String(n).padStart(2, '0')}`
  await site.keep(
    site.shop,
    orderEvent(`c-${n}`, 'payment.started', `S-${n}`, { customer: { email, phone } }),
  )
  const contacts = await query<{ id: ContactId; channel: Channel; customer_id: CustomerId }>(
    `select id, channel, customer_id from contact where shop_id = $1 and customer_id = (
       select customer_id from orders where shop_id = $1 and no = $2) order by channel`,
    [`S-${n}`],
  )
  buyer = { email, phone, customer: contacts[0]!.customer_id, contacts }
})

async function stopReminders(): Promise<void> {
  const { id } = buyer.contacts.find(({ channel }) => channel === 'email')!
  const page = `/p/${await site.link(site.shop, 'preferences', id, 1_000 * HOUR)}`
  const { status } = await site.call('POST', page, { form: { action: 'nothing' } })
  expect(status).toBeLessThan(400)
}

const fates = async (order: string) =>
  (
    await query<{ purpose: Purpose; state: string; verdict: string | null }>(
      `select purpose, state, verdict from message where shop_id = $1 and audience = 'buyer'
         and order_id = (select id from orders where shop_id = $1 and no = $2) order by id`,
      [order],
    )
  ).map(({ purpose, state, verdict }) => `${purpose} ${state} ${plainVerdict(verdict ?? '')}`)

/** A message as a campaign or a program plans it: without flow or run. */
async function plan(channel: Channel, purpose: Purpose, customer = buyer.customer): Promise<MessageId> {
  const now = site.clock.now()
  const id = newId('msg', now, testRandom)
  await planMessages(
    site.deps.db,
    site.shop.id,
    [
      {
        id,
        orderId: null,
        customerId: customer,
        contactId: buyer.contacts.find((each) => each.channel === channel)!.id,
        ...{ runId: null, flow: null, flowVersion: null, step: null, inSessionUntil: null, dedupeKey: null },
        ...{
          collapseKey: null,
          resendOf: null,
          vars: null,
          priority: null,
          stops: [],
          audience: 'buyer' as const,
        },
        channel,
        purpose,
        category: 'news',
        template: 'payment_failed_details',
        dueAt: now,
        expiresAt: now + DAY,
      },
    ],
    now,
  )
  return id
}

const fateOf = async (id: MessageId) => {
  await site.engine.worker.drain()
  const [row] = await query<{ state: string; verdict: string }>(
    'select state, verdict from message where shop_id = $1 and id = $2',
    [id],
  )
  return `${row!.state} ${plainVerdict(row!.verdict)}`
}

describe('after "no more reminders"', () => {
  it('a flow reminds no more, on any later order of the same address', async () => {
    await stopReminders()
    await site.keep(site.shop, failed('F-1', { email: buyer.email }))
    expect(await fates('F-1')).toEqual(['reminder dropped drop:turned_off'])
  })

  it('a reminder that was planned before and waits is not sent either', async () => {
    await site.keep(site.shop, failed('F-2', { email: buyer.email }))
    expect(await fates('F-2')).toEqual([expect.stringMatching(/^reminder sent/)])
    await stopReminders()
    site.clock.set(site.clock.now() + DAY + 1)
    await site.engine.worker.drain()
    expect((await fates('F-2')).slice(1)).toEqual(['reminder dropped drop:turned_off'])
  })

  it('a flow about no order does not write', async () => {
    await stopReminders()
    const data = {
      refs: [],
      customer: { email: buyer.email },
      extra: { membership: { name: 'VIP', expiresAt: '2026-12-01' } },
    }
    const member = { id: 'm-1', type: 'membership.expiring', source: 'test', subject: 'm-1' }
    await site.keep(site.shop, { ...member, time: site.clock.now(), data })
    const [row] = await query<{ verdict: string }>(
      `select verdict from message where shop_id = $1 and flow = 'membership-expiring'`,
    )
    expect(plainVerdict(row!.verdict)).toBe('drop:turned_off')
  })

  it('a campaign does not, on whatever channel', async () => {
    await stopReminders()
    await query("update contact set consent = array['promotion'] where shop_id = $1 and customer_id = $2", [
      buyer.customer,
    ])
    for (const channel of ['email', 'sms'] as const)
      expect(await fateOf(await plan(channel, 'promotion'))).toMatch(/^dropped drop:turned_off\b/)
  })

  it('a message of a program does not', async () => {
    await stopReminders()
    expect(await fateOf(await plan('email', 'reminder'))).toBe('dropped drop:turned_off')
    expect(await fateOf(await plan('sms', 'service'))).toBe('dropped drop:turned_off')
  })

  it('resending does not, whoever asks for it', async () => {
    await site.keep(site.shop, failed('F-3', { email: buyer.email }))
    const [row] = await query<{ id: string }>(
      `select id from message where shop_id = $1 and state = 'sent' and order_id = (
         select id from orders where shop_id = $1 and no = 'F-3')`,
    )
    const { json } = await site.call('GET', '/v1/orders/F-3/timeline', { key: site.shop.key })
    const sent = json.entries.find(
      (entry: { message?: { state: string } }) => entry.message?.state === 'sent',
    ).message.message
    expect(row).toBeDefined()
    await stopReminders()
    expect((await site.call('POST', `/v1/messages/${sent}/resend`, { key: site.shop.key })).status).toBe(202)
    await site.engine.worker.drain()
    expect((await fates('F-3')).sort()).toEqual([
      'reminder dropped drop:turned_off',
      expect.stringMatching(/^reminder sent/),
    ])
  })

  it('another address of the same person is as silent', async () => {
    await stopReminders()
    await site.keep(site.shop, failed('F-4', { phone: buyer.phone, externalId: `u-${count}` }))
    expect(await fates('F-4')).toEqual(['reminder dropped drop:turned_off'])
  })

  it('it outlives a merge of customers: for orders, and for what waited for the absorbed one', async () => {
    // The younger of the two is absorbed: the one who has said nothing.
    site.clock.set(site.clock.now() + 1_000)
    const other = `other${count}@example.org`
    await site.keep(site.shop, failed('F-5', { email: other }))
    const [row] = await query<{ customer_id: CustomerId }>(
      `select customer_id from orders where shop_id = $1 and no = 'F-5'`,
    )
    const waiting = await plan('sms', 'reminder', row!.customer_id)
    await query('update message_work set due_at = due_at + 3600000 where shop_id = $1 and message_id = $2', [
      waiting,
    ])
    await stopReminders()
    await site.keep(
      site.shop,
      orderEvent('j-5', 'payment.started', 'F-6', { customer: { email: buyer.email, phone: buyer.phone } }),
      orderEvent('j-6', 'payment.started', 'F-7', { customer: { email: other, phone: buyer.phone } }),
    )
    const alive = await query<{ id: CustomerId }>(
      `select distinct customer_id as id from contact where shop_id = $1 and id = any($2::uuid[])`,
      [buyer.contacts.map(({ id }) => id)],
    )
    expect(alive).toEqual([{ id: buyer.customer }])
    site.clock.set(site.clock.now() + 2 * HOUR)
    expect(await fateOf(waiting)).toBe('dropped drop:turned_off')
    expect((await fates('F-5')).slice(1).every((each) => each === 'reminder dropped drop:turned_off')).toBe(
      true,
    )
  })

  it('what is essential still comes', async () => {
    await stopReminders()
    await site.keep(
      site.shop,
      orderEvent('p-8', 'order.paid', 'F-8', { customer: { email: buyer.email }, payment: { id: 'p8' } }),
    )
    expect(await fates('F-8')).toContain('essential sent send:essential')
  })
})

it('is heard when it is said in the moment in which two customers turn out to be one', async () => {
  const { deps, shop } = site
  const email = `other${count}@example.org`
  // The younger of the two is absorbed.
  site.clock.set(site.clock.now() + 1_000)
  await site.keep(shop, orderEvent(`o-${count}`, 'payment.started', `O-${count}`, { customer: { email } }))
  const [other] = await query<{ contact: ContactId; customer: CustomerId }>(
    `select c.id as contact, c.customer_id as customer from contact as c join orders as o
       on o.shop_id = $1 and c.id = any(o.contact_ids) where c.shop_id = $1 and o.no = $2`,
    [`O-${count}`],
  )
  const page = `/p/${await site.link(shop, 'preferences', other!.contact, HOUR)}`
  const both = { email, phone: buyer.phone }
  const one = orderEvent(`b-${count}`, 'payment.started', `B-${count}`, { customer: both })
  const { db } = deps
  let left = 1
  Object.assign(deps, {
    db: watched(db, async (name) => {
      if (name === 'customer_set_preferences' && left-- > 0) await site.keep(shop, one)
    }),
  })
  const { status } = await site.call('POST', page, { form: { action: 'nothing' } })
  Object.assign(deps, { db })
  expect([status, left]).toEqual([200, -1])
  const found = await query<{ off: readonly string[] | null; merged_into: string | null }>(
    `select preferences -> 'off' as off, merged_into from customer where shop_id = $1 and id = any($2) order by id`,
    [[buyer.customer, other!.customer]],
  )
  expect(found[0]!.off).toEqual(['everything'])
  expect(found[1]).toMatchObject({ merged_into: buyer.customer })
})
