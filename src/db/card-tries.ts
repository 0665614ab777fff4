import type { CardTry } from '../domain/failure/ceilings.ts'
import type { RetryAdvice } from '../domain/failure-class.ts'
import type { ShopId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import { columns } from './columns.ts'
import { type Queryable, run, sql, type Tx } from './connect.ts'

/** One failed try on a card. `card`: blind index of its token. */
export interface CardTryRow extends Omit<CardTry, 'card'> {
  readonly card: Buffer
  /** The provider's id of the try; for a try of ours one that we made, until the provider's is told. */
  readonly payment: string
}

/** More tries on one card than are counted: nobody knows then how many there were. */
export const CARD_TRIES_READ = 200

// The primary key makes one row of one try, however often it is told. What is told says more than what we assumed of a
// try of ours, and a hard decline once told stays one. Rows are taken in the order of the key, so that two transactions
// cannot wait for each other.
const keep = sql(
  'card_try_keep',
  `insert into card_try (shop_id, card, payment, at, amount, currency, network_code, network_advice_code, advice)
   select $1, t.card, t.payment, t.at, t.amount, t.currency, t.network_code, t.network_advice_code, t.advice
   from unnest($2::bytea[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[])
     as t (card, payment, at, amount, currency, network_code, network_advice_code, advice)
   order by t.card, t.payment
   on conflict (shop_id, card, payment) do update set
     network_code = coalesce(excluded.network_code, card_try.network_code),
     network_advice_code = coalesce(excluded.network_advice_code, card_try.network_advice_code),
     advice = case card_try.advice when 'NEVER' then 'NEVER' else excluded.advice end
   where card_try.advice is distinct from excluded.advice and card_try.advice is distinct from 'NEVER'
     or card_try.network_code is null and excluded.network_code is not null
     or card_try.network_advice_code is null and excluded.network_advice_code is not null`,
)

/** Keeps failed tries; a (card, payment) must not be named twice. */
export async function keepCardTries(tx: Tx, shop: ShopId, tries: readonly CardTryRow[]): Promise<void> {
  if (tries.length === 0) return
  const values = columns(
    tries,
    (t) => t.card,
    (t) => t.payment,
    (t) => t.at,
    (t) => t.amount?.minor ?? null,
    (t) => t.amount?.currency ?? null,
    (t) => t.networkCode,
    (t) => t.networkAdviceCode,
    (t) => t.advice,
  )
  await run(tx, keep, [shop, ...values])
}

interface Read {
  readonly card: Buffer
  readonly payment: string
  readonly at: Instant
  readonly amount: number | null
  readonly currency: string | null
  readonly network_code: string | null
  readonly network_advice_code: string | null
  readonly advice: RetryAdvice | null
}

const read = sql<Read>(
  'card_try_read',
  `select t.card, t.payment, t.at, t.amount, t.currency, t.network_code, t.network_advice_code, t.advice
   from unnest($2::bytea[]) as c (card) cross join lateral (
     select * from card_try as t where t.shop_id = $1 and t.card = c.card and t.payment > ''
     order by t.payment limit $3) as t`,
)

/** Known tries on some cards, of each at most `CARD_TRIES_READ`. */
export async function readCardTries(
  db: Queryable,
  shop: ShopId,
  cards: readonly Buffer[],
): Promise<readonly CardTryRow[]> {
  if (cards.length === 0) return []
  return (await run(db, read, [shop, cards, CARD_TRIES_READ])).map((row) => ({
    card: row.card,
    payment: row.payment,
    at: row.at,
    amount: row.amount === null ? null : { minor: row.amount, currency: row.currency ?? '' },
    networkCode: row.network_code,
    networkAdviceCode: row.network_advice_code,
    advice: row.advice,
  }))
}

// The upsert holds the row until the transaction ends, whoever made it: of two that want the last try on a card the
// second waits here, and what it reads after this holds the first one's try.
const lock = sql(
  'card_try_lock',
  `insert into card_try (shop_id, card, payment, at) values ($1, $2, '', $3)
   on conflict (shop_id, card, payment) do update set at = greatest(card_try.at, excluded.at)`,
)

/** Lets one transaction at a time count the tries on a card and begin one more. */
export async function lockCard(tx: Tx, shop: ShopId, card: Buffer, now: Instant): Promise<void> {
  await run(tx, lock, [shop, card, now])
}

const plan = sql(
  'card_try_plan',
  `insert into card_try (shop_id, card, payment, at, amount, currency, network_code, network_advice_code, advice)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
   on conflict (shop_id, card, payment) do update set at = excluded.at`,
)

/** Counts a try of ours before it is made. The caller holds the card's lock. */
export async function planCardTry(tx: Tx, shop: ShopId, row: CardTryRow): Promise<void> {
  const { card, payment, at, amount, networkCode, networkAdviceCode, advice } = row
  const money = [amount?.minor ?? null, amount?.currency ?? null]
  await run(tx, plan, [shop, card, payment, at, ...money, networkCode, networkAdviceCode, advice])
}

// One statement, so that the try is counted once at every moment: under our name, then under the provider's.
const rename = sql(
  'card_try_rename',
  `with ours as (delete from card_try where shop_id = $1 and card = $2 and payment = $3 returning *)
   insert into card_try (shop_id, card, payment, at, amount, currency, network_code, network_advice_code, advice)
   select shop_id, card, $4, at, amount, currency, network_code, network_advice_code, advice from ours
   on conflict (shop_id, card, payment) do nothing`,
)

/** Our try is told under the provider's id from now on. */
export async function renameCardTry(
  db: Queryable,
  shop: ShopId,
  card: Buffer,
  ours: string,
  theirs: string,
): Promise<void> {
  await run(db, rename, [shop, card, ours, theirs])
}

const drop = sql('card_try_drop', 'delete from card_try where shop_id = $1 and card = $2 and payment = $3')

/** Our try was certainly not made. */
export async function dropCardTry(db: Queryable, shop: ShopId, card: Buffer, ours: string): Promise<void> {
  await run(db, drop, [shop, card, ours])
}
