import { loadRails } from '../../app/rails.ts'
import { listOverrides } from '../../db/failure-codes.ts'
import { dataDirAt, dataMajor } from '../../db/postgres/data-dir.ts'
import { listShops, type ShopRow } from '../../db/shops.ts'
import { beginOf } from '../../domain/day.ts'
import { NO_OVERRIDES, type Overrides, overrideKey } from '../../domain/failure/classify.ts'
import { type ExplainedCode, type Explanation, explain, fieldOf } from '../../domain/failure/explain.ts'
import { codeIn } from '../../domain/failure/one-code.ts'
import type { FailureTable } from '../../domain/failure/table.ts'
import { type Instant, parseIso, toIso } from '../../domain/time.ts'
import { becauseText, otherCodes } from '../code-words.ts'
import { type Command, CommandError, type Context, EXIT } from '../command.ts'
import { failureOf } from '../errors.ts'
import { checkLength } from '../number-option.ts'
import { table as columns } from '../screen.ts'
import { chooseShop, withDatabase } from '../session.ts'
import { CODES } from '../texts/codes.ts'
import { nearText } from '../texts/errors.ts'
import { say, type Text } from '../texts/text.ts'

type Options = Readonly<Record<string, string | boolean | undefined>>

/** Needs neither server nor database; where there is one, what the shop has decided counts. */
export const classifyCommand: Command = {
  name: 'classify',
  summary: CODES.classify,
  args: [
    { name: '<rail>', text: CODES.rail },
    { name: '<code>', text: CODES.code },
  ],
  options: [
    { flags: '--advice <code>', text: CODES.advice },
    { flags: '--network <code>', text: CODES.network },
    { flags: '--network-advice <code>', text: CODES.networkAdvice },
    { flags: '--scheme <scheme>', text: CODES.scheme },
    { flags: '--at <day>', text: CODES.at },
    { flags: '--shop <slug>', text: CODES.withShop },
  ],
  examples: [
    'dingdong classify stripe insufficient_funds',
    'dingdong classify stripe generic_decline --network 51 --network-advice 24',
    'dingdong classify iso8583_f39 57 --at 2026-01-01 --json',
  ],
  async run(context, [rail = '', code = ''], options) {
    const { screen, language } = context
    checkLength(context, '<rail>', rail, 40)
    checkLength(context, '<code>', code, 120)
    const { table } = await loadRails(context.language)
    const failure = codeIn(
      rail,
      {
        [fieldOf(table, rail, code)]: code,
        ...given('adviceCode', options.advice),
        ...given('networkCode', options.network),
        ...given('networkAdviceCode', options.networkAdvice),
      },
      typeof options.scheme === 'string' ? options.scheme : null,
    )
    const at = instantOf(context, options.at)
    const { overrides, shop, without } = await overridesOf(context, options.shop)
    const said = explain(table, failure, at, language, overrides)
    const unknown = said.codes.find(({ knownBy }) => knownBy === 'nobody')
    const noSuchRail = !table.readers.has(rail)
    if (noSuchRail && unknown === undefined) screen.note(noRail(context, table, rail, said))
    for (const line of linesOf(context, said)) screen.line(line)
    if (without !== null) screen.line(screen.paint('dim', without))
    screen.result({ rail, code, shop, ...said })
    if (unknown === undefined) return noSuchRail ? EXIT.notFound : EXIT.ok
    screen.note(unknownCode(context, table, rail, unknown, said))
    return EXIT.notFound
  },
}

const given = (field: string, value: string | boolean | undefined) =>
  typeof value === 'string' ? { [field]: value } : {}

/** A day begins in UTC, as schemes' rules do. */
function instantOf({ clock, language }: Context, at: Options[string]): Instant {
  if (typeof at !== 'string') return clock.now()
  const instant = beginOf(at) ?? parseIso(at)
  if (instant === null) throw new CommandError(EXIT.usage, say(CODES.dayWanted, language, { got: at }))
  return instant
}

interface Decided {
  readonly overrides: Overrides
  /** Whose decisions they are. */
  readonly shop: string | null
  /** Why nobody's were looked at. */
  readonly without: string | null
}

/** What the shop has decided; a shop that is not named and cannot be found out leaves the table alone. */
async function overridesOf(context: Context, slug: Options[string]): Promise<Decided> {
  const decided = () =>
    withDatabase(context, async (session): Promise<Decided> => {
      const shops = await listShops(session.pools.db)
      const named = slug ?? context.env.DINGDONG_SHOP?.trim()
      if (!named && shops.length !== 1) return tableAlone(context, shops)
      const shop = await chooseShop(context, session, slug)
      const rows = await listOverrides(session.pools.db, shop.id)
      const overrides = new Map(rows.map((row) => [overrideKey(row.rail, row.code), row]))
      return { overrides, shop: shop.slug, without: null }
    })
  if (typeof slug === 'string') return decided()
  const without = (detail: string) => ({
    overrides: NO_OVERRIDES,
    shop: null,
    without: say(CODES.tableAlone, context.language, { detail }),
  })
  try {
    const { databaseUrl, dataDir } = context.config()
    // Asking about a code is no reason to make a database.
    if (!databaseUrl && (await dataMajor(dataDirAt(dataDir))) === null)
      return without(say(CODES.noDatabase, context.language, { place: dataDir }))
    return await decided()
  } catch (error) {
    return without(failureOf(error, context.language).text.replaceAll(/\s*\n\s*/g, ' '))
  }
}

function tableAlone({ language }: Context, shops: readonly ShopRow[]): Decided {
  const known = shops.map((shop) => shop.slug).join(', ')
  const detail = say(shops.length === 0 ? CODES.noShop : CODES.severalShops, language, { known })
  return { overrides: NO_OVERRIDES, shop: null, without: say(CODES.tableAlone, language, { detail }) }
}

function linesOf(context: Context, said: Explanation): readonly string[] {
  const { screen, language } = context
  const { decidedBy, adviceFrom } = said
  const words = (text: Text, params = {}) => say(text, language, params)
  const rows: [string, string][] = [
    [words(CODES.class), `${screen.paint('bold', said.class)}  ${said.classText}`],
    [words(CODES.move), said.firstMove],
    [words(CODES.retry), `${screen.paint('bold', said.advice)}  ${said.adviceText}`],
    [words(CODES.buyer), words(whenTold(said))],
  ]
  if (decidedBy) rows.push(...reasonRows(context, CODES.because, decidedBy))
  if (adviceFrom && adviceFrom.field !== decidedBy?.field)
    rows.push(...reasonRows(context, CODES.adviceBecause, adviceFrom))
  for (const each of otherCodes(said)) rows.push([words(CODES.also), becauseText(context, each)])
  return columns(rows.map(([name, text]) => [screen.paint('dim', name), text]))
}

/** A failure of the platform is asked about and tried again before anybody is bothered with it. */
const whenTold = ({ class: kind, buyerIsTold }: Explanation): Text =>
  kind === 'network_timeout' ? CODES.toldLater : buyerIsTold ? CODES.told : CODES.notTold

function reasonRows(context: Context, label: Text, code: ExplainedCode): [string, string][] {
  const { language } = context
  const rows: [string, string][] = [[say(label, language), becauseText(context, code)]]
  if (code.knownBy !== 'table') return rows
  rows.push([say(CODES.since, language), periodText(context, code)])
  const { source, asOf } = code
  rows.push([
    say(CODES.source, language),
    say(CODES.asOf, language, { source: source ?? '?', asOf: asOf ?? '?' }),
  ])
  return rows
}

function periodText({ language }: Context, { validFrom, validTo }: ExplainedCode): string {
  const day = (instant: Instant) => toIso(instant).slice(0, 10)
  const parts = [
    validFrom === null ? '' : say(CODES.from, language, { from: day(validFrom) }),
    validTo === null ? '' : say(CODES.until, language, { to: day(validTo) }),
  ].filter(Boolean)
  return parts.length === 0 ? say(CODES.always, language) : parts.join(' ')
}

function noRail({ language }: Context, table: FailureTable, rail: string, { nearRail }: Explanation): string {
  const known = [...table.readers.keys()].sort().join(', ')
  return say(CODES.noRail, language, { rail, near: nearText(nearRail, language), known })
}

function unknownCode(
  context: Context,
  table: FailureTable,
  rail: string,
  { code }: ExplainedCode,
  said: Explanation,
): string {
  const { language } = context
  const text = say(CODES.unknownCode, language, { code, rail, near: nearText(said.nearCode, language) })
  return table.readers.has(rail) ? text : `${noRail(context, table, rail, said)}\n${text}`
}
