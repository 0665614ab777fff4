import { listApiKeys } from '../../db/connections.ts'
import { formatId } from '../../domain/ids.ts'
import { toIso } from '../../domain/time.ts'
import { type Command, EXIT } from '../command.ts'
import { table } from '../screen.ts'
import { chooseShop, withDatabase } from '../session.ts'
import { KEYS, OPTIONS } from '../texts/commands.ts'
import { say } from '../texts/text.ts'

/** Reads the database itself. */
export const keyList: Command = {
  name: 'key list',
  summary: KEYS.list,
  options: [{ flags: '--shop <slug>', text: OPTIONS.shop }],
  examples: ['dingdong key list', 'dingdong key list --shop my-shop --json'],
  async run(context, _args, options) {
    return withDatabase(context, async (session) => {
      const { screen, language } = context
      const shop = await chooseShop(context, session, options.shop)
      const rows = await listApiKeys(session.pools.db, shop.id)
      if (rows.length === 0) screen.line(say(KEYS.none, language))
      const shown = rows.map((row) => [
        formatId('key', row.id),
        row.name,
        row.revoked_at === null
          ? screen.paint('green', say(KEYS.active, language))
          : screen.paint('dim', say(KEYS.off, language)),
        toIso(row.created_at).slice(0, 10),
        screen.paint('dim', row.scopes.join(', ')),
      ])
      for (const line of table(shown)) screen.line(line)
      screen.result(
        rows.map((row) => ({
          key: formatId('key', row.id),
          name: row.name,
          scopes: row.scopes,
          createdAt: row.created_at,
          revokedAt: row.revoked_at,
        })),
      )
      return EXIT.ok
    })
  },
}
