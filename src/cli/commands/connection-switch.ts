import { type Tx, transaction } from '../../db/connect.ts'
import { type ConnectionRow, setConnectionEnabled } from '../../db/connections.ts'
import { resumeInquiries } from '../../db/inquiries.ts'
import { bumpConfig, type ShopRow } from '../../db/shops.ts'
import { openSettings } from '../../sources/connection-settings.ts'
import { SOURCES } from '../../sources/registry.ts'
import { type Command, CommandError, type Context, EXIT } from '../command.ts'
import { lacking, lockConnection } from '../connection.ts'
import { record } from '../record.ts'
import { chooseShop, type Opened, shopFlag, withDatabase, withKeys } from '../session.ts'
import { OPTIONS } from '../texts/commands.ts'
import { CONNECTIONS } from '../texts/setup.ts'
import { say } from '../texts/text.ts'

export const connectionOn: Command = {
  ...words('connection on'),
  summary: CONNECTIONS.turnOn,
  run: (context, [id = ''], options) =>
    withKeys(context, async (session) => {
      const { db } = session.pools
      const shop = await chooseShop(context, session, options.shop)
      await transaction(db, async (tx) => {
        const { row } = await lockConnection(context, tx, shop.id, id)
        await refuseUnfinished(context, session, shop, row, id)
        await switchTo(context, tx, shop, row, id, true)
      })
      context.screen.line(say(CONNECTIONS.isOn, context.language, { id }))
      context.screen.result({ connection: id, enabled: true })
      return EXIT.ok
    }),
}

/** Works on the database alone: a sender gone wild must be stoppable when the server does not answer. */
export const connectionOff: Command = {
  ...words('connection off'),
  summary: CONNECTIONS.turnOff,
  run: (context, [id = ''], options) =>
    withDatabase(context, async (session) => {
      const { db } = session.pools
      const shop = await chooseShop(context, session, options.shop)
      await transaction(db, async (tx) => {
        const { row } = await lockConnection(context, tx, shop.id, id)
        await switchTo(context, tx, shop, row, id, false)
      })
      context.screen.line(say(CONNECTIONS.isOff, context.language, { id }))
      context.screen.result({ connection: id, enabled: false })
      return EXIT.ok
    }),
}

function words(name: string) {
  return {
    name,
    args: [{ name: '<connection>', text: CONNECTIONS.id }],
    options: [{ flags: '--shop <slug>', text: OPTIONS.shop }],
    examples: [`dingdong ${name} conn_01k…`],
  }
}

/** Without its keys a connection that is on would answer every callback with an error. */
async function refuseUnfinished(
  { language }: Context,
  { pools, keyring }: Opened,
  shop: ShopRow,
  row: ConnectionRow,
  id: string,
): Promise<void> {
  const source = SOURCES.get(row.source)
  const { sealer } = await keyring.open(shop.id)
  const text = sealer.openText(row.settings, { shop: shop.id, column: 'connection.settings', row: row.id })
  if (!source || openSettings(source, text)) return
  const of = await shopFlag(pools.db, shop)
  throw new CommandError(EXIT.usage, say(lacking(source), language, { id, source: source.name, of }))
}

async function switchTo(
  context: Context,
  tx: Tx,
  shop: ShopRow,
  row: ConnectionRow,
  id: string,
  enabled: boolean,
): Promise<void> {
  await setConnectionEnabled(tx, shop.id, row.id, enabled)
  if (enabled) await resumeInquiries(tx, shop.id, row.id, context.clock.now())
  await bumpConfig(tx, shop.id)
  await record(context, tx, shop.id, enabled ? 'connection.on' : 'connection.off', id)
}
