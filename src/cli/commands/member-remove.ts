import { removeMember } from '../../db/accounts.ts'
import { transaction } from '../../db/connect.ts'
import { bumpConfig } from '../../db/shops.ts'
import { parseId } from '../../domain/ids.ts'
import { type Command, CommandError, EXIT } from '../command.ts'
import { record } from '../record.ts'
import { chooseShop, withDatabase } from '../session.ts'
import { OPTIONS } from '../texts/commands.ts'
import { MEMBERS } from '../texts/setup.ts'
import { say } from '../texts/text.ts'

/** Works on the database itself: somebody who has left must be stoppable when the server does not answer. */
export const memberRemove: Command = {
  name: 'member remove',
  summary: MEMBERS.remove,
  args: [{ name: '<member>', text: MEMBERS.id }],
  options: [{ flags: '--shop <slug>', text: OPTIONS.shop }],
  examples: ['dingdong member remove mem_01k…'],
  run: (context, [text = ''], options) =>
    withDatabase(context, async (session) => {
      const { screen, language, clock } = context
      const shop = await chooseShop(context, session, options.shop)
      const id = parseId('mem', text)
      const removed =
        id !== null &&
        (await transaction(session.pools.db, async (tx) => {
          if (!(await removeMember(tx, shop.id, id, clock.now()))) return false
          await bumpConfig(tx, shop.id)
          await record(context, tx, shop.id, 'member.remove', text)
          return true
        }))
      if (!removed) throw new CommandError(EXIT.notFound, say(MEMBERS.unknown, language, { id: text }))
      screen.line(say(MEMBERS.removed, language, { id: text }))
      screen.result({ member: text, removed: true })
      return EXIT.ok
    }),
}
