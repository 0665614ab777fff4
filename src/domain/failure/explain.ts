import type { FailureClass, RetryAdvice } from '../failure-class.ts'
import { nearest } from '../template/nearest.ts'
import type { Instant } from '../time.ts'
import {
  type Classified,
  classForBuyer,
  classify,
  type Finding,
  NO_OVERRIDES,
  type Overrides,
} from './classify.ts'
import type { FailureCodes, FailureField, FailureTable } from './table.ts'
import { ADVICE_TEXTS, CLASS_TEXTS } from './texts.ts'

type Language = 'zh' | 'en'

/** One code of the failure: who knows it, since when, and from which document. */
export interface ExplainedCode {
  readonly field: FailureField
  readonly rail: string
  readonly code: string
  readonly class: FailureClass
  readonly advice: RetryAdvice
  readonly knownBy: 'table' | 'shop' | 'nobody'
  /** Says that it failed, not why. */
  readonly generic: boolean
  readonly meaning: string | null
  readonly list: string | null
  readonly source: string | null
  readonly asOf: string | null
  readonly note: string | null
  /** From general knowledge: no public document was found that says so. */
  readonly unverified: boolean
  readonly validFrom: Instant | null
  readonly validTo: Instant | null
}

/** Why a failure has its class, in one language, for people and as JSON. */
export interface Explanation {
  readonly at: Instant
  readonly class: FailureClass
  readonly classText: string
  readonly firstMove: string
  readonly advice: RetryAdvice
  readonly adviceText: string
  /** What words for buyers are chosen by: never `risk_block`. */
  readonly classForBuyer: FailureClass
  readonly buyerIsTold: boolean
  readonly decidedBy: ExplainedCode | null
  readonly adviceFrom: ExplainedCode | null
  readonly codes: readonly ExplainedCode[]
  /** A rail that is nearly called so, where the rail has no codes of its own. */
  readonly nearRail: string | null
  /** A code of the rail that nearly looks so, where a code is not known. */
  readonly nearCode: string | null
}

export function explain(
  table: FailureTable,
  failure: FailureCodes,
  at: Instant,
  language: Language,
  overrides: Overrides = NO_OVERRIDES,
): Explanation {
  const found = classify(table, failure, at, overrides)
  const shown = (finding: Finding | null) => finding && explainCode(table, finding, language)
  return {
    at,
    class: found.class,
    classText: CLASS_TEXTS[found.class][language],
    firstMove: CLASS_TEXTS[found.class].move[language],
    advice: found.advice,
    adviceText: ADVICE_TEXTS[found.advice][language],
    classForBuyer: classForBuyer(found.class),
    buyerIsTold: classForBuyer(found.class) === found.class,
    decidedBy: shown(found.rule),
    adviceFrom: shown(found.adviceRule),
    codes: found.findings.map((finding) => explainCode(table, finding, language)),
    nearRail: nearRail(table, failure.rail),
    nearCode: nearCode(table, failure, found),
  }
}

function explainCode(table: FailureTable, finding: Finding, language: Language): ExplainedCode {
  const { field, rail, code, class: kind, advice, generic, row, override } = finding
  const list = row ? table.lists.get(row.rail) : undefined
  return {
    field,
    rail,
    code,
    class: kind,
    advice,
    knownBy: override ? 'shop' : row ? 'table' : 'nobody',
    generic: override === null && row !== null && generic,
    meaning: row?.[language] ?? null,
    list: list?.title[language] ?? null,
    source: row?.source ?? null,
    asOf: list?.asOf ?? null,
    note: row?.note ?? null,
    unverified: row?.unverified ?? false,
    validFrom: row?.from ?? null,
    validTo: row?.to ?? null,
  }
}

function nearRail(table: FailureTable, rail: string | null): string | null {
  return rail === null || table.readers.has(rail) ? null : nearest(rail, table.readers.keys())
}

function nearCode(table: FailureTable, failure: FailureCodes, { unknown }: Classified): string | null {
  const [first] = unknown
  if (first === undefined) return null
  const lists = (table.readers.get(failure.rail ?? '') ?? table.anyRail)[first.field]
  return nearest(
    first.code,
    lists.flatMap((list) => [...list.codes.keys()]),
  )
}

/** The field in which a rail's code stands when only rail and code are told: the more telling one that knows it. */
export function fieldOf(table: FailureTable, rail: string, code: string): FailureField {
  const lists = table.readers.get(rail)?.declineCode ?? []
  return lists.some((list) => list.codes.has(code)) ? 'declineCode' : 'code'
}
