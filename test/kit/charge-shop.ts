import { addMember, addMemberContact } from '../../src/db/accounts.ts'
import { listReviews } from '../../src/db/reviews.ts'
import { bumpConfig } from '../../src/db/shops.ts'
import { newId, type ShopId } from '../../src/domain/ids.ts'
import type { Prng } from '../../src/domain/order/history.test-kit.ts'
import { type Clock, MINUTE } from '../../src/domain/time.ts'
import { type StripeLab, startStripeLab } from '../../src/lab/stripe-lab.ts'
import { startWechatLab, type WechatLab } from '../../src/lab/wechat-lab.ts'
import type { Sender } from '../../src/pipeline/intake.ts'
import type { Preset, Presets } from '../../src/pipeline/presets.ts'
import { presetFlows } from '../../src/pipeline/presets.ts'
import { changeReview } from '../../src/pipeline/settle-review.ts'
import { createShopConfigs } from '../../src/pipeline/shop-config.ts'
import { SOURCES } from '../../src/sources/registry.ts'
import type { Arena } from './arena.ts'
import { testRandom } from './fixed.ts'
import { flowText } from './flow-texts.ts'
import { testRails } from './rails.ts'

/** Where the money is: simulated in this process, so that no worker's death makes it forget a charge. */
export interface Rails {
  readonly stripe: StripeLab
  readonly wechat: WechatLab
}

export async function startRails(clock: Clock, random: Prng): Promise<Rails> {
  const bytes = (count: number) => Uint8Array.from({ length: count }, () => Math.floor(random() * 256))
  return {
    stripe: await startStripeLab({ clock, random: bytes }),
    wechat: await startWechatLab({ clock, random: bytes }),
  }
}

export interface ChargeShop {
  readonly id: ShopId
  readonly own: Sender
  readonly accounts: readonly Sender[]
  readonly wechatAccount: Sender
  /** Decides the reviews that wait and hold their orders, each with this chance; gives how many. */
  decideReviews(random: Prng, chance: number): Promise<number>
}

/** Healing and its words, the commands that go with it, and a cascade of two channels. */
const FLOWS: ReadonlySet<string> = new Set([
  'payment-failed-timeout',
  'payment-failed-other',
  'payment-healed',
  'payment-retry',
  'review-orders',
])

const NUDGE = flowText({
  key: 'nudge',
  on: 'order.created',
  purpose: 'reminder',
  more: 'once: { per: order }\nstopWhen: [paid, closed]',
  steps: [
    '  - { id: nudge, kind: cascade, channels: [email, sms], template: payment_failed_last, acted: over }',
    '  - { id: over, kind: stop, reason: over }',
  ].join('\n'),
}).replace('created] }', `created], when: 'order.title == "nudge"' }`)

const keyed = (presets: readonly Preset[]) => presets.filter(({ key }) => FLOWS.has(key))

const presets = (all: Presets): Presets => ({
  ...all,
  flows: [...keyed(all.flows), ...presetFlows({ 'nudge.yaml': NUDGE }, all.templates)],
})

/** A shop with two Stripe accounts, WeChat Pay, a system that takes commands, and somebody in finance. */
export async function openChargeShop(
  arena: Arena,
  { stripe, wechat }: Rails,
  slug: string,
  capPerDay: number,
): Promise<ChargeShop> {
  const settings = { retries: { byUs: 'once', byShop: 'ask' } }
  const { id, connection } = await arena.openShop(slug, { capPerDay, presets, settings })
  const account = { secrets: ['whsec_test_secret'], apiKey: stripe.apiKey, apiUrl: stripe.origin }
  const first = await arena.connect(id, 'stripe', account)
  const second = await arena.connect(id, 'stripe', account)
  const rail = await arena.connect(id, 'wechat-pay', wechat.settings())
  await hire(arena, id)
  const configs = createShopConfigs({
    db: arena.db,
    keyring: arena.keyring,
    findSource: (name) => SOURCES.get(name),
    findProvider: () => undefined,
    failureTable: testRails.table,
    clock: arena.clock,
  })
  const deps = { db: arena.db, keyring: arena.keyring, configs, clock: arena.clock, random: testRandom }
  return {
    id,
    own: { shop: id, connection, trust: 'authenticated' },
    accounts: [first, second].map((each) => ({ shop: id, connection: each, trust: 'signed' })),
    wechatAccount: { shop: id, connection: rail, trust: 'signed' },
    async decideReviews(random, chance) {
      const waiting = await listReviews(arena.db, id, 'waiting', null, 1_000)
      let decided = 0
      for (const review of waiting) {
        if (review.action !== 'hold' || random() >= chance) continue
        const change = random() < 0.7 ? 'approve' : 'reject'
        const done = await changeReview(deps, id, review.id, { change, by: 'admin', roles: null, note: null })
        if (done.kind === 'done') decided++
      }
      return decided
    },
  }
}

/** Where nobody works nobody is waited for. */
async function hire({ db, clock, keyring }: Arena, shop: ShopId): Promise<void> {
  const now = clock.now()
  const member = newId('mem', now, testRandom)
  const contact = newId('con', now, testRandom)
  const vault = await keyring.open(shop)
  const mail = 'finance@example.org'
  const address = vault.sealer.seal(mail, { shop, column: 'contact.address', row: contact })
  const index = vault.index('contact.email', mail)
  await addMember(db, shop, { id: member, name: 'Finance', roles: ['finance'], locale: 'en' }, now)
  await addMemberContact(db, shop, member, { id: contact, channel: 'email', index, address }, now)
  await bumpConfig(db as never, shop)
}

/** How long after the start each wave is: tries, what is asked after them, and a cascade's second turn. */
export const WAVES = [2 * MINUTE + 5_000, 7 * MINUTE + 30_000, 30 * MINUTE + 10_000, 245 * MINUTE] as const
