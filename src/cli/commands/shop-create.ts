import { addFullKey } from '../../app/demo-shop.ts'
import { transaction } from '../../db/connect.ts'
import { findApiKey } from '../../db/connections.ts'
import { ensureInstallation } from '../../db/shops.ts'
import { formatId } from '../../domain/ids.ts'
import { newApiKey } from '../../domain/secret-text.ts'
import { SCOPES } from '../../http/permissions.ts'
import { openShop } from '../../pipeline/open-shop.ts'
import { type Command, CommandError, EXIT } from '../command.ts'
import { record } from '../record.ts'
import { shopFlag, withKeys } from '../session.ts'
import { readDetails, shopDetails, shopSlug } from '../shop-details.ts'
import { SHOPS } from '../texts/commands.ts'
import { ERRORS } from '../texts/errors.ts'
import { say } from '../texts/text.ts'

/** Works on the database itself; makes the shop with its inbox, the preset flows and templates, and one API key. */
export const shopCreate: Command = {
  name: 'shop create',
  summary: SHOPS.create,
  args: [{ name: '<slug>', text: SHOPS.slug }],
  options: [
    { flags: '--name <name>', text: SHOPS.name },
    { flags: '--locale <tag>', text: SHOPS.newLocale },
    { flags: '--time-zone <zone>', text: SHOPS.newTimeZone },
    { flags: '--currency <code>', text: SHOPS.newCurrency },
    { flags: '--country <code>', text: SHOPS.newCountry },
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
    const details = readDetails(context, shopDetails.extend({ slug: shopSlug }), given)
    return withKeys(context, async ({ pools, keyring }) => {
      await ensureInstallation(pools.db, clock.now())
      const accounts = [{ channel: 'inbox', provider: 'inbox', name: 'Inbox', settings: {} }] as const
      const shop = { ...details, settings: {}, demo: false }
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
      const { locale, timeZone, currency, country } = details
      screen.line(say(SHOPS.is, language, { slug, locale, timeZone, currency, country }))
      const of = await shopFlag(pools.db, { slug })
      screen.line(screen.paint('dim', say(SHOPS.keyMay, language, { of })))
      screen.line(say(SHOPS.next, language, { of }))
      screen.result({ shop: opened.id, slug, apiKey: key.text, scopes: SCOPES })
      return EXIT.ok
    })
  },
}
