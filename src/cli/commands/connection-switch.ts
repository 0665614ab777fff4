import { transaction } from '../../db/connect.ts'
import { setConnectionEnabled } from '../../db/connections.ts'
import { resumeInquiries } from '../../db/inquiries.ts'
import { bumpConfig } from '../../db/shops.ts'
import { type Command, EXIT } from '../command.ts'
import { chooseConnection } from '../connection.ts'
import { record } from '../record.ts'
import { chooseShop, withDatabase } from '../session.ts'
import { OPTIONS } from '../texts/commands.ts'
import { CONNECTIONS } from '../texts/setup.ts'
import { say } from '../texts/text.ts'

/** Works on the database itself: a sender gone wild must be stoppable when the server does not answer. */
export const connectionOn: Command = switchCommand('connection on', true)
export const connectionOff: Command = switchCommand('connection off', false)

function switchCommand(name: string, enabled: boolean): Command {
  return {
    name,
    summary: enabled ? CONNECTIONS.turnOn : CONNECTIONS.turnOff,
    args: [{ name: '<connection>', text: CONNECTIONS.id }],
    options: [{ flags: '--shop <slug>', text: OPTIONS.shop }],
    examples: [`dingdong ${name} conn_01k…`],
    run: (context, [id = ''], options) =>
      withDatabase(context, async (session) => {
        const { db } = session.pools
        const shop = await chooseShop(context, session, options.shop)
        const row = await chooseConnection(context, db, shop.id, id)
        await transaction(db, async (tx) => {
          await setConnectionEnabled(tx, shop.id, row.id, enabled)
          if (enabled) await resumeInquiries(tx, shop.id, row.id, context.clock.now())
          await bumpConfig(tx, shop.id)
          await record(context, tx, shop.id, enabled ? 'connection.on' : 'connection.off', id)
        })
        context.screen.line(say(enabled ? CONNECTIONS.isOn : CONNECTIONS.isOff, context.language, { id }))
        context.screen.result({ connection: id, enabled })
        return EXIT.ok
      }),
  }
}
