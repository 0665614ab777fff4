import type { Money } from '../money.ts'
import { type SegmentSizes, smsSegments, USUAL_SEGMENTS } from '../template/sms-segments.ts'
import type { Instant } from '../time.ts'
import { type AccountLaw, type LawBook, ofKind, rulesFor } from './book.ts'

/** How the account's vendor counts segments: its own rule before the country's, else as 3GPP TS 23.040 does. */
export function segmentSizes(
  book: LawBook,
  { law, country }: AccountLaw & { readonly country: string },
  now: Instant,
): SegmentSizes {
  const rules = ofKind(rulesFor(book, { channel: 'sms', law, country }, now), 'segments')
  const rule = rules.find((each) => each.law !== '*') ?? rules[0]
  return rule === undefined ? USUAL_SEGMENTS : { gsm7: rule.gsm7 ?? USUAL_SEGMENTS.gsm7, ucs2: rule.ucs2 }
}

/** What a text costs by SMS: segments × the operator's price for one, signature included. */
export function smsPrice(
  text: string,
  signature: string | null,
  sizes: SegmentSizes,
  each: Money,
): { readonly segments: number; readonly price: Money } {
  const { segments } = smsSegments(text, signature ?? undefined, sizes)
  return { segments, price: { minor: segments * each.minor, currency: each.currency } }
}
