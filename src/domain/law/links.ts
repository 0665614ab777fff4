import {
  BRACKETS,
  CUT_SHORT,
  DOT_WORDS,
  HAN_ENDS,
  HAN_ENDS_OF_LATIN,
  SCHEMES,
  SURE,
  WEAK_DOTS,
  WORDY,
} from './link-words.ts'
import { type Folded, fold, skeleton } from './normalise.ts'

/** An address in a text, by its place in the original. */
export interface LinkFound {
  readonly from: number
  readonly to: number
  /** What it names, folded: `shop.com`. */
  readonly host: string
}

const isLetter = (char: string | undefined) => char !== undefined && /^[a-z]$/.test(char)
const isAlnum = (char: string | undefined) => char !== undefined && /^[a-z0-9]$/.test(char)
const isSpace = (char: string | undefined) => char !== undefined && /^\s$/u.test(char)
const isHan = (char: string | undefined) => char !== undefined && /^\p{Script=Han}$/u.test(char)

/**
 * Every address in a text, however it is disguised: split by spaces, in full width, with 。 or 点 for the dot, with
 * look-alike letters. Looks at each possible dot and at a bounded stretch on both sides: linear.
 */
export function findLinks(text: string): readonly LinkFound[] {
  const folded = fold(text)
  const found = [...schemes(folded), ...domains(folded, text), ...slashed(folded, text), ...addresses(folded)]
  return merged(found.sort((a, b) => a.from - b.from))
}

/** Names that a value would end: `shop.{{ order.no }}`. The mark of a value stands for it. */
export function cutLinks(text: string): readonly LinkFound[] {
  const { chars, from, to } = fold(text)
  const found: LinkFound[] = []
  for (let at = 2; at < chars.length; at++) {
    if (chars[at] !== '\uFFFC' || chars[at - 1] !== '.' || !isAlnum(chars[at - 2])) continue
    let start = at - 2
    while (at - start < 64 && (isAlnum(chars[start - 1]) || chars[start - 1] === '-')) start--
    const host = chars.slice(start, at - 1).join('')
    if (/^\d+$/.test(host) || CUT_SHORT.has(host) || text[from[at - 1]!] === '。') continue
    found.push({ from: from[start]!, to: to[at]!, host })
  }
  return found
}

/** http, hxxp and www in any spelling, and `://`. */
function schemes(folded: Folded): LinkFound[] {
  const found: LinkFound[] = []
  const bare = skeleton(folded)
  for (const word of SCHEMES)
    for (let at = 0; at + word.length <= bare.chars.length; at++)
      if ([...word].every((char, index) => bare.chars[at + index] === char))
        found.push({ from: bare.from[at]!, to: bare.to[at + word.length - 1]!, host: word })
  for (let at = 0; at < folded.chars.length; at++) {
    if (['x', 'n', '-', '-'].every((char, step) => folded.chars[at + step] === char))
      found.push({ from: folded.from[at]!, to: folded.to[at + 3]!, host: 'xn--' })
    if (folded.chars[at] !== ':') continue
    const first = skip(folded, at + 1, 1, 4)
    const second = folded.chars[first] === '/' ? skip(folded, first + 1, 1, 4) : first
    if (folded.chars[first] === '/' && folded.chars[second] === '/')
      found.push({ from: folded.from[at]!, to: folded.to[second]!, host: '://' })
  }
  return found
}

/** The first place from `at` in that direction that is no space or bracket, at most `most` places on. */
function skip({ chars }: Folded, at: number, step: 1 | -1, most: number): number {
  let place = at
  for (let n = 0; n < most; n++) {
    const char = chars[place]
    if (char === undefined || !(isSpace(char) || BRACKETS.has(char) || char === '-' || char === '_')) break
    place += step
  }
  return place
}

interface Dot {
  /** `strong`: a dot of some kind. `weak`: a mark in its place. `word`: 点, dot. */
  readonly kind: 'strong' | 'weak' | 'word'
  readonly from: number
  readonly to: number
}

function domains(folded: Folded, text: string): LinkFound[] {
  const found: LinkFound[] = []
  for (let at = 0; at < folded.chars.length; at++) {
    const dot = dotAt(folded, at)
    const link = dot && domainAround(folded, text, dot)
    if (link) found.push(link)
  }
  return found
}

function dotAt({ chars }: Folded, at: number): Dot | null {
  const char = chars[at]!
  if (char === '.') return { kind: 'strong', from: at, to: at }
  const coded = codedDot(chars, at)
  if (coded !== null) return { kind: 'strong', from: at, to: coded }
  if (DOT_WORDS.has(char)) return { kind: 'word', from: at, to: at }
  if (WEAK_DOTS.has(char) || /^\p{S}$/u.test(char)) return { kind: 'weak', from: at, to: at }
  for (const word of ['dot', 'dian'])
    if (
      char === word[0] &&
      [...word].every((letter, index) => chars[at + index] === letter) &&
      !isAlnum(chars[at - 1]) &&
      !isAlnum(chars[at + word.length])
    )
      return { kind: 'word', from: at, to: at + word.length - 1 }
  return null
}

/** Where a dot ends that is written as programs write it: %2E, %252E, &#46;, &#x2e;, &period;. */
function codedDot(chars: readonly string[], at: number): number | null {
  if (chars[at] !== '%' && chars[at] !== '&') return null
  const coded = /^(?:%(?:25){0,3}2e|&(?:#0{0,4}46|#x0{0,4}2e|period);?)/.exec(
    chars.slice(at, at + 12).join(''),
  )?.[0]
  return coded === undefined ? null : at + coded.length - 1
}

function domainAround(folded: Folded, text: string, dot: Dot): LinkFound | null {
  const { chars } = folded
  const left = skip(folded, dot.from - 1, -1, 6)
  const right = skip(folded, dot.to + 1, 1, 6)
  const spaced = { left: left < dot.from - 1, right: right > dot.to + 1 }
  const han = isHan(chars[left])
  if (!isAlnum(chars[left]) && !(han && dot.kind !== 'weak' && !spaced.left)) return null
  if (dot.kind === 'strong' && !spaced.left && !spaced.right) {
    const ends = han ? HAN_ENDS : [...HAN_ENDS, ...HAN_ENDS_OF_LATIN]
    const name = ends.find((end) => [...end].every((char, index) => chars[right + index] === char))
    // 。 ends a sentence; only a real dot stands in a Chinese domain name.
    if (name && text[folded.from[dot.from]!] !== '。' && isLabel(folded, left))
      return linkOf(folded, left, right + name.length - 1)
  }
  const end = readEnd(folded, right)
  if (end === null) return null
  const before = labelStart(folded, left)
  if (isFramework(text.slice(folded.from[before]!, folded.to[end.to]!)) && !end.slash) return null
  if (chars[before - 1] === '@' || chars[end.to + 1] === '@') return null
  if (han && !(dot.kind === 'word' ? /^(com|cn|net|org)$/.test(end.name) : SURE.has(end.name))) return null
  const written = text[folded.from[right]!] ?? ''
  const lower = written === written.toLowerCase()
  return counts(dot, spaced, end, { digits: /^\d+$/.test(chars.slice(before, left + 1).join('')), lower })
    ? linkOf(folded, before, end.to)
    : null
}

/** What programmers write so, and nobody visits. */
const isFramework = (written: string) => /^(ASP|ADO|VB)\.NET$/.test(written)

/** A name of more than a sentence's last word: 商城.中国 but not 谢谢您.中国. */
function isLabel(folded: Folded, left: number): boolean {
  return left - labelStart(folded, left) < 63
}

function counts(
  dot: Dot,
  spaced: { readonly left: boolean; readonly right: boolean },
  end: { readonly name: string; readonly slash: boolean; readonly apart: boolean },
  { digits, lower }: { readonly digits: boolean; readonly lower: boolean },
): boolean {
  const sure = SURE.has(end.name)
  const wordy = WORDY.has(end.name)
  if (end.apart) return sure && (dot.kind !== 'weak' || !spaced.right)
  switch (dot.kind) {
    case 'strong':
      if (end.slash && !spaced.right) return end.name.length > 1
      if (sure) return !spaced.right || lower || /^(com|cn|xyz|org)$/.test(end.name)
      if (!wordy || digits) return false
      return (lower || spaced.left) && (!spaced.right || spaced.left)
    case 'word':
      return sure || (wordy && lower)
    case 'weak':
      if (end.slash && sure) return true
      if (spaced.left || spaced.right) return /^(com|cn|xyz)$/.test(end.name) && !(digits && spaced.right)
      return sure && !digits
  }
}

/** The end of a name that begins at `at`: in one run (`com`), or its letters apart (`c o m`, `c-o-m`). */
function readEnd({ chars }: Folded, at: number) {
  const letter = (place: number) => (chars[place] === '0' ? 'o' : chars[place])
  let run = ''
  let place = at
  for (; run.length < 25 && isLetter(letter(place)); place++) run += letter(place)
  if (run.length > 1) {
    if (isAlnum(chars[place])) return null
    return { name: run, to: place - 1, slash: chars[place] === '/', apart: false }
  }
  if (run.length !== 1) return null
  return readApart(chars, letter, at, run, place)
}

function readApart(
  chars: readonly string[],
  letter: (place: number) => string | undefined,
  at: number,
  first: string,
  after: number,
) {
  let name = first
  let to = at
  let place = after
  let best: { name: string; to: number; slash: boolean; apart: true } | null = null
  while (name.length < 5) {
    let gap = 0
    while (gap < 3 && chars[place] !== undefined && !isAlnum(chars[place]) && !isHan(chars[place])) {
      place++
      gap++
    }
    if (gap === 0 || !isLetter(letter(place)) || isAlnum(chars[place + 1])) break
    name += letter(place)
    to = place
    place++
    if (SURE.has(name)) best = { name, to, slash: chars[place] === '/', apart: true }
  }
  return best
}

function labelStart({ chars }: Folded, left: number): number {
  let place = left
  while (
    left - place < 63 &&
    (isAlnum(chars[place - 1]) || chars[place - 1] === '-' || chars[place - 1] === '.')
  )
    place--
  return place
}

function linkOf(folded: Folded, from: number, to: number): LinkFound {
  const host = folded.chars
    .slice(from, to + 1)
    .filter((char) => !isSpace(char) && !BRACKETS.has(char))
    .join('')
  return { from: folded.from[from]!, to: folded.to[to]!, host }
}

/** `shop/example/cn`, `shop com`: slashes or spaces where dots belong. US/CN, and/or, EXPRESS CN are none. */
function slashed({ chars, from, to }: Folded, text: string): LinkFound[] {
  const found: LinkFound[] = []
  for (let at = 1; at < chars.length; at++) {
    const space = isSpace(chars[at])
    if (!(space || chars[at] === '/') || !isAlnum(chars[at - 1])) continue
    const behind = chars.slice(at + 1, at + 5).join('')
    const end = (space ? /^(com|cn)(?![a-z0-9])/ : /^(com|net|org|xyz|cn)(?![a-z0-9])/).exec(behind)?.[1]
    if (end === undefined) continue
    if (space && /^[A-Z]/.test(text.slice(from[at + 1]!, to[at + 1]!).normalize('NFKC'))) continue
    const joins = (char: string | undefined) => char === '-' || (space ? isSpace(char) : char === '/')
    let start = at
    while (at - start < 64 && (isAlnum(chars[start - 1]) || joins(chars[start - 1]))) start--
    const labels = chars.slice(start, at).join('').split(/[/\s]/).filter(Boolean)
    const long = labels.filter((label) => label.length > 1 && /[a-z]/.test(label))
    if (long.filter((label) => label.length > 2).length < (end === 'cn' && long.length < 2 ? 2 : 1)) continue
    found.push({ from: from[start]!, to: to[at + end.length]!, host: [...labels, end].join('.') })
  }
  return found
}

/** Four numbers up to 255 with dots between. */
function addresses(folded: Folded): LinkFound[] {
  const found: LinkFound[] = []
  const { chars } = folded
  for (let at = 0; at < chars.length; at++) {
    if (!/^\d$/.test(chars[at]!) || /^[\d.]$/.test(chars[at - 1] ?? '')) continue
    let place = at
    let groups = 0
    while (groups < 4) {
      let digits = ''
      while (digits.length < 4 && /^\d$/.test(chars[place] ?? '')) digits += chars[place++]
      if (digits === '' || Number(digits) > 255) break
      groups++
      if (groups < 4 && chars[place] !== '.') break
      if (groups < 4) place++
    }
    if (groups === 4) found.push(linkOf(folded, at, place - 1))
  }
  return found
}

/** Finds that touch are one. */
function merged(found: readonly LinkFound[]): readonly LinkFound[] {
  const out: LinkFound[] = []
  for (const link of found) {
    const last = out.at(-1)
    if (last && link.from <= last.to + 4) {
      const host = link.host.includes('.') && link.host.length >= last.host.length ? link.host : last.host
      out[out.length - 1] = { from: last.from, to: Math.max(last.to, link.to), host }
    } else out.push(link)
  }
  return out
}

/** These domains and what lies below them, however spaced or widened. */
export function findHosts(text: string, hosts: readonly string[]): readonly LinkFound[] {
  const folded = fold(text)
  const kept = folded.chars.flatMap((char, at) => (isSpace(char) ? [] : [at]))
  const chars = kept.map((at) => folded.chars[at]!)
  // Side by side in the text itself: `see bit.ly` begins anew at the b, `rabbit.ly` does not.
  const joined = (place: number) =>
    isAlnum(chars[place]) && isAlnum(chars[place - 1]) && kept[place]! === kept[place - 1]! + 1
  const found: LinkFound[] = []
  for (const host of hosts)
    for (let at = 0; at + host.length <= chars.length; at++)
      if (chars[at] === host[0] && [...host].every((char, index) => chars[at + index] === char))
        if (!joined(at) && !joined(at + host.length))
          found.push({
            from: folded.from[kept[at]!]!,
            to: folded.to[kept[at + host.length - 1]!]!,
            host,
          })
  return found
}

const CONTINUES = /^[A-Za-z0-9/?#&=%_~:@\uFFFC-]$/

/**
 * The text with the registered address, written exactly, replaced by spaces. Not where it goes on (another path,
 * another number behind it) or is the end of a longer name: that is another address.
 */
export function withoutRegistered(text: string, registered: string | null): string {
  if (registered === null) return text
  const short = registered.replace(/^https?:\/\//i, '')
  const kept = text.split('')
  // Only ASCII: other letters change their length in lower case (İ), and with it every place behind them.
  const lower = (each: string) => each.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
  const whole = lower(text)
  for (const form of [`https://${short}`, `http://${short}`, short]) {
    const wanted = lower(form)
    for (let at = whole.indexOf(wanted); at >= 0; at = whole.indexOf(wanted, at + wanted.length)) {
      if (goesOn(text, at + form.length) || /[A-Za-z0-9.@/-]/.test(kept[at - 1] ?? '')) continue
      kept.fill(' ', at, at + form.length)
    }
  }
  return kept.join('')
}

function goesOn(text: string, end: number): boolean {
  const next = text[end]
  if (next === '.') return CONTINUES.test(text[end + 1] ?? '')
  return next !== undefined && CONTINUES.test(next)
}
