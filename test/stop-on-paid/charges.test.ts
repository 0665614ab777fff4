import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { prngOf } from '../../src/domain/order/history.test-kit.ts'
import { HOUR, MINUTE } from '../../src/domain/time.ts'
import { type TestDatabase, testDatabase } from '../database.ts'
import { type Arena, startArena } from '../kit/arena.ts'
import { observeCharges } from '../kit/charge-observer.ts'
import { createPlay } from '../kit/charge-play.ts'
import { openChargeShop, type Rails, startRails, WAVES } from '../kit/charge-shop.ts'
import { type Casting, castOrders } from '../kit/charge-stories.ts'
import { judgeRest, verifyCharges } from '../kit/charge-verify.ts'
import { judgeCalls, judgeCap } from '../kit/judge.ts'
import { verify } from '../kit/verify.ts'
import { waitUntil } from '../kit/wait-until.ts'

/**
 * The proof of charges on real PostgreSQL: four processes that are being killed ask, try payments again, infer failures,
 * hold orders and go on with cascades, while buyers pay, fail and cancel. The rail keeps its own book of what it charged.
 */
const long = process.env.DINGDONG_LONG === '1'
const seed = Number(process.env.DINGDONG_SEED ?? Math.floor(Math.random() * 2 ** 31))
const ROUNDS = long ? 10 : 1

const CASTING: Casting = {
  single: 48,
  shared: [
    { brand: 'mastercard', orders: 13, ago: 20 * HOUR },
    { brand: 'mastercard', orders: 9, ago: 2 * MINUTE },
    { brand: 'mastercard', orders: 4, ago: 5 * MINUTE, blocked: true },
    ...(long ? [{ brand: 'visa', orders: 20, ago: 20 * HOUR }] : []),
  ],
  large: 10,
  unsaved: 8,
  silent: 20,
  nudged: 20,
}
const CAP = 3
/** In each wave; the last tries what the ceilings have put off. */
const KILLS = [2, 1, 1, 1]

let database: TestDatabase
let arena: Arena
let rails: Rails
beforeAll(async () => {
  database = await testDatabase()
  arena = await startArena(database.url, {
    async simulators(clock) {
      rails = await startRails(clock, prngOf(seed))
      return [rails.stripe.origin, rails.wechat.origin]
    },
  })
  arena.onClose(async () => {
    await Promise.all([rails.stripe.close(), rails.wechat.close()])
  })
  await observeCharges(arena.db)
}, 120_000)
afterAll(async () => {
  await arena?.close()
  await database?.close()
}, 60_000)

/** What befalls the rail's answers; half the charges are slow, so that there is time to die in. */
function scriptFaults({ stripe, wechat }: Rails): void {
  stripe.script([
    { to: 'POST confirm', chance: 0.5, fault: { kind: 'slow', ms: 400 } },
    { to: 'POST confirm', chance: 0.1, fault: { kind: 'drop', when: 'after' } },
    { to: 'POST confirm', chance: 0.05, fault: { kind: 'drop', when: 'before' } },
    { to: 'POST confirm', chance: 0.05, fault: { kind: 'fail', status: 500 } },
    { to: 'GET read', chance: 0.3, fault: { kind: 'slow', ms: 150 } },
    { to: 'GET read', chance: 0.04, fault: { kind: 'drop', when: 'after' } },
    { to: 'GET read', chance: 0.04, fault: { kind: 'limit', seconds: 2 } },
  ])
  wechat.scriptQueries([
    { chance: 0.1, fault: { kind: 'system_error' } },
    { chance: 0.1, fault: { kind: 'drop', when: 'after' } },
    { chance: 0.2, fault: { kind: 'slow', ms: 150 } },
  ])
}

/** 10:00 in Shanghai of the next day: hours before quiet, on whatever day this runs. */
function morning(now: number): number {
  const day = 24 * HOUR
  return (Math.floor((now + 8 * HOUR) / day) + 1) * day + 2 * HOUR
}

async function playRound(round: number) {
  const { fleet, clock } = arena
  const random = prngOf(seed + round)
  const { stripe } = rails
  stripe.careless(round % 2 === 0)
  arena.setClock(clock.offset() + morning(clock.now()) - clock.now())
  const shop = await openChargeShop(arena, rails, `charges-${round}`, CAP)
  const now = clock.now()
  const cast = { prefix: `R${round}N`, now, random, ...rails, ...shop }
  const play = createPlay(arena, rails, shop, castOrders(cast, CASTING), random)
  scriptFaults(rails)
  const t0 = performance.now()
  const lap = (what: string) => console.log(what, Math.round(performance.now() - t0))
  await play.begin()
  lap('begun')
  for (const [wave, after] of WAVES.entries()) {
    await arena.quiet(shop.id)
    lap(`quiet before ${wave}`)
    arena.setClock(clock.offset() + (now + after - clock.now()))
    const killed = killInTries(KILLS[wave]!)
    await play.wave(wave)
    await shop.decideReviews(random, 0.5)
    await killed
    await play.allTold()
    if (wave === 1) play.decidePending()
    lap(`wave ${wave}`)
  }
  await arena.quiet(shop.id)
  await shop.decideReviews(random, 1)
  await play.allTold()
  await arena.quiet(shop.id)
  play.decidePending()
  lap('to finish')
  await arena.finish(shop.id, undefined, 3 * HOUR)
  lap('finished')
  await play.allTold()
  await arena.finish(shop.id, undefined, 3 * HOUR)
  play.end()
  return { shop: shop.id, play }

  /** Kills so many workers, one after the other, while payments are being tried. */
  async function killInTries(kills: number): Promise<void> {
    const starting: Promise<void>[] = []
    for (let killed = 0; killed < kills; killed++) {
      const looked = performance.now()
      await waitUntil(
        'a payment is being tried',
        async () => stripe.confirming() > 2 || performance.now() - looked > 1_000,
      )
      const at = Math.floor(random() * fleet.size)
      await Promise.all(starting)
      await fleet.kill(at)
      starting.push(fleet.start(at))
      await arena.endLeases(shop.id)
    }
    await Promise.all(starting)
  }
}

describe('a payment is tried by us once at most, never beyond a ceiling, and charged once', () => {
  it(
    `in ${ROUNDS} rounds through four processes that are being killed`,
    async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const started = performance.now()
        const { shop, play } = await playRound(round)
        console.log(`played in ${Math.round((performance.now() - started) / 1_000)} s, seed ${seed}`)
        const charged = await verifyCharges(arena, rails.stripe, shop, play)
        const rest = await judgeRest(arena, shop, play)
        const calls = await judgeCalls(arena, shop)
        const capped = await judgeCap(arena, shop, CAP)
        const { problems } = await verify(arena, shop, { stories: play.stories(), asks: true })
        console.log({ ...charged, problems: undefined }, rest, calls, capped)
        expect({ seed, round, problems: [...charged.problems, ...problems].slice(0, 10) }).toEqual({
          seed,
          round,
          problems: [],
        })
        expect({ seed, ...rest, ...calls, ...capped }).toMatchObject({
          seed,
          heldWrong: 0,
          cascadeWrong: 0,
          wrong: 0,
          sentWrong: 0,
          over: 0,
          overByCount: 0,
          most: CAP,
        })
      }
    },
    long ? 3_600_000 : 120_000,
  )
})
