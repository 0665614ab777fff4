import type { Command } from '../command.ts'
import { setShop } from '../shop.ts'
import { readDetails, shopDetails } from '../shop-details.ts'
import { SHOPS } from '../texts/commands.ts'

/** What may change while orders live. Currency and country say what amounts and numbers of the past meant. */
const changeable = shopDetails.pick({ name: true, locale: true, timeZone: true }).partial()

/** Lays settings over those the shop has; one that is not given stays. Works on the database itself. */
export const shopSet: Command = {
  name: 'shop set',
  summary: SHOPS.set,
  args: [{ name: '[slug]', text: SHOPS.slug }],
  options: [
    { flags: '--settings <file>', text: SHOPS.file },
    { flags: '--name <name>', text: SHOPS.name },
    { flags: '--locale <tag>', text: SHOPS.locale },
    { flags: '--time-zone <zone>', text: SHOPS.timeZone },
  ],
  examples: ['dingdong shop set my-shop --settings shop.yaml', 'dingdong shop set my-shop --name "我的店"'],
  async run(context, [slug], { settings, name, locale, timeZone }) {
    const given = Object.entries({ name, locale, timeZone }).filter(([, value]) => value !== undefined)
    const details = readDetails(context, changeable, Object.fromEntries(given))
    return setShop(context, slug, settings, { details })
  },
}
