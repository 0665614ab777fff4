import { listShops } from '../../db/shops.ts'
import { readStopped } from '../../db/stopped.ts'
import { type Command, EXIT } from '../command.ts'
import { table } from '../screen.ts'
import { withDatabase } from '../session.ts'
import { SHOPS } from '../texts/commands.ts'
import { FLOWS } from '../texts/flows.ts'
import { say } from '../texts/text.ts'

/** Reads the database itself. */
export const shopList: Command = {
  name: 'shop list',
  summary: SHOPS.list,
  examples: ['dingdong shop list'],
  async run(context) {
    return withDatabase(context, async ({ pools }) => {
      const { screen, language } = context
      const shops = await listShops(pools.db)
      const { all } = await readStopped(pools.db)
      if (shops.length === 0) screen.line(say(SHOPS.none, language))
      const rows = shops.map((shop) => [
        screen.paint('bold', shop.slug),
        shop.name,
        shop.locale,
        shop.time_zone,
        shop.currency,
        [
          shop.demo ? say(SHOPS.demo, language) : '',
          all || shop.killed ? screen.paint('red', say(SHOPS.killed, language)) : '',
        ]
          .filter(Boolean)
          .join(' '),
      ])
      if (all) screen.line(screen.paint(['bold', 'red'], `! ${say(FLOWS.allStopped, language)}`))
      for (const line of table(rows)) screen.line(line)
      screen.result(
        shops.map(({ id, slug, name, locale, time_zone, currency, demo, killed }) => ({
          id,
          slug,
          name,
          locale,
          timeZone: time_zone,
          currency,
          demo,
          killed,
          stoppedBy: all ? 'all' : killed ? 'shop' : null,
        })),
      )
      return EXIT.ok
    })
  },
}
