import { CommandError, type Context, EXIT } from './command.ts'
import { ERRORS } from './texts/errors.ts'
import { say } from './texts/text.ts'

type Given = string | boolean | undefined

/** The number given with `--name`; `null` without it. Throws saying what was expected. */
export function readNumber({ language }: Context, name: string, given: Given, expected: string) {
  if (given === undefined) return null
  if (typeof given === 'string' && /^\d{1,9}(\.\d+)?$/.test(given)) return Number(given)
  const params = { what: `--${name}`, expected, got: String(given) }
  throw new CommandError(EXIT.usage, say(ERRORS.needsValue, language, params))
}

/** The version given with `--name`; `null` without it. */
export function readVersion(context: Context, name: string, given: Given): number | null {
  const expected = '1, 2, 3 …'
  const number = readNumber(context, name, given, expected)
  if (number === null || (Number.isInteger(number) && number > 0)) return number
  const params = { what: `--${name}`, expected, got: String(given) }
  throw new CommandError(EXIT.usage, say(ERRORS.needsValue, context.language, params))
}

/** Throws unless the argument has 1 to `most` characters. */
export function checkLength({ language }: Context, what: string, got: string, most: number): void {
  if (got.length >= 1 && got.length <= most) return
  throw new CommandError(EXIT.usage, say(ERRORS.needsLength, language, { what, most, got: got.length }))
}
