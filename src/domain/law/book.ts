import { type Instant, toIso } from '../time.ts'
import type { LawChannel, LawFile, Rule, RuleOf } from './rule.ts'
import type { WordBook } from './words.ts'

/** Every law file, read and checked once at start. */
export interface LawBook {
  readonly files: readonly (LawFile & { readonly file: string })[]
  readonly rules: readonly Rule[]
  readonly words: WordBook
}

/** Which law a message comes under. */
export interface LawPlace {
  readonly channel: LawChannel
  /** What the account's settings call its vendor; `null`: nothing said, so only what holds for everybody there. */
  readonly law: string | null
  /** ISO 3166. */
  readonly country: string
}

/** What an account's settings say about the law. */
export interface AccountLaw {
  /** A name from `law/`, or `none`: the operator takes it upon themselves. */
  readonly law: string | null
  /** Where its receivers are; the shop's country when left out. */
  readonly country: string | null
  /** Stands in 【】 before the text. */
  readonly signature: string | null
  /** The one address a carrier has on file, with its filing number. */
  readonly registered: { readonly url: string; readonly icp: string | null } | null
}

/** An account that says nothing. */
export const NO_ACCOUNT_LAW: AccountLaw = { law: null, country: null, signature: null, registered: null }

export const NO_LAW = 'none'

const ruled = new WeakMap<LawBook, Map<string, readonly Rule[]>>()

/**
 * The rules that hold there on the day of `now`. Under a name that no file has (an old program's, or a slip that was
 * kept) those of every vendor there: a ban must not fall away because nobody knows whose it is.
 */
export function rulesFor(book: LawBook, place: LawPlace, now: Instant): readonly Rule[] {
  if (place.law === NO_LAW) return []
  const day = toIso(now).slice(0, 10)
  const key = `${place.channel} ${place.law ?? ''} ${place.country} ${day}`
  const known = ruled.get(book) ?? new Map<string, readonly Rule[]>()
  ruled.set(book, known)
  const found = known.get(key)
  if (found) return found
  if (known.size > 1_000) known.clear()
  const unknown = place.law !== null && !lawNames(book, place.channel).includes(place.law)
  const rules = book.rules.filter(
    (rule) =>
      rule.channel === place.channel &&
      (rule.law === '*' || rule.law === place.law || unknown) &&
      (rule.countries.includes('*') || rule.countries.includes(place.country)) &&
      holdsOn(rule, day),
  )
  known.set(key, rules)
  return rules
}

export function holdsOn({ since, until }: Pick<Rule, 'since' | 'until'>, day: string): boolean {
  return (since === undefined || since <= day) && (until === undefined || day < until)
}

export function ofKind<K extends Rule['kind']>(rules: readonly Rule[], kind: K): readonly RuleOf<K>[] {
  return rules.filter((rule): rule is RuleOf<K> => rule.kind === kind)
}

/** Names an account's `law` may have on this channel. */
export function lawNames(book: LawBook, channel: LawChannel): readonly string[] {
  const names = book.files
    .filter((file) => file.channel === channel && file.law !== '*')
    .map(({ law }) => law)
  return [...new Set(names), NO_LAW]
}
