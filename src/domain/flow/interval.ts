/** A share or a difference of shares, with the interval that holds the true one 95 times in 100. */
export interface Estimate {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** `of` how many `with` what is counted. */
export interface Share {
  readonly with: number
  readonly of: number
}

/** The 0.975 quantile of the normal distribution. */
const Z = 1.959963984540054

/**
 * The score interval of Wilson (J. Am. Stat. Assoc. 22, 1927), method 3 of Newcombe, Two-sided confidence intervals
 * for the single proportion, Statist. Med. 17 (1998) 857–872: sound at few and at extreme shares, never beyond 0 … 1.
 */
export function wilson({ with: x, of: n }: Share): Estimate {
  const value = x / n
  const middle = x + (Z * Z) / 2
  const half = Z * Math.sqrt((x * (n - x)) / n + (Z * Z) / 4)
  // At 0 and n the square is exact, the arithmetic is not.
  const low = x === 0 ? 0 : (middle - half) / (n + Z * Z)
  const high = x === n ? 1 : (middle + half) / (n + Z * Z)
  return { value, low, high }
}

/**
 * How much larger `one` is than `other`: method 10 of Newcombe, Interval estimation for the difference between
 * independent proportions, Statist. Med. 17 (1998) 873–890, made of both Wilson intervals.
 */
export function newcombe(one: Share, other: Share): Estimate {
  const p = wilson(one)
  const q = wilson(other)
  const value = p.value - q.value
  return {
    value,
    low: value - Math.hypot(p.value - p.low, q.high - q.value),
    high: value + Math.hypot(p.high - p.value, q.value - q.low),
  }
}
