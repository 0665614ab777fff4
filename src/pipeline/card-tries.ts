import { type CardTryRow, keepCardTries, readCardTries } from '../db/card-tries.ts'
import type { Queryable } from '../db/connect.ts'
import type { Event } from '../domain/event.ts'
import type { RetryRules } from '../domain/healing/rules.ts'
import type { ShopId } from '../domain/ids.ts'
import { factsOf } from '../domain/order/event-facts.ts'
import { triesOf } from '../domain/order/tries.ts'
import type { Batch } from './batch.ts'
import { adviceBy, type Retrying } from './failures.ts'
import type { ShopVault } from './keyring.ts'

// Card schemes count tries per merchant and card, so over all orders: each failed try is kept under its card's index.

/** Under this a card's tries are kept. */
export const cardIndex = (vault: ShopVault, token: string): Buffer => vault.index('card_try.card', token)

/** The failed tries that events tell of and that name their card; each once. A browser's word is no try. */
export function cardTriesIn(
  rules: RetryRules,
  vault: ShopVault,
  events: readonly Event[],
): readonly CardTryRow[] {
  const found = new Map<string, CardTryRow>()
  for (const event of events) {
    if (event.type !== 'payment.failed' || event.data.payment?.card === undefined) continue
    for (const { card, ...each } of triesOf(factsOf(event), adviceBy(rules)).tries) {
      if (card !== null) found.set(`${card} ${each.payment}`, { ...each, card: cardIndex(vault, card) })
    }
  }
  return [...found.values()]
}

/** Known tries by the card's token. */
export type OnCard = (token: string | null) => readonly CardTryRow[]

/** The tries of each card, for many cards at once. */
export async function readTriesOf(
  db: Queryable,
  shop: ShopId,
  vault: ShopVault,
  tokens: Iterable<string>,
): Promise<OnCard> {
  const byToken = new Map([...new Set(tokens)].map((token) => [token, cardIndex(vault, token)]))
  const rows = await readCardTries(db, shop, [...byToken.values()])
  const byCard = Map.groupBy(rows, ({ card }) => card.toString('base64'))
  return (token) => byCard.get(byToken.get(token ?? '')?.toString('base64') ?? '') ?? []
}

/** The shop's rules about trying again, with what was tried on the cards in question. */
export type CountedTries = Retrying & { readonly onCard: OnCard }

/**
 * Keeps the failed tries that events tell of, and reads what was ever tried with the same cards: one statement each, and
 * none where no card is named or tries cannot be counted.
 */
export async function countTries(
  { tx, shop, config, vault }: Pick<Batch, 'tx' | 'shop' | 'config' | 'vault'>,
  rules: RetryRules,
  events: readonly Event[],
): Promise<CountedTries> {
  const tries = config.countsTries ? cardTriesIn(rules, vault, events) : []
  await keepCardTries(tx, shop, tries)
  const tokens = tries.length === 0 ? [] : events.flatMap(({ data }) => data.payment?.card ?? [])
  const onCard = await readTriesOf(tx, shop, vault, tokens)
  return { rules, ...config.settings.retries, onCard }
}
