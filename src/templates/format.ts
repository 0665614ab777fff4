import { currencyDigits, moneyText } from '../domain/money.ts'
import { type Instant, parseIso } from '../domain/time.ts'
import { withZone } from '../domain/told-zone.ts'

/** For whom values are written: the variant's locale and the receiver's IANA zone. */
export interface Reader {
  readonly locale: string
  readonly timeZone: string
  /** It may not be the receiver's own, so that moments with an hour say which it is. */
  readonly tellZone?: boolean
}

/** Styles of `| date`. Named, never patterns: a pattern with padding can be made to eat all memory. */
export const DATE_STYLES = {
  short: { month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' },
  date: { year: 'numeric', month: 'long', day: 'numeric' },
  time: { hour: 'numeric', minute: '2-digit' },
  long: {
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    weekday: 'long',
    hour: 'numeric',
    minute: '2-digit',
    timeZoneName: 'short',
  },
} as const satisfies Readonly<Record<string, Intl.DateTimeFormatOptions>>
export type DateStyle = keyof typeof DATE_STYLES

/** Making an Intl formatter costs 20-60 µs, using one 1 µs; locales × zones × currencies are few. */
function remember<T>(limit: number): (key: string, make: () => T) => T {
  const kept = new Map<string, T>()
  return (key, make) => {
    const known = kept.get(key)
    if (known !== undefined) return known
    if (kept.size >= limit) kept.clear()
    const made = make()
    kept.set(key, made)
    return made
  }
}
const moneyFormat = remember<Intl.NumberFormat | null>(500)
const numberFormat = remember<Intl.NumberFormat>(100)
const dateFormat = remember<Intl.DateTimeFormat>(2_000)
const pluralRules = remember<Intl.PluralRules>(100)

/** `{minor, currency}` as domain/money.ts writes it, with the formatter kept; anything else is `''`. */
export function writeMoney(value: unknown, locale: string): string {
  if (!isMoney(value)) return ''
  const { currency } = value
  const format = moneyFormat(`${locale} ${currency}`, () => makeMoneyFormat(locale, currency))
  return format === null ? `${moneyText(value)} ${currency}` : format.format(moneyText(value))
}

function makeMoneyFormat(locale: string, currency: string): Intl.NumberFormat | null {
  if (!/^[A-Z]{3}$/.test(currency)) return null
  const digits = currencyDigits(currency)
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    currencyDisplay: 'symbol',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
}

export function isMoney(value: unknown): value is { readonly minor: number; readonly currency: string } {
  if (typeof value !== 'object' || value === null) return false
  const { minor, currency } = value as { minor?: unknown; currency?: unknown }
  return Number.isSafeInteger(minor) && typeof currency === 'string'
}

export function writeNumber(value: number, locale: string): string {
  return numberFormat(locale, () => new Intl.NumberFormat(locale, { maximumFractionDigits: 3 })).format(value)
}

/** An instant (epoch ms or ISO text) as people read it; what is no moment is `''`. An unknown zone reads UTC. */
export function writeDate(value: unknown, style: string, reader: Reader): string {
  const instant: Instant | null =
    typeof value === 'number' ? value : typeof value === 'string' ? parseIso(value) : null
  if (instant === null || !(Math.abs(instant) <= 8.64e15)) return ''
  if (!Object.hasOwn(DATE_STYLES, style)) {
    throw new Error(
      `date: '${style.slice(0, 40)}' is not a style; use ${Object.keys(DATE_STYLES).join(', ')}`,
    )
  }
  const text = dateFormat(`${reader.locale} ${reader.timeZone} ${style}`, () =>
    makeDateFormat(style as DateStyle, reader),
  ).format(instant)
  const mute = !reader.tellZone || style === 'date' || style === 'long'
  return mute ? text : withZone(text, reader.timeZone, instant, reader.locale)
}

function makeDateFormat(style: DateStyle, reader: Reader): Intl.DateTimeFormat {
  const options: Intl.DateTimeFormatOptions = { ...DATE_STYLES[style] }
  if (reader.locale.startsWith('zh') && options.hour) {
    options.hourCycle = 'h23'
    options.hour = '2-digit'
  }
  try {
    return new Intl.DateTimeFormat(reader.locale, { ...options, timeZone: reader.timeZone })
  } catch {
    return new Intl.DateTimeFormat(reader.locale, { ...options, timeZone: 'UTC' })
  }
}

/** `| plural: one: '# item', other: '# items'`: the form of the reader's language, `#` being the number. */
export function writePlural(value: unknown, forms: Readonly<Record<string, string>>, locale: string): string {
  const count = typeof value === 'number' ? value : Number(value ?? 0)
  const rule = pluralRules(locale, () => new Intl.PluralRules(locale)).select(count)
  const form = (Object.hasOwn(forms, rule) ? forms[rule] : forms.other) ?? '#'
  return form.replaceAll('#', writeNumber(count, locale))
}

const FALLBACK_COLOUR = '#2563eb'

/** A colour that is safe inside CSS: the shop's `#rrggbb`, or ours. */
export function writeColour(value: unknown): string {
  return typeof value === 'string' && /^#[0-9a-f]{6}$/i.test(value) ? value.toLowerCase() : FALLBACK_COLOUR
}

/** Ink that can be read on that colour: white or near black, whichever has more contrast (WCAG 2.2, 1.4.3). */
export function writeInk(value: unknown): string {
  const colour = writeColour(value)
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
  return 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.058 ? '#ffffff' : '#111827'
}
