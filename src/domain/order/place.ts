import { boundedMemo } from '../bounded-memo.ts'

/** What a region (ISO 3166 alpha-2) lets us guess about a person there. `null`: no guess. */
export interface PlaceGuess {
  readonly locale: string | null
  readonly timeZone: string | null
}

/** One legal time though IANA lists more than one zone: all of China keeps Beijing time, Ukraine Kyiv's. */
const LEGAL_ZONE: Readonly<Record<string, string>> = { CN: 'Asia/Shanghai', UA: 'Europe/Kyiv' }

/** Mid-January and mid-July 2026: zones that agree on both days are one for our purpose. */
const PROBES = [1_768_435_200_000, 1_784_073_600_000]

/** Senders write some dozens of tags and zones, in a few spellings each. */
const MOST_TAGS = 1_000

const guesses = new Map<string, PlaceGuess>()

/** The most spoken language of a region (CLDR likely subtags) and its time zone where it keeps one time. */
export function guessPlace(region: string | null): PlaceGuess {
  if (region === null || !/^[A-Z]{2}$/.test(region)) return { locale: null, timeZone: null }
  let guess = guesses.get(region)
  if (guess === undefined) {
    guess = { locale: localeOf(region), timeZone: zoneOf(region) }
    guesses.set(region, guess)
  }
  return guess
}

/** The BCP 47 tag in its canonical spelling (`zh_cn` → `zh-CN`); `null` when it is not one. */
export const canonicalLocale = boundedMemo(MOST_TAGS, (text): string | null => {
  try {
    return Intl.getCanonicalLocales(text.trim().replaceAll('_', '-'))[0] ?? null
  } catch {
    // RangeError is how Intl says "not a language tag".
    return null
  }
})

/** The zone's name as Intl knows it; `null` when it is none. Offsets such as `+08:00` are not zones. */
export const canonicalZone = boundedMemo(MOST_TAGS, (text): string | null => {
  if (!/^[A-Za-z]/.test(text.trim())) return null
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text.trim() }).resolvedOptions().timeZone
  } catch {
    // RangeError is how Intl says "no such zone".
    return null
  }
})

function localeOf(region: string): string | null {
  // Without a known zone CLDR does not know the region either and would answer English.
  if (zonesOf(region).length === 0) return null
  const likely = new Intl.Locale(`und-${region}`).maximize()
  return likely.language === 'und' ? null : `${likely.language}-${region}`
}

function zoneOf(region: string): string | null {
  const legal = LEGAL_ZONE[region]
  if (legal !== undefined) return legal
  const zones = zonesOf(region)
  const first = zones[0]
  if (first === undefined) return null
  return zones.every((zone) => PROBES.every((at) => offset(zone, at) === offset(first, at))) ? first : null
}

function zonesOf(region: string): readonly string[] {
  // ECMA-402 "Intl Locale Info", in Node since 18; the compiler's library does not list it yet.
  const locale = new Intl.Locale(`und-${region}`) as Intl.Locale & {
    getTimeZones?: () => string[] | undefined
  }
  return locale.getTimeZones?.() ?? []
}

function offset(timeZone: string, at: number): string | undefined {
  const parts = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' }).formatToParts(at)
  return parts.find(({ type }) => type === 'timeZoneName')?.value
}
