import type { z } from 'zod'
import type { timelineShape } from '../../http/timeline.ts'
import { type Command, type Context, EXIT } from '../command.ts'
import { ask, findServer } from '../session.ts'
import { ANSWERS, CLOCKS, NOT_HEALED, OPTIONS, ORDERS } from '../texts/commands.ts'
import { REVIEW_CAUSES, REVIEW_NEWS, RULES } from '../texts/reviews.ts'
import { ASKS_WAIT } from '../texts/setup.ts'
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
    const failed = timeline.failureClass === null ? '' : `  ${screen.paint('yellow', timeline.failureClass)}`
    screen.line(
      `${screen.paint('bold', timeline.no ?? timeline.order)}  ${timeline.status}  ${screen.paint('dim', timeline.timeZone)}${failed}`,
    )
    for (const entry of timeline.entries)
      for (const line of linesOf(context, entry, timeline.timeZone)) screen.line(line)
    if (timeline.notStarted.length > 0)
      screen.line(screen.paint('bold', say(ORDERS.notStarted, context.language)))
    for (const each of timeline.notStarted)
      for (const line of silentLines(context, each, timeline.timeZone)) screen.line(line)
    screen.result(timeline)
    return EXIT.ok
  },
}

function linesOf(context: Context, entry: Entry, timeZone: string): readonly string[] {
  const { screen, language } = context
  const { paint } = screen
  const at = paint('dim', localTime(entry.at, timeZone))
  const more = (text: string) => `${' '.repeat(17)}${paint('dim', text)}`
  switch (entry.kind) {
    case 'event':
      return [
        `${at} ${paint('cyan', say(ORDERS.event, language))} ${entry.type} ${paint('dim', entry.trust)}`,
      ]
    case 'run': {
      const arm = entry.arm === 'held' ? say(ORDERS.held, language) : null
      const where = [`v${entry.version}`, entry.status, entry.step, entry.stopReason, arm]
        .filter(Boolean)
        .join(' · ')
      const due = entry.dueAt === null ? '' : ` → ${localTime(entry.dueAt, timeZone)}`
      return [
        `${at} ${paint('magenta', say(ORDERS.run, language))} ${entry.flow} ${paint('dim', where + due)}`,
        ...entry.why.map(more),
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
      const style = message.state === 'sent' ? 'green' : message.state === 'waiting' ? 'yellow' : 'red'
      const tries = message.tries.map((each) =>
        say(ORDERS.attempt, language, {
          n: each.n,
          fate: each.fate,
          code: each.code ? ` (${each.code})` : '',
        }),
      )
      return [
        `${at} ${paint('bold', say(ORDERS.message, language))} ${message.template} → ${message.channel} ${message.to ?? ''} ${paint(style, message.stateText)}`,
        more([message.message, ruleOf(message)].filter(Boolean).join(' · ')),
        ...message.why.map(more),
        ...message.wouldHelp.map((sentence) => more(`→ ${sentence}`)),
        ...tries.map(more),
      ]
    }
  }
}

/** What became of a review: who did it or why, and where somebody's turn begins, what the rule saw. */
function reviewLines(
  { screen, language }: Context,
  entry: Extract<Entry, { kind: 'review' }>,
  at: string,
): readonly string[] {
  const { paint } = screen
  const { what, by, action } = entry
  const news = what === 'next' ? (action === 'hold' ? 'escalates' : 'putAway') : what
  const cause = by !== null && REVIEW_CAUSES[by] ? say(REVIEW_CAUSES[by], language) : by
  const words = [say(REVIEW_NEWS[news], language, { role: entry.tell }), cause].filter(Boolean).join(' · ')
  const head = `${at} ${paint('red', say(ORDERS.review, language))} ${entry.title[language]} ${paint('dim', words)}`
  if (what !== 'opened') return [head]
  const saw = `${entry.rule} v${entry.ruleVersion} · ${say(RULES[action], language)} · ${entry.review}`
  return [head, ...[entry.matched[language], saw].map((text) => `${' '.repeat(17)}${paint('dim', text)}`)]
}

type Message = Extract<Entry, { kind: 'message' }>['message']

/** What decided that it should be said: flow, step and the version it ran by. */
const ruleOf = ({ flow, step, flowVersion }: Message) =>
  flow === null ? '' : `${flow}/${step} v${flowVersion}`

function silentLines(
  { screen, language }: Context,
  { at, type, flow, version, why }: Timeline['notStarted'][number],
  timeZone: string,
): readonly string[] {
  const { paint } = screen
  const named = version === null ? flow : `${flow} v${version}`
  const head = `${paint('dim', localTime(at, timeZone))} ${paint('magenta', say(ORDERS.run, language))} ${named} ${paint('dim', `← ${type}`)}`
  return [head, ...why.map((sentence) => `${' '.repeat(17)}${paint('dim', sentence)}`)]
}

/** `11-22 16:30:05` in the reader's zone. */
function localTime(at: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at)
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? ''
  return `${of('month')}-${of('day')} ${of('hour')}:${of('minute')}:${of('second')}`
}

/** One question, its answer, or what was done about it. */
export function sayInquiry(
  { source, connection, clock, what, code }: Pick<Asked, 'source' | 'connection' | 'clock' | 'what' | 'code'>,
  language: Context['language'],
): string {
  const waits = code === null ? undefined : ASKS_WAIT[code]
  const why = waits
    ? say(waits, language)
    : code !== null && NOT_HEALED[code]
      ? `${code}: ${say(NOT_HEALED[code], language)}`
      : code
  return say(ORDERS.inquiryWords, language, {
    source: source ?? connection,
    clock: say(CLOCKS[clock], language),
    what: ANSWERS[what] ? say(ANSWERS[what], language) : what,
    code: why ? ` (${why})` : '',
  })
}
