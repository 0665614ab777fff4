import type { z } from 'zod'
import { isOwnStop } from '../../domain/delivery/own-stop.ts'
import { CLASS_TEXTS } from '../../domain/failure/texts.ts'
import type { FailureClass } from '../../domain/failure-class.ts'
import { roleText } from '../../domain/flow/role-texts.ts'
import { isUndelivered } from '../../domain/message.ts'
import { STATUS_WORDS } from '../../domain/order/status-words.ts'
import type { timelineShape } from '../../http/timeline-shape.ts'
import { failureLines } from '../code-words.ts'
import { type Command, type Context, EXIT } from '../command.ts'
import { localTime } from '../local-time.ts'
import { senderWords } from '../sender-words.ts'
import { ask, findServer } from '../session.ts'
import {
  ANSWERS,
  ASKED_NEXT,
  CLOCKS,
  FATES,
  NOT_HEALED,
  OPTIONS,
  ORDERS,
  RUN_STATES,
} from '../texts/commands.ts'
import { REVIEW_CAUSES, REVIEW_NEWS, RULES } from '../texts/reviews.ts'
import { ASKS_WAIT } from '../texts/setup.ts'
import { codeText, wordFor } from '../texts/states.ts'
import { say } from '../texts/text.ts'

type Timeline = z.output<typeof timelineShape>
type Entry = Timeline['entries'][number]
type Asked = Extract<Entry, { kind: 'inquiry' }>

/** Speaks to the running server, so that addresses come masked and the look is logged like any other. */
export const order: Command = {
  name: 'order',
  summary: ORDERS.summary,
  args: [{ name: '<order>', text: ORDERS.no }],
  options: [
    { flags: '--all', text: ORDERS.all },
    { flags: '--shop <slug>', text: OPTIONS.shop },
    { flags: '--key <key>', text: OPTIONS.key },
    { flags: '--url <url>', text: OPTIONS.url },
  ],
  examples: ['dingdong order D20261122-17', 'dingdong order D20261122-17 --json'],
  async run(context, [no = ''], options) {
    const { screen } = context
    const server = await findServer(context, options)
    const route = `/v1/orders/${encodeURIComponent(no)}/timeline`
    const timeline = await ask<Timeline>(context, server, 'GET', route)
    const kind = timeline.failureClass as FailureClass | null
    const failed =
      kind === null ? '' : `  ${screen.paint('yellow', kind)} ${CLASS_TEXTS[kind][context.language]}`
    screen.line(
      `${screen.paint('bold', timeline.no ?? timeline.order)}  ${wordFor(STATUS_WORDS, timeline.status, context.language)}  ${screen.paint('dim', timeline.timeZone)}${failed}`,
    )
    if (timeline.difference !== null) screen.line(screen.paint('yellow', timeline.difference.text))
    for (const entry of timeline.entries)
      for (const line of linesOf(context, entry, timeline.timeZone)) screen.line(line)
    if (timeline.notStarted.length > 0)
      screen.line(screen.paint('bold', say(ORDERS.notStarted, context.language)))
    const groups =
      options.all === true ? timeline.notStarted.map((each) => [each]) : alike(timeline.notStarted)
    for (const group of groups)
      for (const line of silentLines(context, group, timeline.timeZone)) screen.line(line)
    if (groups.some(({ length }) => length > 1))
      screen.line(screen.paint('dim', say(ORDERS.folded, context.language)))
    screen.result(timeline)
    return EXIT.ok
  },
}

function linesOf(context: Context, entry: Entry, timeZone: string): readonly string[] {
  const { screen, language } = context
  const { paint } = screen
  const at = paint('dim', localTime(context, entry.at, timeZone))
  const more = (text: string) => `${' '.repeat(17)}${paint('dim', text)}`
  switch (entry.kind) {
    case 'event':
      return [
        `${at} ${paint('cyan', say(ORDERS.event, language))} ${entry.type} ${paint('dim', senderWords(entry, language))}`,
        ...(entry.failure === null ? [] : failureLines(context, entry.failure).map(more)),
        ...(entry.notHealed === null ? [] : unhealedLines(entry.notHealed, language).map(more)),
        ...entry.warnings.map(({ problem }) => `${' '.repeat(17)}${paint('yellow', problem)}`),
      ]
    case 'run': {
      const arm = entry.arm === 'held' ? say(ORDERS.held, language) : null
      const drawn = Object.entries(entry.arms).map((pair) => pair.join(': '))
      const where = [`v${entry.version}`, say(RUN_STATES[entry.status], language), entry.step, arm, ...drawn]
        .filter(Boolean)
        .join(' · ')
      const due = entry.dueAt === null ? '' : ` → ${localTime(context, entry.dueAt, timeZone)}`
      return [
        `${at} ${paint('magenta', say(ORDERS.run, language))} ${entry.flow} ${paint('dim', where + due)}`,
        ...entry.why.map(more),
        ...entry.wouldHelp.map((sentence) => more(`→ ${sentence}`)),
      ]
    }
    case 'inquiry': {
      const words = sayInquiry(entry, language)
      return [`${at} ${paint('yellow', say(ORDERS.inquiry, language))} ${paint('dim', words)}`]
    }
    case 'review':
      return reviewLines(context, entry, at)
    case 'delivered':
      return [`${at} ${paint('green', say(ORDERS.delivered, language))} ${paint('dim', entry.message)}`]
    case 'click':
      return [`${at} ${paint('green', say(ORDERS.click, language))} ${paint('dim', entry.message)}`]
    case 'message': {
      const { message } = entry
      const lost = isUndelivered({ ...message, fate_code: message.code, delivered_at: message.deliveredAt })
      const style =
        message.state === 'sent' && !lost ? 'green' : message.state === 'waiting' ? 'yellow' : 'red'
      const tries = message.tries.map((each) =>
        say(ORDERS.attempt, language, {
          n: each.n,
          fate: fateText(each, language),
          code: each.code ? ` (${codeText(each.code, language)})` : '',
        }),
      )
      return [
        `${at} ${paint('bold', say(ORDERS.message, language))} ${message.template} → ${message.channel} ${message.to ?? ''} ${paint(style, message.stateText)}`,
        more([message.message, ruleOf(message)].filter(Boolean).join(' · ')),
        ...message.why.map(more),
        ...message.wouldHelp.map((sentence) => more(`→ ${sentence}`)),
        ...tries.map(more),
        ...entry.notes.map((note) => `${' '.repeat(17)}${paint('yellow', note)}`),
      ]
    }
  }
}

const unhealedLines = (
  { why, wouldHelp }: NonNullable<Extract<Entry, { kind: 'event' }>['notHealed']>,
  language: Context['language'],
) => [
  ...why.map((text) => say(ORDERS.notHealed, language, { text })),
  ...wouldHelp.map((text) => `→ ${text}`),
]

/** A try that never left is no refusal of the provider's. */
function fateText({ fate, code }: Message['tries'][number], language: Context['language']): string {
  if (fate === 'rejected' && isOwnStop(code)) return say(ORDERS.notHanded, language)
  return FATES[fate] ? say(FATES[fate], language) : fate
}

/** What became of a review: who did it or why, and where somebody's turn begins, what the rule saw. */
function reviewLines(
  { screen, language }: Context,
  entry: Extract<Entry, { kind: 'review' }>,
  at: string,
): readonly string[] {
  const { paint } = screen
  const { what, by, action } = entry
  const waits = entry.goesTo === null ? 'toldAgain' : 'escalates'
  const news = what === 'next' ? (action === 'hold' ? waits : 'putAway') : what
  const cause = by !== null && REVIEW_CAUSES[by] ? say(REVIEW_CAUSES[by], language) : by
  const words = [say(REVIEW_NEWS[news], language, { role: roleText(entry.tell, language) }), cause]
    .filter(Boolean)
    .join(' · ')
  const head = `${at} ${paint('red', say(ORDERS.review, language))} ${entry.title[language]} ${paint('dim', words)}`
  if (what !== 'opened') return [head]
  const saw = `${entry.rule} v${entry.ruleVersion} · ${say(RULES[action], language)} · ${entry.review}`
  return [head, ...[entry.matched[language], saw].map((text) => `${' '.repeat(17)}${paint('dim', text)}`)]
}

type Message = Extract<Entry, { kind: 'message' }>['message']

/** What decided that it should be said: flow, step and the version it ran by. */
const ruleOf = ({ flow, step, flowVersion }: Message) =>
  flow === null ? '' : `${flow}/${step} v${flowVersion}`

type Silent = Timeline['notStarted'][number]

/** A sentence with what it compares, and the flow that it names, left out: ladders of other classes differ in nothing else. */
const shapeOf = (sentence: string, flow: string) => sentence.replace(/"[^"]*"/g, '…').replaceAll(flow, '…')
const shapesOf = (sentences: readonly string[], { flow }: Silent) =>
  sentences.map((sentence) => shapeOf(sentence, flow))

/** Flows that one event did not start for the same reason, together; conditions are the same when their shape is. */
function alike(silent: readonly Silent[]): readonly (readonly Silent[])[] {
  const groups = Map.groupBy(silent, (each) =>
    JSON.stringify([each.event, each.reason, shapesOf(each.why, each), shapesOf(each.wouldHelp, each)]),
  )
  return [...groups.values()]
}

function silentLines(context: Context, group: readonly Silent[], timeZone: string): readonly string[] {
  const { language } = context
  const { paint } = context.screen
  const [first] = group as readonly [Silent]
  const { at, type, flow, version, why, wouldHelp } = first
  const start = `${paint('dim', localTime(context, at, timeZone))} ${paint('magenta', say(ORDERS.run, language))}`
  const below = (sentence: string) => `${' '.repeat(17)}${paint('dim', sentence)}`
  if (group.length > 1) {
    const flows = group.map((each) => each.flow).join(language === 'zh' ? '、' : ', ')
    const shared = shapesOf(why, first).join(' ')
    return [
      `${start} ×${group.length} ${paint('dim', `← ${type}  ${shared}  ${flows}`)}`,
      ...shapesOf(wouldHelp, first).map((sentence) => below(`→ ${sentence}`)),
    ]
  }
  const named = version === null ? flow : `${flow} v${version}`
  const told = [...why, ...wouldHelp.map((sentence) => `→ ${sentence}`)]
  return [`${start} ${named} ${paint('dim', `← ${type}`)}`, ...told.map(below)]
}

/** One question, its answer, or what was done about it. */
export function sayInquiry(
  { source, connection, clock, what, code }: Pick<Asked, 'source' | 'connection' | 'clock' | 'what' | 'code'>,
  language: Context['language'],
): string {
  const inWords = code === null ? undefined : (ASKS_WAIT[code] ?? ASKED_NEXT[code])
  const notHealed = code === null ? undefined : NOT_HEALED[code]
  const why = inWords ? say(inWords, language) : notHealed ? `${code}: ${say(notHealed, language)}` : code
  return say(ORDERS.inquiryWords, language, {
    source: source ?? connection,
    clock: say(CLOCKS[clock], language),
    what: ANSWERS[what] ? say(ANSWERS[what], language) : what,
    code: why ? ` (${why})` : '',
  })
}
