import { type SegmentSizes, smsSegments } from '../template/sms-segments.ts'
import type { AccountLaw } from './book.ts'
import { piecesOf } from './pieces.ts'
import { REGISTERED } from './whole.ts'

/** Longest likely values. A link carries host, shop and a signed token; what is not named here is short. */
const LENGTHS: Readonly<Record<string, number>> = { url: 60, money: 12, instant: 16, text: 16, number: 4 }
const OTHER = 16

/**
 * Segments of a template's text before its values are known: an upper estimate. Values count as so many plain
 * characters by their type, samples' lengths where those are fixed (a code, a short code); every branch of a condition
 * counts, but that of `{% if links.registered %}` which this account does not write. Signature included.
 */
export function estimateSegments(
  liquid: string,
  { registered, signature }: Pick<AccountLaw, 'registered' | 'signature'>,
  sizes: SegmentSizes,
): number {
  const text = piecesOf(liquid, registered !== null)
    .map((piece) => {
      if (piece.kind === 'text') return piece.text
      if (piece.silent) return ''
      if (piece.path === REGISTERED) return registered?.url ?? ''
      const { variable } = piece
      const fixed = variable?.path === 'order.short_code' || variable?.path === 'code'
      const length = fixed ? String(variable.sample).length : (LENGTHS[variable?.type ?? ''] ?? OTHER)
      return '0'.repeat(length)
    })
    .join('')
  return smsSegments(text.trim(), signature ?? undefined, sizes).segments
}
