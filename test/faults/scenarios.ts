import type { SourceEvent } from '../../src/domain/event.ts'
import type { Prng } from '../../src/domain/order/history.test-kit.ts'
import { DAY, HOUR } from '../../src/domain/time.ts'
import type { Sender } from '../../src/pipeline/intake.ts'
import type { Arena, ShopOptions } from '../kit/arena.ts'
import { untilMonthsLater } from '../kit/old-events.ts'
import type { OwnPostgres } from '../kit/own-postgres.ts'
import type { StoryKind } from '../kit/stories.ts'
import { waitUntil } from '../kit/wait-until.ts'
import { halfOpen } from './half-open.ts'
import { poison } from './poison.ts'
import { slowProviders } from './slow-providers.ts'

/** What a fault has at hand while stories are being told. */
export interface Scene {
  readonly arena: Arena
  readonly postgres: OwnPostgres
  readonly random: Prng
  readonly long: boolean
  readonly sender: Sender
  /** Resolves when so many more events were acknowledged or messages received, or when all is over. */
  more(count: number): Promise<void>
  over(): boolean
  /** The place of a worker that has several messages in hand now; any, when all is over. */
  busy(among?: readonly number[]): Promise<number>
}

export interface Scenario {
  readonly name: string
  readonly stories: { readonly short: number; readonly long: number }
  readonly kinds?: readonly StoryKind[]
  readonly shop?: ShopOptions
  /** Fates other than `sent` that the fault may lead to. */
  readonly allowed?: readonly string[]
  /** Events that are to be set aside, and messages that are to be refused for good. */
  readonly stuck?: number
  readonly failed?: number
  /** Before the stories are told. Events it gives back are told first. */
  prepare?(scene: Scene): Promise<readonly SourceEvent[]>
  /** While they are told. */
  strike?(scene: Scene): Promise<void>
  /** When nothing is due any more, before business time moves on. */
  recover?(scene: Scene): Promise<void>
}

/** A broken-off SMS is never repeated: nobody knows whether it arrived, and its row says so. */
const BROKEN_SMS = 'unknown:sms'
/** Three crashes while a message was in hand set it aside: with many kills or freezes it may hit an innocent one. */
const POISON = ['poison:email', 'poison:sms', 'poison:command']

const workersKilled: Scenario = {
  name: 'workers killed',
  stories: { short: 120, long: 1_000 },
  allowed: [BROKEN_SMS, ...POISON],
  prepare: ({ arena }) => slowProviders(arena),
  async strike({ arena: { fleet }, random, long, more, busy, over }) {
    const starting: Promise<void>[] = []
    for (let kills = 0; kills < (long ? 40 : 3) && !over(); kills++) {
      await more(5 + Math.floor(random() * 60))
      const at = await busy()
      if (over()) break
      await fleet.kill(at)
      // The next kill does not wait for it: sometimes only one or two are left.
      starting.push(fleet.start(at))
    }
    await Promise.all(starting)
  },
}

const everythingKilled: Scenario = {
  name: 'everything killed, the database too',
  stories: { short: 100, long: 1_000 },
  allowed: [BROKEN_SMS, ...POISON],
  prepare: ({ arena }) => slowProviders(arena),
  async strike({ arena: { fleet }, postgres, random, long, more, busy, over }) {
    const all = Array.from({ length: fleet.size }, (_, at) => at)
    for (let times = 0; times < (long ? 4 : 1) && !over(); times++) {
      await more(100 + Math.floor(random() * (long ? 300 : 100)))
      await busy()
      await Promise.all([...all.map(fleet.kill), postgres.killAll()])
      await postgres.startAgain()
      await Promise.all(all.map((at) => fleet.start(at)))
    }
  },
}

const databaseCrashes: Scenario = {
  name: 'database crashes under load',
  stories: { short: 120, long: 1_000 },
  allowed: [BROKEN_SMS, ...POISON],
  prepare: ({ arena }) => slowProviders(arena),
  async strike({ postgres, random, long, more, busy, over }) {
    for (let crashes = 0; crashes < (long ? 8 : 2) && !over(); crashes++) {
      await more(40 + Math.floor(random() * (long ? 200 : 60)))
      await busy()
      await postgres.crash()
    }
  },
}

const workersFrozen: Scenario = {
  name: 'workers frozen past their lease',
  stories: { short: 100, long: 1_000 },
  allowed: [BROKEN_SMS, ...POISON],
  prepare: ({ arena }) => slowProviders(arena),
  async strike({ arena: { fleet }, random, long, more, busy, over }) {
    for (let times = 0; times < (long ? 4 : 1) && !over(); times++) {
      await more(20 + Math.floor(random() * 100))
      const at = await busy()
      const pair = [at, (at + 1) % fleet.size]
      for (const at of pair) fleet.freeze(at)
      // In short they stay frozen until the others have done everything.
      if (!long) return
      await more(500)
      for (const at of pair) fleet.thaw(at)
    }
  },
  async recover({ arena: { fleet }, sender }) {
    for (let at = 0; at < fleet.size; at++) {
      fleet.thaw(at)
      // Its answer says that it lives again.
      await waitUntil('a thawed worker answers', () => fleet.giveTo(at, sender, []).then(() => true, String))
    }
  },
}

const providersFail: Scenario = {
  name: 'providers fail in every way',
  stories: { short: 120, long: 1_000 },
  // Waits between tries may outlast a message: then it is given up or dropped, or unknown when a try may have arrived.
  allowed: [
    BROKEN_SMS,
    ...['unknown:email', 'unknown:command', 'dropped:expired', 'dropped:replaced'],
    ...['given_up:email', 'given_up:sms', 'given_up:command'],
  ],
  async prepare({ arena: { lab } }) {
    const before = { fault: { kind: 'drop', when: 'before' }, chance: 0.03 } as const
    const after = { fault: { kind: 'drop', when: 'after' }, chance: 0.05 } as const
    const slow = { fault: { kind: 'slow', ms: 120 }, chance: 0.05 } as const
    const limit = { fault: { kind: 'limit', seconds: 2 }, chance: 0.05 } as const
    const fail = { fault: { kind: 'fail' }, chance: 0.05 } as const
    const receipts = [
      { fault: { kind: 'duplicate_receipt' }, chance: 0.2 },
      { fault: { kind: 'early_receipt' }, chance: 0.2 },
    ] as const
    lab.smtp.script([before, after, slow, limit, fail])
    lab.webhook.script([before, after, slow, limit, fail])
    lab.sms.script([before, after, slow, limit, fail, ...receipts])
    return []
  },
}

const clockJumps: Scenario = {
  name: 'clocks jump, hours and days',
  stories: { short: 100, long: 1_000 },
  kinds: ['failed', 'created', 'delivered', 'history'],
  // Mail servers do not look at the time; the other simulators refuse stamps that are off, as real ones do.
  // To a clock that is two days fast every event is old; that old ones start nothing is not what this is about.
  shop: { accounts: ['email'], presets: untilMonthsLater },
  // A worker that this machine keeps from its processor loses its lease; whoever takes its call over with a clock far
  // ahead finds it expired, and must not say that it did not arrive.
  allowed: ['dropped:expired', 'dropped:replaced', 'dropped:account_missing', 'unknown:email'],
  async strike({ arena: { fleet, clock, setClock }, random, long, more, over }) {
    const jumps = [HOUR, -HOUR, 2 * DAY, -2 * DAY]
    for (let times = 0; times < (long ? 40 : 6) && !over(); times++) {
      await more(10 + Math.floor(random() * 40))
      fleet.setClock(clock.offset() + jumps[times % jumps.length]!, Math.floor(random() * fleet.size))
      // Now and then everybody's, as when the machine itself was wrong.
      if (times % 3 === 2) setClock(clock.offset() + (times % 6 === 2 ? HOUR : -HOUR))
    }
  },
  async recover({ arena: { clock, setClock } }) {
    setClock(clock.offset())
  },
}

export const SCENARIOS: readonly Scenario[] = [
  workersKilled,
  everythingKilled,
  databaseCrashes,
  halfOpen(),
  workersFrozen,
  providersFail,
  poison(),
  clockJumps,
]
