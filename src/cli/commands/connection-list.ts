import { type ConnectionRow, listConnections } from '../../db/connections.ts'
import { formatId } from '../../domain/ids.ts'
import { toIso } from '../../domain/time.ts'
import { type Command, EXIT } from '../command.ts'
import { isShown } from '../connection.ts'
import { table } from '../screen.ts'
import { chooseShop, withDatabase } from '../session.ts'
import { OPTIONS } from '../texts/commands.ts'
import { ASKS_WAIT, CONNECTIONS } from '../texts/setup.ts'
import { type Language, say } from '../texts/text.ts'

/** Reads the database itself. Addresses are not shown: only their hashes are kept. */
export const connectionList: Command = {
  name: 'connection list',
  summary: CONNECTIONS.list,
  options: [{ flags: '--shop <slug>', text: OPTIONS.shop }],
  examples: ['dingdong connection list', 'dingdong connection list --shop my-shop --json'],
  run: (context, _args, options) =>
    withDatabase(context, async (session) => {
      const { screen, language } = context
      const shop = await chooseShop(context, session, options.shop)
      const rows = (await listConnections(session.pools.db, shop.id)).filter(isShown)
      if (rows.length === 0) screen.line(say(CONNECTIONS.none, language))
      const shown = rows.map((row) => [
        formatId('conn', row.id),
        row.source,
        row.enabled
          ? screen.paint('green', say(CONNECTIONS.on, language))
          : screen.paint('dim', say(CONNECTIONS.off, language)),
        toIso(row.created_at).slice(0, 10),
        screen.paint('dim', row.name),
        screen.paint('yellow', troubles(row, language).join(' ')),
      ])
      for (const line of table(shown)) screen.line(line)
      screen.result(
        rows.map((row) => ({
          connection: formatId('conn', row.id),
          source: row.source,
          name: row.name,
          enabled: row.enabled,
          createdAt: row.created_at,
          asksPausedAt: row.asks_paused_at,
          asksPausedWhy: row.asks_paused_why,
          relayFailedAt: row.relay_failed_at,
          relayFailedWhy: row.relay_failed_why,
        })),
      )
      return EXIT.ok
    }),
}

const troubles = (
  { asks_paused_why: asks, relay_failed_why: relay, relay_failed_at: at }: ConnectionRow,
  language: Language,
): readonly string[] => [
  ...(asks === null ? [] : [say(CONNECTIONS.asksPaused, language, { why: whyText(asks, language) })]),
  ...(relay === null
    ? []
    : [say(CONNECTIONS.relayFails, language, { why: relay, since: toIso(at ?? 0).slice(0, 16) })]),
]

const whyText = (code: string, language: Language) =>
  ASKS_WAIT[code] ? say(ASKS_WAIT[code], language) : code
