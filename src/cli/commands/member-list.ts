import { listMembers } from '../../db/accounts.ts'
import { formatId } from '../../domain/ids.ts'
import { type Command, EXIT } from '../command.ts'
import { table } from '../screen.ts'
import { chooseShop, withDatabase } from '../session.ts'
import { OPTIONS } from '../texts/commands.ts'
import { MEMBERS } from '../texts/setup.ts'
import { say } from '../texts/text.ts'

/** Reads the database itself. Addresses are sealed and not shown, only on which channels there are some. */
export const memberList: Command = {
  name: 'member list',
  summary: MEMBERS.list,
  options: [{ flags: '--shop <slug>', text: OPTIONS.shop }],
  examples: ['dingdong member list'],
  run: (context, _args, options) =>
    withDatabase(context, async (session) => {
      const { screen, language } = context
      const shop = await chooseShop(context, session, options.shop)
      const rows = await listMembers(session.pools.db, shop.id)
      if (rows.length === 0) screen.line(say(MEMBERS.none, language))
      const shown = rows.map((row) => [
        formatId('mem', row.id),
        row.name,
        row.roles.join(', '),
        row.locale,
        screen.paint('dim', row.channels.join(', ')),
      ])
      for (const line of table(shown)) screen.line(line)
      screen.result(rows.map((row) => ({ member: formatId('mem', row.id), ...row, id: undefined })))
      return EXIT.ok
    }),
}
