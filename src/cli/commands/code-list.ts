import { loadRails } from '../../app/rails.ts'
import { listOverrides, listUnknownCodes, UNKNOWN_CODES_KEPT } from '../../db/failure-codes.ts'
import { overrideKey } from '../../domain/failure/classify.ts'
import { stillUnknown } from '../../domain/failure/one-code.ts'
import { toIso } from '../../domain/time.ts'
import { actorWords } from '../actors.ts'
import { type Command, EXIT } from '../command.ts'
import { table } from '../screen.ts'
import { chooseShop, withDatabase } from '../session.ts'
import { CODES } from '../texts/codes.ts'
import { OPTIONS } from '../texts/commands.ts'
import { say } from '../texts/text.ts'

/** Reads the database itself. */
export const codeList: Command = {
  name: 'code list',
  summary: CODES.list,
  options: [{ flags: '--shop <slug>', text: OPTIONS.shop }],
  examples: ['dingdong code list', 'dingdong code list --shop my-shop --json'],
  async run(context, _args, options) {
    return withDatabase(context, async (session) => {
      const { screen, language, clock } = context
      const { db } = session.pools
      const shop = await chooseShop(context, session, options.shop)
      const [decided, came, rails, actor] = await Promise.all([
        listOverrides(db, shop.id),
        listUnknownCodes(db, shop.id, UNKNOWN_CODES_KEPT),
        loadRails(context.language),
        actorWords(db, shop.id, language),
      ])
      const overrides = new Map(decided.map((row) => [overrideKey(row.rail, row.code), row]))
      const open = came.filter((row) => stillUnknown({ table: rails.table, overrides }, row, clock.now()))
      const own = decided.map((row) => [
        screen.paint('bold', `${row.rail}/${row.code}`),
        row.class,
        row.advice,
        toIso(row.set_at).slice(0, 10),
        screen.paint('dim', actor(row.set_by)),
      ])
      if (own.length === 0) screen.line(say(CODES.none, language))
      for (const line of table(own)) screen.line(line)
      screen.line(say(open.length === 0 ? CODES.noneUnknown : CODES.unknowns, language))
      const unknown = open.map((row) => [
        screen.paint('yellow', `${row.rail}/${row.code}`),
        String(row.seen),
        toIso(row.last_at).slice(0, 10),
      ])
      for (const line of table(unknown)) screen.line(line)
      screen.result({
        decided: decided.map(({ set_by, set_at, ...row }) => ({ ...row, setBy: set_by, setAt: set_at })),
        unknown: open.map(({ first_at, last_at, ...row }) => ({
          ...row,
          firstAt: first_at,
          lastAt: last_at,
        })),
      })
      return EXIT.ok
    })
  },
}
