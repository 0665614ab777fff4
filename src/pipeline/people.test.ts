import { describe, expect, it } from 'vitest'
import { RECEIVED } from '../../test/kit/flow-texts.ts'
import { event, type TestShop } from '../../test/kit/world.ts'
import { mailScene } from './mail-scene.test-kit.ts'

const scene = mailScene('people')
const { rows, newShop, drain, tell } = scene

describe('people', () => {
  const peopleOf = (shop: TestShop) =>
    scene.world.rows<{ id: string; customer_id: string; channel: string; merged_into: string | null }>(
      `select k.id, k.customer_id, k.channel from contact k where k.shop_id = $1 order by k.channel, k.id`,
      [shop.id],
    )
  const customers = async (shop: TestShop) =>
    new Set((await peopleOf(shop)).map((row) => row.customer_id)).size
  const says = (customer: object, id: string) => event('payment.started', id, { customer })

  it('are one when a signed event names both addresses, and everything of the absorbed one moves', async () => {
    const shop = await newShop()
    await tell(shop, says({ email: 'a@example.org' }, '1'))
    await tell(shop, says({ phone: '+8613800138000' }, '2'))
    expect(await customers(shop)).toBe(2)
    const ids = await scene.world.rows<{ id: string }>(
      'select id from customer where shop_id = $1 order by id',
      [shop.id],
    )
    await scene.world.db.query(
      `update customer set preferences = '{"off":["sms"]}' where shop_id = $1 and id = $2`,
      [shop.id, ids[1]!.id],
    )
    for (const [at, used] of [1, 2].entries()) {
      await scene.world.db.query(`insert into cap values ($1, $2, '2026-11-23', $3)`, [
        shop.id,
        ids[at]!.id,
        used,
      ])
    }
    await tell(shop, says({ email: 'A@example.org', phone: '138 0013 8000' }, '3'))
    expect(await customers(shop)).toBe(1)
    const alive = await scene.world.rows(
      `select c.id, c.preferences->'off' as off, cap.used, (select count(*)::int from orders o where o.shop_id = $1 and o.customer_id = c.id) as orders
       from customer c join cap on cap.shop_id = $1 and cap.customer_id = c.id
       where c.shop_id = $1 and c.merged_into is null`,
      [shop.id],
    )
    expect(alive).toEqual([{ id: ids[0]!.id, off: ['sms'], used: 3, orders: 3 }])
  })

  it.each(['signed', 'queried'] as const)(
    'get an address that a %s event names beside a known one',
    async (trust) => {
      const shop = await newShop()
      await tell(shop, says({ email: 'n@example.org' }, '1'))
      await shop.keep([says({ email: 'n@example.org', phone: '+8613800138009' }, '2')], { trust })
      await drain()
      await tell(shop, says({ phone: '+8613800138009' }, '3'))
      expect(await customers(shop)).toBe(1)
      const alive = await scene.world.rows(
        'select 1 from customer where shop_id = $1 and merged_into is null',
        [shop.id],
      )
      expect(alive).toHaveLength(1)
    },
  )

  it('stay two when they share a phone but the shop knows them by different ids', async () => {
    const shop = await newShop()
    const phone = '+8613800138000'
    await tell(shop, says({ externalId: 'u1', phone }, '1'))
    await tell(shop, says({ externalId: 'u2', phone }, '2'))
    const contacts = await peopleOf(shop)
    expect(contacts.map((row) => row.channel)).toEqual(['inbox', 'inbox', 'sms'])
    expect(await customers(shop)).toBe(2)
    const orders = await scene.world.rows<{ customer_id: string }>(
      'select distinct customer_id from orders where shop_id = $1',
      [shop.id],
    )
    expect(orders).toHaveLength(2)
  })

  it('are not joined by the word of a weaker source, and nobody is left without a customer', async () => {
    const shop = await newShop()
    await tell(shop, says({ email: 'q@example.org' }, '1'))
    await shop.keep([says({ email: 'q@example.org', phone: '+8613800138001' }, '2')], { trust: 'queried' })
    await drain()
    expect(await rows.stuck(shop)).toEqual([])
    const lost = await scene.world.rows(
      `select 1 from contact k left join customer c on c.shop_id = k.shop_id and c.id = k.customer_id
       where k.shop_id = $1 and c.id is null`,
      [shop.id],
    )
    expect(lost).toEqual([])
  })

  it('are never made nor found by a browser', async () => {
    const shop = await newShop([RECEIVED])
    await tell(shop, event('order.created', 'B-1', { customer: { email: 'real@example.org' } }))
    const before = await peopleOf(shop)
    await shop.keep(
      [event('payment.started', 'B-1', { customer: { email: 'real@example.org', phone: '+8613800138002' } })],
      { trust: 'browser' },
    )
    await drain()
    expect(await peopleOf(shop)).toEqual(before)
  })
})
