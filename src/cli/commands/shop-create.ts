import * as z from 'zod'
import { ensureKey } from '../../app/demo-shop.ts'
import { transaction } from '../../db/connect.ts'
import { findApiKey } from '../../db/connections.ts'
import { ensureInstallation } from '../../db/shops.ts'
import { formatId } from '../../domain/ids.ts'
import { anything, isOurs, issueText, valueAt } from '../../domain/input-problems.ts'
import { newApiKey } from '../../domain/secret-text.ts'
import { SCOPES } from '../../http/permissions.ts'
import { openShop } from '../../pipeline/open-shop.ts'
import { type Command, CommandError, EXIT } from '../command.ts'
import { record } from '../record.ts'
import { shopFlag, withKeys } from '../session.ts'
import { SHOPS } from '../texts/commands.ts'
import { ERRORS } from '../texts/errors.ts'
import { settingProblem } from '../texts/setting-problems.ts'
import { say } from '../texts/text.ts'

const input = z.object({
  slug: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'expected small letters, digits and hyphens, 40 at most'),
  name: z.string().trim().min(1).max(100),
  locale: z
    .string()
    .refine((text) => Intl.DateTimeFormat.supportedLocalesOf(text).length > 0, 'expected zh-CN, en …'),
  timeZone: z.string().refine(isZone, 'expected a zone such as Asia/Shanghai'),
  currency: z.string().regex(/^[A-Z]{3}$/, 'expected three capitals such as CNY'),
  country: z.string().regex(/^[A-Z]{2}$/, 'expected two capitals such as CN'),
})

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
      const lines = read.error.issues.map((issue) => {
        const came = String(valueAt(given, issue.path))
        const got = isOurs(issue) ? say(ERRORS.got, language, { got: came }) : ''
        const problem = settingProblem(issueText(issue, given, language, anything), language)
        return `${issue.path.join('.')}: ${problem}${got}`
      })
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
        await ensureKey({ keyring, clock, random }, tx, opened.id, 'first', key)
        const made = (await findApiKey(tx, key.hash))!
        await record(context, tx, opened.id, 'shop.create', `shop ${opened.id}`)
        await record(context, tx, opened.id, 'key.create', formatId('key', made.id), { scopes: made.scopes })
      })
      screen.line(say(SHOPS.made, language, { slug }))
      screen.line(screen.paint(['bold', 'yellow'], key.text))
      screen.line(
        screen.paint('dim', say(SHOPS.keyMay, language, { of: await shopFlag(pools.db, { slug }) })),
      )
      screen.result({ shop: opened.id, slug, apiKey: key.text, scopes: SCOPES })
      return EXIT.ok
    })
  },
}

function isZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text })
    return true
  } catch {
    return false
  }
}
