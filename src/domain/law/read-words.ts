import type { LawScene, Part } from './finding.ts'
import { withoutRegistered } from './links.ts'
import { type Folded, fold, skeleton } from './normalise.ts'
import type { Whole } from './whole.ts'
import { findWords, type WordFound } from './words.ts'

/** Looks for words in one part, for each group once: a vendor's rules and the country's ask for nearly the same. */
export function wordReader({ words, registered }: LawScene): Part['wordsOf'] {
  const read = new Map<Whole, { readonly bare: Folded; readonly found: Map<string, readonly WordFound[]> }>()
  return (whole, group) => {
    const known = read.get(whole) ?? {
      bare: skeleton(fold(withoutRegistered(whole.text, registered))),
      found: new Map(),
    }
    read.set(whole, known)
    const found = known.found.get(group) ?? findWords(words, group, known.bare)
    known.found.set(group, found)
    return found
  }
}
