import { type Command, CommandError, EXIT } from './command.ts'
import { ERRORS } from './texts/errors.ts'
import { say } from './texts/text.ts'

/**
 * Runs a command with values that say something: a blank one is the trace of a variable that was not set, and would be
 * kept as somebody's name.
 */
export async function runWithValues(command: Command, ...given: Parameters<Command['run']>) {
  const [{ language }, args, options] = given
  const names = (command.args ?? []).map((arg) => arg.name)
  const blank =
    args.flatMap((value, at) => (isBlank(value) ? [names[Math.min(at, names.length - 1)] ?? ''] : []))[0] ??
    Object.entries(options).find(([, value]) => isBlank(value))?.[0]
  if (blank === undefined) return command.run(...given)
  const flag = (command.options ?? []).map((option) => option.flags).find((flags) => camelOf(flags) === blank)
  throw new CommandError(
    EXIT.usage,
    say(ERRORS.blank, language, { what: flag ?? blank, command: command.name }),
  )
}

const isBlank = (value: unknown): boolean => typeof value === 'string' && value.trim() === ''

/** As commander names the value of `--public-url <url>`. */
const camelOf = (flags: string): string =>
  (/--([\w-]+)/.exec(flags)?.[1] ?? '').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
