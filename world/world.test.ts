import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MINUTE } from '../src/domain/time.ts'
import { type TestDatabase, testDatabase } from '../test/database.ts'
import { createAgenda } from './agenda.ts'
import { type Arrival, createChecks } from './checks.ts'
import { drawOf } from './draw.ts'
import { openMarket } from './market.ts'
import { countingRandom, play } from './play.ts'
import { type Policy, readPolicies } from './policies.ts'
import { type Outcome, outcomeOf } from './report.ts'

const databases: TestDatabase[] = []
let policies: readonly Policy[]
beforeAll(async () => {
  policies = await readPolicies()
})
afterAll(() => Promise.all(databases.map((each) => each.close())))

async function outcome(name: string, seed: number): Promise<Outcome> {
  const database = await testDatabase({ max: 1 })
  databases.push(database)
  const policy = policies.find((each) => each.name === name)!
  const options = {
    url: database.url,
    policy,
    seed,
    buyers: 40,
    days: 1,
    random: countingRandom(),
    step: 30 * MINUTE,
  }
  return outcomeOf(policy, await play(options))
}

describe('a world of simulated buyers', () => {
  test('ends the same for the same seed, breaks no promise, and every policy but silence reminds', async () => {
    // Side by side: each waits for its own database most of the time.
    const again = outcome('by-reason', 7)
    const played = policies.map(async ({ name }) => [name, await outcome(name, 7)] as const)
    const outcomes = new Map<string, Outcome>(await Promise.all(played))
    const own = outcomes.get('by-reason')!
    expect(await again).toEqual(own)
    for (const [policy, { violations, stopped, reminders }] of outcomes) {
      expect({ policy, violations, stopped, reminds: reminders > 10 }).toEqual({
        policy,
        violations: {},
        stopped: own.stopped,
        reminds: policy !== 'silence',
      })
    }
    expect(outcomes.get('silence')!.reminders).toBe(0)
    // What the mechanisms are compared by has happened at all.
    expect(Math.min(own.sms, own.reviews, own.healed)).toBeGreaterThan(0)
  })

  test('orders otherwise with another seed', () => {
    const first = (seed: number) => drawOf(seed)('buyer', 1, 'persistence')
    expect(first(1)).not.toBe(first(2))
  })
})

/** A market in which one order was placed and, unless told otherwise, has not been paid. */
function oneSale() {
  const agenda = createAgenda()
  const market = openMarket({
    draw: () => 0.5,
    agenda,
    buyers: 1,
    start: 0,
    days: 1,
    life: 86_400_000,
  })
  agenda.doUntil(86_400_000)
  const [event] = market.takeEvents()
  const [no] = market.sales.keys()
  return { market, agenda, event: event!, no: no! }
}

describe('the checks', () => {
  const noon = Date.parse('2026-11-03T04:00:00Z')
  const arrival = (no: string, more: Partial<Arrival> = {}): Arrival => ({
    id: `m${Math.random()}`,
    no,
    channel: 'email',
    purpose: 'reminder',
    template: 't',
    at: noon,
    ...more,
  })
  const found = (
    act: (checks: ReturnType<typeof createChecks>, sale: ReturnType<typeof oneSale>) => void,
  ) => {
    const sale = oneSale()
    const checks = createChecks(sale.market, 3)
    act(checks, sale)
    return checks.violations.map(({ what }) => what)
  }

  test.each([
    ['after_payment', 'order.paid'],
    ['after_end', 'order.expired'],
    ['after_end', 'order.cancelled'],
  ])('see a reminder %s', (what, type) => {
    expect(
      found((checks, { event, no }) => {
        checks.told([{ ...event, type }])
        checks.arrived(arrival(no))
      }),
    ).toEqual([what])
  })

  test('see the fourth message of a day, but not the third', () => {
    const messages = (count: number) =>
      found((checks, { no }) => {
        for (let n = 0; n < count; n++) checks.arrived(arrival(no))
      })
    expect(messages(3)).toEqual([])
    expect(messages(4)).toEqual(['over_cap'])
  })

  test('see the same message twice, and a text message in the night', () => {
    expect(
      found((checks, { no }) => {
        checks.arrived(arrival(no, { id: 'same' }))
        checks.arrived(arrival(no, { id: 'same' }))
        checks.arrived(arrival(no, { channel: 'sms', at: noon + 12 * 3_600_000 }))
      }),
    ).toEqual(['twice', 'at_night'])
  })

  test('see a rail that is told to try a paid order again, and charges again', () => {
    const { market, agenda, no } = oneSale()
    const checks = createChecks(market, 3)
    expect(market.sales.get(no)!.paidAt).not.toBeNull()
    checks.told(market.takeEvents())
    expect(checks.violations).toEqual([])
    market.commanded(no, 'payment.retry', noon)
    agenda.doUntil(noon)
    checks.told(market.takeEvents())
    expect(checks.violations.map(({ what }) => what)).toEqual(['double_charge'])
  })

  test('see a reminder to somebody who switched them off, and an order that was charged twice', () => {
    expect(
      found((checks, { market, event, no }) => {
        market.fedUp.add(0)
        checks.arrived(arrival(no))
        market.sales.get(no)!.charges = 2
        checks.told([{ ...event, type: 'order.paid' }])
      }),
    ).toEqual(['switched_off', 'double_charge'])
  })
})
