import { CARD_TRIES_READ, type CardTryRow } from '../db/card-tries.ts'
import type { FailureCodes } from '../domain/failure/table.ts'
import type { RetryRules, ToldFailure, TriesSoFar } from '../domain/healing/rules.ts'
import { BROWSER, type OrderFacts } from '../domain/order/facts.ts'
import { codesOf, triesOf } from '../domain/order/tries.ts'
import type { Instant } from '../domain/time.ts'
import type { AskedConnection } from './asked-connections.ts'
import type { ShopConfig } from './shop-config.ts'

/** What was told of one failed payment, in the rail's own codes. */
export function failureOf(facts: OrderFacts, payment: string): ToldFailure | null {
  const fact = facts.f?.find(([id, trust]) => id === payment && trust < BROWSER)
  if (!fact) return null
  const [, , at, , said] = fact
  const amount = said.a === undefined ? null : { minor: said.a[0], currency: said.a[1] }
  return { ...codesOf(said), method: said.m ?? null, card: said.k ?? null, amount, at }
}

/** What a shop says about trying again: its rules, and what it has declared. */
export type Retrying = ShopConfig['settings']['retries'] & { readonly rules: RetryRules }

/** The connection's system may be told to try again. */
export const canRetry = ({ byUs }: Retrying, asked: AskedConnection | null): boolean =>
  byUs === 'once' && asked?.source.actions?.retry_payment !== undefined

/**
 * What the ceilings are asked about: the tries of the order, and those that other orders made with the card. They are
 * counted only where each of them was told, and known by its card.
 */
export function triesSoFar(
  { rules, byShop }: Retrying,
  asked: AskedConnection | null,
  facts: OrderFacts,
  failure: ToldFailure,
  onCard: readonly CardTryRow[],
): TriesSoFar {
  const own = triesOf(facts, adviceBy(rules))
  const known = new Set(own.tries.map(({ payment }) => payment))
  const others = onCard.filter(({ payment }) => !known.has(payment))
  const counted = uncountedIn(asked, own.complete, failure, onCard).length === 0
  const left = asked?.rules.tellsOwnRetries === true || byShop === 'ask'
  return {
    failure,
    tries: [...own.tries, ...others.map((each) => ({ ...each, card: failure.card }))],
    elsewhere: counted ? 'counted' : 'unknown',
    provider: left ? 'leaves it' : 'unknown',
  }
}

/** Why how often the card was tried cannot be known; none where it can. */
export const whyUncounted = (
  { rules }: Retrying,
  asked: AskedConnection,
  facts: OrderFacts,
  failure: ToldFailure,
  onCard: readonly CardTryRow[],
): readonly Uncounted[] => uncountedIn(asked, triesOf(facts, adviceBy(rules)).complete, failure, onCard)

type Uncounted = 'card_unnamed' | 'tries_untold' | 'too_many_tries'

function uncountedIn(
  asked: AskedConnection | null,
  ownComplete: boolean,
  { card }: ToldFailure,
  onCard: readonly CardTryRow[],
): readonly Uncounted[] {
  return [
    ...(card === null ? (['card_unnamed'] as const) : []),
    ...(asked?.rules.tellsEachTry === true ? [] : (['tries_untold'] as const)),
    ...(ownComplete && onCard.length < CARD_TRIES_READ ? [] : (['too_many_tries'] as const)),
  ]
}

/** The shop wants to be asked, and there is a way to do so. */
export const canAskShop = ({ settings, accounts }: ShopConfig): boolean =>
  settings.retries.byShop === 'ask' && (accounts.get('command')?.length ?? 0) > 0

/** What a shop's rules advise about an answer. */
export const adviceBy =
  ({ classOf }: RetryRules) =>
  (codes: FailureCodes, at: Instant) =>
    classOf({ ...codes, at }).advice
