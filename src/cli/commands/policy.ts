import { transaction } from '../../db/connect.ts'
import { saveShopSettings } from '../../db/shops.ts'
import { gatePolicy } from '../../domain/gate/policy.ts'
import { shopSettings } from '../../domain/shop.ts'
import { type Command, EXIT } from '../command.ts'
import { record } from '../record.ts'
import { chooseShop, withDatabase } from '../session.ts'
import { checkSettings, readSettings } from '../settings-file.ts'
import { OPTIONS, POLICIES } from '../texts/commands.ts'
import { say } from '../texts/text.ts'

const shape = gatePolicy.omit({ timeZone: true })

/** Everything the gate heeds, as it would be written in a file for `policy set`. */
export const policyShow: Command = {
  name: 'policy show',
  summary: POLICIES.show,
  options: [{ flags: '--shop <slug>', text: OPTIONS.shop }],
  examples: ['dingdong policy show'],
  async run(context, _, options) {
    return withDatabase(context, async (session) => {
      const shop = await chooseShop(context, session, options.shop)
      const policy = shape.parse(shape.strip().parse(shop.settings))
      for (const [name, value] of Object.entries(policy))
        context.screen.line(`${context.screen.paint('bold', name)}: ${JSON.stringify(value)}`)
      context.screen.result(policy)
      return EXIT.ok
    })
  },
}

/** What the file does not name stays as it is. Takes effect at the next gate, on every process. */
export const policySet: Command = {
  name: 'policy set',
  summary: POLICIES.set,
  args: [{ name: '<file>', text: POLICIES.file }],
  options: [{ flags: '--shop <slug>', text: OPTIONS.shop }],
  examples: ['dingdong policy set policy.yaml', 'dingdong policy set - < policy.yaml'],
  async run(context, [file = ''], options) {
    const given = await readSettings(context, file)
    checkSettings(context, shape.partial(), given, file)
    return withDatabase(context, async (session) => {
      const { db } = session.pools
      const shop = await chooseShop(context, session, options.shop)
      const settings = { ...(shop.settings as object), ...given }
      shopSettings.parse(settings)
      await transaction(db, async (tx) => {
        await saveShopSettings(tx, shop.id, settings)
        await record(context, tx, shop.id, 'policy.set', `shop ${shop.id}`, { settings: Object.keys(given) })
      })
      const names = Object.keys(given).join(', ')
      context.screen.line(say(POLICIES.done, context.language, { shop: shop.slug, names }))
      context.screen.result({ shop: shop.slug, set: Object.keys(given) })
      return EXIT.ok
    })
  },
}
