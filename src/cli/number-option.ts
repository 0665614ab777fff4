import { MOST_VERSION } from '../db/versions.ts'
import { CommandError, type Context, EXIT } from './command.ts'
import { ERRORS } from './texts/errors.ts'
import { say } from './texts/text.ts'

type Options = Readonly<Record<string, string | boolean | undefined>>

interface Range {
  readonly fits: (number: number) => boolean
  readonly expected: string
}

/** As many as `tail` reads at a look. */
export const MOST_LAST = 200

const whole = (least: number, most: number, expected = `${least} … ${most}`): Range => ({
  fits: (number) => Number.isInteger(number) && number >= least && number <= most,
  expected,
})
const above0 = (most = Number.POSITIVE_INFINITY, expected = '> 0'): Range => ({
  fits: (number) => number > 0 && number <= most,
  expected,
})
const version = whole(1, MOST_VERSION, '1, 2, 3 …')

/** Every option that takes a number, and which numbers it takes. */
const RANGES = {
  last: whole(0, MOST_LAST),
  orders: above0(),
  speed: above0(),
  rate: above0(10_000, '0.1 … 10000'),
  concurrency: whole(1, 1_000),
  position: whole(1, 1_000),
  holdout: { fits: (number) => number <= 50, expected: '0 … 50' },
  version,
  versionOf: version,
  to: version,
} as const satisfies Record<string, Range>

/** The number given with an option; `null` without it. Throws `CommandError` saying what was expected. */
export function readNumber(
  { language }: Context,
  options: Options,
  name: keyof typeof RANGES,
): number | null {
  const given = options[name]
  if (given === undefined) return null
  const { fits, expected } = RANGES[name]
  // Plain decimals only: to `Number`, nothing at all is 0, and 0x10 is 16.
  const number = typeof given === 'string' && /^\d{1,15}(\.\d+)?$/.test(given) ? Number(given) : Number.NaN
  if (fits(number)) return number
  const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  const params = { what: `--${flag}`, expected, got: String(given) }
  throw new CommandError(EXIT.usage, say(ERRORS.needsValue, language, params))
}

/** Throws unless the argument has 1 to `most` characters. */
export function checkLength({ language }: Context, what: string, got: string, most: number): void {
  if (got.length >= 1 && got.length <= most) return
  throw new CommandError(EXIT.usage, say(ERRORS.needsLength, language, { what, most, got: got.length }))
}
