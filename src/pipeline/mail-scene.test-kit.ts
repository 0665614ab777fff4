import { afterAll, beforeAll } from 'vitest'
import { type ScriptedProvider, scriptedProvider } from '../../test/kit/scripted-provider.ts'
import { shopRows } from '../../test/kit/shop-rows.ts'
import { account, openWorld, type TestShop, type World } from '../../test/kit/world.ts'
import type { SourceEvent } from '../domain/event.ts'

/** A world whose shops send mail by a provider that the test tells what to answer. */
interface MailScene {
  readonly world: World
  readonly mail: ScriptedProvider
  readonly rows: ReturnType<typeof shopRows>
  newShop(flows?: readonly string[], settings?: object): Promise<TestShop>
  /** Applies everything that waits, in this process. */
  drain(): Promise<unknown>
  tell(shop: TestShop, ...events: SourceEvent[]): Promise<void>
}

/** Opens the scene before the tests of a file and closes it after them. */
export function mailScene(name: string): MailScene {
  const mail = scriptedProvider('email', 'harmless')
  let world: World
  let shops = 0
  beforeAll(async () => {
    world = await openWorld({ providers: [mail] })
  })
  afterAll(() => world?.close())

  const drain = () => world.engine.worker.drain()
  return {
    mail,
    get world() {
      return world
    },
    rows: shopRows({ rows: (text, values) => world.rows(text, values) }),
    newShop: (flows = [], settings = {}) =>
      world.openShop(`${name}-${++shops}`, {
        flows,
        accounts: [account(mail)],
        settings: { capPerDay: 50, ...settings },
      }),
    drain,
    async tell(shop, ...events) {
      await shop.keep(events)
      await drain()
    },
  }
}
