import type { OrderId, ReviewId, ShopId } from '../domain/ids.ts'
import type { Action, End, Severity } from '../domain/review/rule.ts'
import type { Instant, Millis } from '../domain/time.ts'
import { columns } from './columns.ts'
import { type Queryable, run, runCount, sql, type Tx } from './connect.ts'

export type ReviewState = 'open' | 'escalated' | 'approved' | 'rejected' | 'expired'

/** When, what, by whom or what (`null`: the rule), and the level from then on. What comes of itself: by `time`, by a fact. */
export type ReviewLogEntry = readonly [
  at: Instant,
  what: 'opened' | 'escalated' | 'approved' | 'rejected' | 'expired' | 'reopened',
  by: string | null,
  level: number,
]

export interface ReviewRow {
  readonly id: ReviewId
  readonly order_id: OrderId
  readonly rule: string
  readonly rule_version: number
  readonly iteration: number
  readonly action: Action
  readonly severity: Severity
  readonly roles: readonly string[]
  readonly level: number
  readonly escalations: number
  readonly state: ReviewState
  readonly opened_at: Instant
  readonly due_at: Instant | null
  readonly answer_within: Millis
  readonly ends_when: readonly End[]
  readonly holds_shop: boolean
  readonly tells_buyer: boolean
  readonly decided_at: Instant | null
  readonly decided_by: string | null
  readonly note: Buffer | null
  readonly evidence: Buffer
  /** What became of it, oldest first. */
  readonly log: readonly ReviewLogEntry[]
}

const FIELDS = `id, order_id, rule, rule_version, iteration, action, severity, roles, level, escalations, state, opened_at,
  due_at, answer_within, ends_when, holds_shop, tells_buyer, decided_at, decided_by, note, evidence, log`

export type ReviewToOpen = Omit<
  ReviewRow,
  'escalations' | 'state' | 'decided_at' | 'decided_by' | 'note' | 'log'
>

/** Appended in the statement that makes it so. What nobody answers is told again for ever: it is noted fifty times. */
const noted = (at: string, what: string, by: string, level = 'level') =>
  `log = case when ${what} = 'escalated' and jsonb_array_length(log) >= 50 then log
     else log || jsonb_build_array(jsonb_build_array(${at}::bigint, ${what}, ${by}, ${level})) end`

// `review_once` decides: what exists already is not opened again. The caller holds the orders' locks, or has made them.
const open = sql<{ id: ReviewId }>(
  'review_open',
  `with opened as (
     insert into review (shop_id, id, order_id, rule, rule_version, iteration, action, severity, roles, level, opened_at,
       due_at, answer_within, ends_when, holds_shop, tells_buyer, evidence, log)
     select $1, id, order_id, rule, rule_version, iteration, action, severity, string_to_array(roles, ','), level,
       opened_at, due_at, answer_within, string_to_array(ends_when, ','), holds_shop <> 0, tells_buyer <> 0, evidence,
       jsonb_build_array(jsonb_build_array(opened_at, 'opened', null, level))
     from unnest($2::uuid[], $3::uuid[], $4::text[], $5::int[], $6::int[], $7::text[], $8::text[], $9::text[], $10::int[],
       $11::bigint[], $12::bigint[], $13::bigint[], $14::text[], $15::int[], $16::int[], $17::bytea[])
       as t (id, order_id, rule, rule_version, iteration, action, severity, roles, level, opened_at, due_at,
         answer_within, ends_when, holds_shop, tells_buyer, evidence)
     on conflict (shop_id, order_id, rule, iteration) do nothing
     returning id, order_id, action),
   held as (
     update orders as o set held_by_review = true from opened
     where o.shop_id = $1 and o.id = opened.order_id and opened.action = 'hold' and not o.held_by_review)
   select id from opened`,
)

/** Opens reviews and marks the orders they hold; gives the ids of those that are new. */
export async function openReviews(
  tx: Tx,
  shop: ShopId,
  reviews: readonly ReviewToOpen[],
): Promise<ReadonlySet<ReviewId>> {
  const values = columns(
    reviews,
    (r) => r.id,
    (r) => r.order_id,
    (r) => r.rule,
    (r) => r.rule_version,
    (r) => r.iteration,
    (r) => r.action,
    (r) => r.severity,
    (r) => r.roles.join(','),
    (r) => r.level,
    (r) => r.opened_at,
    (r) => r.due_at,
    (r) => r.answer_within,
    (r) => r.ends_when.join(','),
    (r) => (r.holds_shop ? 1 : 0),
    (r) => (r.tells_buyer ? 1 : 0),
    (r) => r.evidence,
  )
  return new Set((await run(tx, open, [shop, ...values])).map((row) => row.id))
}

const read = sql<ReviewRow>('review_read', `select ${FIELDS} from review where shop_id = $1 and id = $2`)

export async function readReview(db: Queryable, shop: ShopId, id: ReviewId): Promise<ReviewRow | null> {
  return (await run(db, read, [shop, id]))[0] ?? null
}

// By `review_waiting` or the primary key, backwards.
const listWaiting = sql<ReviewRow>(
  'review_list_waiting',
  `select ${FIELDS} from review where shop_id = $1 and state in ('open', 'escalated') and ($2::uuid is null or id < $2)
   order by id desc limit $3`,
)
const listAll = sql<ReviewRow>(
  'review_list_all',
  `select ${FIELDS} from review where shop_id = $1 and ($2::uuid is null or id < $2) order by id desc limit $3`,
)

/** Reviews, newest first, below `before`: those that wait for somebody, or all. */
export function listReviews(
  db: Queryable,
  shop: ShopId,
  which: 'waiting' | 'all',
  before: ReviewId | null,
  limit: number,
): Promise<readonly ReviewRow[]> {
  return run(db, which === 'waiting' ? listWaiting : listAll, [shop, before, limit])
}

const ofRule = sql<Pick<ReviewRow, 'id' | 'order_id' | 'rule' | 'evidence'>>(
  'review_of_rules',
  `select id, order_id, rule, evidence from review
   where shop_id = $1 and order_id = any($2::uuid[]) and rule = any($3::text[])`,
)

/** What these rules have opened about these orders. */
export function reviewsOfRules(
  tx: Tx,
  shop: ShopId,
  orders: readonly string[],
  rules: readonly string[],
): Promise<readonly Pick<ReviewRow, 'id' | 'order_id' | 'rule' | 'evidence'>[]> {
  return run(tx, ofRule, [shop, orders, rules])
}

const ofOrder = sql<ReviewRow>(
  'review_of_order',
  `select ${FIELDS} from review where shop_id = $1 and order_id = $2 order by id`,
)

/** Every review about an order, oldest first. */
export function reviewsOfOrder(db: Queryable, shop: ShopId, order: OrderId): Promise<readonly ReviewRow[]> {
  return run(db, ofOrder, [shop, order])
}

// The row decides who was first: a second decision, a time-out or the order's end finds the state changed. Lock
// order: the order (its caller holds it), the review, then messages.
const settle = sql<ReviewRow>(
  'review_settle',
  `update review set state = $4, decided_at = $5, decided_by = $6, note = $7, due_at = null,
     ${noted('$5', '$4::text', '$6::text')}
   where shop_id = $1 and id = $2 and order_id = $3 and state in ('open', 'escalated')
   returning ${FIELDS}`,
)

export interface Settlement {
  readonly state: 'approved' | 'rejected'
  readonly by: string
  readonly note: Buffer | null
}

/** Decides a review that waits; `null` when it does not wait any more, or belongs to another order by now. */
export async function settleReview(
  tx: Tx,
  shop: ShopId,
  { id, order }: { readonly id: ReviewId; readonly order: OrderId },
  { state, by, note }: Settlement,
  now: Instant,
): Promise<ReviewRow | null> {
  return (await run(tx, settle, [shop, id, order, state, now, by, note]))[0] ?? null
}

const reopen = sql<ReviewRow>(
  'review_reopen',
  `update review set state = 'open', decided_at = null, decided_by = null, note = null, due_at = $4 + answer_within,
     ${noted('$4', "'reopened'::text", '$6::text')}
   where shop_id = $1 and id = $2 and order_id = $3 and state in ('approved', 'rejected') and decided_at > $5
   returning ${FIELDS}`,
)

/** Takes a decision made after `since` back; `null` when there is none. */
export async function reopenReview(
  tx: Tx,
  shop: ShopId,
  { id, order }: { readonly id: ReviewId; readonly order: OrderId },
  by: string,
  now: Instant,
  since: Instant,
): Promise<ReviewRow | null> {
  return (await run(tx, reopen, [shop, id, order, now, since, by]))[0] ?? null
}

const end = sql<ReviewRow>(
  'review_end',
  `update review set state = 'expired', decided_at = $4, decided_by = $3, due_at = null,
     ${noted('$4', "'expired'::text", '$3::text')}
   where shop_id = $1 and order_id = any($2::uuid[]) and state in ('open', 'escalated') and $3 = any(ends_when)
   returning ${FIELDS}`,
)

/** Ends the reviews of these orders for which `fact` leaves nothing to decide. */
export function endReviews(
  tx: Tx,
  shop: ShopId,
  orders: readonly OrderId[],
  fact: End,
  now: Instant,
): Promise<readonly ReviewRow[]> {
  return run(tx, end, [shop, orders, fact, now])
}

// What was rejected stays held: nobody is reminded of an order that the shop was asked to cancel.
const holding = sql<{ id: OrderId; held: boolean; holds_shop: boolean }>(
  'review_holding',
  `update orders as o set held_by_review = h.held
   from (
     select t.id,
       exists (select from review as r where r.shop_id = $1 and r.order_id = t.id
         and (r.state = 'rejected' or r.action = 'hold' and r.state in ('open', 'escalated'))) as held,
       exists (select from review as s where s.shop_id = $1 and s.order_id = t.id
         and (s.state = 'rejected' or s.action = 'hold' and s.holds_shop and s.state in ('open', 'escalated'))) as holds_shop
     from unnest($2::uuid[]) with ordinality as t (id, nr) where t.nr * 0 = 0) as h
   where o.shop_id = $1 and o.id = h.id
   returning o.id, h.held, h.holds_shop`,
)

/** Works out anew which of these orders are held, and by a review that concerns the shop, too. The caller holds their locks. */
export function refreshHolds(
  tx: Tx,
  shop: ShopId,
  orders: readonly OrderId[],
): Promise<readonly { readonly id: OrderId; readonly held: boolean; readonly holds_shop: boolean }[]> {
  return run(tx, holding, [shop, orders])
}

// By message_order. Only what the gate put back itself: `waiting`, with its reason in the verdict.
const release = sql(
  'review_release_messages',
  `update message_work as w set due_at = $3
   from message as m
   where m.shop_id = $1 and m.order_id = any($2::uuid[]) and w.shop_id = $1 and w.message_id = m.id
     and w.due_at > $3 and w.state = 'waiting'
     and starts_with(w.verdict, 'hold') and strpos(w.verdict, 'under_review') > 0`,
)

/** Makes what waited for these orders' reviews due now; the gate decides anew. Gives how many. */
export function releaseReviewedMessages(
  tx: Tx,
  shop: ShopId,
  orders: readonly OrderId[],
  now: Instant,
): Promise<number> {
  return runCount(tx, release, [shop, orders, now])
}

const peekDue = sql<{ id: ReviewId }>(
  'review_peek_due',
  'select id from review where shop_id = $1 and due_at <= $2 order by due_at limit $3',
)
// A decision that is under way holds its row: it is passed over, and found settled or due again.
const claimDue = sql<ReviewRow>(
  'review_claim_due',
  `select ${FIELDS} from review
   where shop_id = $1 and id = any($2::uuid[]) and due_at <= $3 order by due_at for update skip locked`,
)

/** Reviews nobody has answered in time, longest due first; nothing is locked yet. */
export async function peekDueReviews(
  db: Queryable,
  shop: ShopId,
  now: Instant,
  limit: number,
): Promise<readonly ReviewId[]> {
  return (await run(db, peekDue, [shop, now, limit])).map((row) => row.id)
}

/** Those of them that are still due and in nobody's hands, locked for this transaction. */
export function claimDueReviews(
  tx: Tx,
  shop: ShopId,
  ids: readonly ReviewId[],
  now: Instant,
): Promise<readonly ReviewRow[]> {
  return run(tx, claimDue, [shop, ids, now])
}

const putOff = sql(
  'review_put_off',
  'update review set due_at = $3 where shop_id = $1 and id = $2 and due_at < $3',
)

/** Has a review that could not be put further looked at again later; one that is settled stays so. */
export async function putReviewOff(db: Queryable, shop: ShopId, id: ReviewId, until: Instant): Promise<void> {
  await runCount(db, putOff, [shop, id, until])
}

export interface Escalation {
  readonly from: number
  readonly level: number
  readonly dueAt: Instant
  readonly by: string
}

const escalate = sql<ReviewRow>(
  'review_escalate',
  `update review set state = 'escalated', level = $3, due_at = $4, escalations = escalations + 1,
     ${noted('$5', "'escalated'::text", '$6::text', '$3::smallint')}
   where shop_id = $1 and id = $2 and state in ('open', 'escalated') and action = 'hold' and level = $7
   returning ${FIELDS}`,
)

/**
 * Puts a review from the role at level `from` to the one at `level`; `null` when it does not wait there any more. `by`
 * somebody, or `time`.
 */
export async function escalateReview(
  tx: Tx,
  shop: ShopId,
  id: ReviewId,
  { from, level, dueAt, by }: Escalation,
  now: Instant,
): Promise<ReviewRow | null> {
  return (await run(tx, escalate, [shop, id, level, dueAt, now, by, from]))[0] ?? null
}

const expire = sql(
  'review_expire',
  `update review set state = 'expired', decided_at = $3, decided_by = 'time', due_at = null,
     ${noted('$3', "'expired'::text", "'time'::text")}
   where shop_id = $1 and id = any($2::uuid[]) and state in ('open', 'escalated') and action = 'flag'`,
)

/** Puts flags away that nobody has looked at. */
export async function expireFlags(
  tx: Tx,
  shop: ShopId,
  ids: readonly ReviewId[],
  now: Instant,
): Promise<void> {
  if (ids.length > 0) await run(tx, expire, [shop, ids, now])
}
