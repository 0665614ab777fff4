/**
 * Turns items into one array per column, for `unnest($1::int[], $2::uuid[], …)`: one statement writes a whole
 * batch with a fixed text, so it stays prepared whatever the batch's size.
 */
export function columns<Item>(
  items: readonly Item[],
  ...pick: readonly ((item: Item) => unknown)[]
): unknown[][] {
  return pick.map((one) => items.map(one))
}

// About `with ordinality as t (…, nr) … where t.nr * 0 = 0`, which stands in every statement that joins a batch to a
// table: it is always true, and the planner takes it for one in 200. So it expects a handful of rows, starts from the
// batch and looks each row up by its primary key. Left to its own guess, a plan made while a table was empty (queues
// are, whenever statistics are taken) scans all of the shop's rows instead: measured, 20 times slower at 10,000 rows.
// Where statistics call the table itself empty, as they do the queue, `w.shop_id = $1 + (t.nr * 0)::int` says the same of
// the shop: the batch must come first.
