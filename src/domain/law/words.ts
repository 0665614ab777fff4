import { type Folded, fold, skeleton } from './normalise.ts'
import type { Words, WordsFile } from './rule.ts'
import { soundOf } from './sounds.ts'

/** One word as it is looked for: in skeleton characters. */
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
  return { word, chars: skeleton(fold(word)).chars, spoken, sound }
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

/** Where the word that begins at `at` ends; `null` when it does not stand there. */
function matchAt(text: Folded, at: number, { chars, spoken, sound }: Pattern): number | null {
  let place = at
  let exact = 0
  let sounded = 0
  let spelled = 0
  for (let index = 0; index < chars.length; index++) {
    const wanted = chars[index]!
    const here = text.chars[place]
    if (here === undefined) return null
    if (here === wanted) {
      place++
      exact++
      continue
    }
    // One letter, digit or doubled character between (游1戏, 优优惠).
    if (index > 0 && text.chars[place + 1] === wanted && HAN.test(wanted) && mayStandBetween(text, place)) {
      place += 2
      exact++
      continue
    }
    const said = spoken ? soundOf(wanted) : null
    if (said === null) return null
    const letters = said.slice(0, -1)
    if (startsWith(text.chars, place, letters)) {
      place += letters.length
      spelled += letters.length
    } else if (sound && HAN.test(here) && soundOf(here) === said) {
      place++
      sounded++
    } else return null
  }
  // Another character of the same sound counts beside a right one only: else every second phrase would match.
  if (sounded > 0 && exact === 0 && spelled === 0) return null
  if (exact === 0 && spelled > 0 && spelled < 4) return null
  return isWhole(text, at, place) ? place : null
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
