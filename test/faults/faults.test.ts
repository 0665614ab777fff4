import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { prngOf } from '../../src/domain/order/history.test-kit.ts'
import { type Arena, startArena } from '../kit/arena.ts'
import { type OwnPostgres, startOwnPostgres } from '../kit/own-postgres.ts'
import { makeStories, type StoryKind } from '../kit/stories.ts'
import { type Outcome, verify } from '../kit/verify.ts'
import { waitUntil } from '../kit/wait-until.ts'
import { SCENARIOS, type Scenario, type Scene } from './scenarios.ts'

/**
 * Four worker processes on one real PostgreSQL, and everything that can break breaks. Afterwards: every
 * acknowledged event is applied, every message it must lead to exists with a final fate, the simulators received
 * nothing twice that nothing explains, and what nobody can know is called unknown.
 */
const long = process.env.DINGDONG_LONG === '1'
const seed = Number(process.env.DINGDONG_SEED ?? Math.floor(Math.random() * 2 ** 31))
const KINDS: readonly StoryKind[] = ['paid', 'failed', 'created', 'delivered', 'history']

let postgres: OwnPostgres
let arena: Arena
const table: Record<string, string | number>[] = []

beforeAll(async () => {
  postgres = await startOwnPostgres()
  arena = await startArena(postgres.url)
}, 120_000)
afterEach(() => {
  arena.lab.smtp.script([])
  arena.lab.sms.script([])
  arena.lab.webhook.script([])
})
afterAll(async () => {
  if (long || process.env.DINGDONG_TABLE) console.table(table)
  await arena?.close()
  await postgres?.stop()
}, 60_000)

async function play(scenario: Scenario): Promise<Outcome> {
  const { fleet, clock, progress } = arena
  const shop = await arena.openShop(`s${table.length}-${seed}`, scenario.shop)
  const sender = { shop: shop.id, connection: shop.connection, trust: 'signed' } as const
  const count = scenario.stories[long ? 'long' : 'short']
  const stories = makeStories(shop.id, shop.connection, count, scenario.kinds ?? KINDS, seed, clock.now())
  let over = false
  const ended = Promise.withResolvers<void>()
  const scene: Scene = {
    arena,
    postgres,
    random: prngOf(seed),
    long,
    sender,
    more: (more) => Promise.race([progress.more(more), ended.promise]),
    over: () => over,
    async busy(among = [0, 1, 2, 3]) {
      let place = among[0]!
      await waitUntil('a worker has messages in hand', async () => {
        const held = await fleet.held()
        place = among.toSorted((a, b) => held[b]! - held[a]!)[0]!
        return over || held[place]! > 2
      })
      return place
    },
  }
  const before = { ...fleet.counts }
  const started = performance.now()
  const first = (await scenario.prepare?.(scene)) ?? []
  if (first.length > 0) await fleet.give(sender, first)
  const struck = scenario.strike?.(scene)
  await arena.tell(stories)
  await arena.quiet(shop.id)
  over = true
  ended.resolve()
  await struck
  await scenario.recover?.(scene)
  await arena.finish(shop.id)
  const outcome = await verify(arena, shop.id, {
    stories,
    extra: first.length,
    stuck: scenario.stuck ?? 0,
    allowed: scenario.allowed ?? [],
  })
  const { problems, ...numbers } = outcome
  const { kills, freezes } = fleet.counts
  table.push({
    scenario: scenario.name,
    ...numbers,
    kills: kills - before.kills,
    freezes: freezes - before.freezes,
    seconds: Math.round((performance.now() - started) / 100) / 10,
  })
  return { ...numbers, problems }
}

describe('nothing acknowledged is lost and nothing is done twice', () => {
  it.each(SCENARIOS)(
    'when $name',
    async (scenario) => {
      const { problems, lost, duplicates, failed } = await play(scenario)
      expect({ seed, problems: problems.slice(0, 10), lost, duplicates, failed }).toEqual({
        seed,
        problems: [],
        lost: 0,
        duplicates: 0,
        failed: scenario.failed ?? 0,
      })
    },
    long ? 1_200_000 : 120_000,
  )
})
