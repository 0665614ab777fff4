import { transaction } from '../../db/connect.ts'
import { saveConnectionSettings, setConnectionEnabled } from '../../db/connections.ts'
import { resumeInquiries } from '../../db/inquiries.ts'
import { bumpConfig } from '../../db/shops.ts'
import { calledByConnection, refuseUncallable } from '../called-addresses.ts'
import { type Command, type Context, EXIT } from '../command.ts'
import { chooseSource, lockConnection } from '../connection.ts'
import { record } from '../record.ts'
import { chooseShop, withKeys } from '../session.ts'
import { changed, checkConnectionSettings, type GivenSettings, readSettings } from '../settings-file.ts'
import { OPTIONS } from '../texts/commands.ts'
import { CONNECTIONS, SETTINGS } from '../texts/setup.ts'
import { say } from '../texts/text.ts'

/** For secrets that a vendor shows only once it has our address, and for changing one. */
export const connectionSet: Command = {
  name: 'connection set',
  summary: CONNECTIONS.set,
  args: [{ name: '<connection>', text: CONNECTIONS.id }],
  options: [
    { flags: '--settings <file>', text: SETTINGS.file },
    { flags: '--shop <slug>', text: OPTIONS.shop },
  ],
  examples: ['dingdong connection set conn_01k… --settings secrets.yaml'],
  async run(context, [id = ''], options) {
    const given = await readSettings(context, options.settings)
    await refuseUncallable(context, calledByConnection(given), options.settings)
    await changeConnection(context, id, given, options)
    context.screen.line(say(CONNECTIONS.ready, context.language, { id }))
    context.screen.result({ connection: id, enabled: true })
    return EXIT.ok
  },
}

/** Seals the settings over those it has (a setting that is not given stays, `null` takes it out) and switches the connection on. */
export function changeConnection(
  context: Context,
  id: string,
  given: GivenSettings,
  options: { readonly shop?: string | boolean | undefined; readonly settings?: string | boolean | undefined },
): Promise<void> {
  return withKeys(context, async (session) => {
    const { db } = session.pools
    const shop = await chooseShop(context, session, options.shop)
    const { sealer } = await session.keyring.open(shop.id)
    await transaction(db, async (tx) => {
      const { row } = await lockConnection(context, tx, shop.id, id)
      const place = { shop: shop.id, column: 'connection.settings', row: row.id }
      const before = JSON.parse(sealer.openText(row.settings, place)) as GivenSettings
      const settings = changed(before, given)
      checkConnectionSettings(context, chooseSource(context, row.source), settings, options.settings)
      await saveConnectionSettings(tx, shop.id, row.id, sealer.seal(JSON.stringify(settings), place))
      await setConnectionEnabled(tx, shop.id, row.id, true)
      await resumeInquiries(tx, shop.id, row.id, context.clock.now())
      await bumpConfig(tx, shop.id)
      await record(context, tx, shop.id, 'connection.set', id, { settings: Object.keys(given) })
    })
  })
}
