import { reviewsOfRules } from '../db/reviews.ts'
import { type Evidence, isToldIn, type Match } from '../domain/review/judge.ts'
import { attempt } from './attempt.ts'
import type { ReviewScene } from './review-events.ts'
import type { LoadedRule } from './shop-config.ts'

interface Found {
  readonly each: { readonly rule: Pick<LoadedRule, 'key'> }
  readonly match: Match
}

/**
 * Marks what a review of another order of the same burst has told already. One statement, and only where something
 * would be told; a review that cannot be opened stops nothing. What is counted is locked by the rule's window, so the
 * review that told of it is there to be read.
 */
export async function quietenTold<F extends Found>(
  { tx, shop, vault }: Pick<ReviewScene, 'tx' | 'shop' | 'vault'>,
  found: readonly F[],
): Promise<readonly F[]> {
  const asking = found.filter(({ match }) => !match.again && (match.group?.orders.length ?? 0) > 0)
  if (asking.length === 0) return found
  const orders = [...new Set(asking.flatMap(({ match }) => match.group!.orders))]
  const rules = [...new Set(asking.map(({ each }) => each.rule.key))]
  const reviews = (await reviewsOfRules(tx, shop, orders, rules)).flatMap((row) => {
    const place = { shop, column: 'review.evidence', row: row.id }
    const read = attempt(() => JSON.parse(vault.sealer.openText(row.evidence, place)) as Evidence)
    return 'ok' in read ? [{ rule: row.rule, order: row.order_id as string, evidence: read.ok }] : []
  })
  return found.map((one) => {
    const { each, match } = one
    const told = reviews.some(
      ({ rule, order, evidence }) =>
        rule === each.rule.key && match.group?.orders.includes(order) && isToldIn(match, evidence),
    )
    return told ? { ...one, match: { ...match, again: true } } : one
  })
}
