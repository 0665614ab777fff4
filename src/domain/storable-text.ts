import { MOST_FAULTS } from './errors.ts'

/**
 * Text that can be kept as it is. PostgreSQL's text cannot hold NUL, and UTF-8 cannot hold half a surrogate pair: written
 * down it becomes U+FFFD, and a name that reads back differently is another name.
 */
const UNSTORABLE = /[\0\p{Surrogate}]/u
/** U+FFFD before four hex digits is what the mending writes, so one that came by itself is written out as well. */
const MENDABLE = /[\0\p{Surrogate}]|\uFFFD(?=[0-9a-f]{4})/gu
/** JSON without any of these escapes has nothing to mend: text that was read from UTF-8 holds no halves of its own. */
const MAY_BE_UNSTORABLE = /\\u(?:0000|d[89a-f])/i
const MAY_BE_MENDABLE = /\\u(?:0000|fffd|d[89a-f])|\uFFFD/i

export type Unstorable = 'nul' | 'half_pair'

/** What of `text` cannot be kept, and at which character it stands, from 1; `null` when all can. */
export function unstorableIn(text: string): { readonly what: Unstorable; readonly at: number } | null {
  const found = UNSTORABLE.exec(text)
  return found && { what: found[0] === '\0' ? 'nul' : 'half_pair', at: found.index + 1 }
}

/**
 * The text with what cannot be kept written out: NUL as `\uFFFD0000`, half a pair as `\uFFFDd800`. Two texts that differ
 * still differ afterwards, so that mending never makes one order of two. Not to be done twice.
 */
export function mendText(text: string): string {
  return text.replace(MENDABLE, (found) => `\uFFFD${found.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Every text in a value that was read from `json`, mended: names of members as well. */
export function mendJson(value: unknown, json: string): unknown {
  return MAY_BE_MENDABLE.test(json) ? mapTexts(value, mendText) : value
}

/** The same for a value that has been read, and mended, before: only what cannot be kept is touched. */
export function mendKept<T>(value: T, json: string): T {
  if (!MAY_BE_UNSTORABLE.test(json)) return value
  return mapTexts(value, (text) => (unstorableIn(text) ? mendText(text) : text)) as T
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((each) => mapTexts(each, change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [change(name), mapTexts(each, change)]),
  )
}

interface UnstorablePlace {
  readonly path: string
  readonly what: Unstorable
  readonly at: number
}

/** Characters of a name, and of the whole way to a place, that are repeated; a hostile body has nothing but long ones. */
const MOST_NAME = 60
const MOST_PATH = 200

/**
 * Where a value holds text that cannot be kept: `order.no`; a name of a member counts as text at its holder. The first
 * hundred places. Goes as deep as the value: whoever reads JSON of strangers bounds that.
 */
export function findUnstorable(value: unknown, path = ''): readonly UnstorablePlace[] {
  const places: UnstorablePlace[] = []
  look(value, path, places)
  return places
}

function look(value: unknown, path: string, places: UnstorablePlace[]): void {
  if (places.length >= MOST_FAULTS) return
  if (typeof value === 'string') {
    const found = unstorableIn(value)
    if (found) places.push({ path, ...found })
    return
  }
  if (typeof value !== 'object' || value === null) return
  for (const [name, each] of Object.entries(value)) {
    if (!Array.isArray(value)) look(name, path, places)
    look(each, within(path, name), places)
  }
}

function within(path: string, name: string): string {
  if (path.length > MOST_PATH) return path
  const told = mendText(name.length > MOST_NAME ? `${name.slice(0, MOST_NAME)}…` : name)
  return path === '' ? told : `${path}.${told}`
}

/** Whether a value that was read from `json` can hold such text at all: spares ordinary bodies the walk. */
export const mayBeUnstorable = (json: string): boolean => MAY_BE_UNSTORABLE.test(json)

const WHAT = {
  nul: { en: 'a NUL character', zh: 'NUL 字符' },
  half_pair: { en: 'half a surrogate pair', zh: '半个代理对（损坏的表情符号）' },
} as const

/** The sentence about it. */
export function unstorableText(
  { what, at }: { readonly what: Unstorable; readonly at: number },
  language: 'en' | 'zh',
): string {
  return language === 'en'
    ? `expected well-formed text, got ${WHAT[what].en} at character ${at}: leave it out`
    : `应为完整的文字，第 ${at} 个字符是${WHAT[what].zh}：请去掉`
}
