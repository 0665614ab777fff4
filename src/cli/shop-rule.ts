import type { Queryable } from '../db/connect.ts'
import { listRules, type RuleRow } from '../db/rules.ts'
import type { ShopId } from '../domain/ids.ts'
import { nearest } from '../domain/template/nearest.ts'
import { CommandError, type Context, EXIT } from './command.ts'
import { nearText } from './texts/errors.ts'
import { RULES } from './texts/reviews.ts'
import { say } from './texts/text.ts'

/** The shop's rule called `key` as it is in force; throws with the nearest name when there is none. */
export async function findRule(
  { language }: Context,
  db: Queryable,
  shop: ShopId,
  key: string,
): Promise<RuleRow> {
  const rows = await listRules(db, shop)
  const row = rows.find((each) => each.key === key)
  if (row) return row
  const known = rows.map((each) => each.key)
  const near = nearText(nearest(key, known), language)
  throw new CommandError(EXIT.notFound, say(RULES.unknown, language, { rule: key, near }))
}
