import { isSupportedCountry } from 'libphonenumber-js/max'
import * as z from 'zod'
import { addFullKey } from '../../app/demo-shop.ts'
import { transaction } from '../../db/connect.ts'
import { findApiKey } from '../../db/connections.ts'
import { ensureInstallation } from '../../db/shops.ts'
import { isCurrency, nearCurrency } from '../../domain/currencies.ts'
import { isZone } from '../../domain/gate/local-time.ts'
import { formatId } from '../../domain/ids.ts'
import { anything, isOurs, issueText, valueAt } from '../../domain/input-problems.ts'
import { newApiKey } from '../../domain/secret-text.ts'
import { SCOPES } from '../../http/permissions.ts'
import { openShop } from '../../pipeline/open-shop.ts'
import { type Command, CommandError, type Context, EXIT } from '../command.ts'
import { record } from '../record.ts'
import { shopFlag, withKeys } from '../session.ts'
import { SHOPS } from '../texts/commands.ts'
import { ERRORS, nearText } from '../texts/errors.ts'
import { settingProblem } from '../texts/setting-problems.ts'
import { say } from '../texts/text.ts'

const input = z.object({
  slug: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'expected small letters, digits and hyphens, 40 at most'),
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

/** Works on the database itself; makes the shop with its inbox, the preset flows and templates, and one API key. */
export const shopCreate: Command = {
  name: 'shop create',
  summary: SHOPS.create,
  args: [{ name: '<slug>', text: SHOPS.slug }],
  options: [
    { flags: '--name <name>', text: SHOPS.name },
    { flags: '--locale <tag>', text: SHOPS.locale },
    { flags: '--time-zone <zone>', text: SHOPS.timeZone },
    { flags: '--currency <code>', text: SHOPS.currency },
    { flags: '--country <code>', text: SHOPS.country },
  ],
  examples: [
    'dingdong shop create my-shop --name "我的店"',
    'dingdong shop create club --name Club --locale en --time-zone Europe/Berlin --currency EUR --country DE',
  ],
  async run(context, [slug = ''], options) {
    const { screen, language, clock, random } = context
    const given = {
      slug,
      name: options.name ?? slug,
      locale: options.locale ?? 'zh-CN',
      timeZone: options.timeZone ?? 'Asia/Shanghai',
      currency: options.currency ?? 'CNY',
      country: options.country ?? 'CN',
    }
    const read = input.safeParse(given)
    if (!read.success) {
      const lines = read.error.issues.map((issue) => lineOf(issue, given, language))
      throw new CommandError(EXIT.usage, lines.join('\n'))
    }
    return withKeys(context, async ({ pools, keyring }) => {
      await ensureInstallation(pools.db, clock.now())
      const accounts = [{ channel: 'inbox', provider: 'inbox', name: 'Inbox', settings: {} }] as const
      const shop = { ...read.data, settings: {}, demo: false }
      const opened = await openShop(
        { db: pools.db, keyring, random },
        shop,
        await context.presets(),
        accounts,
        clock.now(),
      )
      if (!opened) throw new CommandError(EXIT.failed, say(ERRORS.slugTaken, language, { slug }))
      const key = newApiKey(opened.id, random)
      await transaction(pools.db, async (tx) => {
        await addFullKey({ keyring, clock, random }, tx, opened.id, 'first', key)
        const made = (await findApiKey(tx, key.hash))!
        await record(context, tx, opened.id, 'shop.create', `shop ${opened.id}`)
        await record(context, tx, opened.id, 'key.create', formatId('key', made.id), { scopes: made.scopes })
      })
      screen.line(say(SHOPS.made, language, { slug }))
      screen.line(screen.paint(['bold', 'yellow'], key.text))
      const of = await shopFlag(pools.db, { slug })
      screen.line(screen.paint('dim', say(SHOPS.keyMay, language, { of })))
      screen.line(say(SHOPS.next, language, { of }))
      screen.result({ shop: opened.id, slug, apiKey: key.text, scopes: SCOPES })
      return EXIT.ok
    })
  },
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
