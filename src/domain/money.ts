/** An amount in minor units of an ISO 4217 currency: `{ minor: 1999, currency: 'CNY' }` is ¥19.99. */
export interface Money {
  readonly minor: number
  readonly currency: string
}

/** Minor-unit digits that differ from 2 (ISO 4217, list one, 2026-01-01). */
const DIGITS: Readonly<Record<string, number>> = {
  BIF: 0, CLP: 0, DJF: 0, GNF: 0, ISK: 0, JPY: 0, KMF: 0, KRW: 0, PYG: 0, RWF: 0, UGX: 0, UYI: 0,
  VND: 0, VUV: 0, XAF: 0, XOF: 0, XPF: 0, BHD: 3, IQD: 3, JOD: 3, KWD: 3, LYD: 3, OMR: 3, TND: 3,
} // biome-ignore format: a table

/** How many decimals `currency` has. */
export function currencyDigits(currency: string): number {
  return DIGITS[currency] ?? 2
}

/** Money from decimal text such as `"19.9"`; `null` when it is not a number or has more decimals than the currency. */
export function parseMoney(text: string, currency: string): Money | null {
  const match = /^(-?)(\d{1,15})(?:\.(\d+))?$/.exec(text.trim())
  if (!match || !/^[A-Z]{3}$/.test(currency)) return null
  const digits = currencyDigits(currency)
  const fraction = (match[3] ?? '').replace(/0+$/, '')
  if (fraction.length > digits) return null
  const minor = Number(`${match[1]}${match[2]}${fraction.padEnd(digits, '0')}`)
  return Number.isSafeInteger(minor) ? { minor: minor === 0 ? 0 : minor, currency } : null
}

/**
 * `"19.90"`: the amount with exactly the currency's decimals, no symbol, no grouping. Formatters are given it too: of the
 * largest amounts a quotient would lose the last digit.
 */
export function moneyText(money: Money): `${number}` {
  const digits = currencyDigits(money.currency)
  const sign = money.minor < 0 ? '-' : ''
  const all = String(Math.abs(money.minor)).padStart(digits + 1, '0')
  const text = digits === 0 ? all : `${all.slice(0, -digits)}.${all.slice(-digits)}`
  return `${sign}${text}` as `${number}`
}

/**
 * The amount as a reader of `locale` writes it: `¥19.90`, `$1,234.50`. A sign that is several currencies stands alone only
 * for the one that this reader means by it: in Chinese yen are `JP¥`, in English yuan `CN¥`.
 */
export function formatMoney(money: Money, locale: string): string {
  const digits = currencyDigits(money.currency)
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: money.currency,
    currencyDisplay: 'symbol',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(moneyText(money))
}

/** `6,480 CNY`, `19.90 USD`: with the code, because ¥ and $ are several currencies; the same in both languages. */
export function amountText(money: Money): string {
  const digits = currencyDigits(money.currency)
  const whole = money.minor % 10 ** digits === 0
  const number = new Intl.NumberFormat('en', {
    minimumFractionDigits: whole ? 0 : digits,
    maximumFractionDigits: digits,
  }).format(moneyText(money))
  return `${number} ${money.currency}`
}
