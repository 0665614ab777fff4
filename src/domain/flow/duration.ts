import { DAY, HOUR, MINUTE, type Millis, SECOND } from '../time.ts'

const UNITS: Readonly<Record<string, Millis>> = { d: DAY, h: HOUR, m: MINUTE, s: SECOND }

/** Longer waits are a mistake (or a calendar's job): 400 days covers a yearly membership. */
const LONGEST: Millis = 400 * DAY

/** Milliseconds of `90s`, `30m`, `1h30m`, `7d`; `null` when it is not such a text or longer than 400 days. */
export function parseDuration(text: string): Millis | null {
  if (!/^(\d{1,6}d)?(\d{1,6}h)?(\d{1,6}m)?(\d{1,8}s)?$/.test(text) || text === '') return null
  let total = 0
  for (const [, count, unit] of text.matchAll(/(\d+)([dhms])/g)) total += Number(count) * UNITS[unit!]!
  return total <= LONGEST ? total : null
}
