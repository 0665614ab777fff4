import type { AccountRow } from '../db/accounts.ts'
import type { CounterRow } from '../db/cap-slots.ts'
import type { Queryable } from '../db/connect.ts'
import type { DueMessage } from '../db/due-messages.ts'
import type { MessageToPlan } from '../db/messages.ts'
import type { OwnStop } from '../domain/delivery/own-stop.ts'
import { gate } from '../domain/gate/gate.ts'
import type { GateInput } from '../domain/gate/input.ts'
import { hash32, releaseAt } from '../domain/gate/release-jitter.ts'
import type { ReasonCode, Verdict } from '../domain/gate/verdict.ts'
import type { AccountId, ShopId } from '../domain/ids.ts'
import { type AccountLaw, NO_ACCOUNT_LAW } from '../domain/law/book.ts'
import { CHANNELS, type Channel, type Content } from '../domain/message.ts'
import type { Instant } from '../domain/time.ts'
import type { LoadedAccount } from './accounts.ts'
import { countersOf } from './cap-counters.ts'
import { type CapUses, count } from './cap-days.ts'
import { RELEASE_SPREAD } from './gate.ts'
import { type Bench, questionOf, usedByDay } from './gate-input.ts'
import type { ShopVault } from './keyring.ts'
import type { LawDesk } from './law-desk.ts'
import { othersFirst } from './others-first.ts'
import { renderMessages } from './render.ts'
import { findRoads, type Road } from './roads.ts'
import type { ShopConfig } from './shop-config.ts'
import type { TrialCase } from './trial-case.ts'
import { renderOnce, type TrialRenderer } from './trial-renderer.ts'

export interface TrialGateDeps {
  readonly db: Queryable
  readonly renderer: TrialRenderer
  readonly desk: LawDesk
  readonly lawOf: (shop: ShopId, account: LoadedAccount) => Promise<AccountLaw | null>
  readonly publicUrl: () => string
}

/** Characters of words in one trial, by which an answer stays one that is read. A preset's trial has some ten thousand. */
export const MOST_WORDS = 300_000

/** The gate's answer at one moment. */
export interface GivenVerdict {
  readonly at: Instant
  readonly verdict: Verdict
  readonly input: GateInput
}

/** A message as a trial plays it; nothing of it is kept. */
export interface TrialMessage {
  readonly planned: MessageToPlan
  readonly plannedAt: Instant
  /** `open`: it waits for something of which nobody knows when it comes. */
  state: 'waiting' | 'sent' | 'dropped' | 'failed' | 'open'
  dueAt: Instant
  readonly verdicts: GivenVerdict[]
  /** Why it ended without a verdict of its own. */
  ended: 'replaced' | 'moved_on' | null
  endedAt: Instant | null
  words: { readonly locale: string; readonly content: Content } | null
  /** Why there are no words. */
  wordless: OwnStop | null
}

export const newTrialMessage = (planned: MessageToPlan, plannedAt: Instant): TrialMessage => ({
  planned,
  plannedAt,
  state: 'waiting',
  dueAt: planned.dueAt,
  verdicts: [],
  ended: null,
  endedAt: null,
  words: null,
  wordless: null,
})

export interface TrialGateScene {
  readonly shop: ShopId
  readonly config: ShopConfig
  readonly vault: ShopVault
}

/** In a link of a message that is not there: it opens nothing. */
const NO_TOKEN = 'trial'
/** In place of an order's short code, which would open the order's page. */
const NO_CODE = '22222222'
/** Whoever is asked says neither when an account works again nor when a review is decided. */
const ENDLESS: ReadonlySet<ReasonCode> = new Set(['account_paused', 'under_review'])

/** The gate of one trial: the real one's questions and answers, on counts that grow by what the trial itself sends. */
export interface TrialGate {
  /** Judges what is due at `now`, in the order in which it came to be due, as long as there is room for its words. */
  pass(messages: readonly TrialMessage[], now: Instant): Promise<void>
  /** There is no room for more words. */
  full(): boolean
}

export function openTrialGate(given: TrialGateDeps, scene: TrialGateScene, about: TrialCase): TrialGate {
  const deps = { ...given, renderer: renderOnce(given.renderer) }
  let written = 0
  const full = () => written >= MOST_WORDS
  const days: CapUses = new Map()
  let counters = about.counters

  async function judge(each: TrialMessage, now: Instant): Promise<void> {
    const { shop, config } = scene
    const { channel } = each.planned
    const accounts = config.accounts.get(channel) ?? []
    const message = dueMessage(each, about)
    const roads = { lawOf: deps.lawOf, receivers: async () => whereabouts(about) }
    const road = (await findRoads(roads, deps.db, shop, accounts, [message]))(message)
    const counting = countersOf(counters, shop, config.settings, channel, [message], now)
    // As the gate reads them: for what is essential nobody counts.
    const taken = message.used === null ? undefined : days.get(message.customer_id!)
    const used = usedByDay(message, taken, null)
    const bench: Bench = { config, switches: about.switches, channel, accounts }
    const counted = { used, counters: counting.read(message), told: counting.told(message) }
    const { input } = questionOf(deps.desk, bench, message, road, counted, now)
    const verdict = gate(input)
    each.verdicts.push({ at: now, verdict, input })
    switch (verdict.kind) {
      case 'hold':
        if (verdict.reasons.some((reason) => ENDLESS.has(reason))) each.state = 'open'
        else each.dueAt = releaseAt(input, verdict, hash32(message.id), RELEASE_SPREAD)
        break
      case 'drop':
        each.state = 'dropped'
        break
      case 'send':
        each.state = 'sent'
        if (verdict.capDay !== null) count(days, message.customer_id, verdict.capDay)
        counting.take(message, [input.timeZone, input.shopTimeZone], now)
        counters = withTaken(counters, counting.taken())
    }
    if (each.state === 'waiting') return
    await putIntoWords(deps, scene, about, each, message, road, now)
    written += lengthOf(each.words?.content)
  }

  return {
    full,
    async pass(messages, now) {
      const due = messages.filter((each) => each.state === 'waiting' && each.dueAt <= now)
      const order = (each: TrialMessage) => CHANNELS.indexOf(each.planned.channel)
      for (const each of due.toSorted((a, b) => a.dueAt - b.dueAt || order(a) - order(b))) {
        if (full()) return
        await judge(each, now)
        await othersFirst()
      }
    },
  }
}

/** Of what is read: a mail's HTML is not shown. */
function lengthOf(content: Content | undefined): number {
  if (content === undefined) return 0
  return content.kind === 'webhook' ? JSON.stringify(content.body).length : content.text.length
}

const whereabouts = ({ contacts }: TrialCase) =>
  new Map([...contacts].map(([id, contact]) => [id, contact.whereabouts]))

/** Rows as the database would hold them with these slots taken. */
function withTaken(rows: readonly CounterRow[], taken: readonly CounterRow[]): readonly CounterRow[] {
  const key = ({ holder, counter }: CounterRow) => `${holder} ${counter}`
  const byKey = new Map(rows.map((row) => [key(row), row]))
  for (const row of taken) {
    const before = byKey.get(key(row))
    byKey.set(key(row), { ...row, taken: { ...before?.taken, ...row.taken } })
  }
  return [...byKey.values()]
}

/** The row that the gate would read, had the message been written. */
function dueMessage({ planned, plannedAt, dueAt }: TrialMessage, about: TrialCase): DueMessage {
  const contact = planned.contactId === null ? undefined : about.contacts.get(planned.contactId)
  const customer = planned.customerId === null ? null : about.customer
  const view = planned.orderId === null ? null : about.subject.view
  return {
    id: planned.id,
    state: 'waiting',
    fence: 0,
    tries: 0,
    crashes: 0,
    due_at: dueAt,
    work_verdict: null,
    account_id: null,
    lost: 0,
    withdrawn: null,
    order_id: planned.orderId,
    customer_id: planned.customerId,
    contact_id: planned.contactId,
    flow: planned.flow,
    purpose: planned.purpose,
    category: planned.category,
    audience: planned.audience,
    template: planned.template,
    stops: planned.stops,
    in_session_until: planned.inSessionUntil,
    created_at: plannedAt,
    expires_at: planned.expiresAt,
    vars: planned.vars,
    contact_state: contact?.state ?? null,
    verified: contact?.verified ?? null,
    consent: contact?.consent ?? null,
    preferences: customer?.preferences ?? null,
    time_zone: customer?.time_zone ?? null,
    locale: customer?.locale ?? null,
    segment: customer?.segment ?? null,
    merged_into: null,
    order_status: view?.status ?? null,
    order_expires_at: view?.expiresAt ?? null,
    order_updated_at: null,
    held_by_review: view === null ? null : about.heldByReview,
    paid: view !== null && view.paidAt !== null,
    used: planned.purpose === 'essential' ? null : about.used,
    snapshot: '',
  }
}

/** The words it would leave with; of one that does not leave, those it would have had. */
async function putIntoWords(
  { renderer, desk, publicUrl }: TrialGateDeps,
  { shop, config, vault }: TrialGateScene,
  { subject, name }: TrialCase,
  each: TrialMessage,
  message: DueMessage,
  road: Road,
  now: Instant,
): Promise<void> {
  const scene = {
    shop,
    config,
    vault: { ...vault, sign: () => NO_TOKEN },
    publicUrl: publicUrl(),
    now,
  }
  const account = road.account ?? noAccount(each.planned.channel)
  const allowed = { message, account, fence: 0, ask: false, capDay: null, slots: false }
  const view = message.order_id === null ? null : subject.view
  const words = { view, address: null, name: message.customer_id === null ? null : name }
  const codes = new Map(message.order_id === null ? [] : [[message.order_id as string, NO_CODE]])
  const law = { desk, lawOf: () => road.law ?? NO_ACCOUNT_LAW, codes }
  const opened = new Map([[message.id, () => words]])
  const [worded] = await renderMessages(renderer, scene, [allowed], opened, law)
  if (worded === undefined) return
  if ('content' in worded) each.words = { locale: worded.locale, content: worded.content }
  else {
    each.wordless = worded.failed
    if (each.state === 'sent') each.state = 'failed'
  }
}

/** Stands for the account that the channel lacks, so that the words can be read all the same. */
const noAccount = (channel: Channel): AccountRow => ({
  id: '' as AccountId,
  channel,
  provider: '',
  name: '',
  settings: Buffer.alloc(0),
  state: 'ok',
  state_reason: null,
  state_at: null,
  position: 0,
  rate_per_s: null,
  concurrency: 1,
})
