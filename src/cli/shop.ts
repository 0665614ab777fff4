import type * as z from 'zod'
import { changeShopSettings, isOfFields } from '../app/shop-settings.ts'
import { hasOrders, type ShopDetails } from '../db/shops.ts'
import { type ShopSettings, shopSettings } from '../domain/shop.ts'
import { CommandError, type Context, EXIT, type Exit } from './command.ts'
import { chooseShop, withDatabase } from './session.ts'
import { checkSettings, type GivenSettings, readSettings } from './settings-file.ts'
import { emptyWords, namesLost, shopWords } from './shop-words.ts'
import { SHOPS } from './texts/commands.ts'
import { say } from './texts/text.ts'

/** Lays the settings of a file over those the shop has, `null` takes one out; `shape`: what the file may name. */
export async function setShop(
  context: Context,
  slug: string | undefined,
  file: string | boolean | undefined,
  {
    shape = shopSettings.partial(),
    details = {},
  }: { readonly shape?: z.ZodType; readonly details?: ShopDetails } = {},
): Promise<Exit> {
  const { screen, language } = context
  if (typeof file !== 'string' && Object.keys(details).length === 0) {
    throw new CommandError(EXIT.usage, say(SHOPS.nothing, language))
  }
  const given = await readSettings(context, file)
  return withDatabase(context, async (session) => {
    const shop = await chooseShop(context, session, slug)
    const meaning = details.currency ?? details.country
    if (meaning !== undefined && (await hasOrders(session.pools.db, shop.id)))
      throw new CommandError(EXIT.failed, say(SHOPS.hasOrders, language, { slug: shop.slug }))
    const words = await shopWords(session.pools.db, shop.id)
    checkSettings(context, shape, withoutNull(given), file, {
      more: emptyWords(given, words, language),
      open: true,
    })
    let before: ShopSettings | null = null
    const settings = await changeShopSettings({ ...context, db: session.pools.db }, shop.id, {
      given,
      details,
      actor: 'command line',
      check(merged, was) {
        checkSettings(context, shopSettings, merged, file, { open: true })
        before = shopSettings.safeParse(was).data ?? null
      },
    })
    const set = [...Object.keys(details), ...Object.keys(given)]
    screen.line(say(SHOPS.changed, language, { slug: shop.slug, names: set.join(', ') }))
    const lost = before === null ? [] : namesLost(before, settings)
    for (const { setting, names } of lost)
      screen.line(
        screen.paint('yellow', say(SHOPS.namesLost, language, { setting, names: names.join(', ') })),
      )
    screen.result({ shop: shop.slug, set, lost, settings, ...details })
    return EXIT.ok
  })
}

/** A setting that is taken out is named like any other, and has no value to be judged. */
function withoutNull(given: GivenSettings): GivenSettings {
  const kept = Object.entries(given).map(([name, value]) => [
    name,
    isOfFields(name, value) ? withoutNull(value) : (value ?? undefined),
  ])
  return Object.fromEntries(kept) as GivenSettings
}
