import type { ComparedArm } from '../../domain/flow/comparison.ts'
import { HOLDOUT } from '../../domain/flow/holdout.ts'
import type { Estimate } from '../../domain/flow/interval.ts'
import { dayStart } from '../../domain/gate/local-time.ts'
import { type ComparedFlow, type Comparison, compareFlow } from '../../pipeline/compare-flow.ts'
import { type Command, CommandError, type Context, EXIT } from '../command.ts'
import { table } from '../screen.ts'
import { chooseShop, shopFlag, withDatabase } from '../session.ts'
import { unknownFlow } from '../shop-flow.ts'
import { OPTIONS } from '../texts/commands.ts'
import { COMPARISON } from '../texts/comparison.ts'
import { ERRORS } from '../texts/errors.ts'
import { FLOWS } from '../texts/flows.ts'
import { say, type Text } from '../texts/text.ts'

/** Reads the database itself. */
export const flowCompare: Command = {
  name: 'flow compare',
  summary: COMPARISON.summary,
  args: [{ name: '<flow>', text: FLOWS.flow }],
  options: [
    { flags: '--experiment <name>', text: COMPARISON.experiment },
    { flags: '--since <day>', text: COMPARISON.since },
    { flags: '--shop <slug>', text: OPTIONS.shop },
  ],
  examples: [
    'dingdong flow compare payment-failed-funds',
    'dingdong flow compare payment-failed-funds --experiment first-delay --since 2026-11-01',
  ],
  async run(context, [key = ''], options) {
    const { screen, language } = context
    const asked = typeof options.experiment === 'string' ? options.experiment : null
    return withDatabase(context, async (session) => {
      const shop = await chooseShop(context, session, options.shop)
      const since = readDay(context, options.since, shop.time_zone)
      const compared = await compareFlow(session.pools.db, shop.id, { flow: key, experiment: asked, since })
      if (!compared.found) {
        if (compared.what === 'flow') throw unknownFlow(language, key, compared.known)
        const params = { flow: key, name: asked ?? '', known: compared.known.join(', ') }
        throw new CommandError(EXIT.notFound, say(COMPARISON.unknown, language, params))
      }
      const { version, subject, comparisons } = compared
      if (comparisons.every(drewNobody)) {
        const params = { flow: key, version, of: await shopFlag(session.pools.db, shop) }
        for (const text of whyNone(compared, asked)) screen.line(say(text, language, params))
      } else {
        for (const each of comparisons)
          for (const line of linesOf(context, each, { flow: key, version, subject }, shop.time_zone))
            screen.line(line)
        screen.line(screen.paint('dim', say(COMPARISON.only, language)))
      }
      screen.result({ key, version, subject, since, comparisons })
      return EXIT.ok
    })
  },
}

function readDay({ language }: Context, given: string | boolean | undefined, zone: string): number | null {
  if (given === undefined) return null
  const since = dayStart(String(given), zone)
  if (since !== null) return since
  const params = { what: '--since', expected: '2026-11-01', got: String(given) }
  throw new CommandError(EXIT.usage, say(ERRORS.needsValue, language, params))
}

/** Kept without reminders was nobody, and nobody is to be: there is nothing to hold the others against. */
const drewNobody = ({ experiment, inForce, arms }: Comparison): boolean =>
  experiment === HOLDOUT && !inForce && arms.every(({ arm, runs }) => arm !== HOLDOUT || runs === 0)

/** What is said where no comparison is, and how to begin one where that can be. */
function whyNone({ subject, canHoldOut }: Found, asked: string | null): readonly Text[] {
  if (subject === 'event') return [COMPARISON.noOrder]
  const none = asked === HOLDOUT ? COMPARISON.noHoldout : COMPARISON.noArms
  return [none, canHoldOut ? COMPARISON.holdOut : COMPARISON.nothingToHold]
}

type Found = Extract<ComparedFlow, { readonly found: true }>

function linesOf(
  { screen, language }: Context,
  { experiment, inForce, countedBefore, least, arms }: Comparison,
  about: { readonly flow: string; readonly version: number; readonly subject: 'order' | 'event' },
  timeZone: string,
): readonly string[] {
  const head = say(experiment === HOLDOUT ? COMPARISON.holdout : COMPARISON.head, language, {
    ...about,
    experiment,
  })
  const over = inForce ? '' : ` · ${say(COMPARISON.over, language)}`
  const at = countedBefore === null ? '' : minute(countedBefore, timeZone)
  const when = say(countedBefore === null ? COMPARISON.ended : COMPARISON.before, language, { at })
  const moved = arms.reduce((sum, arm) => sum + arm.moved, 0)
  return [
    `${screen.paint('bold', head)}${over}`,
    ...table([COLUMNS.map((column) => say(COMPARISON[column], language)), ...arms.map(rowOf(language))]),
    '',
    ...(about.subject === 'event'
      ? [say(COMPARISON.noOrder, language)]
      : [
          ...arms.flatMap((arm) => sharesOf(arm, arms[0]!, least, language)),
          screen.paint('dim', say(COMPARISON.counted, language, { when })),
        ]),
    ...(moved > 0 ? [screen.paint('dim', say(COMPARISON.moved, language, { n: moved }))] : []),
    '',
  ]
}

const COLUMNS = ['arm', 'persons', 'runs', 'running', 'orders', 'unsubscribed', 'sent'] as const

const rowOf =
  (language: Context['language']) =>
  (arm: ComparedArm): readonly string[] => {
    const sent = Object.entries(arm.messages).map(([channel, count]) => `${channel} ${count}`)
    const orders = say(COMPARISON.of, language, { n: arm.ordersPaid, all: arm.orders })
    const { persons, runs, running, unsubscribed } = arm
    return [
      nameOf(arm, language),
      ...[persons, runs, running].map(String),
      orders,
      String(unsubscribed),
      sent.sort().join(' · ') || '0',
    ]
  }

const nameOf = ({ arm }: ComparedArm, language: Context['language']) =>
  arm === HOLDOUT ? say(COMPARISON.names, language, { holdout: HOLDOUT }) : arm

function sharesOf(
  arm: ComparedArm,
  { arm: first }: ComparedArm,
  least: number,
  language: Context['language'],
): readonly string[] {
  const { share, difference, verdict, paid, counted } = arm
  const told =
    share === null
      ? say(COMPARISON.few, language, { arm: arm.arm, counted, least })
      : say(COMPARISON.share, language, { arm: arm.arm, paid, counted, ...percents(share, '') })
  if (verdict === 'first') return [told]
  if (difference === null || verdict === 'unknown') return [told, say(COMPARISON.waits, language, { first })]
  const words = {
    first,
    ...percents(difference, '+'),
    verdict: say(COMPARISON[verdict], language, { first }),
  }
  return [told, say(COMPARISON.difference, language, words)]
}

/** Hundredths with one decimal; a difference with its sign. */
const percents = ({ value, low, high }: Estimate, plus: string) => {
  const text = (part: number) => `${part > 0 ? plus : ''}${(part * 100).toFixed(1)}`.replace('-', '−')
  return { value: text(value), low: text(low), high: text(high) }
}

/** `2026-11-22 16:30` in the shop's zone. */
const minute = (at: number, timeZone: string) =>
  new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(at)
