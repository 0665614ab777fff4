import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { provesPayment } from '../../src/domain/event.ts'
import type { ShopId } from '../../src/domain/ids.ts'
import { type Prng, prngOf, randomHistory } from '../../src/domain/order/history.test-kit.ts'
import { DAY, HOUR, MINUTE, type Millis } from '../../src/domain/time.ts'
import { type TestDatabase, testDatabase } from '../database.ts'
import { type Arena, startArena } from '../kit/arena.ts'
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
  const { id: shop } = await arena.openShop(`paid-${round}`, { capPerDay: CAP })
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

interface Capped {
  /** Most that one person was sent on one day. */
  readonly most: number
  /** People and days with more than the cap: by what was sent, and by the product's own count. */
  readonly over: number
  readonly overByCount: number
  /** Messages that the cap kept back for good. */
  readonly kept: number
}

/**
 * Counts what was due and sent on one local day: those were gated on it, whatever the clock did meanwhile. What the
 * gate put off to another day is in the product's own count only.
 */
async function judgeCap(shop: ShopId): Promise<Capped> {
  const { rows } = await arena.db.query<Capped>(
    `with local as (
       select customer_id, floor((settled_at + $3) / 86400000.0) as day,
         floor((greatest(created_at, due_at) + $3) / 86400000.0) as from_day
       from message where shop_id = $1 and state = 'sent' and purpose <> 'essential' and audience = 'buyer'),
     days as (select count(*) as n from local where day = from_day group by customer_id, day)
     select coalesce(max(n), 0) as most, count(*) filter (where n > $2) as over,
       (select count(*) from cap where shop_id = $1 and used > $2) as "overByCount",
       (select count(*) from message where shop_id = $1 and state = 'dropped' and verdict like '%cap%') as kept
     from days`,
    [shop, CAP, 8 * HOUR],
  )
  return rows[0]!
}

interface Calls {
  readonly calls: number
  /** The marker was visible in the gate's snapshot. */
  readonly wrong: number
  /** It was committed between the gate and the call: in flight. */
  readonly inFlight: number
  /** The same question put to the product's own columns, for what was sent. */
  readonly sent: number
  readonly sentWrong: number
}

async function judge(shop: ShopId): Promise<Calls> {
  const { rows } = await arena.db.query<Calls>(
    `select count(*) as calls,
       count(*) filter (where paid_in($1, c.message_id, c.gate)) as wrong,
       count(*) filter (where not paid_in($1, c.message_id, c.gate) and paid_in($1, c.message_id, c.call)) as "inFlight",
       (select count(*) from message as s where s.shop_id = $1 and s.state = 'sent' and 'paid' = any(s.stops)) as sent,
       (select count(*) from message as s where s.shop_id = $1 and s.state = 'sent' and 'paid' = any(s.stops)
          and paid_in($1, s.id, s.gate_snapshot)) as "sentWrong"
     from seen_call as c join message as m on m.shop_id = $1 and m.id = c.message_id
     where c.shop_id = $1 and 'paid' = any(m.stops)`,
    [shop],
  )
  return rows[0]!
}

describe('no call is made whose gate could see the payment', () => {
  it(
    `in ${ROUNDS * HISTORIES} random histories through four processes that are being killed`,
    async () => {
      const started = performance.now()
      const total = { calls: 0, wrong: 0, inFlight: 0, sent: 0, sentWrong: 0 }
      for (let round = 0; round < ROUNDS; round++) {
        const { shop, stories } = await play(HISTORIES, true, round)
        const calls = await judge(shop)
        for (const [name, count] of Object.entries(calls)) total[name as keyof Calls] += count
        const capped = await judgeCap(shop)
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
    await Promise.all(all.map((at) => arena.fleet.replace(at, { blind: true })))
    let wrong = 0
    for (let round = 100; round < 105 && wrong === 0; round++) {
      const { shop } = await play(150, false, round)
      const calls = await judge(shop)
      console.log('without the marker:', calls)
      wrong = calls.wrong
    }
    expect(wrong).toBeGreaterThan(0)
  }, 120_000)
})
