import type { Instant } from '../time.ts'
import { classify, type Overrides } from './classify.ts'
import { FAILURE_FIELDS, type FailureCodes, type FailureField, type FailureTable } from './table.ts'

/** A failure that says nothing but these codes. */
export function codeIn(
  rail: string | null,
  codes: Partial<Readonly<Record<FailureField, string>>>,
  scheme: string | null = null,
): FailureCodes {
  const fields = Object.fromEntries(FAILURE_FIELDS.map((field) => [field, codes[field] ?? null]))
  return { rail, scheme, ...(fields as Record<FailureField, string | null>) }
}

/** Whether a code that nobody knew when it came is still not known: the table may have grown, the shop decided. */
export function stillUnknown(
  { table, overrides }: { readonly table: FailureTable; readonly overrides: Overrides },
  { rail, code }: { readonly rail: string; readonly code: string },
  at: Instant,
): boolean {
  return FAILURE_FIELDS.every(
    (field) => classify(table, codeIn(rail, { [field]: code }), at, overrides).unknown.length > 0,
  )
}
