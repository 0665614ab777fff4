import type { Command } from '../command.ts'
import { setShop } from '../shop.ts'
import { SHOPS } from '../texts/commands.ts'

/** Lays settings over those the shop has; one that is not given stays. Works on the database itself. */
export const shopSet: Command = {
  name: 'shop set',
  summary: SHOPS.set,
  args: [{ name: '[slug]', text: SHOPS.slug }],
  options: [{ flags: '--settings <file>', text: SHOPS.file }],
  examples: ['dingdong shop set my-shop --settings shop.yaml'],
  run: (context, [slug], options) => setShop(context, slug, options.settings),
}
