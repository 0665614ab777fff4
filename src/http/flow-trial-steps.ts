import * as z from 'zod'
import { brokenRuleOf, type OwnStop } from '../domain/delivery/own-stop.ts'
import { explainOwnStop } from '../domain/delivery/own-stop-texts.ts'
import { explainLeftOut } from '../domain/flow/left-out.ts'
import { partText } from '../domain/flow/why-not-texts.ts'
import { explainReasons, explainVerdict } from '../domain/gate/explain.ts'
import { whatWouldHelp } from '../domain/gate/remedies.ts'
import { explainHelp } from '../domain/gate/remedy-texts.ts'
import type { LawBook } from '../domain/law/book.ts'
import type { Content } from '../domain/message.ts'
import type { FlowTrial } from '../pipeline/flow-trials.ts'
import type { LoadedFlow } from '../pipeline/shop-config.ts'
import type { TrialCase } from '../pipeline/trial-case.ts'
import type { TrialMessage } from '../pipeline/trial-messages.ts'
import type { TrialStep } from '../pipeline/try-flow.ts'
import type { Language } from './language.ts'

const at = z.int().describe('Epoch milliseconds')

const messageShape = z.object({
  channel: z.string(),
  audience: z.enum(['buyer', 'member']),
  to: z.string().nullable().describe('Masked; null where there is no address or the buyer is made up'),
  template: z.string(),
  purpose: z.string(),
  expiresAt: at,
  outcome: z
    .enum(['sent', 'dropped', 'failed', 'open', 'waiting'])
    .describe(
      'failed: there are no words for it; open: it waits for something of which nobody knows when it comes; waiting: longer than the trial looks',
    ),
  at: at.nullable().describe('When it would leave, or be dropped'),
  verdicts: z.array(
    z.object({
      at,
      kind: z.enum(['send', 'hold', 'drop']),
      reasons: z.array(z.string()),
      until: at.nullable(),
      why: z.array(z.string()),
    }),
  ),
  why: z.array(z.string()).describe('Why it would not leave as planned'),
  wouldHelp: z.array(z.string()),
  locale: z.string().nullable(),
  subject: z.string().nullable(),
  text: z.string().nullable(),
})

export const stepShape = z.object({
  at,
  step: z.string(),
  kind: z.string(),
  code: z.string().describe('What came of it: planned, waiting, waited, timed_out, then, else, split, …'),
  detail: z.string().nullable(),
  says: z.string().nullable().describe('Its condition or moment, in CEL'),
  why: z.array(z.string()),
  until: at.nullable(),
  waitsFor: z.array(z.string()).nullable(),
  next: z.string().nullable().describe('The step it goes on to at once'),
  command: z.string().nullable().describe('What the shop’s system would be asked'),
  messages: z.array(messageShape),
})

interface Teller {
  readonly language: Language
  readonly flow: LoadedFlow
  readonly law: LawBook
  readonly timeZone: string
}

/** The steps of a trial as the API tells them. */
export function seeSteps({ trial, about }: FlowTrial, teller: Teller) {
  const told = new Map<string, string>()
  return trial.steps.map((step) => {
    // Once: a cascade leaves out the same at each of its turns.
    const left = JSON.stringify(step.leftOut)
    const news = told.get(step.step) !== left
    told.set(step.step, left)
    return seeStep(news ? step : { ...step, leftOut: [] }, about, teller)
  })
}

function seeStep(step: TrialStep, about: TrialCase, teller: Teller): z.output<typeof stepShape> {
  const { language, flow, law } = teller
  const rule = (id: string) => law.rules.find((each) => each.id === id)
  const ready = flow.compiled.steps.get(step.step)
  const says = ready?.expressions.when?.source ?? ready?.expressions.until?.source ?? null
  // That the whole is not true shows already.
  const parts = step.parts.filter(({ source, detail }) => detail !== null || source !== says)
  const commands = step.messages.flatMap(({ planned }) =>
    planned.channel === 'command' ? [planned.template] : [],
  )
  const failed = step.detail !== null && step.code === 'until_failed' ? [step.detail] : []
  const left =
    step.leftOut.length === 0
      ? []
      : explainLeftOut({ step: step.step, flow: flow.key, rule }, step.leftOut, language).why
  return {
    at: step.at,
    step: step.step,
    kind: ready?.kind.kind ?? '?',
    code: step.code,
    detail: step.detail,
    says,
    why: [...parts.map((part) => partText(part, language)), ...failed, ...left],
    until: step.until,
    waitsFor: step.waitsFor && [...step.waitsFor],
    next: step.next,
    command: commands[0] ?? null,
    messages: step.messages.map((message) => seeMessage(message, about, teller)),
  }
}

function seeMessage(
  message: TrialMessage,
  { contacts }: TrialCase,
  { language, law, timeZone }: Teller,
): z.output<typeof messageShape> {
  const { planned, state, verdicts, ended, endedAt, wordless, words } = message
  const last = verdicts.at(-1)
  const stop = wordless === null ? null : explainOwnStop(stopSeen(message, wordless, law), language)
  const failed = state === 'failed' ? stop : null
  const help =
    last && last.verdict.kind !== 'send' && ended === null
      ? explainHelp(whatWouldHelp(last.input), language, timeZone)
      : []
  const reasons = last && last.verdict.kind !== 'send' ? explainVerdict(last.verdict, language, timeZone) : []
  return {
    channel: planned.channel,
    audience: planned.audience,
    to: (planned.contactId && contacts.get(planned.contactId)?.masked) ?? null,
    template: planned.template,
    purpose: planned.purpose,
    expiresAt: planned.expiresAt,
    outcome: state,
    at: state === 'open' || state === 'waiting' ? null : (endedAt ?? last?.at ?? null),
    verdicts: verdicts.map(({ at, verdict }) => ({
      at,
      kind: verdict.kind,
      reasons: [...verdict.reasons],
      until: verdict.kind === 'hold' ? verdict.until : null,
      why: [...explainVerdict(verdict, language, timeZone)],
    })),
    why:
      ended === null
        ? [...reasons.slice(1), ...(stop?.why ?? [])]
        : [...explainReasons(`drop:${ended}`, language)],
    wouldHelp: [...help, ...(failed?.change ?? [])],
    locale: words?.locale ?? null,
    ...readAs(words?.content ?? null),
  }
}

const stopSeen = ({ planned }: TrialMessage, code: OwnStop, law: LawBook) => ({
  code,
  template: planned.template,
  channel: planned.channel,
  rule: law.rules.find(({ id }) => id === brokenRuleOf(code)) ?? null,
  found: [],
})

/** The words as they are read; of a command what the shop's system gets. */
function readAs(content: Content | null) {
  switch (content?.kind) {
    case undefined:
      return { subject: null, text: null }
    case 'email':
      return { subject: content.subject, text: content.text }
    case 'sms':
      return { subject: null, text: content.text }
    case 'inbox':
      return { subject: content.title, text: content.text }
    case 'webhook':
      return { subject: content.type, text: JSON.stringify(content.body, null, 2) }
  }
}
