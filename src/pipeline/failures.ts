import type { ToldFailure } from '../domain/healing/rules.ts'
import { BROWSER, type OrderFacts } from '../domain/order/facts.ts'
import type { Instant } from '../domain/time.ts'

/** What was told of one failed payment, in the rail's own codes. */
export function failureOf(facts: OrderFacts, payment: string): ToldFailure | null {
  const fact = facts.f?.find(([id, trust]) => id === payment && trust < BROWSER)
  if (!fact) return null
  const [, , at, , said] = fact
  return {
    rail: said.r ?? null,
    method: said.m ?? null,
    code: said.c ?? null,
    declineCode: said.d ?? null,
    adviceCode: said.v ?? null,
    networkCode: said.n ?? null,
    at,
  }
}

/** When each failed try was, as far as anybody who knows has told. */
export const failedTries = (facts: OrderFacts): readonly Instant[] =>
  (facts.f ?? []).filter(([, trust]) => trust < BROWSER).map(([, , at]) => at)
