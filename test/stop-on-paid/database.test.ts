import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { provesPayment } from '../../src/domain/event.ts'
import type { ShopId } from '../../src/domain/ids.ts'
import { type Prng, prngOf, randomHistory } from '../../src/domain/order/history.test-kit.ts'
import { DAY, HOUR, MINUTE, type Millis } from '../../src/domain/time.ts'
import { type TestDatabase, testDatabase } from '../database.ts'
import { type Arena, startArena } from '../kit/arena.ts'
import { type Calls, judgeCalls, judgeCap } from '../kit/judge.ts'
import { untilMonthsLater } from '../kit/old-events.ts'
import { type Arrival, arrivalOf, type Story } from '../kit/stories.ts'
import { verify } from '../kit/verify.ts'
import { waitUntil } from '../kit/wait-until.ts'

/**
 * The exact proof on real PostgreSQL. The gate keeps the snapshot of the very statement that read the paid marker;
 * intake keeps the id of the transaction that committed it. A call is wrong if, and only if, the marker was visible
 * in its gate's snapshot.
 */
const long = process.env.DINGDONG_LONG === '1'
const seed = Number(process.env.DINGDONG_SEED ?? Math.floor(Math.random() * 2 ** 31))
const ROUNDS = long ? 20 : 1
const HISTORIES = long ? 1_000 : 500

let database: TestDatabase
let arena: Arena
beforeAll(async () => {
  database = await testDatabase()
  arena = await startArena(database.url)
}, 120_000)
afterAll(async () => {
  await arena?.close()
  await database?.close()
}, 60_000)

/** A person's non-essential messages a day; three orders have one buyer, so that it is reached. */
const CAP = 3

/** When timers fire after a failed payment or a new order, by the preset flows. */
const TIMERS: readonly Millis[] = [0, 30 * MINUTE, HOUR, DAY]

/** A history cut where the money arrives; what follows is told around one of the timers. */
interface CutStory extends Story {
  readonly before: readonly Arrival[]
  readonly after: readonly Arrival[]
  readonly timer: number
}

function cutStories(shop: ShopId, count: number, random: Prng, now: number): readonly CutStory[] {
  return Array.from({ length: count }, (_, at) => {
    const number = at + 1
    const { arrivals, truth } = randomHistory(random, { number, shop, start: now - 30 * DAY, livesFrom: now })
    const paid = arrivals.findIndex((event) => provesPayment(event))
    const cut = paid < 0 ? arrivals.length : paid
    const told = arrivals.map(arrivalOf)
    return {
      no: `N${number}`,
      arrivals: told,
      before: told.slice(0, cut),
      after: told.slice(cut),
      timer: Math.floor(random() * TIMERS.length),
      status: truth.status,
      paidAt: truth.paidAt,
      messages: null,
    }
  })
}

const part = (stories: readonly CutStory[], which: 'before' | 'after'): readonly Story[] =>
  stories.flatMap((story) => (story[which].length > 0 ? [{ ...story, arrivals: story[which] }] : []))

/** One round: all histories of a new shop, with the money arriving around the timers, and kills in between. */
async function play(
  count: number,
  kills: boolean,
  round: number,
): Promise<{ shop: ShopId; stories: readonly Story[] }> {
  const { fleet, clock } = arena
  const random = prngOf(seed + round)
  const { id: shop } = await arena.openShop(`paid-${round}`, {
    capPerDay: CAP,
    // The histories began a month ago.
    presets: untilMonthsLater,
  })
  const stories = cutStories(shop, count, random, clock.now())
  const offset = clock.offset()
  let killed: Promise<void> = Promise.resolve()
  for (const [timer, after] of TIMERS.entries()) {
    const due = part(
      stories.filter((story) => story.timer === timer),
      'after',
    )
    if (timer === 0) await arena.tell([...part(stories, 'before')], { batch: 5 })
    else await arena.quiet(shop)
    await killed
    // The money arrives while the timer fires: some just before it, most among its gates and calls.
    const paying = arena.tell(due, { batch: 2, atOnce: 4 })
    arena.setClock(offset + after + (after > 0 ? MINUTE : 0))
    if (kills && timer > 0) killed = killBusiest()
    await paying
  }
  await killed
  await arena.finish(shop)
  return { shop, stories }

  async function killBusiest(): Promise<void> {
    let at = 0
    const looked = performance.now()
    await waitUntil('a worker has messages in hand', async () => {
      const held = await fleet.held()
      at = held.indexOf(Math.max(...held))
      return held[at]! > 0 || performance.now() - looked > 2_000
    })
    await fleet.kill(at)
    await fleet.start(at)
  }
}

describe('no call is made whose gate could see the payment', () => {
  it(
    `in ${ROUNDS * HISTORIES} random histories through four processes that are being killed`,
    async () => {
      const started = performance.now()
      const total = { calls: 0, wrong: 0, inFlight: 0, sent: 0, sentWrong: 0 }
      for (let round = 0; round < ROUNDS; round++) {
        const { shop, stories } = await play(HISTORIES, true, round)
        const calls = await judgeCalls(arena, shop)
        for (const [name, count] of Object.entries(calls)) total[name as keyof Calls] += count
        const capped = await judgeCap(arena, shop, CAP)
        console.log('cap:', capped)
        expect({ seed, ...capped }).toMatchObject({ seed, most: CAP, over: 0, overByCount: 0 })
        const { problems } = await verify(arena, shop, { stories })
        expect({ seed, problems: problems.slice(0, 10) }).toEqual({ seed, problems: [] })
      }
      const seconds = Math.round((performance.now() - started) / 1_000)
      console.log(`${ROUNDS * HISTORIES} histories, ${arena.fleet.counts.kills} kills, ${seconds} s:`, total)
      expect({ seed, ...total }).toMatchObject({ seed, wrong: 0, sentWrong: 0 })
      expect(total.calls).toBeGreaterThan((ROUNDS * HISTORIES) / 4)
    },
    long ? 3_600_000 : 120_000,
  )

  it('and without the marker in the claiming statement, calls are', async () => {
    const all = Array.from({ length: arena.fleet.size }, (_, at) => at)
    await Promise.all(all.map((at) => arena.fleet.replace(at, { without: ['gate_marker'] })))
    let wrong = 0
    for (let round = 100; round < 105 && wrong === 0; round++) {
      const { shop } = await play(150, false, round)
      const calls = await judgeCalls(arena, shop)
      console.log('without the marker:', calls)
      wrong = calls.wrong
    }
    expect(wrong).toBeGreaterThan(0)
  }, 120_000)
})
