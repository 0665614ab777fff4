import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { eventData } from '../event.ts'
import type { SendEffect } from './run.ts'
import { flowEvent, length, preset, START, Story } from './story.test-kit.ts'
import { parseFlowYaml } from './yaml.ts'

const folder = new URL('../../../flows/', import.meta.url)
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'))

test('every preset is valid, is named after its file and has words in both languages', () => {
  expect(files.length).toBeGreaterThanOrEqual(11)
  for (const file of files) {
    const flow = parseFlowYaml(readFileSync(new URL(file, folder), 'utf8'))
    expect(flow, file).toMatchObject({ ok: true, value: { key: file.replace('.yaml', '') } })
    if (!flow.ok) continue
    expect(flow.value.title.zh, file).toMatch(/\p{Script=Han}/u)
    expect(flow.value.description.zh, file).toMatch(/\p{Script=Han}/u)
    expect(flow.value.title.en, file).not.toMatch(/\p{Script=Han}/u)
  }
})

test('a preset that asks for money stops when the money is there', () => {
  for (const file of files) {
    const flow = parseFlowYaml(readFileSync(new URL(file, folder), 'utf8'))
    if (flow.ok && flow.value.subject === 'order' && flow.value.purpose === 'reminder')
      expect(flow.value.stopWhen, file).toContain('paid')
  }
})

test('a new order is confirmed to the buyer at once', () => {
  const story = new Story(preset('order-received')).event('order.created')
  expect(story.log).toEqual(['0h send order_received'])
  expect(story.run).toMatchObject({ status: 'done' })
})

test('an order that arrives already paid is not confirmed as unpaid', () => {
  const story = new Story(preset('order-received'), { paidAt: START, status: 'paid' }).event('order.created')
  expect(story.refusal?.reason).toBe('paid')
})

test('an order unpaid for 30 minutes is cancelled in the shop, and the buyer told once the shop says so', () => {
  const story = new Story(preset('unpaid-cancel')).event('order.created').after('29m')
  expect(story.log).toEqual([])
  story.after('1m')
  expect(story.log).toEqual(['30m act cancel_order'])
  story.after('1m').event('order.cancelled')
  expect(story.log).toEqual(['30m act cancel_order', '31m send order_cancelled_unpaid'])
  expect(story.run?.stopReason).toBe('told')
})

test('an order that expires in the very same half hour is still cancelled and told', () => {
  const story = new Story(preset('unpaid-cancel'), { expiresAt: START + length('30m') })
    .event('order.created')
    .after('30m')
    .event('order.cancelled')
  expect(story.log).toEqual(['30m act cancel_order', '30m send order_cancelled_unpaid'])
})

test('an order whose payment has failed is left to the reminders: until its own end, or for a day', () => {
  const failed = (order: object = {}) =>
    new Story(preset('unpaid-cancel'), order).event('order.created').after('20m').event('payment.failed')
  expect(failed().after('25h').log).toEqual([])
  expect(failed().after('25h10m').log).toEqual(['1530m act cancel_order'])
  const own = failed({ expiresAt: START + length('48h') })
  expect(own.after('47h').log).toEqual([])
  expect(own.after('40m').log).toEqual(['48h act cancel_order'])
  // Its end came before the half hour was over.
  expect(failed({ expiresAt: START + length('25m') }).after('10m').log).toEqual(['30m act cancel_order'])
  // The shop, or the buyer, was quicker.
  expect(failed().after('2h').event('order.cancelled').after('30h').log).toEqual([])
  expect(failed().after('2h').event('order.expired').log).toEqual(['140m send order_cancelled_unpaid'])
  expect(failed().after('2h').event('order.paid').after('30h').log).toEqual([])
})

test('an order whose money is on its way is not cancelled, whether a try failed before or not', () => {
  const story = new Story(preset('unpaid-cancel')).event('order.created').after('10m')
  expect(story.learn({ underWay: true }).after('30h').log).toEqual([])
  expect(story.run?.stopReason).toBe('under_way')
  const tried = new Story(preset('unpaid-cancel')).event('order.created').after('5m').event('payment.failed')
  tried.learn({ underWay: true, status: 'open', lastFailure: null }).after('30h')
  expect([tried.log, tried.run?.stopReason]).toEqual([[], 'under_way'])
})

test('the ladders know the amounts of the rules’ currencies, all the same', () => {
  const rule = readFileSync(new URL('../../../rules/large-order.yaml', import.meta.url), 'utf8')
  const currencies = Object.keys((parse(rule) as { params: { limit: { value: object } } }).params.limit.value)
  const ladders = readdirSync(folder).filter((name) => name.startsWith('payment-failed-'))
  const tables = ladders.map((name) => preset(name.replace('.yaml', '')).flow.params.sms_from!.value)
  expect(tables.length).toBe(7)
  for (const table of tables) expect(table).toEqual(tables[0])
  expect(Object.keys(tables[0]!)).toEqual(currencies)
})

test('the buyer is not told of a cancellation that the shop never confirmed', () => {
  const story = new Story(preset('unpaid-cancel')).event('order.created').after('5h')
  expect(story.log).toEqual(['30m act cancel_order'])
  expect(story.run?.stopReason).toBe('not_confirmed')
})

test('a payment in the 29th minute keeps the order', () => {
  const story = new Story(preset('unpaid-cancel')).event('order.created').after('29m').event('order.paid')
  expect(story.after('5h').log).toEqual([])
  expect(story.run).toMatchObject({ status: 'stopped', stopReason: 'paid' })
})

test('a payment between the command and the confirmation is not answered with a cancellation', () => {
  const story = new Story(preset('unpaid-cancel')).event('order.created').after('30m')
  story.event('order.paid').event('order.cancelled').after('5h')
  expect(story.log).toEqual(['30m act cancel_order'])
})

test('a buyer who cancelled gets neither a command nor a notice; one whose order ran out is told', () => {
  const cancelled = new Story(preset('unpaid-cancel'))
    .event('order.created')
    .after('5m')
    .event('order.cancelled')
  expect(cancelled.after('5h').log).toEqual([])
  const ranOut = new Story(preset('unpaid-cancel')).event('order.created').after('15m').event('order.expired')
  expect(ranOut.after('5h').log).toEqual(['15m send order_cancelled_unpaid'])
})

test('a paid order brings one receipt and one SMS, however often it is reported', () => {
  const story = new Story(preset('order-paid')).event('order.paid')
  expect(story.log).toEqual(['0h send order_paid', '0h send order_paid'])
  const [receipt, notice] = story.effects as SendEffect[]
  expect(receipt).toMatchObject({ channels: ['email', 'inbox'], purpose: 'essential', anyHour: false })
  expect(notice).toMatchObject({ channels: ['sms'], purpose: 'essential', anyHour: true })
  const again = new Story(preset('order-paid')).event('order.paid', { key: 'other' })
  expect(again.effects.map((effect) => effect.dedupe)).toEqual(story.effects.map((effect) => effect.dedupe))
})

test('deliveries are told once for the whole and once for each part', () => {
  expect(new Story(preset('order-delivered')).event('order.delivered').log).toEqual([
    '0h send order_delivered',
  ])
  const part = (id: string) => {
    const data = eventData.parse({ delivery: { id } })
    const story = new Story(preset('order-partly-delivered')).event('order.partly_delivered', { data })
    expect(story.log).toEqual(['0h send order_partly_delivered'])
    return story.run?.iteration
  }
  expect([part('d1'), part('d2'), part('d1')]).toEqual(['d1', 'd2', 'd1'])
})

test('two refunds of one order are two messages, one refund told twice is one', () => {
  const dedupe = (id: string, key: string) => {
    const data = eventData.parse({ refund: { id, amount: { minor: 100, currency: 'CNY' } } })
    const order = { paidAt: START, status: 'partly_refunded' }
    return new Story(preset('order-refunded'), order).event('order.refunded', { data, key }).effects[0]
      ?.dedupe
  }
  expect(dedupe('re_1', 'a')).toEqual(dedupe('re_1', 'b'))
  expect(dedupe('re_1', 'a')).not.toEqual(dedupe('re_2', 'b'))
})

test('operators hear of every new order', () => {
  const operators = new Story(preset('shop-new-order')).event('order.created')
  expect(operators.effects).toMatchObject([
    { to: { kind: 'role', role: 'operator' }, template: 'shop_new_order' },
  ])
})

const REVIEW = { tell: 'finance', quiet: false, action: 'hold', command: '', outcome: '', tellsBuyer: false }
const reviewed = (changes: object) => ({
  data: eventData.parse({ extra: { review: { ...REVIEW, ...changes } } }),
})

test.each(['finance', 'support', 'operator'])(
  'a review that is for %s is told to them and nobody else',
  (tell) => {
    for (const [name, kind] of [
      ['review-opened', 'opened'],
      ['review-escalated', 'escalated'],
    ] as const) {
      const type = `review.${kind}`
      const story = new Story(preset(name)).event(type, reviewed({ tell }))
      expect(story.effects).toMatchObject([
        { to: { kind: 'role', role: tell }, template: `shop_review_${kind}` },
      ])
    }
  },
)

test('one more of a burst that was told does not ring again', () => {
  const story = new Story(preset('review-opened')).event('review.opened', reviewed({ quiet: true }))
  expect(story.refusal?.reason).toBe('condition_false')
})

test.each(['hold_order', 'release_order', 'cancel_order'])(
  'the shop is asked to %s when the review says so',
  (command) => {
    const story = new Story(preset('review-orders'))
    story.event('review.decided', reviewed({ command }))
    expect(story.log).toEqual([`0h act ${command}`])
    const silent = new Story(preset('review-orders')).event('review.decided', reviewed({}))
    expect(silent.refusal?.reason).toBe('condition_false')
  },
)

test('the buyer hears of a rejection only where the rule says so', () => {
  const told = (changes: object) =>
    new Story(preset('review-rejected')).event('review.decided', reviewed(changes))
  expect(told({ outcome: 'rejected', tellsBuyer: true }).log).toEqual(['0h send order_not_accepted'])
  expect(told({ outcome: 'rejected' }).refusal?.reason).toBe('condition_false')
  expect(told({ outcome: 'approved', tellsBuyer: true }).refusal?.reason).toBe('condition_false')
})

test('stock and memberships need no order', () => {
  const stock = preset('shop-stock-low')
  expect(stock.flow).toMatchObject({ subject: 'event', trigger: { on: ['stock.low'] } })
  const expiring = new Story(preset('membership-expiring'))
  expiring.event('membership.expiring', flowEvent('membership.expiring'))
  expect(expiring.log).toEqual(['0h send membership_expiring'])
})

test('a failure that is being healed is waited for; when healing did not help, the buyer hears of it at once', () => {
  const codes = {
    code: 'card_declined',
    adviceCode: null,
    networkCode: null,
    networkAdviceCode: null,
    scheme: null,
  }
  const lastFailure = { ...codes, declineCode: 'processing_error', rail: 'stripe', method: 'card', at: START }
  const story = new Story(
    preset('payment-failed-timeout'),
    { healing: true, lastFailure },
    { classify: () => ({ class: 'network_timeout', advice: 'AUTO_ONCE' }) },
  ).event('payment.failed')
  expect(story.after('4m').log).toEqual([])
  story.order = { ...story.order, healing: false }
  expect(story.event('payment.heal_failed').log).toEqual(['4m send payment_failed_timeout'])
})

test('a healed payment is good news once, and a payment only the shop can retry is one command', () => {
  const healed = new Story(preset('payment-healed'), { status: 'paid', paidAt: START }).event(
    'payment.healed',
  )
  expect(healed.log).toEqual(['0h send payment_healed'])
  const retry = new Story(preset('payment-retry'), { status: 'payment_failed' }).event('payment.retry_wanted')
  expect(retry.log).toEqual(['0h act retry_payment'])
  const paid = new Story(preset('payment-retry'), { status: 'paid', paidAt: START }).event(
    'payment.retry_wanted',
  )
  expect(paid.refusal?.reason).toBe('paid')
})
