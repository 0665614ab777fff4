import { transaction } from '../../db/connect.ts'
import { dropOverride, putOverride } from '../../db/failure-codes.ts'
import { bumpConfig } from '../../db/shops.ts'
import { DEFAULT_ADVICE } from '../../domain/failure/classify.ts'
import { FAILURE_CLASSES, RETRY_ADVICE } from '../../domain/failure-class.ts'
import { nearest } from '../../domain/template/nearest.ts'
import { type Command, CommandError, type Context, EXIT } from '../command.ts'
import { checkLength } from '../number-option.ts'
import { record } from '../record.ts'
import { chooseShop, withDatabase } from '../session.ts'
import { CODES } from '../texts/codes.ts'
import { OPTIONS } from '../texts/commands.ts'
import { ERRORS } from '../texts/errors.ts'
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
    { flags: '--shop <slug>', text: OPTIONS.shop },
  ],
  examples: [
    'dingdong code set stripe do_not_honor insufficient_funds --advice LATER',
    'dingdong code set mygate E42 network_timeout --shop my-shop',
  ],
  async run(context, [rail = '', code = '', given = ''], options) {
    const { screen, language } = context
    const kind = oneOf(context, '<class>', given, FAILURE_CLASSES)
    const wanted = typeof options.advice === 'string' ? options.advice : DEFAULT_ADVICE
    const advice = oneOf(context, '--advice', wanted, RETRY_ADVICE)
    checkLength(context, '<rail>', rail, 40)
    checkLength(context, '<code>', code, 120)
    return withDatabase(context, async (session) => {
      const shop = await chooseShop(context, session, options.shop)
      const row = { rail, code, class: kind, advice }
      await transaction(session.pools.db, async (tx) => {
        const by = { set_by: 'command line', set_at: context.clock.now() }
        await putOverride(tx, shop.id, { ...row, ...by })
        await bumpConfig(tx, shop.id)
        await record(context, tx, shop.id, 'failure_code.set', `${rail}/${code}`, { class: kind, advice })
      })
      screen.line(say(CODES.done, language, row))
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

function oneOf<T extends string>({ language }: Context, what: string, got: string, known: readonly T[]): T {
  const found = known.find((each) => each === got)
  if (found !== undefined) return found
  const like = nearest(got, known)
  const near = like ? say(ERRORS.near, language, { near: like }) : say(ERRORS.noNear, language)
  throw new CommandError(EXIT.usage, say(CODES.oneOf, language, { what, known: known.join(', '), got, near }))
}
