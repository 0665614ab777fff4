import { isSupportedCountry } from 'libphonenumber-js/max'
import * as z from 'zod'
import { isCurrency, nearCurrency } from '../domain/currencies.ts'
import { isZone } from '../domain/gate/local-time.ts'
import { anything, isOurs, issueText, valueAt } from '../domain/input-problems.ts'
import { CommandError, type Context, EXIT } from './command.ts'
import { ERRORS, nearText } from './texts/errors.ts'
import { settingProblem } from './texts/setting-problems.ts'
import { say } from './texts/text.ts'

export const shopSlug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'expected small letters, digits and hyphens, 40 at most')

/** What a shop is, beside its settings. */
export const shopDetails = z.object({
  name: z.string().trim().min(1).max(100),
  locale: z.string().refine(isLocale, 'expected zh-CN, en …'),
  timeZone: z.string().refine(isZone, 'expected a zone such as Asia/Shanghai'),
  currency: z.string().refine(isCurrency, 'expected a currency of ISO 4217 such as CNY'),
  country: z.string().refine(isCountry, 'expected a country such as CN'),
})

/** What was probably meant, where what came can be read at all. */
const MEANT: Readonly<Record<string, (came: string) => string | null>> = {
  currency: nearCurrency,
  locale: (came) => other(came, came.replaceAll('_', '-'), isLocale),
  country: (came) => other(came, came === 'UK' ? 'GB' : came.toUpperCase(), isCountry),
}

/** Throws `CommandError` with everything that is wrong, and what was probably meant. */
export function readDetails<S extends z.ZodType>(
  { language }: Context,
  schema: S,
  given: Readonly<Record<string, unknown>>,
): z.infer<S> {
  const read = schema.safeParse(given)
  if (read.success) return read.data
  const lines = read.error.issues.map((issue) => lineOf(issue, given, language))
  throw new CommandError(EXIT.usage, lines.join('\n'))
}

function lineOf(
  issue: z.core.$ZodIssue,
  given: Readonly<Record<string, unknown>>,
  language: Context['language'],
): string {
  const name = issue.path.join('.')
  const came = String(valueAt(given, issue.path))
  const problem = settingProblem(issueText(issue, given, language, anything), language)
  if (!isOurs(issue)) return `${name}: ${problem}`
  const near = MEANT[name]?.(came) ?? null
  const end = near === null ? '' : nearText(near, language)
  return `${name}: ${problem}${say(ERRORS.got, language, { got: came })}${end}`
}

function other(came: string, meant: string, fits: (text: string) => boolean): string | null {
  return meant !== came && fits(meant) ? meant : null
}

/** `Intl` throws for what is malformed, and finds nothing for what is only unknown. */
function isLocale(text: string): boolean {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(text).length > 0
  } catch {
    return false
  }
}

function isCountry(text: string): boolean {
  return isSupportedCountry(text)
}
