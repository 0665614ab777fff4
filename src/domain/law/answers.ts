import type { Instant } from '../time.ts'
import { type AccountLaw, type LawBook, ofKind, rulesFor } from './book.ts'
import type { LawChannel } from './rule.ts'

/**
 * What people may answer to make messages of this account stop, in capitals without spaces. Under `none` nothing
 * beyond what is understood everywhere.
 */
export function stopAnswers(
  book: LawBook,
  channel: LawChannel,
  { law, country }: AccountLaw & { readonly country: string },
  now: Instant,
): ReadonlySet<string> {
  const rules = ofKind(rulesFor(book, { channel, law, country }, now), 'optOutWords')
  return new Set(rules.flatMap(({ answers }) => answers.map(plain)))
}

const plain = (answer: string) =>
  answer
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]+/gu, '')
