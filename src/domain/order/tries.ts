import type { Event } from '../event.ts'
import type { CardTry } from '../failure/ceilings.ts'
import type { FailureCodes } from '../failure/table.ts'
import type { RetryAdvice } from '../failure-class.ts'
import { RAILS } from '../inquiry/rails.ts'
import type { Instant } from '../time.ts'
import { factsOf } from './event-facts.ts'
import { type Attempt, BROWSER, type Fact, type Failure, type OrderFacts, RULES } from './facts.ts'

/** A try with the payment it was: what two lists tell of is one try. */
export interface OrderTry extends CardTry {
  readonly payment: string
}

/** The failed tries of an order as the ceilings count them. */
export interface OrderTries {
  readonly tries: readonly OrderTry[]
  /** `false`: there may have been more than are kept, so their number is not known. */
  readonly complete: boolean
}

type FailedTry = Fact<Attempt & Failure>

/**
 * What is known of failed tries, each once. A rail that announces every failed try and has announced one of this order
 * needs no second witness: a shop's system that says so as well (WooCommerce, which knows no reason and no id of the
 * try) speaks of the same tries.
 */
export function failuresIn({ f: all = [] }: OrderFacts): readonly FailedTry[] {
  if (all.length < 2) return all
  const announced = new Set(all.filter(isAnnounced).map(([, , , , { r }]) => announcerOf(r)))
  return announced.size === 0
    ? all
    : all.filter((fact) => isAnnounced(fact) || !announced.has(announcerOf(fact[4].r)))
}

const isAnnounced = ([, trust, , , { g, r }]: FailedTry) =>
  g === true && trust < BROWSER && announcerOf(r) !== undefined

const ANNOUNCERS = RAILS.filter(({ tellsEachTry }) => tellsEachTry).map(({ rail }) => rail)

/** WooCommerce has a gateway for each of a rail's methods: `stripe_klarna`. */
const announcerOf = (rail: string | undefined): string | undefined =>
  rail && ANNOUNCERS.find((each) => rail === each || rail.startsWith(`${each}_`))

/** Every failed try a trusted fact tells of; what a browser says is no try. */
export function triesOf(
  facts: OrderFacts,
  adviceOf: (failure: FailureCodes, at: Instant) => RetryAdvice,
): OrderTries {
  const failures = failuresIn(facts)
  const tries = failures.filter(([, trust]) => trust < BROWSER).map((fact) => tryOf(fact, adviceOf))
  return { tries, complete: (facts.f ?? []).length < RULES.f.keep }
}

function tryOf(
  [payment, , at, , said]: FailedTry,
  adviceOf: (failure: FailureCodes, at: Instant) => RetryAdvice,
): OrderTry {
  const codes = codesOf(said)
  return {
    payment,
    at,
    amount: said.a === undefined ? null : { minor: said.a[0], currency: said.a[1] },
    card: said.k ?? null,
    networkCode: codes.networkCode,
    networkAdviceCode: codes.networkAdviceCode,
    advice: adviceOf(codes, at),
  }
}

/** The codes that one `payment.failed` came with, and when it happened; `null` for any other event. */
export function failureTold(event: Event): { readonly codes: FailureCodes; readonly at: Instant } | null {
  const fact = factsOf(event).f?.[0]
  if (fact === undefined) return null
  const [, , at, , said] = fact
  return { codes: codesOf(said), at }
}

/** What a kept failure says, in the rail's own codes. */
export function codesOf(said: Attempt & Failure): FailureCodes {
  return {
    rail: said.r ?? null,
    scheme: said.h ?? null,
    code: said.c ?? null,
    declineCode: said.d ?? null,
    adviceCode: said.v ?? null,
    networkCode: said.n ?? null,
    networkAdviceCode: said.w ?? null,
  }
}
