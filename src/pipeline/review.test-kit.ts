import { readFileSync } from 'node:fs'
import { testRandom } from '../../test/kit/engine.ts'
import { REMIND } from '../../test/kit/flow-texts.ts'
import { type ScriptedProvider, scriptedProvider } from '../../test/kit/scripted-provider.ts'
import { account, event, MONDAY, openWorld, type TestShop, type World } from '../../test/kit/world.ts'
import { addMember, addMemberContact } from '../db/accounts.ts'
import { bumpConfig } from '../db/shops.ts'
import type { SourceEvent } from '../domain/event.ts'
import { newId, type ReviewId } from '../domain/ids.ts'
import { HOUR, MINUTE } from '../domain/time.ts'
import { openEvent } from './open-event.ts'
import { changeReview, type Decided, type Decision } from './settle-review.ts'

export interface ReviewOfTest {
  readonly id: ReviewId
  readonly no: string
  readonly rule: string
  readonly iteration: number
  readonly action: string
  readonly state: string
  readonly level: number
  readonly due_at: number | null
  readonly decided_by: string | null
  readonly held_by_review: boolean
}

/** A world whose shops have rules and people, and short ways to act in it. */
export interface ReviewWorld {
  readonly world: World
  readonly mail: ScriptedProvider
  /** Does all due work, a millisecond later than before, so that what is told can be put in order. */
  drain(): Promise<void>
  /** Their times are as if it were still Monday. */
  tell(shop: TestShop, ...events: SourceEvent[]): Promise<void>
  /** A shop with these rules of the program's own, or by their texts, and one person for each role. */
  newShop(rules: readonly string[], roles?: readonly string[]): Promise<TestShop>
  reviews(shop: TestShop): Promise<readonly ReviewOfTest[]>
  /** What was told of reviews, in order. */
  told(shop: TestShop): Promise<readonly Record<string, unknown>[]>
  change(shop: TestShop, id: ReviewId, decision: Partial<Decision>): Promise<Decided>
}

export const ruleText = (name: string) =>
  readFileSync(new URL(`../../rules/${name}.yaml`, import.meta.url), 'utf8')

export async function openReviewWorld(): Promise<ReviewWorld> {
  const mail = scriptedProvider('email', 'harmless')
  const world = await openWorld({ providers: [mail] })
  let shops = 0
  const later = () => world.clock.set(world.clock.now() + 1)
  const drain = () => {
    later()
    return world.engine.worker.drain()
  }
  return {
    world,
    mail,
    drain,
    async tell(shop, ...events) {
      const since = world.clock.now() - MONDAY
      await shop.keep(events.map((each) => ({ ...each, time: each.time + since })))
      await drain()
    },
    async newShop(rules, roles = []) {
      const shop = await world.openShop(`rules-${++shops}`, {
        flows: [REMIND],
        rules: rules.map((rule) => (rule.includes('\n') ? rule : ruleText(rule))),
        accounts: [account(mail)],
        settings: { capPerDay: 50 },
      })
      for (const role of roles) await hire(world, shop, role)
      await bumpConfig(world.db as never, shop.id)
      return shop
    },
    reviews: (shop) =>
      world.rows<ReviewOfTest>(
        `select r.*, o.no, o.held_by_review from review as r
         join orders as o on o.shop_id = r.shop_id and o.id = r.order_id
         where r.shop_id = $1 order by r.opened_at, r.id`,
        [shop.id],
      ),
    told: (shop) => toldIn(world, shop),
    change(shop, id, decision) {
      later()
      const deps = { ...world.engine, db: world.db, clock: world.clock, random: testRandom }
      const base: Decision = { change: 'approve', by: 'member:a', roles: null, note: null }
      return changeReview(deps, shop.id, id, { ...base, ...decision })
    },
  }
}

export async function hire(world: World, shop: TestShop, ...roles: readonly string[]): Promise<void> {
  const now = world.clock.now()
  const member = newId('mem', now, testRandom)
  await addMember(world.db, shop.id, { id: member, name: roles.join(), roles, locale: 'en' }, now)
  const contact = { id: newId('con', now, testRandom), channel: 'email' as const }
  const words = { index: Buffer.from(roles.join()), address: Buffer.from('sealed') }
  await addMemberContact(world.db, shop.id, member, { ...contact, ...words }, now)
}

async function toldIn(world: World, shop: TestShop): Promise<readonly Record<string, unknown>[]> {
  const rows = await world.rows<never>(
    `select id, connection_id, type, trust, occurred_at, received_at, body from event
     where shop_id = $1 and type like 'review.%' order by received_at`,
    [shop.id],
  )
  const vault = await world.engine.keyring.open(shop.id)
  return rows.map((row) => {
    const { type, data } = openEvent(shop.id, row, vault)
    const { tell, quiet, command, outcome } = data.extra!.review as Record<string, unknown>
    return { type, tell, quiet, command, outcome }
  })
}

export const ordered = (no: string, ip: string, minute = 0): SourceEvent => ({
  ...event('order.created', no, { client: { ip }, customer: { email: `${no.toLowerCase()}@example.org` } }),
  time: MONDAY - HOUR + minute * MINUTE,
})

export const failed = (no: string, nth: number): SourceEvent =>
  event('payment.failed', no, {
    customer: { email: 'buyer@example.org' },
    payment: { id: `${no}-${nth}`, failure: { code: 'insufficient_funds' } },
  })

export const large = (no: string, minor = 900_000): SourceEvent =>
  event('order.created', no, {
    order: { total: { minor, currency: 'CNY' } },
    customer: { email: 'buyer@example.org' },
  })
