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
