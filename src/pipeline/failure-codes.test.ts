import { describe, expect, it } from 'vitest'
import { flowText, sendStep } from '../../test/kit/flow-texts.ts'
import { event, MONDAY, type TestShop, watched } from '../../test/kit/world.ts'
import { transaction } from '../db/connect.ts'
import { listUnknownCodes, putOverride, UNKNOWN_CODES_KEPT } from '../db/failure-codes.ts'
import { bumpConfig } from '../db/shops.ts'
import type { OrderFacts } from '../domain/order/facts.ts'
import { viewOrder } from '../domain/order/view.ts'
import { mailScene } from './mail-scene.test-kit.ts'
import { templateVars } from './template-vars.ts'

const scene = mailScene('codes')
const { rows, newShop, drain, tell } = scene

const buyer = { customer: { email: 'codes@example.org' } }
let payments = 0
const failed = (no: string, codes: Record<string, string>, rail: string | null = 'stripe') =>
  event('payment.failed', no, {
    ...buyer,
    payment: {
      id: `ch_${++payments}`,
      ...(rail === null ? {} : { rail }),
      failure: { code: 'card_declined', ...codes },
    },
  })

const unknown = async (shop: TestShop) =>
  (await listUnknownCodes(scene.world.db, shop.id, 50)).map(({ rail, code, seen }) => [rail, code, seen])
const decide = (shop: TestShop, rail: string, code: string) =>
  transaction(scene.world.db, async (tx) => {
    const row = { rail, code, class: 'insufficient_funds', advice: 'LATER' } as const
    await putOverride(tx, shop.id, { ...row, set_by: 'test', set_at: MONDAY })
    await bumpConfig(tx, shop.id)
  })

/** Tells by its step what a condition saw. */
const BY_CLASS = flowText({
  key: 'by-class',
  on: 'payment.failed',
  steps: [
    '  - id: look',
    '    kind: branch',
    '    when: order.lastFailure.class == "insufficient_funds" && order.lastFailure.advice == "LATER"',
    '    then: funds',
    '    else: rest',
    sendStep('funds', ', next: over'),
    sendStep('rest'),
    '  - { id: over, kind: stop, reason: over }',
  ].join('\n'),
})

describe('a condition', () => {
  it('reads the class and the advice of the last failure', async () => {
    const shop = await newShop([BY_CLASS])
    await tell(
      shop,
      failed('funds', { declineCode: 'generic_decline', networkAdviceCode: '24' }),
      failed('rest', { declineCode: 'expired_card' }),
    )
    expect((await rows.messages(shop)).map(({ step }) => step).sort()).toEqual(['funds', 'rest'])
  })

  it('reads what the shop has decided from the next event on', async () => {
    const shop = await newShop([BY_CLASS])
    const steps = async () => (await rows.messages(shop)).map(({ step }) => step).sort()
    await tell(shop, failed('before', { declineCode: 'do_not_honor' }))
    expect(await steps()).toEqual(['rest'])
    await decide(shop, 'stripe', 'do_not_honor')
    await tell(shop, failed('after', { declineCode: 'do_not_honor' }))
    expect(await steps()).toEqual(['funds', 'rest'])
  })
})

describe('words', () => {
  const vars = async (shop: TestShop, audience: 'buyer' | 'member') => {
    const vault = await scene.world.engine.keyring.open(shop.id)
    const config = await scene.world.engine.configs.get(shop.id)
    const [order] = await rows.orders(shop)
    const around = { shop: shop.id, config, vault, publicUrl: 'http://127.0.0.1:1', now: MONDAY }
    const about = { id: order!.id, order_id: order!.id, audience, contact_id: null, vars: null }
    const place = { shop: shop.id, column: 'orders.facts', row: order!.id }
    const view = viewOrder(JSON.parse(vault.sealer.openText(order!.facts as Buffer, place)) as OrderFacts)
    return templateVars(around, about as never, { view, address: null, name: null })
  }

  it('for buyers never learn that it was risk; members do', async () => {
    const shop = await newShop()
    await tell(shop, failed('risk', { declineCode: 'fraudulent' }))
    expect((await vars(shop, 'buyer')).failure).toEqual({ class: 'other' })
    expect((await vars(shop, 'member')).failure).toEqual({ class: 'risk_block' })
  })

  it('for buyers learn every other class', async () => {
    const shop = await newShop()
    await tell(shop, failed('funds', { declineCode: 'insufficient_funds' }))
    expect((await vars(shop, 'buyer')).failure).toEqual({ class: 'insufficient_funds' })
  })
})

describe('codes nobody knows', () => {
  it('are counted by rail and code, with when they came', async () => {
    const shop = await newShop()
    const metric = async () =>
      (
        await scene.world.engine.metrics.registry.getSingleMetricAsString(
          'dingdong_unknown_failure_codes_total',
        )
      ).match(/^dingdong_unknown_failure_codes_total (\d+)$/m)?.[1]
    const before = Number(await metric())
    const first = failed('a', { declineCode: 'brand_new' })
    await tell(shop, first, failed('b', { declineCode: 'brand_new' }), failed('c', { code: 'E42' }, 'mygate'))
    const last = failed('d', { declineCode: 'brand_new' })
    await tell(shop, last, failed('e', { code: 'no rail' }, null))
    expect((await unknown(shop)).sort()).toEqual([
      ['mygate', 'E42', 1],
      ['stripe', 'brand_new', 3],
      ['unnamed', 'no rail', 1],
    ])
    const row = (await listUnknownCodes(scene.world.db, shop.id, 50)).find(({ code }) => code === 'brand_new')
    expect(row).toMatchObject({ first_at: first.time, last_at: last.time })
    expect(Number(await metric()) - before).toBe(5)
  })

  it('are not counted twice when the event comes twice, nor when a browser says it', async () => {
    const shop = await newShop()
    const one = failed('twice', { declineCode: 'brand_new' })
    await tell(shop, one)
    await tell(shop, one)
    await shop.keep([failed('browser', { declineCode: 'made_up' })], { trust: 'browser' })
    await drain()
    expect(await unknown(shop)).toEqual([['stripe', 'brand_new', 1]])
  })

  it('that the shop has decided are not counted any more', async () => {
    const shop = await newShop()
    await decide(shop, 'mygate', 'E42')
    await tell(shop, failed('known', { code: 'E42' }, 'mygate'))
    expect(await unknown(shop)).toEqual([])
  })

  it('fill no more rows than are kept, and those there go on counting', async () => {
    const shop = await newShop()
    await scene.world.db.query(
      `insert into unknown_failure_code (shop_id, rail, code, seen, first_at, last_at)
       select $1, 'mygate', 'c' || n, 1, 0, 0 from generate_series(1, $2) as n`,
      [shop.id, UNKNOWN_CODES_KEPT],
    )
    await tell(
      shop,
      failed('old', { code: 'c7' }, 'mygate'),
      failed('new', { code: 'one too many' }, 'mygate'),
    )
    const all = await listUnknownCodes(scene.world.db, shop.id, UNKNOWN_CODES_KEPT + 1)
    expect(all).toHaveLength(UNKNOWN_CODES_KEPT)
    expect(all[0]).toMatchObject({ code: 'c7', seen: 2 })
  })

  it('cost a statement only where one came', async () => {
    const shop = await newShop()
    const seen: string[] = []
    const engine = scene.world.another((db) => watched(db, (name) => void seen.push(name)))
    await shop.keep([failed('known', { declineCode: 'insufficient_funds' })])
    await engine.worker.drain()
    expect(seen).toContain('event_read')
    expect(seen.filter((name) => name.includes('failure_code'))).toEqual([])
    await shop.keep([failed('unknown', { declineCode: 'brand_new' })])
    await engine.worker.drain()
    expect(seen.filter((name) => name.includes('failure_code'))).toEqual(['unknown_failure_code_count'])
  })
})
