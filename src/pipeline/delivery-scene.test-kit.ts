import { afterAll, beforeAll, beforeEach } from 'vitest'
import { type ScriptedProvider, scriptedProvider } from '../../test/kit/scripted-provider.ts'
import { shopRows } from '../../test/kit/shop-rows.ts'
import {
  account,
  type Buyer,
  MONDAY,
  openWorld,
  type PlanOptions,
  type TestShop,
  type World,
} from '../../test/kit/world.ts'
import type { Channel, Fate } from '../domain/message.ts'
import type { Engine } from './engine.ts'

export const SENT: Fate = { kind: 'sent', providerRef: null }

/** Three roads whose answers a test decides, and for each test a shop of its own that uses them. */
interface DeliveryScene {
  readonly world: World
  /** Receivers drop what they have seen. */
  readonly mail: ScriptedProvider
  /** A repeat would be seen, and nobody can be asked. */
  readonly text: ScriptedProvider
  /** A repeat would be seen, but the provider can say what became of a call. */
  readonly asking: ScriptedProvider
  readonly shop: TestShop
  /** Takes another shop, with these accounts. */
  open(...accounts: ReturnType<typeof account>[]): Promise<void>
  /** So many messages to the shop's buyer. */
  many(n: number, options?: PlanOptions): PlanOptions[]
  drain(): Promise<unknown>
  deliver(channel?: Channel, engine?: Engine): Promise<unknown>
  messages(): ReturnType<ReturnType<typeof shopRows>['messages']>
  states(): Promise<readonly string[]>
}

/** Opens the scene before the tests of a file and closes it after them. */
export function deliveryScene(name: string): DeliveryScene {
  const mail = scriptedProvider('email', 'harmless')
  const text = scriptedProvider('sms', 'visible', { name: 'silent-sms' })
  const asking = scriptedProvider('sms', 'visible', { name: 'asking-sms', canAsk: true })
  let world: World
  let shop: TestShop
  let buyer: Buyer
  let shops = 0

  async function open(...accounts: ReturnType<typeof account>[]): Promise<void> {
    shop = await world.openShop(`${name}-${++shops}`, { accounts, settings: { capPerDay: 50 } })
    buyer = await shop.buyer({ email: `${name}@example.org`, phone: '+8613800138000' })
  }
  const messages = () => shopRows(world).messages(shop)

  beforeAll(async () => {
    world = await openWorld({ providers: [mail, text, asking] })
  })
  afterAll(() => world?.close())
  beforeEach(async () => {
    world.clock.set(MONDAY)
    for (const provider of [mail, text, asking]) {
      provider.calls.length = 0
      provider.asked.length = 0
      provider.answer = () => SENT
      provider.answerAsked = () => null
    }
    await open(account(mail, { concurrency: 2 }), account(text))
  })

  return {
    mail,
    text,
    asking,
    get world() {
      return world
    },
    get shop() {
      return shop
    },
    open,
    many: (n, options = {}) => Array.from({ length: n }, () => ({ to: buyer, channel: 'email', ...options })),
    drain: () => world.engine.worker.drain(),
    deliver: (channel = 'email', engine = world.engine) => engine.delivery.deliver(shop.id, channel),
    messages,
    states: async () => (await messages()).map(({ state }) => state).sort(),
  }
}

/** What a counter of the metrics stands at, over all its labels. */
export async function count(counter: { get(): Promise<{ values: { value: number }[] }> }): Promise<number> {
  return (await counter.get()).values.reduce((sum, { value }) => sum + value, 0)
}
