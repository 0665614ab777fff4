import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testRandom } from '../../test/kit/fixed.ts'
import { MONDAY, openWorld, type World } from '../../test/kit/world.ts'
import { takeTokens } from '../db/accounts.ts'
import { accountRate, type Rate } from '../domain/delivery/rate.ts'
import { type AccountId, newId, type ShopId } from '../domain/ids.ts'
import { HOUR, type Instant, SECOND } from '../domain/time.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world?.close())

const SHOP = 1 as ShopId

function bucket(rate: Rate) {
  const id = newId('acct', MONDAY, testRandom) as AccountId
  return (now: Instant, wanted = 1_000) => takeTokens(world.db, SHOP, id, rate, wanted, now)
}

/** Asks as often as it is worth it; gives the instant of each call that was granted. */
async function greedily(rate: Rate, from: Instant, till: Instant): Promise<readonly Instant[]> {
  const take = bucket(rate)
  // Somebody sent something an hour ago, and nothing since.
  await take(from - HOUR, 1)
  const calls: Instant[] = []
  for (let now = from; now < till; ) {
    const { granted, retryIn } = await take(now)
    for (let n = 0; n < granted; n++) calls.push(now)
    expect(retryIn).toBeGreaterThan(0)
    now += retryIn
  }
  return calls
}

/** The most calls within any second. */
const busiest = (calls: readonly Instant[]) =>
  Math.max(...calls.map((from, at) => calls.slice(at).filter((call) => call < from + SECOND).length))

describe('the rate of an account', () => {
  it.each([0.5, 1, 3, 10, 20])(
    'of %d a second is exceeded in no second, and used in full',
    async (perSecond) => {
      const calls = await greedily(accountRate(perSecond), MONDAY, MONDAY + 6 * SECOND)
      expect(busiest(calls)).toBe(Math.ceil(perSecond))
      expect(calls.length).toBeGreaterThanOrEqual(Math.floor(perSecond * 6 * 0.98))
    },
  )

  it.each([60, 200, 1_000])(
    'of %d a second is exceeded by a twentieth at most after a pause',
    async (perSecond) => {
      const calls = await greedily(accountRate(perSecond), MONDAY, MONDAY + 3 * SECOND)
      expect(busiest(calls)).toBeLessThanOrEqual(perSecond * 1.05)
      expect(calls.length).toBeGreaterThanOrEqual(perSecond * 3 * 0.98)
    },
  )

  it('grants all that is wanted, where it is saved up, without another look', async () => {
    const take = bucket(accountRate(100))
    expect(await take(MONDAY, 5)).toEqual({ granted: 5, retryIn: 0 })
    expect(await take(MONDAY, 2)).toEqual({ granted: 0, retryIn: 20 })
    expect(await take(MONDAY + 20, 2)).toEqual({ granted: 2, retryIn: 0 })
  })

  it('is not lost to a clock that ran an hour fast until somebody set it', async () => {
    const take = bucket(accountRate(10))
    expect((await take(MONDAY + HOUR)).granted).toBe(1)
    expect((await take(MONDAY)).granted).toBe(0)
    expect((await take(MONDAY + 100)).granted).toBe(1)
  })

  it('is one over processes whose clocks are seconds apart', async () => {
    const take = bucket(accountRate(10))
    let granted = 0
    for (let now = MONDAY; now < MONDAY + 10 * SECOND; now += 50) {
      granted += (await take(now + 2 * SECOND)).granted
      granted += (await take(now)).granted
    }
    expect(granted).toBe(100)
  })
})
