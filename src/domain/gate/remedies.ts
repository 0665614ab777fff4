import { DAY, type Instant } from '../time.ts'
import { gate } from './gate.ts'
import type { GateInput, GateLaw } from './input.ts'
import type { Verdict } from './verdict.ts'

/** One thing that could be otherwise; `about` says which, where there are several of its kind. */
export interface Remedy {
  readonly code: RemedyCode
  readonly about: string | null
}

export const REMEDIES = [
  'unpaid',
  'not_refunded',
  'reopened',
  'longer_life',
  'longer_expiry',
  'switch_on',
  'review_approved',
  'account_added',
  'account_reaching',
  'lawful_words',
  'law_lifted',
  'address_added',
  'address_works',
  'resubscribed',
  'verified',
  'consent',
  'turned_on',
  'unpaused',
  'account_resumed',
  'level_raised',
  'quiet_lifted',
  'window_lifted',
  'day_cap_raised',
  'cap_raised',
  'told_apart',
  'due_now',
] as const
export type RemedyCode = (typeof REMEDIES)[number]

/** What a person could change so that the message goes, and when it goes by itself. */
export interface Help {
  readonly verdict: Verdict['kind']
  /** A least set of changes: with all of them it goes (for a hold: now), without any one of them it does not. */
  readonly changes: readonly Remedy[]
  /** After the changes, or without any for a hold, it goes at this instant; `null`: at once. */
  readonly at: Instant | null
}

interface Try extends Remedy {
  readonly apply: (input: GateInput) => GateInput
}

/**
 * What would have to be otherwise for the message to be sent. Found by asking the gate again with each obstacle out of
 * the way, so that it is true by construction. What is hardest to change is kept only where nothing else will do.
 */
export function whatWouldHelp(input: GateInput): Help {
  const verdict = gate(input)
  if (verdict.kind === 'send') return { verdict: 'send', changes: [], at: null }
  const enough = (given: Verdict) =>
    given.kind === 'send' || (verdict.kind === 'drop' && given.kind === 'hold')
  const asked = verdict.kind === 'drop' ? undecided(input) : input
  const kept = least(tries(asked), (some) => enough(gate(applied(asked, some))))
  const changes = kept.map(({ code, about }) => ({ code, about }))
  if (verdict.kind === 'hold') return { verdict: 'hold', changes, at: verdict.until }
  const after = gate(applied(input, kept))
  return { verdict: 'drop', changes, at: after.kind === 'hold' ? after.until : null }
}

/**
 * What is left of `all` when no one more can be left out. Looked through again until nothing changes: what one change
 * makes needful (a larger cap: the wait for a window that is then no longer in vain) goes with it.
 */
function least(all: readonly Try[], isEnough: (some: readonly Try[]) => boolean): readonly Try[] {
  let kept = all
  for (const each of all) {
    const fewer = kept.filter((other) => other !== each)
    if (isEnough(fewer)) kept = fewer
  }
  return kept.length === all.length ? kept : least(kept, isEnough)
}

/** A review ends by a decision: the instant in the input is only that of the next look, and nothing goes then. */
function undecided(input: GateInput): GateInput {
  const { now, order, message } = input
  if (order?.heldUntil == null || order.heldUntil <= now) return input
  return { ...input, order: { ...order, heldUntil: Math.max(message.expiresAt, now) + 800 * DAY } }
}

/** The input as it would be after these changes. */
export function withRemedies(input: GateInput, changes: readonly Remedy[]): GateInput {
  const wanted = tries(input).filter((each) =>
    changes.some(({ code, about }) => code === each.code && about === each.about),
  )
  return applied(input, wanted)
}

const applied = (input: GateInput, changes: readonly Try[]): GateInput =>
  changes.reduce((changed, { apply }) => apply(changed), input)

/** Everything that could be changed about this input, the hardest first. */
function tries(input: GateInput): readonly Try[] {
  return [
    ...ofLaw(input),
    ...ofOrder(input),
    ...ofMessage(input),
    ...ofReceiver(input),
    ...ofShop(input),
    ...ofCaps(input),
  ]
}

const change = (code: RemedyCode, apply: Try['apply'], about: string | null = null): Try => ({
  code,
  about,
  apply,
})

function* ofOrder({ order }: GateInput): Generator<Try> {
  if (order === null) return
  const be = (changed: Partial<NonNullable<GateInput['order']>>) => (input: GateInput) => ({
    ...input,
    order: input.order && { ...input.order, ...changed },
  })
  if (order.paid) yield change('unpaid', be({ paid: false }))
  if (order.closed === 'refunded') yield change('not_refunded', be({ closed: null }))
  else if (order.closed !== null) yield change('reopened', be({ closed: null }), order.closed)
  if (order.expiresAt !== null) yield change('longer_life', be({ expiresAt: null }))
  if (order.heldUntil != null) yield change('review_approved', be({ heldUntil: null }))
}

function* ofMessage({ now, message }: GateInput): Generator<Try> {
  const be = (changed: Partial<GateInput['message']>) => (input: GateInput) => ({
    ...input,
    message: { ...input.message, ...changed },
  })
  yield change('longer_expiry', be({ expiresAt: Math.max(message.expiresAt, now) + 400 * DAY }))
  if (message.dueAt > now) yield change('due_now', be({ dueAt: now }))
}

function* ofReceiver({ now, message, contact, preferences, consent, law }: GateInput): Generator<Try> {
  const usable = (input: GateInput): GateInput => ({ ...input, contact: { usable: 'ok' } })
  if (contact === null) yield change('address_added', usable, message.channel)
  if (contact?.usable === 'suppressed') yield change('address_works', usable)
  if (contact?.usable === 'unsubscribed') yield change('resubscribed', usable)
  if (contact?.usable === 'unverified') yield change('verified', usable, message.channel)
  const { purpose } = message
  const agreed = purpose === 'essential' || consent[purpose] === true
  const wantedByLaw = law?.needsConsent === true && !law.consented
  if (!agreed || wantedByLaw)
    yield change(
      'consent',
      (input) => ({
        ...withLaw(input, { consented: true }),
        consent: purpose === 'essential' ? input.consent : { ...input.consent, [purpose]: true },
      }),
      purpose,
    )
  const prefer = (changed: Partial<GateInput['preferences']>) => (input: GateInput) => ({
    ...input,
    preferences: { ...input.preferences, ...changed },
  })
  if (preferences.off.length > 0) yield change('turned_on', prefer({ off: [] }))
  if (preferences.pausedUntil !== null && preferences.pausedUntil > now)
    yield change('unpaused', prefer({ pausedUntil: null }))
}

const withLaw = (input: GateInput, changed: Partial<GateLaw>): GateInput =>
  input.law ? { ...input, law: { ...input.law, ...changed } } : input

/** Nobody can change the law; what it says is named only where nothing else would do. */
function* ofLaw({ law, message }: GateInput): Generator<Try> {
  if (law?.banned) yield change('lawful_words', (input) => withLaw(input, { banned: false }), message.channel)
  if (law && law.hours.length > 0) yield change('law_lifted', (input) => withLaw(input, { hours: [] }))
}

function* ofShop({ killed, account, message, quiet, windows, dropBelow }: GateInput): Generator<Try> {
  const { channel } = message
  if (killed !== null) yield change('switch_on', (input) => ({ ...input, killed: null }), killed)
  const ok = (input: GateInput): GateInput => ({ ...input, account: { state: 'ok', resumesAt: null } })
  if (account.state === 'missing') yield change('account_added', ok, channel)
  if (account.state === 'elsewhere') yield change('account_reaching', ok, channel)
  if (account.state === 'paused') yield change('account_resumed', ok, channel)
  if (dropBelow !== null)
    yield change('level_raised', (input) => ({ ...input, dropBelow: null }), message.category)
  if (quiet.length > 0) yield change('quiet_lifted', (input) => ({ ...input, quiet: [] }), channel)
  if (windows.length > 0) yield change('window_lifted', (input) => ({ ...input, windows: [] }))
}

function* ofCaps({ caps, told }: GateInput): Generator<Try> {
  if (told) yield change('told_apart', (input) => ({ ...input, told: null }))
  const be = (changed: (now: GateInput['caps']) => Partial<GateInput['caps']>) => (input: GateInput) => ({
    ...input,
    caps: { ...input.caps, ...changed(input.caps) },
  })
  yield change(
    'day_cap_raised',
    be(() => ({ perDay: Number.MAX_SAFE_INTEGER })),
  )
  for (const { name } of caps.rules)
    yield change(
      'cap_raised',
      be(({ rules }) => ({ rules: rules.filter((rule) => rule.name !== name) })),
      name,
    )
}
