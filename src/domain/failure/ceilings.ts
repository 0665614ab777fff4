import type { RetryAdvice } from '../failure-class.ts'
import type { Money } from '../money.ts'
import type { Instant, Millis } from '../time.ts'

/** One rule of `rails/ceilings.yaml`, in force from one instant to another. */
export interface CeilingRule {
  readonly rule: string
  readonly scheme: string
  /** Only for shops of this country; `null`: everywhere. */
  readonly country: string | null
  readonly from: Instant | null
  readonly to: Instant | null
  readonly unverified: boolean
  readonly fee: string | null
  readonly source: string
  readonly does: NeverRule | CountRule | WaitRule
}
interface NeverRule {
  readonly kind: 'never'
  /** Response codes of the network, and the scheme's advice codes. */
  readonly codes: ReadonlySet<string>
  readonly advice: ReadonlySet<string>
}
interface CountRule {
  readonly kind: 'count'
  readonly limit: number
  /** `reattempts` leave out the first try. */
  readonly of: 'tries' | 'reattempts'
  readonly window: Millis
  readonly sameAmount: boolean
}
interface WaitRule {
  readonly kind: 'wait'
  /** By advice code. */
  readonly after: ReadonlyMap<string, Millis>
}

/** One try to charge a card, wherever it was made. */
export interface CardTry {
  readonly at: Instant
  readonly amount: Money | null
  /** A token or fingerprint of the card; `null` where the rail gives none: then it may be the same card. */
  readonly card: string | null
  readonly networkCode: string | null
  readonly networkAdviceCode: string | null
  /** What the classification advises about its answer; `null`: not declined. */
  readonly advice: RetryAdvice | null
}

/** A further try that somebody wants to make without the buyer. */
export interface RetryQuestion {
  /** visa, mastercard, …; `null` or one without published rules: every scheme's rules hold. */
  readonly scheme: string | null
  /** Of the shop; `null`: every country's rules hold. */
  readonly country: string | null
  readonly card: string | null
  readonly amount: Money | null
  /** Everything known, in any order: ours, the shop's, the provider's. */
  readonly tries: readonly CardTry[]
  /** Whether tries that others make on this card are among `tries`. */
  readonly elsewhere: 'counted' | 'unknown'
  /** Whether the provider tries again by itself (Stripe: an invoice under Smart Retries). */
  readonly provider: 'leaves it' | 'retries' | 'unknown'
}

export type RetryVerdict =
  /** From `notBefore` on. `rule`: what it waits for, `null` when for nothing. */
  | { readonly kind: 'allowed'; readonly notBefore: Instant; readonly rule: string | null }
  | { readonly kind: 'never'; readonly rule: NeverReason | (string & {}) }

/** Why never, besides the schemes' own rules. */
export type NeverReason =
  | 'provider_retries'
  | 'elsewhere_unknown'
  | 'nothing_to_retry'
  | 'hard_decline'
  | 'needs_the_buyer'

/** Advice that a program may follow without the buyer. */
const UNATTENDED: ReadonlySet<RetryAdvice> = new Set(['AUTO_ONCE', 'LATER', 'QUERY_FIRST'])

/**
 * Whether, and from when on, a declined card may be charged again without the buyer. Pure; never more than a rule
 * that is in force allows, counting whatever was tried elsewhere. A clock that has gone back waits until it has
 * caught up with the latest try, because only then are the windows complete.
 */
export function mayRetry(rules: readonly CeilingRule[], question: RetryQuestion, now: Instant): RetryVerdict {
  const never = whyNever(rules, question)
  if (never !== null) return { kind: 'never', rule: never }
  const own = sameCard(question)
  let notBefore = Math.max(now, ...own.map((each) => each.at))
  let rule = notBefore > now ? 'clock_behind' : null
  // Rules change with the days: what holds on the day found is asked again, each time later, until nothing moves.
  for (;;) {
    const later = latest(rules, question, own, notBefore)
    if (later === null || later.at <= notBefore) return { kind: 'allowed', notBefore, rule }
    notBefore = later.at
    rule = later.rule
  }
}

function whyNever(rules: readonly CeilingRule[], question: RetryQuestion): string | null {
  if (question.provider !== 'leaves it') return 'provider_retries'
  if (question.elsewhere !== 'counted') return 'elsewhere_unknown'
  const own = sameCard(question)
  const last = own.at(-1)
  if (last === undefined || last.advice === null) return 'nothing_to_retry'
  for (const each of own) {
    const rule = schemeRules(rules, question, each.at).find((one) => forbids(one, each))
    if (rule) return rule.rule
    if (each.advice === 'NEVER') return 'hard_decline'
  }
  return UNATTENDED.has(last.advice) ? null : 'needs_the_buyer'
}

const forbids = ({ does }: CeilingRule, { networkCode, networkAdviceCode }: CardTry): boolean =>
  does.kind === 'never' && (does.codes.has(networkCode ?? '') || does.advice.has(networkAdviceCode ?? ''))

/** Tries that were, or may have been, on this card, earliest first. */
const sameCard = ({ card, tries }: RetryQuestion): readonly CardTry[] =>
  tries
    .filter((each) => each.card === null || card === null || each.card === card)
    .toSorted((a, b) => a.at - b.at)

/** Rules of the card's scheme in force at `at`; of every scheme when it is not known or has published none. */
function schemeRules(
  rules: readonly CeilingRule[],
  { scheme, country }: RetryQuestion,
  at: Instant,
): readonly CeilingRule[] {
  const known = scheme !== null && rules.some((each) => each.scheme === scheme)
  return rules.filter(
    (each) =>
      (!known || each.scheme === scheme) &&
      (each.country === null || country === null || each.country === country) &&
      (each.from ?? -Infinity) <= at &&
      at < (each.to ?? Infinity),
  )
}

/** The latest moment that a rule in force at `at` asks for. */
function latest(
  rules: readonly CeilingRule[],
  question: RetryQuestion,
  own: readonly CardTry[],
  at: Instant,
): { readonly at: Instant; readonly rule: string } | null {
  let found: { readonly at: Instant; readonly rule: string } | null = null
  for (const { rule, does } of schemeRules(rules, question, at)) {
    const moment =
      does.kind === 'count' ? roomAt(does, question, own) : does.kind === 'wait' ? waitedAt(does, own) : null
    if (moment !== null && (found === null || moment > found.at)) found = { at: moment, rule }
  }
  return found
}

/** When one more fits: the limit-th try from the end must have left the window, whose last instant still counts. */
function roomAt(
  { limit, of, window, sameAmount }: CountRule,
  { amount }: RetryQuestion,
  own: readonly CardTry[],
): Instant | null {
  const alike = sameAmount ? own.filter((each) => mayBeSame(each.amount, amount)) : own
  const counted = of === 'reattempts' ? alike.slice(1) : alike
  const oldest = counted[counted.length - limit]
  return oldest === undefined ? null : oldest.at + window + 1
}

const mayBeSame = (a: Money | null, b: Money | null): boolean =>
  a === null || b === null || (a.minor === b.minor && a.currency === b.currency)

function waitedAt({ after }: WaitRule, own: readonly CardTry[]): Instant | null {
  const moments = own.flatMap(({ at, networkAdviceCode }) => {
    const wait = after.get(networkAdviceCode ?? '')
    return wait === undefined ? [] : [at + wait]
  })
  return moments.length === 0 ? null : Math.max(...moments)
}
