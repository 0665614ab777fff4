import type * as z from 'zod'
import { nearest } from './template/nearest.ts'
import type { Instant } from './time.ts'
import { DAY, HOUR, parseIso, SECOND, toIso } from './time.ts'

export type Language = 'en' | 'zh'
type Said = Readonly<Record<Language, string>>

/**
 * What stands in an event's data where an instant is expected: epoch milliseconds, or ISO 8601 with its zone. Nothing a
 * shop sells was ordered before 2000 or ends after 2199; what would lie outside is another unit, or a slip.
 */
const EARLIEST: Instant = parseIso('2000-01-01T00:00:00Z')!
const LATEST: Instant = parseIso('2199-12-31T23:59:59Z')!
/** Of the time of an event itself, which has happened: so much may the sender's clock be ahead of ours. */
const CLOCK_SKEW = HOUR

/** `null` when it is none that is plausible. */
export function readInstant(value: unknown): Instant | null {
  const instant = typeof value === 'string' ? parseIso(value.trim()) : value
  return typeof instant === 'number' && Number.isInteger(instant) && EARLIEST <= instant && instant <= LATEST
    ? instant
    : null
}

/** What is expected where the schema alone does not say it: messages of schemas are codes of this table. */
const EXPECTED = {
  currency: { en: 'a currency as three capital letters such as CNY', zh: '三个大写字母的货币代码，例如 CNY' },
  ref_kind: {
    en: 'a kind of at most 32 small letters, digits and _ such as order_no',
    zh: '由小写字母、数字和 _ 组成的类型（最多 32 个字符），例如 order_no',
  },
  scheme: {
    en: 'a card scheme of small letters, digits and _ such as visa',
    zh: '由小写字母、数字和 _ 组成的卡组织，例如 visa',
  },
  segment: {
    en: 'a name of at most 48 small letters, digits and hyphens such as office',
    zh: '由小写字母、数字和连字符组成的名称（最多 48 个字符），例如 office',
  },
  template_key: {
    en: 'a name of small letters, digits and _ such as order_paid, at most 40 characters',
    zh: '由小写字母、数字和 _ 组成的名称（最多 40 个字符），例如 order_paid',
  },
  country: { en: 'a country as two capital letters such as CN', zh: '两个大写字母的国家代码，例如 CN' },
  unpadded: { en: 'text without blanks before or after it', zh: '前后没有空白的文字' },
  method_key: { en: 'a key such as alipay or balance', zh: '类似 alipay 或 balance 的键' },
  ip: { en: 'an IP address', zh: 'IP 地址' },
  instant: {
    en: 'epoch milliseconds such as 1795824000000 or ISO 8601 with its zone such as 2026-11-28T00:00:00Z, from 2000 to 2199',
    zh: 'epoch 毫秒数（例如 1795824000000）或带时区的 ISO 8601 时间（例如 2026-11-28T00:00:00Z），在 2000 至 2199 年之间',
  },
} as const satisfies Record<string, Said>

const KINDS: Readonly<Record<string, Said>> = {
  string: { en: 'text', zh: '文字' },
  number: { en: 'a number', zh: '数字' },
  int: { en: 'a whole number', zh: '整数' },
  boolean: { en: 'true or false', zh: 'true 或 false' },
  object: { en: 'an object', zh: '对象 {…}' },
  record: { en: 'an object', zh: '对象 {…}' },
  array: { en: 'a list', zh: '列表 […]' },
}

const FORMATS: Readonly<Record<string, Said>> = {
  url: {
    en: 'a web address that begins with https:// or http://',
    zh: '以 https:// 或 http:// 开头的网址',
  },
  email: { en: 'a mail address such as name@example.com', zh: '邮箱地址，例如 name@example.com' },
  uuid: { en: 'a UUID', zh: 'UUID' },
}

/** The last names of fields that hold nothing about a person and no secret: what stands there may be repeated. */
const REPEATABLE: ReadonlySet<string> = new Set([
  'currency', 'minor', 'quantity', 'kind', 'key', 'scheme', 'segment', 'rail', 'method', 'specversion', 'type', 'time',
  'timestamp', 'placedAt', 'expiresAt', 'reservedUntil', 'limit', 'before', 'lang', 'shop', 'change', 'basedOn',
  'version', 'channel', 'purpose', 'country',
]) // biome-ignore format: a list

/** Says what was expected and what came. */
export function expectedGot(expected: Said, got: Said, language: Language): string {
  return language === 'en'
    ? `expected ${expected.en}, got ${got.en}`
    : `应为${apart(expected.zh)}，收到的是${apart(got.zh)}`
}

/** Latin letters and digits stand off from the Chinese before them. */
const apart = (zh: string) => (/^[\w-]/.test(zh) ? ` ${zh}` : zh)

/** Whether what stands under this name may be repeated. Of files that hold no secret everything may: `anything`. */
export type Repeatable = (name: string) => boolean
export const anything: Repeatable = () => true
export const nothing: Repeatable = () => false
const harmless: Repeatable = (name) => REPEATABLE.has(name)

/** What came at `name`: its kind, and shortened itself where that gives nobody away. */
export function gotAt(name: string, value: unknown, may: Repeatable = harmless): Said {
  if (value === undefined) return { en: 'nothing', zh: '空缺' }
  if (value === null || typeof value === 'boolean') return same(String(value))
  if (Array.isArray(value)) return KINDS.array!
  if (typeof value === 'object') return KINDS.object!
  if (typeof value === 'number') return may(name) ? same(String(value)) : KINDS.number!
  const text = String(value)
  if (text.trim() === '') return { en: 'empty text', zh: '空文字' }
  if (may(name)) return same(JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text))
  return {
    en: `text of ${text.length} ${text.length === 1 ? 'character' : 'characters'}`,
    zh: `${text.length} 个字符的文字`,
  }
}

const same = (text: string): Said => ({ en: text, zh: text })

/** An address may hold a token; what it begins with holds none. */
function gotAddress(name: string, value: unknown, may: Repeatable): Said {
  const start = typeof value === 'string' ? /^\s*([a-z][a-z0-9+.-]{0,19}:)/i.exec(value)?.[1] : undefined
  return start === undefined || /^https?:$/i.test(start)
    ? gotAt(name, value, may)
    : { en: `one that begins with ${start}`, zh: `以 ${start} 开头的内容` }
}

/** Either way from 1970: ECMAScript has no dates beyond (§21.4.1.1). */
const MOST_DAYS = 100_000_000

function gotInstant(name: string, value: unknown, may: Repeatable): Said {
  const got = gotAt(name, value, may)
  if (typeof value !== 'number' || !(Math.abs(value) <= MOST_DAYS * DAY)) return got
  if (value > 0 && readInstant(value * SECOND) !== null) {
    const day = toIso(value).slice(0, 10)
    return {
      en: `${got.en}, which would be ${day}: seconds?`,
      zh: `${got.zh}，那将是 ${day}：是否误用了秒？`,
    }
  }
  const year = /^\+?0*(-?\d+)-/.exec(toIso(value))![1]
  return { en: `${got.en}, which would be in the year ${year}`, zh: `${got.zh}，那将是 ${year} 年` }
}

/** What zod says by itself; every other sentence is one of ours. */
const OWN_WORDS = /^(Invalid |Too small|Too big|Unrecognized )/

/** Whether a schema gave the sentence itself: it says what is expected and not what came. */
export const isOurs = (issue: z.core.$ZodIssue): boolean =>
  !OWN_WORDS.test(issue.message) && !Object.hasOwn(EXPECTED, issue.message)

/**
 * One issue of zod's as a sentence, without patterns and without what only programmers call things. `may`: what may be
 * repeated of what came.
 */
export function issueText(
  issue: z.core.$ZodIssue,
  input: unknown,
  language: Language,
  may: Repeatable = harmless,
): string {
  const value = valueAt(input, issue.path)
  const name = String(issue.path.at(-1) ?? '')
  const say = (expected: Said, got: Said = gotAt(name, value, may)) => expectedGot(expected, got, language)
  if (Object.hasOwn(EXPECTED, issue.message)) {
    const code = issue.message as keyof typeof EXPECTED
    return say(EXPECTED[code], code === 'instant' ? gotInstant(name, value, may) : undefined)
  }
  if (!OWN_WORDS.test(issue.message)) return issue.message
  switch (issue.code) {
    case 'invalid_type':
      return say(KINDS[issue.expected] ?? same(issue.expected))
    case 'invalid_value': {
      const known = issue.values.map(String)
      return say(oneOf(known)) + nearText(value, known, language)
    }
    case 'invalid_union': {
      const kinds = kindsOf(issue)
      if (kinds !== null) return say(either(kinds))
      break
    }
    case 'invalid_key': {
      const [inner] = issue.issues
      if (inner && !OWN_WORDS.test(inner.message)) return inner.message
      return say({ en: 'another name', zh: '其他名称' }, same(JSON.stringify(name.slice(0, 40))))
    }
    case 'not_multiple_of':
      return say({ en: `a multiple of ${issue.divisor}`, zh: `${issue.divisor} 的倍数` })
    case 'invalid_format': {
      const expected = FORMATS[issue.format]
      if (expected) return say(expected, issue.format === 'url' ? gotAddress(name, value, may) : undefined)
      break
    }
    case 'too_small':
    case 'too_big':
      return say(...size(issue, name, value, may))
    case 'unrecognized_keys': {
      const keys = issue.keys.map((key) => JSON.stringify(key.slice(0, 40))).join(', ')
      return language === 'en'
        ? `got ${keys}, which nothing here is called: leave it out`
        : `收到未知的字段 ${keys}：请去掉`
    }
  }
  return say({ en: 'text of another form', zh: '其他格式的文字' })
}

function nearText(value: unknown, known: readonly string[], language: Language): string {
  const near = typeof value === 'string' ? nearest(value, known) : null
  if (near === null) return ''
  return language === 'en' ? `; did you mean ${near}?` : `；是不是想写 ${near}？`
}

/** Where every variant wants a value of another kind: those kinds. */
function kindsOf({ errors }: z.core.$ZodIssueInvalidUnion): readonly Said[] | null {
  const kinds = errors.map(([first]) =>
    first?.code === 'invalid_type' && first.path.length === 0
      ? (KINDS[first.expected] ?? same(first.expected))
      : null,
  )
  const known = kinds.filter((kind) => kind !== null)
  return known.length > 0 && known.length === kinds.length ? [...new Set(known)] : null
}

const either = (kinds: readonly Said[]): Said => ({
  en: kinds.map(({ en }) => en).join(' or '),
  zh: kinds.map(({ zh }) => zh).join('或'),
})

const oneOf = (values: readonly string[]): Said => ({
  en: values.length === 1 ? values[0]! : `one of ${values.join(', ')}`,
  zh: values.length === 1 ? values[0]! : `${values.join('、')} 之一`,
})

function size(
  issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig,
  name: string,
  value: unknown,
  may: Repeatable,
): [Said, Said] {
  const most = issue.code === 'too_big'
  const limit = String(most ? issue.maximum : issue.minimum)
  if (issue.origin === 'string' && typeof value === 'string') {
    const got = most ? { en: `${value.length}`, zh: `${value.length} 个` } : gotAt(name, value, may)
    const expected = most
      ? { en: `at most ${limit} characters`, zh: `最多 ${limit} 个字符` }
      : { en: `text of at least ${limit} characters`, zh: `至少 ${limit} 个字符的文字` }
    return [limit === '1' && !most ? { en: 'text that is not empty', zh: '非空的文字' } : expected, got]
  }
  if (Array.isArray(value)) {
    const expected = {
      en: `a list of at ${most ? 'most' : 'least'} ${limit}`,
      zh: `${most ? '最多' : '至少'} ${limit} 项的列表`,
    }
    return [expected, { en: `${value.length}`, zh: `${value.length} 项` }]
  }
  const number = KINDS[issue.origin] ?? KINDS.number!
  const expected = {
    en: `${number.en}, ${limit} or ${most ? 'less' : 'more'}`,
    zh: `${number.zh}，${most ? '不大于' : '不小于'} ${limit}`,
  }
  return [expected, gotAt(name, value, may)]
}

export function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = (value as Record<PropertyKey, unknown>)[part]
  }
  return value
}

/** Why `time` is not that of something that has happened; `null` when it may be. */
export function timeProblem(value: unknown, now: Instant, language: Language): string | null {
  const instant = typeof value === 'string' ? parseIso(value) : null
  if (instant === null) {
    const expected = same('2026-11-22T08:00:00Z')
    const said = { en: `a time with zone such as ${expected.en}`, zh: `带时区的时间，例如 ${expected.zh}` }
    return expectedGot(said, gotAt('time', value), language)
  }
  if (EARLIEST <= instant && instant <= now + CLOCK_SKEW) return null
  const ahead = instant > now ? Math.floor((instant - now) / HOUR) : 0
  const far = ahead > 0 && ahead <= DAY / HOUR
  const expected = {
    en: `a time that has come, from 2000 on (here it is ${toIso(now)})`,
    zh: `已经到来的时间，且不早于 2000 年（此处现在是 ${toIso(now)}）`,
  }
  const { en, zh } = gotAt('time', value)
  const got = far
    ? {
        en: `${en}, which is ${ahead} h ahead: another zone?`,
        zh: `${zh}，超前 ${ahead} 小时：是否写错了时区？`,
      }
    : { en, zh }
  return expectedGot(expected, got, language)
}
