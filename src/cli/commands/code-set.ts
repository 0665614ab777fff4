import { loadRails } from '../../app/rails.ts'
import { type Queryable, transaction } from '../../db/connect.ts'
import {
  dropOverride,
  listOverrides,
  listUnknownCodes,
  putOverride,
  UNKNOWN_CODES_KEPT,
} from '../../db/failure-codes.ts'
import { bumpConfig } from '../../db/shops.ts'
import { classify, DEFAULT_ADVICE } from '../../domain/failure/classify.ts'
import { explain, fieldOf } from '../../domain/failure/explain.ts'
import { codeIn } from '../../domain/failure/one-code.ts'
import type { FailureTable } from '../../domain/failure/table.ts'
import { FAILURE_CLASSES, RETRY_ADVICE, type RetryAdvice } from '../../domain/failure-class.ts'
import { HARD } from '../../domain/healing/clocks.ts'
import type { ShopId } from '../../domain/ids.ts'
import { nearest } from '../../domain/template/nearest.ts'
import { type Command, CommandError, type Context, EXIT } from '../command.ts'
import { checkLength } from '../number-option.ts'
import { record } from '../record.ts'
import { chooseShop, withDatabase } from '../session.ts'
import { CODES } from '../texts/codes.ts'
import { OPTIONS } from '../texts/commands.ts'
import { nearText } from '../texts/errors.ts'
import { say } from '../texts/text.ts'

const PLACE = [
  { name: '<rail>', text: CODES.rail },
  { name: '<code>', text: CODES.code },
] as const

/** Works on the database itself; running processes read it before their next message. */
export const codeSet: Command = {
  name: 'code set',
  summary: CODES.set,
  args: [...PLACE, { name: '<class>', text: CODES.setClass }],
  options: [
    { flags: '--advice <advice>', text: CODES.setAdvice },
    { flags: '--own', text: CODES.setOwn },
    { flags: '--shop <slug>', text: OPTIONS.shop },
  ],
  examples: [
    'dingdong code set stripe do_not_honor insufficient_funds --advice LATER',
    'dingdong code set mygate E42 network_timeout --own --shop my-shop',
  ],
  async run(context, [rail = '', code = '', given = ''], options) {
    const { screen, language } = context
    const kind = oneOf(context, '<class>', given, FAILURE_CLASSES)
    const wanted = typeof options.advice === 'string' ? options.advice : DEFAULT_ADVICE
    const advice = oneOf(context, '--advice', wanted, RETRY_ADVICE)
    checkLength(context, '<rail>', rail, 40)
    checkLength(context, '<code>', code, 120)
    const { table } = await loadRails(language)
    return withDatabase(context, async (session) => {
      const shop = await chooseShop(context, session, options.shop)
      const row = { rail, code, class: kind, advice }
      const known = await knownRails(session.pools.db, shop.id, table)
      if (!known.includes(rail) && options.own !== true) refuseNear(context, rail, known)
      await transaction(session.pools.db, async (tx) => {
        const by = { set_by: 'command line', set_at: context.clock.now() }
        await putOverride(tx, shop.id, { ...row, ...by })
        await bumpConfig(tx, shop.id)
        await record(context, tx, shop.id, 'failure_code.set', `${rail}/${code}`, { class: kind, advice })
      })
      screen.line(say(CODES.done, language, row))
      if (!known.includes(rail) && options.own !== true)
        screen.note(say(CODES.ownRail, language, { rail, known: known.join(', ') }))
      const near = nearCode(context, table, row)
      if (near !== null) screen.note(say(CODES.nearCode, language, { rail, code, near }))
      const replaced = hardDecline(context, table, row)
      if (replaced) screen.note(replaced)
      screen.result(row)
      return EXIT.ok
    })
  },
}

export const codeUnset: Command = {
  name: 'code unset',
  summary: CODES.unset,
  args: [...PLACE],
  options: [{ flags: '--shop <slug>', text: OPTIONS.shop }],
  examples: ['dingdong code unset stripe do_not_honor'],
  async run(context, [rail = '', code = ''], options) {
    const { screen, language } = context
    return withDatabase(context, async (session) => {
      const shop = await chooseShop(context, session, options.shop)
      const dropped = await transaction(session.pools.db, async (tx) => {
        if (!(await dropOverride(tx, shop.id, rail, code))) return false
        await bumpConfig(tx, shop.id)
        await record(context, tx, shop.id, 'failure_code.unset', `${rail}/${code}`)
        return true
      })
      if (!dropped) throw new CommandError(EXIT.notFound, say(CODES.notSet, language, { rail, code }))
      screen.line(say(CODES.undone, language, { rail, code }))
      screen.result({ rail, code })
      return EXIT.ok
    })
  },
}

/** Rails of the table, and those whose codes have come or are decided: events may name a rail of the shop's own. */
async function knownRails(db: Queryable, shop: ShopId, table: FailureTable): Promise<readonly string[]> {
  const [came, decided] = await Promise.all([
    listUnknownCodes(db, shop, UNKNOWN_CODES_KEPT),
    listOverrides(db, shop),
  ])
  const own = [...came, ...decided].map(({ rail }) => rail)
  return [...new Set([...table.readers.keys(), ...own])].toSorted()
}

/** A rail that is nearly called like one there is would be decided for nothing. */
function refuseNear({ language }: Context, rail: string, known: readonly string[]): void {
  const near = nearest(rail, known)
  if (near === null) return
  const params = { rail, near: nearText(near, language), known: known.join(', ') }
  throw new CommandError(EXIT.usage, say(CODES.railUnknown, language, params))
}

/** What a code that the table does not know nearly says; `null`: it knows it, or knows nothing near. */
function nearCode(
  { clock, language }: Context,
  table: FailureTable,
  { rail, code }: { readonly rail: string; readonly code: string },
): string | null {
  const failure = codeIn(rail, { [fieldOf(table, rail, code)]: code })
  const said = explain(table, failure, clock.now(), language)
  return said.codes.some(({ knownBy }) => knownBy === 'nobody') ? said.nearCode : null
}

/** What is said when a decision takes a "never again" away; `null` when it takes none. */
function hardDecline(
  { clock, language }: Context,
  table: FailureTable,
  { rail, code, advice }: { readonly rail: string; readonly code: string; readonly advice: RetryAdvice },
): string | null {
  const { rule } = classify(table, codeIn(rail, { [fieldOf(table, rail, code)]: code }), clock.now())
  if (!rule?.row || !HARD.has(rule.row.advice) || HARD.has(advice)) return null
  const { class: kind, advice: was, source } = rule.row
  return say(CODES.hardReplaced, language, { rail, code, class: kind, was, source, advice })
}

function oneOf<T extends string>({ language }: Context, what: string, got: string, known: readonly T[]): T {
  const found = known.find((each) => each === got)
  if (found !== undefined) return found
  const near = nearText(nearest(got, known), language)
  throw new CommandError(EXIT.usage, say(CODES.oneOf, language, { what, known: known.join(', '), got, near }))
}
