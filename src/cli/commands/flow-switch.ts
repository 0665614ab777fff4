import { transaction } from '../../db/connect.ts'
import { changeFlow } from '../../db/flows.ts'
import { bumpConfig } from '../../db/shops.ts'
import { type Command, EXIT } from '../command.ts'
import { record } from '../record.ts'
import { chooseShop, withDatabase } from '../session.ts'
import { findFlow } from '../shop-flow.ts'
import { OPTIONS } from '../texts/commands.ts'
import { FLOWS } from '../texts/flows.ts'
import { say } from '../texts/text.ts'

export const flowOn: Command = switchCommand('on')
export const flowOff: Command = switchCommand('off')

/** Works on the database itself. */
function switchCommand(change: 'on' | 'off'): Command {
  const enabled = change === 'on'
  return {
    name: `flow ${change}`,
    summary: enabled ? FLOWS.switchOn : FLOWS.switchOff,
    args: [{ name: '<flow>', text: FLOWS.flow }],
    options: [{ flags: '--shop <slug>', text: OPTIONS.shop }],
    examples: [`dingdong flow ${change} order-paid`],
    run: (context, [key = ''], options) =>
      withDatabase(context, async (session) => {
        const { screen, language, clock } = context
        const shop = await chooseShop(context, session, options.shop)
        await transaction(session.pools.db, async (tx) => {
          await findFlow(context, tx, shop.id, key)
          await changeFlow(tx, shop.id, key, { enabled }, clock.now())
          await bumpConfig(tx, shop.id)
          await record(context, tx, shop.id, enabled ? 'flow.enable' : 'flow.disable', key)
        })
        screen.line(`${key}: ${say(FLOWS[change], language)}`)
        screen.result({ flow: key, enabled })
        return EXIT.ok
      }),
  }
}
