import { type Db, transaction } from '../../db/connect.ts'
import { type ConnectionRow, listConnections, removeConnection } from '../../db/connections.ts'
import { closeInquiries, openInquiries } from '../../db/inquiries.ts'
import { bumpConfig, type ShopRow } from '../../db/shops.ts'
import { openSettings } from '../../sources/connection-settings.ts'
import { SOURCES } from '../../sources/registry.ts'
import { type Command, CommandError, EXIT } from '../command.ts'
import { chooseConnection } from '../connection.ts'
import { record } from '../record.ts'
import { chooseShop, shopFlag, withKeys } from '../session.ts'
import { OPTIONS } from '../texts/commands.ts'
import { CONNECTIONS } from '../texts/setup.ts'
import { say } from '../texts/text.ts'

/** What came by it keeps its name; its secrets are gone, so there is no undo but connecting the system again. */
export const connectionRemove: Command = {
  name: 'connection remove',
  summary: CONNECTIONS.remove,
  args: [{ name: '<connection>', text: CONNECTIONS.id }],
  options: [{ flags: '--shop <slug>', text: OPTIONS.shop }],
  examples: ['dingdong connection remove conn_01k…'],
  run: (context, [id = ''], options) =>
    withKeys(context, async (session) => {
      const { screen, language, clock } = context
      const { db } = session.pools
      const shop = await chooseShop(context, session, options.shop)
      const row = await chooseConnection(context, db, shop.id, id)
      const { source, name } = row
      const refuse = (text: 'demoKeeps' | 'stillRelays' | 'stillAsked', params = {}) =>
        new CommandError(EXIT.usage, say(CONNECTIONS[text], language, params))
      if (shop.demo) throw refuse('demoKeeps')
      const { sealer } = await session.keyring.open(shop.id)
      const place = { shop: shop.id, column: 'connection.settings', row: row.id }
      const relayTo = relayOf(source, sealer.openText(row.settings, place))
      const of = await shopFlag(db, shop)
      if (relayTo !== null) throw refuse('stillRelays', { host: new URL(relayTo).host, id, of })
      const count = await askedInVain(db, shop, row)
      if (count > 0) throw refuse('stillAsked', { count, source, id, of })
      const now = clock.now()
      await transaction(db, async (tx) => {
        await removeConnection(tx, shop.id, row.id, sealer.seal('{}', place), now)
        await closeInquiries(tx, shop.id, row.id, 'connection_removed', now)
        await bumpConfig(tx, shop.id)
        await record(context, tx, shop.id, 'connection.remove', id, { source, name })
      })
      screen.line(say(CONNECTIONS.isRemoved, language, { id, name }))
      screen.result({ connection: id, removed: true })
      return EXIT.ok
    }),
}

function relayOf(name: string, settings: string): string | null {
  const source = SOURCES.get(name)
  return (source && openSettings(source, settings)?.common.relayTo) ?? null
}

/** How many orders would be asked about no more: none where another connection of its kind is on. */
async function askedInVain(db: Db, shop: ShopRow, { id, source }: ConnectionRow): Promise<number> {
  const others = (await listConnections(db, shop.id)).filter((each) => each.id !== id)
  return others.some((each) => each.source === source && each.enabled) ? 0 : openInquiries(db, shop.id, id)
}
