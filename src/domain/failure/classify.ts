import type { FailureClass, RetryAdvice } from '../failure-class.ts'
import type { Instant } from '../time.ts'
import {
  type CodeList,
  type CodeRow,
  FAILURE_FIELDS,
  type FailureCodes,
  type FailureField,
  type FailureTable,
  rowAt,
} from './table.ts'

/** What a shop has decided about a code, instead of the table. */
export interface Override {
  readonly rail: string
  readonly code: string
  readonly class: FailureClass
  readonly advice: RetryAdvice
}

/** By `overrideKey`. */
export type Overrides = ReadonlyMap<string, Override>
export const NO_OVERRIDES: Overrides = new Map()
export const overrideKey = (rail: string, code: string): string => `${rail}\n${code}`

/** One code of a failure and what is known about it. Neither `row` nor `override`: nobody knows the code. */
export interface Finding {
  readonly field: FailureField
  readonly code: string
  /** The list that knows the code, else the payment's rail. */
  readonly rail: string
  readonly class: FailureClass
  readonly advice: RetryAdvice
  readonly generic: boolean
  readonly says: CodeList['says']
  readonly row: CodeRow | null
  readonly override: Override | null
}

export interface Classified {
  readonly class: FailureClass
  readonly advice: RetryAdvice
  /** What decided the class; `null` when the failure named no code at all. */
  readonly rule: Finding | null
  /** What decided the advice: the same, unless a list about retrying spoke first. */
  readonly adviceRule: Finding | null
  /** Every code of the failure, in the order in which they were asked. */
  readonly findings: readonly Finding[]
  /** Codes that neither table nor shop knows. */
  readonly unknown: readonly Finding[]
}

/** What holds for a code nobody knows: nothing is assumed and nothing is retried without the buyer. */
const DEFAULT_CLASS: FailureClass = 'other'
export const DEFAULT_ADVICE: RetryAdvice = 'NEW_METHOD'

/** The rail's name where an event names none. */
const NO_RAIL = 'unnamed'

/**
 * What kind of obstacle a failure at `at` met, and what to do about the next try. Codes are asked in the order of
 * `FAILURE_FIELDS`. The first that tells a reason gives the class; a generic code ("declined") gives way to a later
 * one that tells more. The advice comes with it, unless scheme or issuer spoke about retrying: their word holds.
 */
export function classify(
  table: FailureTable,
  failure: FailureCodes,
  at: Instant,
  overrides: Overrides = NO_OVERRIDES,
): Classified {
  const findings: Finding[] = []
  for (const field of FAILURE_FIELDS) {
    const code = failure[field]
    if (code !== null) findings.push(find(table, failure, field, code, at, overrides))
  }
  const rule = findings.find((finding) => !finding.generic) ?? findings[0] ?? null
  const adviceRule = findings[0]?.says === 'retry' ? findings[0] : rule
  return {
    class: rule?.class ?? DEFAULT_CLASS,
    advice: adviceRule?.advice ?? DEFAULT_ADVICE,
    rule,
    adviceRule,
    findings,
    unknown: findings.filter(({ row, override }) => row === null && override === null),
  }
}

/** What a buyer may be told: a risk decision is nobody's business but the bank's (Stripe, Adyen and PayPal ask for it). */
export const classForBuyer = (of: FailureClass): FailureClass => (of === 'risk_block' ? 'other' : of)

function find(
  table: FailureTable,
  { rail, scheme }: FailureCodes,
  field: FailureField,
  code: string,
  at: Instant,
  overrides: Overrides,
): Finding {
  const lists = (table.readers.get(rail ?? '') ?? table.anyRail)[field]
  const says = lists[0]?.says ?? 'reason'
  for (const list of lists) {
    if (list.scheme !== null && scheme !== null && list.scheme !== scheme) continue
    const row = rowAt(list, code, at)
    const override = overrides.size === 0 ? undefined : overrides.get(overrideKey(list.rail, code))
    if (override) return decided(override, field, list.says, row)
    if (row) {
      const { class: kind, advice, generic } = row
      const about = { field, code, rail: list.rail, says: list.says, row, override: null }
      return { ...about, class: kind, advice, generic }
    }
  }
  const named = rail ?? NO_RAIL
  const own = overrides.size === 0 ? undefined : overrides.get(overrideKey(named, code))
  if (own) return decided(own, field, says, null)
  const nobody = { class: DEFAULT_CLASS, advice: DEFAULT_ADVICE, generic: true, row: null, override: null }
  return { field, code, rail: named, says, ...nobody }
}

/** A shop's own word is never passed over as generic. */
function decided(
  override: Override,
  field: FailureField,
  says: CodeList['says'],
  row: CodeRow | null,
): Finding {
  const { rail, code, class: kind, advice } = override
  return { field, code, rail, says, class: kind, advice, generic: false, row, override }
}
