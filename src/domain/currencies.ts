import { nearest } from './template/nearest.ts'

/** The ISO 4217 codes that this Node knows, without those that are no money (testing, "no currency"). */
const CODES: ReadonlySet<string> = new Set(
  Intl.supportedValuesOf('currency').filter((code) => code !== 'XXX' && code !== 'XTS'),
)

export const isCurrency = (code: string): boolean => CODES.has(code)

/** What people write for a code, where another code looks more like it. */
const MEANT: Readonly<Record<string, string>> = { RMB: 'CNY', CNH: 'CNY', NTD: 'TWD', UKP: 'GBP' }

/** The code of a currency that people call by this word; `null`: it is no such word. */
export const currencyMeant = (code: string): string | null => MEANT[code] ?? null

/** The currency that was probably meant; `null` when none is near. */
export const nearCurrency = (code: string): string | null => MEANT[code] ?? nearest(code, CODES)

/** Where an event's data names currencies that are not known here; what a shop adds of its own in `extra` is not looked at. */
export function unknownCurrencies(
  value: unknown,
  path = 'data',
): readonly { readonly path: string; readonly code: string }[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  return Object.entries(value).flatMap(([name, inner]) => {
    const place = `${path}.${name}`
    if (name === 'extra') return []
    if (name !== 'currency') return unknownCurrencies(inner, place)
    return typeof inner === 'string' && !isCurrency(inner) ? [{ path: place, code: inner }] : []
  })
}
