import type { Command } from '../command.ts'
import { setShop } from '../shop.ts'
import { readDetails, shopDetails } from '../shop-details.ts'
import { SHOPS } from '../texts/commands.ts'

/** Currency and country say what amounts and numbers of the past meant, so they change before the first order only. */
const changeable = shopDetails.partial()

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
    { flags: '--currency <code>', text: SHOPS.currencySet },
    { flags: '--country <code>', text: SHOPS.countrySet },
  ],
  examples: [
    'dingdong shop set my-shop --settings shop.yaml',
    'dingdong shop set my-shop --name "我的店"',
    'dingdong shop set club --locale en --time-zone Europe/Berlin --currency EUR --country DE',
  ],
  async run(context, [slug], { settings, name, locale, timeZone, currency, country }) {
    const given = Object.entries({ name, locale, timeZone, currency, country }).filter(
      ([, value]) => value !== undefined,
    )
    const details = readDetails(context, changeable, Object.fromEntries(given))
    return setShop(context, slug, settings, { details })
  },
}
