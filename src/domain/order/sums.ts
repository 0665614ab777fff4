import type { Money } from '../money.ts'
import type { Attempt, Fact, MoneyPair } from './facts.ts'
import { BROWSER } from './facts.ts'

/**
 * One sum a currency over trusted facts, sorted by currency. Summed per reporting connection and the
 * greatest taken: Stripe and WooCommerce telling of one sale under two ids is one sale, while two
 * payments told by one connection are two. A connection's facts without an id count only when it gave none with.
 */
export function sumMoney(
  facts: readonly Fact<{ readonly a?: MoneyPair | null }>[] | undefined,
): readonly Money[] {
  if (facts === undefined) return []
  const first = facts[0]
  // Nearly every order has one fact about money: no maps for it.
  if (facts.length === 1 && first !== undefined) {
    const amount = first[1] < BROWSER ? first[4].a : undefined
    return amount ? [{ minor: amount[0], currency: amount[1] }] : []
  }
  const greatest = new Map<string, number>()
  for (const sums of sumPerConnection(facts).values()) {
    for (const [currency, minor] of sums) {
      greatest.set(currency, Math.max(minor, greatest.get(currency) ?? 0))
    }
  }
  return [...greatest].map(([currency, minor]) => ({ minor, currency })).sort(byCurrency)
}

/**
 * What came, by the best witnesses. A gateway knows what it was paid; a shop may believe a forged or smaller payment to
 * have been the whole. So where gateways named amounts they count alone, added up over rails; else the connection that
 * is trusted most.
 */
export function receivedOf(receipts: readonly Fact<Attempt>[] | undefined): readonly Money[] {
  if (receipts === undefined || receipts.length < 2) return sumMoney(receipts)
  const named = receipts.filter(([, trust, , , { a }]) => trust < BROWSER && a !== undefined)
  const byGateway = new Set(named.filter(([, , , , { g }]) => g).map(([key]) => connectionOf(key)))
  if (byGateway.size > 0) {
    const theirs = named.filter(([key]) => byGateway.has(connectionOf(key)))
    return added([...Map.groupBy(theirs, ([, , , , { r }]) => r).values()].map(sumMoney))
  }
  const connections = [...Map.groupBy(named, ([key]) => connectionOf(key)).values()]
  const trustOf = (facts: readonly Fact<Attempt>[]) => Math.min(...facts.map(([, trust]) => trust))
  const best = Math.min(...connections.map(trustOf))
  return sumMoney(connections.filter((facts) => trustOf(facts) === best).flat())
}

/** One sum a currency over all of these. */
function added(lists: readonly (readonly Money[])[]): readonly Money[] {
  const sums = new Map<string, number>()
  for (const { currency, minor } of lists.flat()) sums.set(currency, plus(sums.get(currency), minor))
  return [...sums].map(([currency, minor]) => ({ minor, currency })).sort(byCurrency)
}

/** True when `returned` is at least `paid` in every currency of `paid`. */
export function covers(returned: readonly Money[], paid: readonly Money[]): boolean {
  return paid.every((sum) => returned.some((r) => r.currency === sum.currency && r.minor >= sum.minor))
}

/** Per currency the greater of both. */
export function greaterOf(a: readonly Money[], b: readonly Money[]): readonly Money[] {
  const greatest = new Map<string, number>()
  for (const { currency, minor } of [...a, ...b]) {
    greatest.set(currency, Math.max(minor, greatest.get(currency) ?? 0))
  }
  return [...greatest].map(([currency, minor]) => ({ minor, currency })).sort(byCurrency)
}

function sumPerConnection(
  facts: readonly Fact<{ readonly a?: MoneyPair | null }>[],
): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const named = new Set<string>()
  for (const [key, trust] of facts) {
    if (trust < BROWSER && hasId(key)) named.add(connectionOf(key))
  }
  const connections = new Map<string, Map<string, number>>()
  for (const [key, trust, , , { a }] of facts) {
    const connection = connectionOf(key)
    if (trust >= BROWSER || !a || (!hasId(key) && named.has(connection))) continue
    const sums = connections.get(connection) ?? new Map<string, number>()
    connections.set(connection, sums)
    sums.set(a[1], plus(sums.get(a[1]), a[0]))
  }
  return connections
}

/** No sum is greater than an amount may be: it would be no number that can be told. */
const plus = (sum = 0, minor: number) => Math.min(sum + minor, Number.MAX_SAFE_INTEGER)

function connectionOf(key: string): string {
  return key.slice(0, key.indexOf(':'))
}

/** See `moneyKey`: what follows the connection is the provider's id. */
function hasId(key: string): boolean {
  return key.indexOf(':') < key.length - 1
}

function byCurrency(a: Money, b: Money): number {
  return a.currency < b.currency ? -1 : 1
}
