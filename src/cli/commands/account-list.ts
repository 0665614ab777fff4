import { listAccounts } from '../../db/accounts.ts'
import { readSwitches } from '../../db/switches.ts'
import { formatId } from '../../domain/ids.ts'
import { toIso } from '../../domain/time.ts'
import { type Command, EXIT } from '../command.ts'
import { table } from '../screen.ts'
import { chooseShop, withDatabase } from '../session.ts'
import { stoppedLine } from '../stopped.ts'
import { OPTIONS } from '../texts/commands.ts'
import { ACCOUNTS } from '../texts/setup.ts'
import { codeText } from '../texts/states.ts'
import { say } from '../texts/text.ts'

/** Reads the database itself; settings are never shown. */
export const accountList: Command = {
  name: 'account list',
  summary: ACCOUNTS.list,
  options: [{ flags: '--shop <slug>', text: OPTIONS.shop }],
  examples: ['dingdong account list', 'dingdong account list --shop my-shop --json'],
  run: (context, _args, options) =>
    withDatabase(context, async (session) => {
      const { screen, language } = context
      const shop = await chooseShop(context, session, options.shop)
      const rows = await listAccounts(session.pools.db, shop.id)
      if (rows.length === 0) screen.line(say(ACCOUNTS.none, language))
      const shown = rows.map((row) => [
        formatId('acct', row.id),
        row.channel,
        row.provider,
        row.state === 'ok'
          ? screen.paint('green', say(ACCOUNTS.ok, language))
          : screen.paint('red', say(ACCOUNTS.paused, language)),
        row.name,
        row.state === 'ok'
          ? ''
          : screen.paint(
              'dim',
              `${row.state_reason === null ? '-' : codeText(row.state_reason, language)}  ${row.state_at === null ? '' : toIso(row.state_at)}`,
            ),
      ])
      const stopped = stoppedLine(context, shop.slug, await readSwitches(session.pools.db, shop.id))
      if (stopped !== null) screen.line(stopped)
      for (const line of table(shown)) screen.line(line)
      screen.result(
        rows.map((row) => ({
          account: formatId('acct', row.id),
          channel: row.channel,
          provider: row.provider,
          name: row.name,
          state: row.state,
          reason: row.state_reason,
          since: row.state_at,
          position: row.position,
          ratePerSecond: row.rate_per_s,
          concurrency: row.concurrency,
        })),
      )
      return EXIT.ok
    }),
}
