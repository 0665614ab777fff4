import { createHttpClient, type OwnedHttpClient } from '../../src/channels/http-client.ts'
import type { RetryRules } from '../../src/domain/healing/rules.ts'
import type { ConnectionId } from '../../src/domain/ids.ts'
import { type Millis, systemClock } from '../../src/domain/time.ts'
import { type LabIntent, type StripeLab, startStripeLab } from '../../src/lab/stripe-lab.ts'
import type { Engine } from '../../src/pipeline/engine.ts'
import { SOURCES } from '../../src/sources/registry.ts'
import { type ScriptedProvider, scriptedProvider } from './scripted-provider.ts'
import { connectSource } from './scripted-source.ts'
import { MONDAY, openWorld, type TestShop, type World, watched } from './world.ts'

export const STRIPE_SECRET = 'whsec_test_secret'

/** A world beside a strict Stripe: real requests over loopback, a real database, time in the test's hands. */
export interface HealingWorld {
  readonly world: World
  readonly lab: StripeLab
  readonly client: OwnedHttpClient
  readonly mail: ScriptedProvider
  /** What the shop's connection to that Stripe is set to. */
  readonly settings: { readonly secrets: string[]; readonly apiKey: string; readonly apiUrl: string }
  /** Monday again, nothing scripted, and nothing left of what other tests' shops ask. */
  fresh(): Promise<void>
  connect(shop: TestShop): Promise<ConnectionId>
  /** To `ms` after Monday, where these processes do all due work; one that dies in it is no fault. */
  go(ms: Millis, ...engines: readonly Engine[]): Promise<void>
  /** The same stop by stop, and in between every lease runs out: whoever died is taken over. */
  live(stops: readonly Millis[], ...engines: readonly Engine[]): Promise<void>
  /** Another process works, and right before its first such statement something happens. */
  meanwhile(statement: string, happens: () => Promise<unknown>): Promise<void>
  /** What the lab was told to try. */
  confirms(intent: LabIntent): readonly StripeLab['seen'][number][]
  close(): Promise<void>
}

export async function openHealingWorld(
  more: { readonly retries?: RetryRules; readonly providers?: readonly ScriptedProvider[] } = {},
): Promise<HealingWorld> {
  const mail = scriptedProvider('email', 'harmless')
  let world: World | null = null
  const lab = await startStripeLab({
    clock: { ...systemClock(), now: () => world!.clock.now() },
    random: (n) => Buffer.alloc(n, 7),
  })
  const client = createHttpClient({ allowOrigins: [lab.origin] })
  const opened = await openWorld({
    providers: [mail, ...(more.providers ?? [])],
    findSource: (name) => SOURCES.get(name),
    http: client.request,
    ...(more.retries === undefined ? {} : { retries: () => more.retries! }),
  })
  world = opened
  const settings = { secrets: [STRIPE_SECRET], apiKey: lab.apiKey, apiUrl: lab.origin }
  async function go(ms: Millis, ...engines: readonly Engine[]) {
    opened.clock.set(MONDAY + ms)
    if (engines.length === 0) await opened.engine.worker.drain()
    await Promise.all(engines.map((engine) => engine.worker.drain().catch(() => {})))
  }
  return {
    world: opened,
    lab,
    client,
    mail,
    settings,
    async fresh() {
      opened.clock.set(MONDAY)
      lab.script([])
      await opened.db.query('delete from inquiry')
    },
    connect: (shop) => connectSource(opened, shop, 'stripe', settings),
    go,
    async live(stops, ...engines) {
      for (const ms of stops) {
        await opened.db.query(
          "update inquiry set lease_until = '2020-01-01T00:00:00Z' where lease_until is not null",
        )
        await go(ms, ...engines)
      }
    },
    async meanwhile(statement, happens) {
      let left = 1
      const other = opened.another((db) =>
        watched(db, async (name) => {
          if (name === statement && left-- > 0) await happens()
        }),
      )
      await other.worker.drain()
      if (left > 0) throw new Error(`no statement ${statement} was run`)
    },
    confirms: ({ id }) => lab.seen.filter((one) => one.method === 'POST' && one.path.includes(id)),
    async close() {
      await opened.close()
      await client.close()
      await lab.close()
    },
  }
}
