import { nearest } from './template/nearest.ts'

/** The ISO 4217 codes that this Node knows, without those that are no money (testing, "no currency"). */
const CODES: ReadonlySet<string> = new Set(
  Intl.supportedValuesOf('currency').filter((code) => code !== 'XXX' && code !== 'XTS'),
)

/** What people write for a code, where another code looks more like it. */
const MEANT: Readonly<Record<string, string>> = { RMB: 'CNY', CNH: 'CNY', NTD: 'TWD', UKP: 'GBP' }

export const isCurrency = (code: string): boolean => CODES.has(code)

/** The currency that was probably meant; `null` when none is near. */
export const nearCurrency = (code: string): string | null => MEANT[code] ?? nearest(code, CODES)
