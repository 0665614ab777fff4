import type { Trust } from '../event.ts'
import { TRUST } from '../event.ts'
import type { EventId } from '../ids.ts'
import type { OrderAlternative } from '../payment-methods.ts'
import type { Instant } from '../time.ts'

/**
 * What events have told us about one order: sets of facts, one set a kind, keyed by the provider's ids.
 * Knowing more is set union with one best fact a key, so `joinFacts` is commutative, associative and
 * idempotent: arrival order, repeats and merged orders cannot change the outcome. Plain JSON; short names
 * because it is sealed and stored with every order.
 */
export type OrderFacts = { readonly [K in FactKind]?: readonly Fact<Payloads[K]>[] }

/** `[key, trust (index in TRUST, 0 strongest), when it happened, event that said so, what it said]`. */
export type Fact<P> = readonly [key: string, trust: number, at: Instant, event: string, payload: P]

export type FactKind = keyof Payloads

/** What each kind of fact says, and what its key is. */
export interface Payloads {
  /** The order was announced; key: `''`. */
  readonly n: null
  /** Words about the order; key: the field's name in `Description`. */
  readonly w: Description[keyof Description]
  /** A payment attempt began; key: payment id. */
  readonly s: Attempt
  /** The money of a payment is on its way, and nothing is left for the buyer to do; key: payment id. */
  readonly m: null
  /** A payment attempt failed; key: payment id, which names one try (Stripe: the charge, not the intent). */
  readonly f: Attempt & Failure
  /** The provider says that the cardholder did not agree to a payment; key: payment id. */
  readonly b: Attempt
  /** Money arrived; key: `moneyKey`. */
  readonly p: Attempt
  /** Money went back; key: `moneyKey`; an empty id means the whole order. */
  readonly r: Refund
  /** Goods were handed over; key: `'='` or, when it was a part only, `'~'`, then the delivery's id if it has one. */
  readonly d: Delivery
  /** The shop or the buyer called it off; key: `''`. */
  readonly c: Ended
  /** Its time ran out; key: `''`. */
  readonly x: Ended
  /** The order ended, one way or the other; key: the rank of trust, so that the latest of each rank is kept. */
  readonly e: null
  /** The shop opened it again; key: the rank of trust. */
  readonly u: null
  /** An after-sales case was opened; key: the event's subject. */
  readonly o: null
  /** It was closed; key: the event's subject. */
  readonly l: null
  /** A failed payment is being healed; key: payment id. */
  readonly h: null
  /** Its healing has ended, well or not; key: payment id. */
  readonly g: null
}

export interface Description {
  readonly alternatives?: readonly OrderAlternative[]
  /** What a payment asked for, by whoever told no total of the order. */
  readonly asked?: MoneyPair
  readonly no?: string
  /** What the outside system calls an order that has no number. */
  readonly ref?: string
  readonly total?: MoneyPair
  readonly title?: string
  readonly items?: readonly Item[]
  readonly placedAt?: Instant
  readonly expiresAt?: Instant
  readonly reservedUntil?: Instant
  readonly payUrl?: string
  readonly pageUrl?: string
  readonly customer?: string
  readonly locale?: string
  readonly timeZone?: string
}
export interface Item {
  readonly name: string
  readonly quantity: number
  readonly sku?: string | undefined
}
export type MoneyPair = readonly [minor: number, currency: string]
/** rail, method, amount, card scheme, the card's token, and of money that came and of failures: the gateway itself said so. */
export interface Attempt {
  readonly r?: string
  readonly m?: string
  readonly a?: MoneyPair
  readonly h?: string
  readonly k?: string
  readonly g?: true
}
/** code, decline code, advice code, network code, the network's advice code. */
export interface Failure {
  readonly c?: string
  readonly d?: string
  readonly v?: string
  readonly n?: string
  readonly w?: string
}
/** amount; `null`: the whole order. */
export interface Refund {
  readonly a: MoneyPair | null
}
/** card keys in clear (the whole value is sealed where it is stored), how many did not fit. */
export interface Delivery {
  readonly k: readonly string[]
  readonly cut?: number
}
export interface Ended {
  readonly y?: string
}

interface Rule {
  /** At most so many facts of the kind are kept: the best ones. */
  readonly keep: number
  /** Which of two equally trusted facts is better. */
  readonly better: 'earlier' | 'later' | 'larger'
}

/**
 * The bound keeps the join laws because ONE total order (trust, then `better`, then event, key, payload)
 * both picks the best fact of a key and says which keys are let go: top K of a union is the top K of the
 * union of the top Ks. Trust leads, so a flood from a browser cannot push out a signed fact.
 */
export const RULES: { readonly [K in FactKind]: Rule } = {
  n: { keep: 1, better: 'earlier' },
  w: { keep: 16, better: 'later' },
  s: { keep: 16, better: 'later' },
  m: { keep: 8, better: 'later' },
  f: { keep: 32, better: 'later' },
  // The dispute that follows a warning says how much.
  b: { keep: 8, better: 'later' },
  p: { keep: 32, better: 'earlier' },
  // A refund id that is reported cumulatively (Stripe's charge.refunded) only ever grows.
  r: { keep: 64, better: 'larger' },
  // The report that carries the keys beats the one that only says "delivered".
  d: { keep: 32, better: 'larger' },
  c: { keep: 1, better: 'earlier' },
  x: { keep: 1, better: 'earlier' },
  e: { keep: TRUST.length, better: 'later' },
  u: { keep: TRUST.length, better: 'later' },
  o: { keep: 16, better: 'later' },
  l: { keep: 16, better: 'later' },
  h: { keep: 4, better: 'later' },
  g: { keep: 4, better: 'later' },
}
const KINDS = Object.keys(RULES) as readonly FactKind[]

/** The rank of a browser's facts: they prove nothing. Ranks below it are trusted. */
export const BROWSER = TRUST.indexOf('browser' satisfies Trust)

/**
 * Key of a fact about money: the reporting connection (its 48 random bits) and the provider's id. Two
 * systems that report one sale under ids of their own must not count it twice, so sums are made per connection.
 */
export function moneyKey(connection: string, id: string): string {
  return `${connection.slice(-12)}:${id}`
}

const EMPTY: OrderFacts = Object.freeze({})

/** Nothing is known yet: the join's neutral element. */
export function emptyFacts(): OrderFacts {
  return EMPTY
}

/** Everything `a` and `b` know together. Returns `a` itself when `b` adds nothing. */
export function joinFacts(a: OrderFacts, b: OrderFacts): OrderFacts {
  let joined: Record<string, readonly Fact<unknown>[]> | null = null
  for (const kind of KINDS) {
    const theirs = b[kind]
    if (theirs === undefined) continue
    const ours = a[kind]
    const both = ours === undefined ? theirs : joinKind(RULES[kind], ours, theirs)
    if (both === ours) continue
    joined ??= { ...a }
    joined[kind] = both
  }
  return (joined as OrderFacts | null) ?? a
}

/** Merges two best-first lists; the first fact of a key is its best, and the tail beyond `keep` is let go. */
function joinKind(
  rule: Rule,
  a: readonly Fact<unknown>[],
  b: readonly Fact<unknown>[],
): readonly Fact<unknown>[] {
  const out: Fact<unknown>[] = []
  let fromB = false
  for (let i = 0, j = 0; out.length < rule.keep && (i < a.length || j < b.length); ) {
    const order = i === a.length ? 1 : j === b.length ? -1 : compareFacts(rule, a[i]!, b[j]!)
    const fact = order <= 0 ? a[i++]! : b[j++]!
    if (out.some((kept) => kept[0] === fact[0])) continue
    out.push(fact)
    fromB ||= order > 0
  }
  return fromB ? out : a
}

/** Negative when `a` is the better fact. Total: 0 only for facts that say the same. */
function compareFacts(rule: Rule, a: Fact<unknown>, b: Fact<unknown>): number {
  if (a[1] !== b[1]) return a[1] - b[1]
  if (rule.better === 'larger') {
    const difference = sizeOf(b) - sizeOf(a)
    if (difference !== 0) return difference
  }
  if (a[2] !== b[2]) return rule.better === 'later' ? b[2] - a[2] : a[2] - b[2]
  if (a[3] !== b[3]) return a[3] < b[3] ? -1 : 1
  if (a[0] !== b[0]) return a[0] < b[0] ? -1 : 1
  if (a[4] === b[4]) return 0
  const [left, right] = [JSON.stringify(a[4]), JSON.stringify(b[4])]
  return left === right ? 0 : left < right ? -1 : 1
}

/** Minor units of a refund, characters of a delivery's keys. */
function sizeOf(fact: Fact<unknown>): number {
  const payload = fact[4] as Refund | Delivery
  if ('a' in payload) return payload.a?.[0] ?? 0
  return payload.k.reduce((sum, key) => sum + key.length, 0)
}

/** Every fact names the event that said it. */
export function eventsIn(facts: OrderFacts): readonly EventId[] {
  const kinds = Object.values(facts) as readonly (readonly Fact<unknown>[])[]
  return kinds.flatMap((list) => list.map((fact) => fact[3] as EventId))
}
