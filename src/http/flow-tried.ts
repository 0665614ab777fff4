import * as z from 'zod'
import type { Flow } from '../domain/flow/flow.ts'
import { explainStop } from '../domain/flow/stop-texts.ts'
import { explainWhyNot, whatWouldStart } from '../domain/flow/why-not-texts.ts'
import type { ReasonCode } from '../domain/gate/verdict.ts'
import { formatId } from '../domain/ids.ts'
import type { LawBook } from '../domain/law/book.ts'
import type { FlowTrial } from '../pipeline/flow-trials.ts'
import type { LoadedFlow } from '../pipeline/shop-config.ts'
import { START_CHECKS, type StartCheck } from '../pipeline/start-checks.ts'
import { MOST_WORDS } from '../pipeline/trial-messages.ts'
import { MOST_MESSAGES, MOST_MOMENTS, type Trial } from '../pipeline/try-flow.ts'
import { seeSteps, stepShape } from './flow-trial-steps.ts'
import { NOT_HEARD, UNFORESEEN, type Unforeseen } from './flow-trial-texts.ts'
import type { Language } from './language.ts'

const at = z.int().describe('Epoch milliseconds')

export const trialShape = z
  .object({
    flow: z.string(),
    version: z.int().nullable().describe('null: a text that is not published'),
    title: z.object({ zh: z.string(), en: z.string() }),
    enabled: z.boolean().nullable(),
    killed: z.enum(['all', 'shop', 'flow']).nullable(),
    sample: z.boolean().describe('Tried on a made-up event'),
    order: z.string().nullable(),
    event: z.object({ id: z.string().nullable(), type: z.string(), at }),
    timeZone: z.string().describe('Of the receiver, else of the shop'),
    checks: z.array(
      z.object({
        check: z.enum(START_CHECKS),
        state: z.enum(['yes', 'no', 'not_looked_at']),
        says: z.string(),
      }),
    ),
    starts: z.boolean(),
    why: z.array(z.string()).describe('Why it would not start'),
    wouldHelp: z.array(z.string()),
    arm: z.enum(['treated', 'held']).nullable(),
    holdoutPercent: z.number(),
    steps: z.array(stepShape),
    end: z
      .object({ at, status: z.string(), reason: z.string().nullable(), why: z.array(z.string()) })
      .nullable(),
    cut: z
      .boolean()
      .describe(
        `It goes on for longer than a trial looks: ${MOST_MESSAGES} messages, ${MOST_WORDS} characters of words in all, ${MOST_MOMENTS} moments`,
      ),
    unforeseen: z.array(z.string()).describe('What no trial can know'),
  })
  .meta({ id: 'FlowTrial' })
export type SeenTrial = z.output<typeof trialShape>

export interface TrialTeller {
  readonly language: Language
  readonly flow: LoadedFlow
  /** Published, and at which version. */
  readonly version: number | null
  readonly sample: boolean
  readonly law: LawBook
}

/** A trial as the API tells it. */
export function seeTrial(tried: FlowTrial, teller: TrialTeller): SeenTrial {
  const { config, about, trial } = tried
  const { language, flow, version, sample } = teller
  const { event, subject, switches } = about
  const { key } = flow
  const text = flow.compiled.flow
  const timeZone = subject.timeZone ?? config.row.time_zone
  const { why } = trial
  return {
    flow: key,
    version,
    title: text.title,
    enabled: version === null ? null : flow.enabled,
    killed: switches.all_killed
      ? 'all'
      : switches.killed
        ? 'shop'
        : switches.flows.includes(key)
          ? 'flow'
          : null,
    sample,
    order: subject.view?.no ?? null,
    event: { id: sample ? null : formatId('evt', event.key), type: event.type, at: event.receivedAt },
    timeZone,
    checks: checksOf(trial, text),
    starts: why === null,
    why: whyNotText(tried, text, language),
    wouldHelp: why === null ? [] : [...whatWouldStart(why.reason, { flow: key, enabled: true }, language)],
    arm: trial.arm,
    holdoutPercent: text.holdout,
    steps: seeSteps(tried, { ...teller, timeZone }),
    end: trial.end && {
      ...trial.end,
      why: explainEnd(tried, key, language),
    },
    cut: trial.cut,
    unforeseen: unforeseenIn(tried, sample).map((each) => UNFORESEEN[each][language]),
  }
}

function whyNotText({ trial: { why }, about }: FlowTrial, flow: Flow, language: Language): string[] {
  if (why === null) return []
  if (why.reason !== 'event_not_in_trigger') return [...explainWhyNot(why, language)]
  const events = flow.trigger.on.join(language === 'zh' ? '、' : ', ')
  return [NOT_HEARD[language].replace('{events}', events).replace('{type}', about.event.type)]
}

/** Those before the check that said no said yes; those behind it were not asked. */
function checksOf({ why }: Trial, flow: Flow): SeenTrial['checks'] {
  const { per, rest } = flow.once
  const says: Readonly<Record<StartCheck, string | null>> = {
    trigger: flow.trigger.on.join(', '),
    stop: flow.subject === 'order' && flow.stopWhen.length > 0 ? flow.stopWhen.join(', ') : null,
    burst: per === 'burst' ? (rest ?? '0s') : null,
    while: flow.while ?? null,
    when: flow.trigger.when ?? null,
    age: flow.startWithin ?? (flow.purpose === 'essential' ? '7d' : '1d'),
    once: per === 'burst' ? null : per,
  }
  const failed = why === null ? START_CHECKS.length : START_CHECKS.indexOf(why.check)
  return START_CHECKS.flatMap((check, place) => {
    const text = says[check]
    if (text === null) return []
    const state = place < failed ? 'yes' : place === failed ? 'no' : 'not_looked_at'
    return [{ check, state, says: text }]
  })
}

function explainEnd({ trial }: FlowTrial, flow: string, language: Language): string[] {
  const { end, arm, steps } = trial
  if (end === null || end.reason === null) return []
  const buyers = steps.flatMap(({ messages }) =>
    messages.filter(({ planned }) => planned.audience === 'buyer'),
  )
  const heard = buyers.some(({ state }) => state === 'sent' || state === 'open')
  const unheard = arm === 'held' ? 'held' : heard ? undefined : 'kept'
  const { why, change } = explainStop({ flow, reason: end.reason, unheard }, language)
  return change === null || end.reason === 'said_enough' ? [why] : [why, `→ ${change}`]
}

/** Only what bears on this trial. */
function unforeseenIn({ about, trial }: FlowTrial, sample: boolean): readonly Unforeseen[] {
  if (trial.why !== null) return sample ? ['sample'] : ['as_it_stands']
  const { steps, end } = trial
  const messages = steps.flatMap((step) => step.messages)
  const waits = steps.some(({ until }) => until !== null)
  const open = (reason: ReasonCode) =>
    messages.some(
      ({ state, verdicts }) => state === 'open' && verdicts.at(-1)?.verdict.reasons.includes(reason),
    )
  const capped = messages.some(
    ({ planned }) => planned.customerId !== null && planned.purpose !== 'essential',
  )
  const linked = messages.some(({ words }) => words !== null && words.content.kind !== 'webhook')
  const said: readonly (readonly [Unforeseen, boolean])[] = [
    ['sample', sample],
    ['drawn', sample && (steps.some(({ code }) => code === 'nobody') || trial.arm === null)],
    ['nothing_happens', waits || end === null],
    ['as_it_stands', !sample],
    ['caps', capped && about.customer !== null],
    ['spread', messages.some(({ verdicts }) => verdicts.some(({ verdict }) => verdict.kind === 'hold'))],
    ['account', open('account_paused')],
    ['review', open('under_review')],
    ['provider', messages.some(({ state }) => state === 'sent')],
    ['links', linked],
  ]
  return said.flatMap(([code, holds]) => (holds ? [code] : []))
}
