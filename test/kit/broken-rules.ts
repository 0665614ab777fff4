import { statements } from '../../src/db/connect.ts'

interface Part {
  readonly statement: string
  readonly part: RegExp
  readonly instead: string
}

/** Rules that can be taken out of the product's statements, to prove that a proof would notice. */
export const BREAKS = {
  /** Gates do not see the payment. */
  gate_marker: {
    statement: 'work_claim_due',
    part: /exists \(\s*select from order_ref as r where [^()]*paid_at is not null\)/,
    instead: 'false',
  },
  /** Gates do not see that a review holds the order. */
  gate_hold: {
    statement: 'work_claim_due',
    part: /updated_at as order_updated_at, held_by_review/,
    instead: 'updated_at as order_updated_at, false as held_by_review',
  },
  /** A try begins although the payment is known. */
  try_marker: {
    statement: 'inquiry_act',
    part: /and not exists \(\s*select from order_ref as r where [^()]*paid_at is not null\)/,
    instead: '',
  },
  /** A try begins although the order is over, or held. */
  try_order: {
    statement: 'order_lock_for_try',
    part: /select status, held_by_review as held/,
    instead: "select 'payment_failed' as status, false as held",
  },
  /** Whoever still believes that a try is his makes it. */
  try_once: {
    statement: 'inquiry_act',
    part: /and i\.fence = \$5\s*and i\.lease_until > clock_timestamp\(\)\s*and \(i\.act_at is null [^)]*\)/,
    instead: 'and $5 = $5',
  },
  /** Tries of other orders on the card are not counted. */
  card_count: { statement: 'card_try_read', part: /t\.card = c\.card/, instead: 'false' },
  /** The day's cap does not count one of its messages. */
  cap: {
    statement: 'cap_reserve',
    part: /cap\.used \+ excluded\.used <= \$5/,
    instead: 'cap.used + excluded.used <= $5 + 1',
    and: {
      statement: 'work_claim_due',
      part: /\(cap\.day, cap\.used\)/,
      instead: '(cap.day, cap.used - 1)',
    },
  },
} satisfies Record<string, Part & { readonly and?: Part }>
export type Break = keyof typeof BREAKS

/** Throws when the rule is not where it was. */
export function breakRule(name: Break): void {
  const rule: Part & { readonly and?: Part } = BREAKS[name]
  for (const { statement, part, instead } of [rule, ...(rule.and ? [rule.and] : [])]) {
    const found = statements.get(statement) as { text: string } | undefined
    if (!found || !part.test(found.text)) throw new Error(`${statement} no longer says this: ${part.source}`)
    found.text = found.text.replace(part, instead)
  }
}
