import type { FailureClass, RetryAdvice } from '../failure-class.ts'
import type { Instant } from '../time.ts'

/**
 * Where a failure carries codes, most telling first: the card scheme's advice, then the issuer's or provider's
 * advice, then the decline code, the network's raw answer and at last the wrapper.
 */
export const FAILURE_FIELDS = [
  'networkAdviceCode',
  'adviceCode',
  'declineCode',
  'networkCode',
  'code',
] as const
export type FailureField = (typeof FAILURE_FIELDS)[number]

/** A failed payment attempt in the rail's own codes; the order's `lastFailure` fits it. */
export interface FailureCodes extends Readonly<Record<FailureField, string | null>> {
  /** The rail as the event names it: stripe, wechat, alipay, … */
  readonly rail: string | null
  /** visa, mastercard, …: `null` where nobody said. */
  readonly scheme: string | null
}

/** One row of a file in `rails/`: what a code means from one moment to another. */
export interface CodeRow {
  readonly rail: string
  readonly code: string
  readonly class: FailureClass
  readonly advice: RetryAdvice
  /** Says that it failed, not why: a more telling code of the same failure gives the class. */
  readonly generic: boolean
  /** Valid from this instant on; `null`: as far back as anyone asks. */
  readonly from: Instant | null
  /** Up to, not including. */
  readonly to: Instant | null
  /** From general knowledge: no public document was found that says so. */
  readonly unverified: boolean
  readonly en: string
  readonly zh: string
  readonly source: string
  readonly note: string | null
}

/** One file of `rails/`. */
export interface CodeList {
  /** What rows and overrides call it: `stripe`, `mastercard_mac`, … */
  readonly rail: string
  readonly title: { readonly zh: string; readonly en: string }
  /** By the payment's rail, `*` for every one: the fields that carry such codes. */
  readonly read: Readonly<Record<string, readonly FailureField[]>>
  /** `retry`: advice about the next try, whose word on that outranks every reason. */
  readonly says: 'reason' | 'retry'
  /** Read only where the card's scheme is this one, or not known. */
  readonly scheme: string | null
  readonly asOf: string
  /** Rows of a code, latest first. */
  readonly codes: ReadonlyMap<string, readonly CodeRow[]>
}

type Readers = Readonly<Record<FailureField, readonly CodeList[]>>

/** All lists, and which to ask for a field of a payment rail. */
export interface FailureTable {
  readonly lists: ReadonlyMap<string, CodeList>
  /** By payment rail. */
  readonly readers: ReadonlyMap<string, Readers>
  /** For rails that have no list of their own. */
  readonly anyRail: Readers
}

/** Works out once which lists are asked for which field, so that a classification is a few look-ups. */
export function tableOf(lists: readonly CodeList[]): FailureTable {
  const rails = new Set(lists.flatMap((list) => [list.rail, ...Object.keys(list.read)]))
  rails.delete('*')
  const anyRail = readersOf(lists, '*')
  return {
    lists: new Map(lists.map((list) => [list.rail, list])),
    readers: new Map([...rails].map((rail) => [rail, readersOf(lists, rail)])),
    anyRail,
  }
}

/** A rail's own lists come before those of every rail. A list is also its own rail: its codes stand in `code`. */
function readersOf(lists: readonly CodeList[], rail: string): Readers {
  const fields = FAILURE_FIELDS.map((field) => {
    const own = lists.filter(
      (list) => list.read[rail]?.includes(field) || (list.rail === rail && field === 'code'),
    )
    const shared = lists.filter((list) => list.read['*']?.includes(field) && !own.includes(list))
    return [field, [...own, ...shared]] as const
  })
  return Object.fromEntries(fields) as Record<FailureField, CodeList[]>
}

/** The row of a code that holds at `at`. */
export function rowAt(list: CodeList, code: string, at: Instant): CodeRow | null {
  const rows = list.codes.get(code)
  if (rows === undefined) return null
  return rows.find((row) => (row.from ?? -Infinity) <= at && at < (row.to ?? Infinity)) ?? null
}
