import { afterAll, beforeAll, expect, it } from 'vitest'
import { testMaster, testRandom } from '../../test/kit/engine.ts'
import { openSite, orderEvent, type Site } from '../../test/kit/site.ts'
import type { Config } from '../config.ts'
import { readShop } from '../db/shops.ts'
import type { Context } from './command.ts'
import { tellNews, type Watch } from './commands/tail.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site?.close())

async function told(watch: Watch, masterKey: string | null, language: 'zh' | 'en' = 'en') {
  const lines: string[] = []
  const results: Record<string, unknown>[] = []
  const screen = {
    line: (text: string) => void lines.push(text),
    result: (value: Record<string, unknown>) => void results.push(value),
    paint: (_style: unknown, text: string) => text,
  }
  const context = { screen, language, random: testRandom, clock: site.clock } as unknown as Context
  const { db } = site.deps
  const config = { masterKey, masterKeyFile: '/nowhere.key' } as Config
  const pools = { db, configDb: db, close: async () => {} } as never
  const shop = (await readShop(db, site.shop.id))!
  await tellNews(context, { config, pools }, shop, watch, 0)
  return { lines, results }
}

it('tail names the order of each line and marks an event type that nobody knows, with the nearest one', async () => {
  const paid = {
    order: { no: 'A-1', total: { minor: 990, currency: 'CNY' } },
    customer: { email: 'a@b.example' },
  }
  await site.keep(site.shop, orderEvent('e1', 'order.paid', 'A-1', paid))
  await site.keep(site.shop, orderEvent('e2', 'order.payed', 'A-2', {}))
  await site.keep(site.shop, orderEvent('e3', 'weather.rainy', 'A-3', {}))
  await site.engine.worker.drain()
  const key = Buffer.from(testMaster.bytes).toString('base64')

  const watch: Watch = { seen: new Map(), last: 50 }
  const { lines, results } = await told(watch, key)
  const events = results.filter(({ kind }) => kind === 'event')
  // Events of one instant come in the order of their random ids.
  const details = events.map(
    ({ what, order, unknownType, near }) => [what, [order, unknownType, near]] as const,
  )
  expect(Object.fromEntries(details)).toEqual({
    'order.paid': ['A-1', false, null],
    'order.payed': ['A-2', true, 'order.paid'],
    'weather.rainy': ['A-3', true, null],
  })
  expect(lines.find((line) => line.includes('order.payed'))).toContain(
    '(unknown type: kept, and nothing else; did you mean order.paid?) A-2',
  )
  expect(lines.filter((line) => line.includes('✉')).every((line) => line.includes('A-1'))).toBe(true)
  expect((await told(watch, key)).lines).toEqual([])
  expect(lines.join()).not.toContain('a@b.example')
  // Without the master key there is everything but what is sealed.
  const blind = await told({ seen: new Map(), last: 50 }, null)
  expect(blind.lines.some((line) => line.includes('order.payed'))).toBe(true)
})

it('tail says in words and local times how each message stands and why; programs get the codes', async () => {
  const order = { no: 'W-1', total: { minor: 990, currency: 'CNY' } }
  await site.keep(site.shop, orderEvent('w1', 'order.paid', 'W-1', { order, customer: { name: 'Lin' } }))
  await site.engine.worker.drain()
  const held = await site.engine.database.db.query(
    `update message set state = 'waiting', verdict = 'hold@1795708800000:cap_reached'
     where shop_id = $1 and id = (select id from message where shop_id = $1 limit 1)`,
    [site.shop.id],
  )
  expect(held.rowCount).toBe(1)
  const { lines, results } = await told({ seen: new Map(), last: 200 }, null)
  const zh = await told({ seen: new Map(), last: 200 }, null, 'zh')
  const codes = results.map(({ more }) => more)
  expect(codes).toContain('hold@1795708800000:cap_reached')
  expect(codes.some((code) => /^drop:.*no_contact/.test(String(code)))).toBe(true)
  expect([...lines, ...zh.lines].join('\n')).not.toMatch(/hold@|drop:|cap_reached|no_contact/)
  expect(lines.join('\n')).toMatch(/held until (\d{4}-)?\d\d-\d\d \d\d:\d\d:\d\d: .*day’s share/)
  expect(zh.lines.join('\n')).toMatch(/未发送：.+。/)
  expect(zh.lines.join('\n')).toMatch(/暂缓至 /)
})

it('tail says that a message did not arrive, and as which code where the receipt has one', async () => {
  const receipts = async (code: string) => {
    await site.engine.database.db.query(
      `update message set state = 'sent', verdict = 'send', fate_code = $2, delivered_at = null
       where shop_id = $1 and id = (select id from message where shop_id = $1 order by id desc limit 1)`,
      [site.shop.id, code],
    )
    const { results } = await told({ seen: new Map(), last: 200 }, null)
    expect(results.some(({ state }) => state === 'undelivered')).toBe(true)
    const { lines } = await told({ seen: new Map(), last: 200 }, null, 'zh')
    return lines.find((line) => line.includes('未送达'))
  }
  expect(await receipts('ABSENT')).toMatch(/未送达：ABSENT/)
  expect(await receipts('receipt_failed')).toMatch(/未送达(?!：)/)
})

it('tail says of each event who sent it', async () => {
  const { lines, results } = await told({ seen: new Map(), last: 200 }, null, 'zh')
  expect(lines.find((line) => line.includes('order.paid'))).toContain('叮咚自己')
  expect(results.find(({ what }) => what === 'order.paid')).toMatchObject({
    state: 'signed',
    source: 'dingdong',
    name: 'Dingdong',
  })
})
