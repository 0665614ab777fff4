import { type Folded, fold, skeleton } from './normalise.ts'
import type { Words, WordsFile } from './rule.ts'
import { soundOf } from './sounds.ts'

/** One word as it is looked for: in skeleton characters, and marks for what may stand between. */
interface Pattern {
  readonly word: string
  readonly chars: readonly string[]
  /** Other spellings of its characters count: same sound, pinyin. */
  readonly spoken: boolean
  readonly sound: boolean
}

/** Groups of words, ready to be looked for. */
export interface WordBook {
  readonly groups: ReadonlyMap<string, WordGroup>
}

interface WordGroup {
  readonly title: Words
  /** Groups that belong to it. */
  readonly members: readonly string[]
  readonly byStart: ReadonlyMap<string, readonly Pattern[]>
  readonly except: readonly (readonly string[])[]
}

/** Where a word stands in the original text. */
export interface WordFound {
  readonly group: string
  readonly word: string
  readonly from: number
  readonly to: number
}

const HAN = /\p{Script=Han}/u
/** In a word: up to `WIDEST` characters of anything, and an amount in digits or Chinese numerals. */
const GAP = '…'
const AMOUNT = '#'
const WIDEST = 12
/** A nought beside a letter has become an o. */
const NUMERAL = /^[0-9o一二两三四五六七八九十百千万几]$/
const LONGEST_AMOUNT = 8
const ALNUM = /^[a-z0-9]$/

/** Makes the groups of a file ready; the loader has refused circles. */
export function compileWords(file: WordsFile): WordBook {
  return {
    groups: new Map(
      Object.entries(file.groups).map(([name, group]) => {
        const patterns = [
          ...group.words.map((word) => patternOf(word, true, group.sound)),
          ...group.also.map((word) => patternOf(word, false, false)),
        ]
        const byStart = Map.groupBy(
          patterns.flatMap((pattern) => startsOf(pattern).map((start) => ({ start, pattern }))),
          ({ start }) => start,
        )
        const except = group.except.map((phrase) => skeleton(fold(phrase)).chars)
        return [
          name,
          {
            title: group.title,
            members: group.with,
            byStart: new Map(
              [...byStart].map(([start, each]) => [start, each.map(({ pattern }) => pattern)]),
            ),
            except,
          },
        ]
      }),
    ),
  }
}

function patternOf(word: string, spoken: boolean, sound: boolean): Pattern {
  const chars = word
    .split(/([…#])/)
    .flatMap((piece) => (/^[…#]$/.test(piece) ? [piece] : skeleton(fold(piece)).chars))
  return { word, chars, spoken, sound }
}

/** By what a place in a text may begin this word: its character, its sound, the first letter of its pinyin. */
function startsOf({ chars, spoken, sound }: Pattern): readonly string[] {
  const first = chars[0]!
  const said = spoken ? soundOf(first) : null
  if (said === null) return [first]
  return [first, said[0]!, ...(sound ? [said] : [])]
}

/** Every word of the group in a text's skeleton. Each place and word costs at most the word's length. */
export function findWords(book: WordBook, name: string, text: Folded): readonly WordFound[] {
  const group = book.groups.get(name)
  if (group === undefined) return []
  return [...group.members.flatMap((member) => findWords(book, member, text)), ...findIn(group, name, text)]
}

function findIn(known: WordGroup, group: string, text: Folded): readonly WordFound[] {
  const found: WordFound[] = []
  let innocent: readonly boolean[] | null = null
  for (let at = 0; at < text.chars.length; at++) {
    const char = text.chars[at]!
    const said = HAN.test(char) ? soundOf(char) : null
    const patterns = [
      ...(known.byStart.get(char) ?? []),
      ...(said === null ? [] : (known.byStart.get(said) ?? [])),
    ]
    for (const pattern of patterns) {
      const end = matchAt(text, at, pattern)
      if (end === null) continue
      innocent ??= markExceptions(known.except, text)
      if (innocent.slice(at, end).every(Boolean)) continue
      found.push({ group, word: pattern.word, from: text.from[at]!, to: text.to[end - 1]! })
      break
    }
  }
  return found
}

/** How much of a word stands there as it is written, by sound, in letters of its pinyin, or by their first alone. */
interface Likeness {
  readonly exact: number
  readonly sounded: number
  readonly spelled: number
  readonly initials: number
}
const NOTHING: Likeness = { exact: 0, sounded: 0, spelled: 0, initials: 0 }

/** Where the word that begins at `at` ends; `null` when it does not stand there. */
function matchAt(text: Folded, at: number, pattern: Pattern): number | null {
  const end = matchFrom(text, at, pattern, 0, NOTHING)
  return end !== null && isWhole(text, at, end) ? end : null
}

function matchFrom(
  text: Folded,
  from: number,
  pattern: Pattern,
  start: number,
  before: Likeness,
): number | null {
  const { chars } = pattern
  let place = from
  let like = before
  for (let index = start; index < chars.length; index++) {
    const wanted = chars[index]!
    if (wanted === GAP) {
      // Each part of a word in parts must be like it by itself.
      if (!isLike(like)) return null
      for (let skipped = 0; skipped <= WIDEST && place + skipped < text.chars.length; skipped++) {
        const end = matchFrom(text, place + skipped, pattern, index + 1, NOTHING)
        if (end !== null) return end
      }
      return null
    }
    const next = wanted === AMOUNT ? amountAt(text, place, like) : charAt(text, place, pattern, index, like)
    if (next === null) return null
    place = next.place
    like = next.like
  }
  return isLike(like) ? place : null
}

interface Step {
  readonly place: number
  readonly like: Likeness
}

function amountAt(text: Folded, place: number, like: Likeness): Step | null {
  let end = place
  while (end - place < LONGEST_AMOUNT && NUMERAL.test(text.chars[end] ?? '')) end++
  return end === place ? null : { place: end, like }
}

function charAt(
  text: Folded,
  place: number,
  { chars, spoken, sound }: Pattern,
  index: number,
  like: Likeness,
): Step | null {
  const wanted = chars[index]!
  const here = text.chars[place]
  if (here === undefined) return null
  if (here === wanted) return { place: place + 1, like: { ...like, exact: like.exact + 1 } }
  // One letter, digit or doubled character between (游1戏, 优优惠).
  if (index > 0 && text.chars[place + 1] === wanted && HAN.test(wanted) && mayStandBetween(text, place))
    return { place: place + 2, like: { ...like, exact: like.exact + 1 } }
  const said = spoken ? soundOf(wanted) : null
  if (said === null) return null
  const letters = said.slice(0, -1)
  if (startsWith(text.chars, place, letters))
    return { place: place + letters.length, like: { ...like, spelled: like.spelled + letters.length } }
  if (here === said[0] && isAlone(text, place))
    return { place: place + 1, like: { ...like, initials: like.initials + 1 } }
  if (sound && HAN.test(here) && soundOf(here) === said)
    return { place: place + 1, like: { ...like, sounded: like.sounded + 1 } }
  return null
}

/**
 * Another character of the same sound counts beside a right one only, and a letter for a character (付k, 优h券) beside
 * two: else every second phrase would match.
 */
function isLike({ exact, sounded, spelled, initials }: Likeness): boolean {
  if (initials > 0 && exact < 2) return false
  if (sounded > 0 && exact === 0 && spelled === 0) return false
  return !(exact === 0 && spelled > 0 && spelled < 4)
}

/** A letter with no other beside it. */
function isAlone({ chars }: Folded, place: number): boolean {
  return !/^[a-z]$/.test(chars[place - 1] ?? '') && !/^[a-z]$/.test(chars[place + 1] ?? '')
}

function mayStandBetween(text: Folded, place: number): boolean {
  const here = text.chars[place]!
  const before = text.chars[place - 1]!
  return ALNUM.test(here) ? HAN.test(before) : here === before
}

function startsWith(chars: readonly string[], at: number, letters: string): boolean {
  for (let index = 0; index < letters.length; index++) if (chars[at + index] !== letters[index]) return false
  return true
}

/** A word that begins or ends in Latin letters is no part of a longer run of them (kami in kamikaze). */
function isWhole({ chars, from, to }: Folded, at: number, end: number): boolean {
  const latin = (place: number) => /^[a-z]$/.test(chars[place] ?? '')
  if (latin(at) && latin(at - 1) && to[at - 1] === from[at]) return false
  return !(latin(end - 1) && latin(end) && to[end - 1] === from[end])
}

function markExceptions(phrases: readonly (readonly string[])[], text: Folded): readonly boolean[] {
  const marked = new Array<boolean>(text.chars.length).fill(false)
  for (const phrase of phrases)
    for (let at = 0; at + phrase.length <= text.chars.length; at++)
      if (phrase.every((char, index) => text.chars[at + index] === char))
        marked.fill(true, at, at + phrase.length)
  return marked
}
