import { personDay } from '../domain/gate/verdict.ts'
import type { CustomerId, ShopId } from '../domain/ids.ts'
import { columns } from './columns.ts'
import { type Queryable, run, sql, type Tx } from './connect.ts'
import { HERE_TO_STAY, MERGES, survivorsOf } from './contacts.ts'

// The lock of the customers' rows is what keeps a merge out between this and our commit; see `HERE_TO_STAY`.
const reserve = sql<{ customer_id: CustomerId; day: string }>(
  'cap_reserve',
  `with ${HERE_TO_STAY}
   insert into cap (shop_id, customer_id, day, used)
   select $1, customer_id, day, n from unnest($2::uuid[], $3::date[], $4::int[]) as t (customer_id, day, n)
   where customer_id in (select id from here) or (
     select true from customer as c where c.shop_id = $1 and c.id = t.customer_id limit 1) is null
   order by customer_id, day
   on conflict (shop_id, customer_id, day) do update set used = cap.used + excluded.used
     where cap.used + excluded.used <= $5
   returning customer_id, day::text as day`,
)

export interface CapUse {
  readonly customer: CustomerId
  /** Local day `YYYY-MM-DD`. */
  readonly day: string
  readonly n: number
}

/**
 * Takes `n` slots a (person, day) where they still fit under `limit`: a conditional upsert on one row, so that
 * two workers cannot both take the last slot. Nobody gets one who is, or is becoming, part of another customer. Gives
 * those that got theirs; pairs must be distinct.
 */
export function reserveCaps(
  tx: Tx,
  shop: ShopId,
  uses: readonly CapUse[],
  limit: number,
): Promise<readonly { readonly customer_id: CustomerId; readonly day: string }[]> {
  return run(tx, reserve, [
    shop,
    ...columns(
      uses,
      (u) => u.customer,
      (u) => u.day,
      (u) => u.n,
    ),
    limit,
  ])
}

const read = sql<{ day: string; used: number }>(
  'cap_read',
  `select day::text as day, used from cap where shop_id = $1 and customer_id = $2 and day >= $3::date`,
)

/** Slots that a person has taken, by local day, from `sinceDay` on. */
export async function readCaps(
  db: Queryable,
  shop: ShopId,
  customer: CustomerId,
  sinceDay: string,
): Promise<Readonly<Record<string, number>>> {
  const rows = await run(db, read, [shop, customer, sinceDay])
  return Object.fromEntries(rows.map(({ day, used }) => [day, used]))
}

const release = sql<{ customer_id: CustomerId; day: string }>(
  'cap_release',
  `update cap set used = greatest(0, cap.used - t.n) from unnest($2::uuid[], $3::date[], $4::int[]) with ordinality as t (customer_id, day, n, nr)
   where t.nr * 0 = 0 and cap.shop_id = $1 and cap.customer_id = t.customer_id and cap.day = t.day
   returning cap.customer_id, cap.day::text as day`,
)

/**
 * Gives slots back that were taken for messages which did not leave. A merge moves the rows, so that a row that is gone,
 * also from under our waiting for its lock, is the survivor's by then: each statement sees what was committed before it.
 */
export async function releaseCaps(tx: Queryable, shop: ShopId, uses: readonly CapUse[]): Promise<void> {
  let left = uses
  for (let hops = 0; left.length > 0 && hops <= MERGES; hops++) {
    const sorted = left.toSorted((a, b) => (personDay(a) < personDay(b) ? -1 : 1))
    const released = await run(tx, release, [
      shop,
      ...columns(
        sorted,
        (u) => u.customer,
        (u) => u.day,
        (u) => u.n,
      ),
    ])
    const done = new Set(released.map(({ customer_id: customer, day }) => personDay({ customer, day })))
    left = await ofSurvivors(
      tx,
      shop,
      left.filter((use) => !done.has(personDay(use))),
    )
  }
}

async function ofSurvivors(tx: Queryable, shop: ShopId, uses: readonly CapUse[]): Promise<readonly CapUse[]> {
  if (uses.length === 0) return []
  const survivors = await survivorsOf(
    tx,
    shop,
    uses.map((use) => use.customer),
  )
  const theirs = new Map<string, CapUse>()
  for (const { customer, day, n } of uses) {
    const survivor = survivors.get(customer)
    if (survivor === undefined) continue
    const name = personDay({ customer: survivor, day })
    theirs.set(name, { customer: survivor, day, n: (theirs.get(name)?.n ?? 0) + n })
  }
  return [...theirs.values()]
}
