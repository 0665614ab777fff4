import { readLaw } from '../../src/app/law.ts'
import type { Provider } from '../../src/channels/channel.ts'
import { createHttpClient } from '../../src/channels/http-client.ts'
import { PROVIDERS_FOR_BENCH } from '../../src/channels/registry.ts'
import { connect } from '../../src/db/connect.ts'
import { ensureInstallation } from '../../src/db/shops.ts'
import type { ConnectionId, ShopId } from '../../src/domain/ids.ts'
import type { Clock, Instant } from '../../src/domain/time.ts'
import { systemClock } from '../../src/domain/time.ts'
import { createEngine, type Engine, type EngineOptions } from '../../src/pipeline/engine.ts'
import { type AccountToOpen, openShop } from '../../src/pipeline/open-shop.ts'
import { type TestDatabase, testDatabase } from '../database.ts'
import { quietLog, testMaster, testRandom } from './fixed.ts'
import { presetsForTests } from './presets.ts'
import { testRails } from './rails.ts'

export { quietLog, testMaster, testRandom }

/** A clock that stands still until told; timers fire while it is moved. */
export interface TravelClock extends Clock {
  set(now: Instant): void
}

/** Business time in the test's hands; waiting (`after`) follows the machine, so that retries of the machinery still run. */
export function travelClock(start: Instant): TravelClock {
  let now = start
  const real = systemClock()
  return {
    now: () => now,
    after: real.after,
    set(instant) {
      now = instant
    },
  }
}

export interface TestEngine extends Engine {
  readonly database: TestDatabase
  readonly clock: Clock
  close(): Promise<void>
  openShop(
    slug: string,
    accounts: readonly AccountToOpen[],
    settings?: object,
  ): Promise<{ id: ShopId; internal: ConnectionId }>
}

export interface TestEngineOptions extends Partial<Pick<EngineOptions, 'sealerOf' | 'findProvider'>> {
  readonly clock?: Clock
  readonly origins?: readonly string[]
  readonly max?: number
  /** A database that is there already, such as a restored one. Closed with the engine. */
  readonly database?: TestDatabase
}

/** A whole engine on a database of its own. */
export async function testEngine(options: TestEngineOptions = {}): Promise<TestEngine> {
  const clock = options.clock ?? systemClock()
  const database = options.database ?? (await testDatabase({ max: options.max ?? 8 }))
  const configDb = connect({ url: database.url, max: 2 })
  const http = createHttpClient({ allowOrigins: options.origins ?? [] })
  await ensureInstallation(database.db, clock.now())
  const engine = createEngine({
    db: database.db,
    configDb,
    master: testMaster,
    clock,
    random: testRandom,
    findProvider:
      options.findProvider ?? ((name) => PROVIDERS_FOR_BENCH.find((each: Provider) => each.name === name)),
    rails: testRails,
    http: http.request,
    publicUrl: () => 'http://127.0.0.1:1',
    law: await readLaw(),
    log: quietLog,
    ...(options.sealerOf ? { sealerOf: options.sealerOf } : {}),
  })
  return {
    ...engine,
    database,
    clock,
    async openShop(slug, accounts, settings = {}) {
      const deps = { db: database.db, keyring: engine.keyring, random: testRandom }
      const shop = {
        slug,
        name: slug,
        locale: 'zh-CN',
        timeZone: 'Asia/Shanghai',
        currency: 'CNY',
        country: 'CN',
        settings,
        demo: false,
      }
      const opened = await openShop(deps, shop, await presetsForTests(), accounts, clock.now())
      if (!opened) throw new Error(`shop ${slug} exists`)
      return opened
    },
    async close() {
      await engine.stop()
      await http.close()
      await configDb.close()
      await database.close()
    },
  }
}
