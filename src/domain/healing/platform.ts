import type { RetryVerdict } from '../failure/ceilings.ts'
import { type Asked, askAgain, type Move } from '../inquiry/asked.ts'
import { type Instant, MINUTE, type Millis, SECOND } from '../time.ts'
import { TOLD_WITHIN, TRIED_WITHIN, TRY_SETTLES, unknownNext } from './clocks.ts'
import { unknownMove } from './unknown.ts'

// A payment failed for no fault of the buyer's. The machine asks first (a failure may have been a success whose answer
// got lost), waits, asks again, and lets the payment be tried once. From the moment a try is begun it is never begun
// again, whatever is or is not heard of it: what remains is asking. Nor is one begun so late that the ladder, which
// waits `LADDER_WAITS`, could have reminded the buyer before.

/** The one try there ever is. It is written down before it is made. */
export interface Act {
  readonly at: Instant
  readonly by: 'source' | 'shop'
  /** `begun`: nobody has told how it ended. That may be because it is under way, or because we died in it. */
  readonly outcome: 'begun' | 'done' | 'refused' | 'unknown' | 'operator'
  readonly code: string | null
}

export interface Healing {
  readonly startedAt: Instant
  readonly asks: number
  readonly last: Asked | null
  readonly act: Act | null
  /** The reminders' turn has come: nothing is tried any more. */
  readonly over: boolean
}

/** What is known of the sale and what may be done about it, when the machine looks. */
export interface Patient {
  readonly paid: boolean
  readonly closed: boolean
  readonly expiresAt: Instant | null
  /** When the buyer began another payment after the failure, as far as anybody told: that it began, or that it failed. */
  readonly buyerBeganAt: Instant | null
  /** The system itself can be told to try again. */
  readonly canRetry: boolean
  /** The shop takes commands. */
  readonly canAskShop: boolean
  /** Judged at `now`. */
  readonly verdict: RetryVerdict
}

export type HealMove = Move<
  | { readonly kind: 'retry'; readonly by: Act['by'] }
  | { readonly kind: 'healed' }
  /** `asksOn`: the last that was heard is no end, so asking goes on when the buyer has been told. */
  | { readonly kind: 'not_healed'; readonly why: string; readonly asksOn: boolean }
>

/** Most stumbles of a platform are over by then. */
export const HEAL_AFTER: Millis = 2 * MINUTE
/** A try rests on an answer not older than this. */
const FRESH: Millis = 30 * SECOND
/** While the buyer is paying by himself, keep still. */
const BUYER_PAYS: Millis = 10 * MINUTE
const GAP: Millis = 5 * SECOND
const MOST_ASKS = 20

/** Refusals after which the shop must not be asked either. */
export const NOBODY_ELSE: ReadonlySet<string> = new Set([
  'provider_retries',
  'already_paid',
  'not_payable',
  'buyer_tried_again',
])

export function platformMove(healing: Healing, patient: Patient, now: Instant): HealMove {
  const { act, last } = healing
  if (patient.paid || last?.answer === 'paid') return whenPaid(healing, now)
  if (healing.over) return unknownMove(healing, patient)
  return act === null ? beforeTry(healing, patient, now) : afterTry(healing, act, patient, now)
}

/** That the order is paid says nothing of our own try: one whose end nobody knows may be a second charge. */
function whenPaid({ act, last }: Healing, now: Instant): HealMove {
  const done: HealMove = { kind: 'done', why: 'paid' }
  if (act === null || act.outcome === 'refused' || act.outcome === 'operator') return done
  const heard = heardOf(act, last)
  if (heard === null) return { kind: 'ask', at: now }
  if (heard.answer === 'paid') return { kind: 'healed' }
  if (heard.answer === 'failed' && isItsOwn(act, heard)) return done
  const next = unknownNext(act.at, heard.at)
  return next === null ? done : { kind: 'ask', at: next }
}

/** What was heard since the try was begun. */
const heardOf = (act: Act, last: Asked | null): Asked | null =>
  last !== null && last.at >= act.at ? last : null

/** Whether an answer is about the try, and not about the failure before it. */
const isItsOwn = (act: Act, heard: Asked): boolean =>
  act.outcome === 'done' || heard.at >= act.at + TRY_SETTLES

function beforeTry(healing: Healing, patient: Patient, now: Instant): HealMove {
  const { startedAt, last, asks } = healing
  const undecided = last?.answer === 'pending' || last?.answer === 'later'
  const giveUp = (why: string): HealMove => ({ kind: 'not_healed', why, asksOn: undecided })
  const hopeless = whyNot(patient, startedAt, now)
  if (hopeless) return giveUp(hopeless)
  if (asks >= MOST_ASKS) return giveUp('no_answer')
  const tooLate = startedAt + TRIED_WITHIN
  const tell = startedAt + TOLD_WITHIN
  if (last === null) return now < tooLate ? { kind: 'ask', at: startedAt } : giveUp('too_late')
  if (last.answer === 'stranger') return giveUp('stranger')
  if (patient.buyerBeganAt !== null)
    return letsPay(patient.buyerBeganAt, startedAt, now) ?? giveUp(TRIED_AGAIN)
  const tryAt = triesAt(patient, startedAt, now)
  if (last.answer === 'pending') {
    // Something is still under way there: another try beside it could be a second charge, and a reminder another payment.
    const next = last.at < startedAt + HEAL_AFTER ? startedAt + HEAL_AFTER : unknownNext(startedAt, last.at)
    return now < tell ? { kind: 'ask', at: Math.min(next ?? tell, tell) } : giveUp('undecided')
  }
  if (Math.max(tryAt, now) >= tooLate) return giveUp('too_late')
  if (last.answer === 'later') return { kind: 'ask', at: Math.min(askAgain(last, asks, GAP), tooLate) }
  if (last.at < tryAt) return { kind: 'ask', at: tryAt }
  if (now - last.at > FRESH) return { kind: 'ask', at: now }
  return { kind: 'retry', by: patient.canRetry ? 'source' : 'shop' }
}

const TRIED_AGAIN = 'buyer_tried_again'

/** The buyer's own try decides; ours would be about a failure of yesterday. `null`: he has had his time. */
function letsPay(beganAt: Instant, startedAt: Instant, now: Instant): HealMove | null {
  const quiet = Math.min(beganAt + BUYER_PAYS, startedAt + TOLD_WITHIN)
  return now < quiet ? { kind: 'ask', at: quiet } : null
}

function whyNot(patient: Patient, startedAt: Instant, now: Instant): string | null {
  const { verdict, expiresAt } = patient
  if (patient.closed) return 'closed'
  if (verdict.kind === 'never') return verdict.rule
  if (!patient.canRetry && !patient.canAskShop) return 'nobody_can'
  const tryAt = triesAt(patient, startedAt, now)
  if (expiresAt !== null && Math.max(tryAt, now) >= expiresAt) return 'order_life'
  return null
}

/** What is allowed from now on is bound to no moment of its own. */
function triesAt({ verdict }: Patient, startedAt: Instant, now: Instant): Instant {
  const earliest = startedAt + HEAL_AFTER
  const waits = verdict.kind === 'allowed' && verdict.notBefore > now
  return waits ? Math.max(earliest, verdict.notBefore) : earliest
}

function afterTry({ last, startedAt }: Healing, act: Act, patient: Patient, now: Instant): HealMove {
  const giveUp = (why: string): HealMove => ({ kind: 'not_healed', why, asksOn: false })
  if (act.outcome === 'refused') {
    if (act.code === TRIED_AGAIN)
      return letsPay(patient.buyerBeganAt ?? act.at, startedAt, now) ?? giveUp(TRIED_AGAIN)
    // Certainly not done, so this is still the first try. The shop may have ways that its provider has not.
    const another = act.by === 'source' && patient.canAskShop && !NOBODY_ELSE.has(act.code ?? '')
    if (!another || patient.closed) return giveUp(act.code ?? 'refused')
    if (now >= startedAt + TRIED_WITHIN) return giveUp('too_late')
    const { verdict } = patient
    if (verdict.kind === 'allowed' && verdict.notBefore <= now) return { kind: 'retry', by: 'shop' }
    return giveUp(verdict.rule ?? 'ceiling')
  }
  if (act.outcome === 'operator') return giveUp('operator')
  const heard = heardOf(act, last)
  const itsOwn = heard && isItsOwn(act, heard)
  if (itsOwn && heard.answer === 'failed') return giveUp('still_failing')
  // The shop was asked and had its time; for a wallet "undecided" is all there is to hear of a failure.
  if (itsOwn && act.by === 'shop' && heard.answer !== 'later') return giveUp('still_failing')
  const next = unknownNext(act.at, heard?.at ?? null)
  return next === null ? giveUp('unknown') : { kind: 'ask', at: next }
}
