import { transaction } from '../../db/connect.ts'
import { saveShopSettings } from '../../db/shops.ts'
import { shopSettings } from '../../domain/shop.ts'
import { type Command, EXIT } from '../command.ts'
import { record } from '../record.ts'
import { chooseShop, withDatabase } from '../session.ts'
import { checkSettings, readSettings } from '../settings-file.ts'
import { SHOPS } from '../texts/commands.ts'
import { SETTINGS } from '../texts/setup.ts'
import { say } from '../texts/text.ts'

/** Lays settings over those the shop has; one that is not given stays. Works on the database itself. */
export const shopSet: Command = {
  name: 'shop set',
  summary: SHOPS.set,
  args: [{ name: '[slug]', text: SHOPS.slug }],
  options: [{ flags: '--settings <file>', text: SETTINGS.file }],
  examples: ['dingdong shop set my-shop --settings shop.yaml'],
  async run(context, [slug], options) {
    const given = await readSettings(context, options.settings)
    return withDatabase(context, async (session) => {
      const shop = await chooseShop(context, session, slug)
      const settings = { ...(shop.settings as object), ...given }
      checkSettings(context, shopSettings, settings, options.settings)
      await transaction(session.pools.db, async (tx) => {
        await saveShopSettings(tx, shop.id, settings)
        await record(context, tx, shop.id, 'shop.set', shop.slug, { settings: Object.keys(given) })
      })
      context.screen.line(say(SHOPS.changed, context.language, { slug: shop.slug }))
      context.screen.result({ shop: shop.slug, settings: shopSettings.parse(settings) })
      return EXIT.ok
    })
  },
}
