import type { ShopId } from '../../src/domain/ids.ts'
import { DAY, type Instant, MINUTE, type Millis } from '../../src/domain/time.ts'
import type { LabCharge, StripeLab } from '../../src/lab/stripe-lab.ts'
import type { Arena } from './arena.ts'
import type { Play } from './charge-play.ts'

// What the rail charged, against what the database says about the moment each try was decided.

interface Try {
  readonly seq: number
  readonly order_id: string
  readonly no: string
  readonly by: 'source' | 'shop'
  readonly at: Instant
  /** As the very statement that wrote it down could see the order. */
  readonly paid: boolean
  readonly status: string | null
  readonly held: boolean | null
  /** Tries that the count could see on the card; `null` where the card is not known. */
  readonly visible: readonly string[] | null
  readonly blocked: boolean
}

const tries = `
  select t.seq, t.order_id, r.value as no, t.by, t.at, order_paid_in($1, t.order_id, t.s) as paid, o.status, o.held,
    case when c.card is not null then (
      select coalesce(array_agg(distinct k.payment), '{}') from seen_card_try as k
      where k.shop_id = $1 and k.card = c.card and pg_visible_in_snapshot(k.xid, c.s)) end as visible,
    exists (
      select from seen_card_try as k
      where k.shop_id = $1 and k.card = c.card and k.advice = 'NEVER' and pg_visible_in_snapshot(k.xid, c.s)) as blocked
  from seen_try as t
  left join seen_count as c on c.shop_id = $1 and c.xid = t.xid
  join order_ref as r on r.shop_id = $1 and r.order_id = t.order_id and r.kind = 'order_no'
  left join lateral order_in($1, t.order_id, t.s) as o on true
  where t.shop_id = $1 order by t.seq`

export interface Charged {
  /** Tries written down, by us and by the shop that was asked to. */
  readonly tries: number
  readonly byShop: number
  /** What came of them at the rail. */
  readonly charges: number
  readonly succeeded: number
  /** Both the buyer and we were charging, neither could know of the other. */
  readonly crossed: number
  /** Tries that somebody died in, or was too slow in, and another took up. */
  readonly broken: number
  readonly problems: readonly string[]
}

const CLOSED: ReadonlySet<string> = new Set(['cancelled', 'expired', 'refunded', 'partly_refunded'])

export async function verifyCharges(
  { db }: Arena,
  stripe: StripeLab,
  shop: ShopId,
  play: Play,
): Promise<Charged> {
  const { rows } = await db.query<Try>(tries, [shop])
  const problems: string[] = []
  for (const each of rows) {
    const what = `try ${each.seq} of ${each.no} by ${each.by}`
    if (each.paid) problems.push(`${what}: the payment was known`)
    if (CLOSED.has(each.status ?? '')) problems.push(`${what}: the order was ${each.status}`)
    if (each.held !== false) problems.push(`${what}: a person had to decide about the order`)
    if (each.blocked) problems.push(`${what}: the card had had a hard decline`)
  }
  const byOrder = Map.groupBy(rows, ({ no }) => no)
  let [charges, succeeded, crossed] = [0, 0, 0]
  for (const { no, intent } of play.orders) {
    if (!intent) continue
    const own = byOrder.get(no) ?? []
    const all = stripe.intents().filter(({ orderNo }) => orderNo === no)
    const asked = stripe.seen.filter(
      ({ method, path }) => method === 'POST' && path === `/v1/payment_intents/${intent.id}/confirm`,
    )
    const ours = [...intent.charges.filter(({ key }) => key !== null), ...(play.byShop.get(no) ?? [])]
    const good = all.flatMap((each) => each.charges.filter((charge) => charge.succeeded))
    const byUs = ours.filter((charge) => charge.succeeded)
    charges += ours.length
    succeeded += byUs.length
    const count = (by: Try['by']) => own.filter((each) => each.by === by).length
    if (count('source') > 1 || count('shop') > 1)
      problems.push(`${no}: ${own.length} tries were written down`)
    if (asked.length > count('source')) problems.push(`${no}: asked to charge ${asked.length} times`)
    if ((play.byShop.get(no)?.length ?? 0) > count('shop')) problems.push(`${no}: the shop tried too often`)
    if (ours.length > 1) problems.push(`${no}: charged by us ${ours.length} times`)
    if (good.length > 1) {
      // One of them the buyer's, and its marker not yet there when the try was decided: that is a problem above, if so.
      if (byUs.length > 1 || good.length > 2 || byUs.length === 0)
        problems.push(`${no}: paid ${good.length} times, ${byUs.length} of them by us`)
      else crossed++
    }
  }
  problems.push(...beyondCeilings(play, rows))
  const broken = await db.query('select distinct order_id from seen_broken_try where shop_id = $1', [shop])
  return {
    tries: rows.length,
    byShop: rows.filter(({ by }) => by === 'shop').length,
    charges,
    succeeded,
    crossed,
    broken: broken.rows.length,
    problems,
  }
}

/** Most charges of one card within a time, by scheme: the documents in `rails/ceilings.yaml`, once more and more simply. */
const CEILINGS: Readonly<Record<string, readonly { readonly most: number; readonly within: Millis }[]>> = {
  mastercard: [
    { most: 10, within: DAY },
    { most: 35, within: 30 * DAY },
  ],
  visa: [{ most: 21, within: 30 * DAY }],
}
/** A try counts from when it is begun, and is made a little later. */
const SLACK = MINUTE

/**
 * Charges of ours that their card's scheme forbids. A buyer's charge counts where the count could see it; ours always,
 * since one waits for the other.
 */
function beyondCeilings(play: Play, rows: readonly Try[]): readonly string[] {
  const problems: string[] = []
  const intents = play.orders.flatMap(({ intent }) => (intent?.card ? [intent] : []))
  for (const [card, used] of Map.groupBy(intents, ({ card }) => card!.fingerprint)) {
    const all = used.flatMap((intent) => intent.charges.map((charge) => ({ charge, no: intent.orderNo })))
    const tryOf = (no: string) => rows.find((row) => row.no === no && row.by === 'source')
    for (const mine of all.filter(({ charge }) => charge.key !== null)) {
      const decided = tryOf(mine.no)
      if (!decided) {
        problems.push(`${mine.no}: charged without a try that was written down`)
        continue
      }
      if (decided.visible === null) {
        problems.push(`${mine.no}: the tries on its card were not counted`)
        continue
      }
      const seen = new Set(decided.visible)
      const counts = ({ charge, no }: { charge: LabCharge; no: string }) =>
        charge.key === null ? seen.has(charge.id) : (tryOf(no)?.seq ?? 0) <= decided.seq
      for (const { most, within } of CEILINGS[used[0]!.card!.brand] ?? []) {
        const from = mine.charge.at - within + SLACK
        const inside = all.filter((each) => counts(each) && each.charge.at > from)
        if (inside.length > most)
          problems.push(`${mine.no}: try ${inside.length} on ${card} within ${within / DAY} days, of ${most}`)
      }
    }
  }
  return problems
}

export interface Judged {
  /** Messages to the buyer, and commands to charge, that left although their gate could see the hold. */
  readonly heldWrong: number
  /** Orders whose cascade went on after the act that ends it was applied. */
  readonly cascadeWrong: number
  /** Orders whose cascade an act ended after its first message, and those where it went to its second. */
  readonly stopped: number
  readonly wentOn: number
  readonly held: number
  readonly decided: number
  /** Healings that ended without a try because of a ceiling, and those whose card was blocked. */
  readonly ceilings: number
  readonly blocked: number
  /** Failures that were inferred, and the events that tell of them. */
  readonly inferred: number
  readonly inferredTold: number
  /** Payments that only a question told of. */
  readonly foundPaid: number
  readonly healed: number
}

export async function judgeRest({ db }: Arena, shop: ShopId, play: Play): Promise<Judged> {
  const { rows } = await db.query<Judged>(
    `with act as (
       select r.order_id, a.xid from unnest($2::text[], $3::uuid[]) as t (no, event_id)
       join order_ref as r on r.shop_id = $1 and r.kind = 'order_no' and r.value = t.no
       join seen_applied as a on a.shop_id = $1 and a.event_id = t.event_id),
     turn as (
       select m.order_id, m.channel, act.xid is not null and pg_visible_in_snapshot(act.xid, p.s) as after_act
       from message as m join seen_plan as p on p.shop_id = $1 and p.message_id = m.id
       left join act on act.order_id = m.order_id
       where m.shop_id = $1 and m.flow = 'nudge'),
     by_order as (
       select order_id, bool_or(after_act) and bool_or(not after_act) as wrong, count(*) as turns,
         exists (select from act where act.order_id = turn.order_id) as acted
       from turn group by order_id)
     select
       (select count(*) from seen_call as c join message as m on m.shop_id = $1 and m.id = c.message_id
          cross join lateral order_in($1, m.order_id, c.gate) as o
        where c.shop_id = $1 and o.held and (m.channel = 'command' and m.category = 'retry_payment'
          or m.audience = 'buyer' and m.purpose in ('reminder', 'promotion'))) as "heldWrong",
       (select count(*) from by_order where wrong) as "cascadeWrong",
       (select count(*) from by_order where acted and turns = 1) as stopped,
       (select count(*) from by_order where turns > 1) as "wentOn",
       (select count(*) from review where shop_id = $1 and action = 'hold') as held,
       (select count(*) from review where shop_id = $1 and action = 'hold' and state in ('approved', 'rejected')) as decided,
       (select count(*) from inquiry where shop_id = $1 and kind = 'platform' and act_at is null
          and log -> -1 ->> 2 in ('too_late', 'mastercard_10_in_24_hours', 'visa_20_in_30_days')) as ceilings,
       (select count(*) from inquiry where shop_id = $1 and kind = 'platform' and act_at is null
          and log -> -1 ->> 2 = 'hard_decline') as blocked,
       (select count(*) from inquiry where shop_id = $1 and kind <> 'platform' and concluded_at is not null) as inferred,
       (select count(*) from event where shop_id = $1 and trust = 'inferred' and type = 'payment.failed') as "inferredTold",
       (select count(*) from order_ref as r join event as e on e.shop_id = $1 and e.id = r.paid_event_id
        where r.shop_id = $1 and r.kind = 'order_no' and e.trust = 'queried') as "foundPaid",
       (select count(*) from inquiry where shop_id = $1 and outcome = 'healed') as healed`,
    [shop, [...play.acts.keys()], [...play.acts.values()]],
  )
  return rows[0]!
}
