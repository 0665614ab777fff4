import type { SeenTrial } from '../http/flow-tried.ts'
import { MOST_WORDS } from '../pipeline/trial-messages.ts'
import { MOST_MESSAGES, MOST_MOMENTS } from '../pipeline/try-flow.ts'
import type { Context } from './command.ts'
import { localTime } from './local-time.ts'
import { columnsOf, padTo } from './screen.ts'
import { TRIALS } from './texts/flow-trials.ts'
import { say } from './texts/text.ts'
import { wrapped } from './wrapped.ts'

type Step = SeenTrial['steps'][number]
type Message = Step['messages'][number]

/** Columns of `11-22 16:30:05 `. */
const MARGIN = 15

/** A trial for people: whether it starts, then step by step, then how it ends and what nobody can foresee. */
export function trialLines(context: Context, trial: SeenTrial): readonly string[] {
  return [
    ...head(context, trial),
    ...start(context, trial),
    ...stepLines(context, trial),
    ...ending(context, trial),
    ...unforeseen(context, trial),
  ]
}

function head({ screen, language, ...context }: Context, trial: SeenTrial): readonly string[] {
  const { flow, version, title, sample, order, event, timeZone, enabled, killed } = trial
  const { paint } = screen
  const named = version === null ? say(TRIALS.unpublished, language) : `v${version}`
  const on = [
    sample ? say(TRIALS.sample, language) : null,
    order,
    event.type,
    localTime({ screen, language, ...context }, event.at, timeZone),
    timeZone,
  ]
  const warn = (text: string) =>
    wrapped(text, screen.width - 2).map((line, at) => paint('yellow', `${at === 0 ? '! ' : '  '}${line}`))
  return [
    `${paint('bold', flow)} ${named} · ${title[language]}`,
    paint('dim', on.filter(Boolean).join(' · ')),
    ...(enabled === false ? warn(say(TRIALS.disabled, language, { flow })) : []),
    ...(killed === null ? [] : warn(say(TRIALS[`killed_${killed}`], language, { flow }))),
    '',
  ]
}

const MARKS = { yes: '✓', no: '✗', not_looked_at: '·' } as const

function start({ screen, language }: Context, trial: SeenTrial): readonly string[] {
  const { paint } = screen
  const checks = trial.checks.map(({ check, state, says }) => {
    const per = TRIALS[`per_${says}` as keyof typeof TRIALS]
    const what = check === 'once' && per !== undefined ? say(per, language) : says
    const text = `${say(TRIALS[check], language)}  ${paint('dim', what)}`
    const style = state === 'yes' ? 'green' : state === 'no' ? 'red' : 'dim'
    return `  ${paint(style, MARKS[state])} ${text}`
  })
  const arm =
    trial.holdoutPercent === 0 || trial.arm === null || trial.sample
      ? []
      : [`  ${say(TRIALS[trial.arm], language, { percent: trial.holdoutPercent })}`]
  const outcome = trial.starts
    ? paint('green', say(TRIALS.starts, language))
    : paint('red', say(TRIALS.startsNot, language))
  const told = [...trial.why, ...trial.wouldHelp.map((each) => `→ ${each}`)]
  return [
    outcome,
    ...checks,
    ...arm,
    ...told.flatMap((each) => indented(each, 4, screen.width).map((line) => paint('dim', line))),
  ]
}

function stepLines(context: Context, trial: SeenTrial): readonly string[] {
  const shown = trial.steps.filter((step) => !isMute(step))
  if (shown.length === 0) return []
  const widest = Math.max(...shown.map(({ step }) => columnsOf(step)))
  let last: number | null = null
  const told = new Set<string>()
  const lines = shown.flatMap((step) => {
    const time = step.at === last ? ' '.repeat(MARGIN) : `${localTime(context, step.at, trial.timeZone)} `
    last = step.at
    return oneStep(context, trial, step, { time, widest, told })
  })
  return ['', ...lines]
}

interface Column {
  readonly time: string
  readonly widest: number
  /** Words that stand above already. */
  readonly told: Set<string>
}

/** That a wait is over shows by what comes next. */
const isMute = ({ code, until, messages }: Step) =>
  code === 'waited' && until === null && messages.length === 0

function oneStep(
  context: Context,
  trial: SeenTrial,
  step: Step,
  { time, widest, told }: Column,
): readonly string[] {
  const { screen } = context
  const { paint } = screen
  const waits = step.kind.startsWith('wait') && step.code !== 'until_failed'
  const saw = step.says === null || waits ? '' : `${step.says}: `
  const goes = step.next !== null && FORKS.has(step.code) ? ` → ${step.next}` : ''
  const what = `${saw}${wordsOf(context, step, trial.timeZone)}${goes}`
  const name = padTo(step.step, Math.min(widest, 18))
  const [first = '', ...more] = wrapped(what, screen.width - MARGIN - columnsOf(name) - 1)
  const under = ' '.repeat(MARGIN + 2)
  return [
    `${paint('dim', time)}${paint('magenta', name)} ${first}`,
    ...more.map((line) => `${under}${line}`),
    ...step.why.flatMap((each) => indented(each, MARGIN + 2, screen.width).map((line) => paint('dim', line))),
    ...step.messages.flatMap((message) => messageLines(context, trial, step, message, told)),
  ]
}

/** Codes after which one way of several was taken. */
const FORKS: ReadonlySet<string> = new Set([
  'then',
  'else',
  'condition_failed',
  'split',
  'nobody',
  'timed_out',
  'too_late',
  'not_acted',
])

function wordsOf(context: Context, step: Step, timeZone: string): string {
  const { language } = context
  const until = step.until === null ? null : localTime(context, step.until, timeZone)
  const wait =
    until === null
      ? ''
      : step.waitsFor === null
        ? say(TRIALS.waits, language, { until })
        : say(TRIALS.waitsFor, language, { until, events: step.waitsFor.join(', ') })
  const code = CODES.get(step.code)
  const word = code === undefined ? '' : say(TRIALS[code], language, { arm: step.detail ?? '' })
  const asked = step.command === null ? '' : say(TRIALS.asks, language, { command: step.command })
  const said = step.code === 'planned' && step.command === null ? (step.messages[0]?.template ?? '') : ''
  return [asked, said, word, wait].filter(Boolean).join(' · ')
}

const CODES: ReadonlyMap<string, keyof typeof TRIALS> = new Map([
  ['then', 'yes'],
  ['else', 'no'],
  ['condition_failed', 'unclear'],
  ['split', 'drawn'],
  ['nobody', 'nobody'],
  ['timed_out', 'timedOut'],
  ['holdout', 'holdout'],
  ['untrusted', 'untrusted'],
  ['no_channel', 'no_channel'],
  ['not_acted', 'not_acted'],
  ['too_late', 'too_late'],
  ['order_life', 'order_life'],
  ['until_failed', 'until_failed'],
  ['stopped', 'stops'],
])

const STYLES = { sent: 'green', dropped: 'red', failed: 'red', open: 'yellow', waiting: 'yellow' } as const

function messageLines(
  context: Context,
  { sample, timeZone }: SeenTrial,
  step: Step,
  message: Message,
  told: Set<string>,
): readonly string[] {
  const { screen, language } = context
  const { paint, width } = screen
  const { outcome, at, channel, audience, to, subject, text } = message
  const nobody = sample && audience === 'buyer' ? TRIALS.sampleBuyer : TRIALS.nobodyThere
  const receiver = channel === 'command' ? '' : (to ?? say(nobody, language))
  const late = outcome === 'sent' && at !== null && at > step.at
  const fate = late
    ? say(TRIALS.sentLater, language, { at: localTime(context, at, timeZone) })
    : say(TRIALS[outcome], language)
  const holds = message.verdicts.flatMap(({ kind, why }) => (kind === 'hold' ? why : []))
  const reasons = [
    ...(outcome === 'sent' ? holds : message.why),
    ...message.wouldHelp.map((each) => `→ ${each}`),
  ]
  const under = MARGIN + 2
  const quoted = (line: string, style: (text: string) => string = (plain) => plain) =>
    wrapped(line, width - under - 2).map((piece) =>
      `${' '.repeat(under)}${paint('dim', '│')} ${piece === '' ? '' : style(piece)}`.trimEnd(),
    )
  const words = [
    ...(subject === null ? [] : quoted(subject, (piece) => paint('bold', piece))),
    ...(text === null
      ? []
      : text
          .trim()
          .split('\n')
          .flatMap((line) => quoted(line))),
  ]
  const said = words.length > 2 && told.has(words.join('\n'))
  told.add(words.join('\n'))
  return [
    `${' '.repeat(MARGIN)}${paint('bold', '→')} ${[channel, receiver].filter(Boolean).join(' ')}  ${paint(late ? 'yellow' : STYLES[outcome], fate)}`,
    ...reasons.flatMap((each) => indented(each, under, width).map((line) => paint('dim', line))),
    ...(said ? quoted(say(TRIALS.sameWords, language), (piece) => paint('dim', piece)) : words),
  ]
}

function ending(context: Context, { end, cut, timeZone }: SeenTrial): readonly string[] {
  const { screen, language } = context
  const { paint, width } = screen
  const limits = { messages: MOST_MESSAGES, words: MOST_WORDS, moments: MOST_MOMENTS }
  const more = cut ? ['', ...wrapped(say(TRIALS.cut, language, limits), width)] : []
  if (end === null) return more
  const time = paint('dim', `${localTime(context, end.at, timeZone)} `)
  const why = end.reason ?? say(TRIALS.ranThrough, language)
  return [
    '',
    `${time}${paint('bold', say(TRIALS.ends, language))} · ${why}`,
    ...end.why.flatMap((each) => indented(each, MARGIN + 2, width).map((line) => paint('dim', line))),
    ...more,
  ]
}

function unforeseen({ screen, language }: Context, trial: SeenTrial): readonly string[] {
  const { paint, width } = screen
  return [
    '',
    paint('bold', say(TRIALS.unforeseen, language)),
    ...trial.unforeseen.flatMap((each) =>
      wrapped(each, width - 4).map((line, at) => paint('dim', `${at === 0 ? '  · ' : '    '}${line}`)),
    ),
  ]
}

const indented = (text: string, by: number, width: number): readonly string[] =>
  wrapped(text, width - by).map((line) => `${' '.repeat(by)}${line}`)
