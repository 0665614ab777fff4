import type { Folded } from './normalise.ts'
import type { Words, WordsFile } from './rule.ts'
import { soundOf } from './sounds.ts'
import { beginnings, type Part, readPattern, withChoices } from './word-pattern.ts'

/** One word of a group, and in which other spellings it counts. */
interface Pattern {
  readonly word: string
  readonly start: Part
  readonly spelling: Spelling
}

/** What else may stand for a character of a word. */
interface Spelling {
  /** Its pinyin. */
  readonly spoken: boolean
  /** Characters of the same sound; `toneless`: whatever their tone. */
  readonly sound: boolean | 'toneless'
  /** Characters that are typed for it. */
  readonly alike: ReadonlyMap<string, string>
  readonly fill: ByStart
  /** What may not stand where a word says so. */
  readonly names: ByStart
}

type ByStart = ReadonlyMap<string, readonly Pattern[]>

/** Groups of words, ready to be looked for. */
export interface WordBook {
  readonly groups: ReadonlyMap<string, WordGroup>
}

interface WordGroup {
  readonly title: Words
  /** Groups that belong to it. */
  readonly members: readonly string[]
  readonly byStart: ByStart
  readonly except: ByStart
  /** Innocent while no word of `unless` stands beside it. */
  readonly exceptAlone: ByStart
  readonly unless: ByStart
}

/** Where a word stands in the original text. */
export interface WordFound {
  readonly group: string
  readonly word: string
  readonly from: number
  readonly to: number
}

const HAN = /\p{Script=Han}/u
/** Characters that a gap, and a run of filling words, may take. */
const WIDEST = 12
const LONGEST_FILL = 20
/** A nought beside a letter has become an o. */
const NUMERALS = [...'0123456789o一二两三四五六七八九十百千万几']
const NUMERAL = new Set<string | undefined>(NUMERALS)
const LONGEST_AMOUNT = 8
const ALNUM = /^[a-z0-9]$/

const AS_WRITTEN: Spelling = {
  spoken: false,
  sound: false,
  alike: new Map(),
  fill: new Map(),
  names: new Map(),
}

/** Makes the groups of a file ready; the loader has refused circles. */
export function compileWords(file: WordsFile): WordBook {
  return {
    groups: new Map(
      Object.entries(file.groups).map(([name, group]) => [name, compileGroup(group, file.choices)]),
    ),
  }
}

function compileGroup(group: WordsFile['groups'][string], choices: WordsFile['choices']): WordGroup {
  const pattern = (spelling: Spelling) => (word: string) => ({
    word,
    start: readPattern(withChoices(word, choices)),
    spelling,
  })
  const fill = byStart(group.fill.map(pattern(AS_WRITTEN)))
  const alike = new Map(group.alike.flatMap((set) => [...set].map((char) => [char, set] as const)))
  const names = byStart(group.names.map(pattern(AS_WRITTEN)))
  const plain = { ...AS_WRITTEN, fill, names }
  const disguised = { spoken: true, sound: group.sound, alike, fill, names }
  const words = [...group.words.map(pattern(disguised)), ...group.also.map(pattern(plain))]
  return {
    title: group.title,
    members: group.with,
    byStart: byStart(words),
    except: byStart(group.except.map(pattern(plain))),
    exceptAlone: byStart(group.exceptAlone.map(pattern(plain))),
    unless: byStart(group.unless.map(pattern(disguised))),
  }
}

function byStart(patterns: readonly Pattern[]): ByStart {
  const found = new Map<string, Pattern[]>()
  for (const pattern of patterns)
    for (const start of new Set(startsOf(pattern))) {
      const known = found.get(start)
      if (known) known.push(pattern)
      else found.set(start, [pattern])
    }
  return found
}

/** By what a place in a text may begin this word: its character, its sound, the first letter of its pinyin. */
function startsOf({ start, spelling: { spoken, sound, alike } }: Pattern): readonly string[] {
  return beginnings(start).flatMap((first) => {
    if (first === null) return NUMERALS
    const said = spoken ? soundOf(first) : null
    const typed = [first, ...(alike.get(first) ?? '')]
    if (said === null) return typed
    return [...typed, said[0]!, ...(sound ? [said] : []), ...(sound === 'toneless' ? [toneless(said)] : [])]
  })
}

/** A syllable of any tone; with a sign, as `a` is also a letter. */
const toneless = (said: string) => `${said.slice(0, -1)}?`

/** Every word of the group in a text's skeleton. Each place and word costs at most the word's length. */
export function findWords(book: WordBook, name: string, text: Folded): readonly WordFound[] {
  const group = book.groups.get(name)
  if (group === undefined) return []
  return [...group.members.flatMap((member) => findWords(book, member, text)), ...findIn(group, name, text)]
}

function findIn(known: WordGroup, group: string, text: Folded): readonly WordFound[] {
  let innocent: readonly boolean[] | null = null
  // A word whose shortest reading is innocent may have a longer one that is not: 打开支付, 打开支付宝付款.
  const counts = (at: number, end: number) => {
    innocent ??= innocentIn(known, text)
    return !isAll(innocent, at, end)
  }
  return lookFor(known.byStart, text, counts).map(({ pattern, at, end }) => ({
    group,
    word: pattern.word,
    from: text.from[at]!,
    to: text.to[end - 1]!,
  }))
}

/** At each place the first word that stands there, with the first of its ends that counts. */
function lookFor(
  words: ByStart,
  text: Folded,
  counts: (at: number, end: number) => boolean,
): readonly { readonly pattern: Pattern; readonly at: number; readonly end: number }[] {
  const found: { pattern: Pattern; at: number; end: number }[] = []
  for (let at = 0; at < text.chars.length; at++)
    for (const pattern of candidates(words, text, at)) {
      const end = matchAt(text, at, pattern, counts)
      if (end === null) continue
      found.push({ pattern, at, end })
      break
    }
  return found
}

function isAll(marked: readonly boolean[], at: number, end: number): boolean {
  for (let place = at; place < end; place++) if (!marked[place]) return false
  return true
}

const NONE: readonly Pattern[] = []

function candidates(known: ByStart, text: Folded, at: number): readonly Pattern[] {
  const char = text.chars[at]!
  const written = known.get(char) ?? NONE
  const said = soundOf(char)
  if (said === null) return written
  const heard = known.get(said)
  const near = known.get(toneless(said))
  return heard || near ? [...written, ...(heard ?? NONE), ...(near ?? NONE)] : written
}

/** How much of a word stands there as it is written, by sound, in letters of its pinyin, or by their first alone. */
interface Likeness {
  readonly exact: number
  readonly sounded: number
  /** By sound in another tone. */
  readonly toneless: number
  readonly spelled: number
  readonly initials: number
}
const NOTHING: Likeness = { exact: 0, sounded: 0, toneless: 0, spelled: 0, initials: 0 }

/** One look for one word at one place. */
interface Look {
  readonly text: Folded
  readonly at: number
  readonly spelling: Spelling
  readonly counts: (at: number, end: number) => boolean
}

const always: Look['counts'] = () => true

/** Where the word that begins at `at` ends; `null` when it does not stand there, or with no end that counts. */
function matchAt(text: Folded, at: number, { start, spelling }: Pattern, counts = always): number | null {
  const isEnd = (_: number, end: number) => isWhole(text, at, end) && counts(at, end)
  return matchFrom({ text, at, spelling, counts: isEnd }, at, start, NOTHING)
}

function matchFrom(look: Look, place: number, part: Part, like: Likeness): number | null {
  switch (part.kind) {
    case 'end':
      return isLike(like) && look.counts(look.at, place) ? place : null
    case 'choice':
      return first(part.ways, (way) => matchFrom(look, place, way, like))
    case 'char': {
      const next = charAt(look, place, part.char, like)
      return next && matchFrom(look, next.place, part.next, next.like)
    }
    case 'unnamed':
      return isNamed(look, place) ? null : matchFrom(look, place, part.next, like)
    case 'amount': {
      const end = amountEnd(look.text, place)
      return end === place ? null : matchFrom(look, end, part.next, like)
    }
    // Each part of a word in parts must be like it by itself.
    case 'gap':
    case 'fill': {
      if (!isLike(like)) return null
      const places = part.kind === 'gap' ? gapEnds(look, place) : fillEnds(look, place)
      return first(places, (end) => matchFrom(look, end, part.next, NOTHING))
    }
  }
}

function first<T>(each: Iterable<T>, match: (one: T) => number | null): number | null {
  for (const one of each) {
    const end = match(one)
    if (end !== null) return end
  }
  return null
}

function* gapEnds({ text }: Look, place: number): Generator<number> {
  for (let end = place; end <= place + WIDEST && end < text.chars.length; end++) yield end
}

/** Every place to which filling words lead, one after another. */
function fillEnds({ text, spelling }: Look, place: number): ReadonlySet<number> {
  const reached = new Set([place])
  for (const from of reached)
    for (const word of from < text.chars.length ? (spelling.fill.get(text.chars[from]!) ?? []) : []) {
      const end = matchAt(text, from, word)
      if (end !== null && end - place <= LONGEST_FILL) reached.add(end)
    }
  return reached
}

/** A name follows at once, a Latin one after a space: 付款，安全快捷 is no 付款安全. */
const isNamed = ({ text, spelling }: Look, place: number): boolean =>
  place < text.chars.length &&
  text.from[place]! - text.to[place - 1]! <= (ALNUM.test(text.chars[place]!) ? 1 : 0) &&
  (spelling.names.get(text.chars[place]!) ?? NONE).some((name) => matchAt(text, place, name) !== null)

interface Step {
  readonly place: number
  readonly like: Likeness
}

function amountEnd({ chars }: Folded, place: number): number {
  let end = place
  while (end - place < LONGEST_AMOUNT && NUMERAL.has(chars[end])) end++
  return end
}

function charAt({ text, at, spelling }: Look, place: number, wanted: string, like: Likeness): Step | null {
  const here = text.chars[place]
  if (here === undefined) return null
  if (here === wanted) return step(place, like, 'exact')
  // One letter, digit or doubled character between (游1戏, 优优惠).
  if (place > at && text.chars[place + 1] === wanted && HAN.test(wanted) && mayStandBetween(text, place))
    return step(place + 1, like, 'exact')
  if (spelling.alike.get(wanted)?.includes(here)) return step(place, like, 'sounded')
  return spelling.spoken ? soundAt(text, place, spelling, wanted, like) : null
}

function soundAt(
  text: Folded,
  place: number,
  { sound }: Spelling,
  wanted: string,
  like: Likeness,
): Step | null {
  const here = text.chars[place]!
  const said = soundOf(wanted)
  if (said === null) return null
  if (here === said[0]) {
    const letters = said.slice(0, -1)
    if (startsWith(text.chars, place, letters))
      return {
        place: place + letters.length,
        like: { ...like, spelled: like.spelled + letters.length },
      }
    return isAlone(text, place) ? step(place, like, 'initials') : null
  }
  const heard = sound ? soundOf(here) : null
  if (heard === null) return null
  if (heard === said) return step(place, like, 'sounded')
  return sound === 'toneless' && toneless(heard) === toneless(said) ? step(place, like, 'toneless') : null
}

const step = (place: number, like: Likeness, count: keyof Likeness): Step => ({
  place: place + 1,
  like: { ...like, [count]: like[count] + 1 },
})

/**
 * Another character of the same sound counts beside a right one only, and a letter for a character (付k, 优h券) or one
 * of another tone (又惠券) beside two: else every second phrase would match.
 */
function isLike({ exact, sounded, toneless, spelled, initials }: Likeness): boolean {
  if (initials + toneless > 0 && exact < 2) return false
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

/** Which characters belong to innocent phrases. */
function innocentIn({ except, exceptAlone, unless }: WordGroup, text: Folded): readonly boolean[] {
  const marked = marksOf(except, text)
  const alone = marksOf(exceptAlone, text)
  if (!alone.includes(true)) return marked
  const both = marked.map((is, at) => is || alone[at]!)
  const beside = lookFor(unless, text, (at, end) => !isAll(both, at, end))
  return beside.length === 0 ? both : marked
}

function marksOf(phrases: ByStart, text: Folded): readonly boolean[] {
  const marked = new Array<boolean>(text.chars.length).fill(false)
  for (let at = 0; at < text.chars.length; at++)
    for (const phrase of phrases.get(text.chars[at]!) ?? []) {
      const look = { text, at, spelling: phrase.spelling, counts: always }
      const end = matchFrom(look, at, phrase.start, NOTHING)
      if (end !== null) marked.fill(true, at, end)
    }
  return marked
}
