import type { UnknownCodeRow } from '../db/failure-codes.ts'
import type { Event } from '../domain/event.ts'
import { classify } from '../domain/failure/classify.ts'
import type { FailureCodes } from '../domain/failure/table.ts'
import type { ShopConfig } from './shop-config.ts'

/** A payment's failure as an event tells it. */
function codesOf({ payment }: Event['data']): FailureCodes | null {
  if (payment?.failure === undefined) return null
  const { code, declineCode, adviceCode, networkCode, networkAdviceCode } = payment.failure
  return {
    rail: payment.rail ?? null,
    scheme: payment.scheme ?? null,
    code,
    declineCode: declineCode ?? null,
    adviceCode: adviceCode ?? null,
    networkCode: networkCode ?? null,
    networkAdviceCode: networkAdviceCode ?? null,
  }
}

/** Codes in these events that neither the table nor the shop knows, counted. A browser's word is not asked. */
export function unknownCodesIn(
  { failures }: ShopConfig,
  events: readonly Event[],
): readonly UnknownCodeRow[] {
  const found = new Map<string, UnknownCodeRow>()
  for (const event of events) {
    if (event.type !== 'payment.failed' || event.trust === 'browser') continue
    const codes = codesOf(event.data)
    if (codes === null) continue
    for (const { rail, code } of classify(failures.table, codes, event.time, failures.overrides).unknown) {
      const key = `${rail}\n${code}`
      const { seen = 0, first_at = event.time, last_at = event.time } = found.get(key) ?? {}
      const [first, last] = [Math.min(first_at, event.time), Math.max(last_at, event.time)]
      found.set(key, { rail, code, seen: seen + 1, first_at: first, last_at: last })
    }
  }
  return [...found.values()]
}
