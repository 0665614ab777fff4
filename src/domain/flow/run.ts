import type { FieldProblem } from '../errors.ts'
import type { EventData, Trust } from '../event.ts'
import type { FailureCodes } from '../failure/table.ts'
import type { FailureClass, RetryAdvice } from '../failure-class.ts'
import type { Channel, MessageState, Purpose } from '../message.ts'
import type { Money } from '../money.ts'
import type { Instant } from '../time.ts'
import type { ArmHash } from './draw.ts'
import type { LeftOut } from './left-out.ts'
import type { Heard } from './news.ts'
import type { ChannelPrices, Segments, StepCost } from './step-cost.ts'
import type { CommandName, Role, StopFact } from './words.ts'

/** What a flow may read of an order. The order fold's view fits it structurally; `null` is "nobody said". */
export interface FlowOrder {
  readonly no: string | null
  /** A word of the order fold: open, payment_failed, paid, delivered, cancelled, expired, refunded, … */
  readonly status: string
  readonly total: Money | null
  /** What the shop said it costs, and what is known to have come: to be compared, see `differenceOf`. */
  readonly toldTotal: Money | null
  readonly received: readonly Money[]
  readonly title: string | null
  readonly placedAt: Instant | null
  readonly paidAt: Instant | null
  /** When the shop gives the order up; ladders must fit before it. */
  readonly expiresAt: Instant | null
  /** Until when the shop has confirmed that it keeps the goods. */
  readonly reservedUntil: Instant | null
  readonly payUrl: string | null
  readonly pageUrl: string | null
  /** Payment attempts that failed. */
  readonly attempts: number
  readonly lastFailure: FlowFailure | null
  /** One sum a currency, of what came and of what went back. */
  readonly paid: readonly Money[]
  readonly refunded: readonly Money[]
  /** A failure that is no fault of the buyer's is being repaired: what would ask the buyer for something waits. */
  readonly healing: boolean
  /** Money is on its way and nothing is left for the buyer to do. */
  readonly underWay: boolean
}

export interface FlowFailure extends FailureCodes {
  readonly method: string | null
  readonly at: Instant
}

export interface FlowCustomer {
  readonly locale: string | null
  readonly timeZone: string | null
  readonly tier?: string | null
  /** Orders of this buyer known so far, the present one included. */
  readonly orders?: number
}

/** The event that a run starts on or that reaches it. */
export interface FlowEvent {
  /** Stable key of the kept event. */
  readonly key: string
  readonly type: string
  readonly source: string
  readonly time: Instant
  readonly trust: Trust
  readonly data: EventData
}

/** Shop settings a condition may read. */
export interface FlowShop {
  readonly locale: string
  readonly timeZone: string
  readonly currency?: string | null
  /** What one message costs, of SMS one segment, in thousandths of the shop's currency. */
  readonly costs?: ChannelPrices
}

/** Treated, or kept without reminders to measure what reminders do. Persistent per (shop, person, family). */
export type Arm = 'treated' | 'held'

/** Why nothing may be said by SMS; without a rule the texts lack something. */
export interface SmsBar {
  readonly rule?: string
}

/** Everything an advance may look at; read in one snapshot by the pipeline, recorded for replay. */
export interface FlowContext {
  readonly order: FlowOrder | null
  readonly customer: FlowCustomer | null
  /** The event now being applied; for a timer, the event the run started on. */
  readonly event: FlowEvent | null
  readonly shop: FlowShop
  /** What kind of obstacle a failure met: asked only when a condition reads it. */
  readonly classify: (failure: FlowFailure) => {
    readonly class: FailureClass
    readonly advice: RetryAdvice
  }
  /** Channels by which the buyer can be reached; left out where nobody has looked. */
  readonly reach?: readonly Channel[]
  /** Channels for which an address of the buyer is known, whether it works or not; left out as `reach`. */
  readonly known?: readonly Channel[]
  /** By which law no text of this template may go to the buyer by SMS; `null`: one may. Asked only by a cascade. */
  readonly smsBar?: (template: string, purpose: Purpose) => SmsBar | null
  /** What a message of this template would cost by SMS, asked only by a cascade that goes by cost; `null`: nobody knows. */
  readonly smsCost?: (template: string, purpose: Purpose) => Segments | null
  /** What became of the messages of the step that is waited in, by `DedupeParts.step`; only a timer looks. */
  readonly fates?: Readonly<Record<string, MessageState>>
  /** Of a refund: what it adds to what was known to have gone back; left out where nobody has looked. */
  readonly gaveBack?: readonly Money[]
  /** What arms are drawn by; left out where the run is about nobody that is known. */
  readonly draw?: ArmHash
}

/** What earlier runs of the same flow on the same subject look like; for `once.per: burst`. */
export interface EarlierRuns {
  readonly count: number
  readonly active: boolean
  /** Of those that did not end as `moved_on`: being called away is no reason to rest. */
  readonly lastStartedAt: Instant | null
}

/** Why a run ended before its last step, where it was neither a fact about the order nor a `stop` step. */
export const ENDS = [
  'moved_on',
  'order_life',
  'until_failed',
  'step_limit',
  'unknown_step',
  'order_merged',
  'flow_version_gone',
  'broken',
] as const
export type End = (typeof ENDS)[number]

/** A flow's own word for ending, from its `stop` step. */
export type OwnWord = string & { readonly ownWord: true }

export type StopReason = StopFact | End | OwnWord

/**
 * A run between two advances: everything that must be kept, as plain JSON. The pipeline stores it beside the
 * flow version the run began with and always advances it on that version.
 */
export interface RunState {
  readonly flow: string
  /** Distinguishes runs of one flow on one subject: unique (shop, flow, subject, iteration). */
  readonly iteration: string
  readonly status: 'active' | 'done' | 'stopped'
  /** The step that is being waited in; `null` when the run has ended. */
  readonly stepId: string | null
  /** When to advance with `{kind:'timer'}`; `null` when the run has ended. */
  readonly dueAt: Instant | null
  /** Event types that may advance the run before `dueAt`; `null` when only the timer does. */
  readonly waitingFor: readonly string[] | null
  readonly stopReason: StopReason | null
  readonly arm: Arm
  readonly startedAt: Instant
  /** When the run came to the step it waits in, or when that step last did something; `null` when the run has ended. */
  readonly since: Instant | null
  /** Steps executed so far; a run that loops for ever is stopped at a limit. */
  readonly stepsDone: number
  /** How often each effect (by `DedupeParts.step`) has been had; part of the dedupe key of flows that loop. */
  readonly visits: Readonly<Record<string, number>>
  /** By step, of cascades that go by cost: what each channel cost when the step began, in the order of their turns. */
  readonly costs?: Readonly<Record<string, readonly StepCost[]>>
  /** By experiment: the arm of it that was drawn. */
  readonly arms?: Readonly<Record<string, string>>
  /** By step: the channels that were passed over, and why. */
  readonly leftOut?: Readonly<Record<string, readonly LeftOut[]>>
  /** News to be told at the next step that waits for it. Where the run waits for it now, `dueAt` is when it may be. */
  readonly heard?: Heard
}

export type Recipient =
  | { readonly kind: 'buyer' }
  /** Every member with this role. */
  | { readonly kind: 'role'; readonly role: Role }

/** What makes a message of a flow unique, together with the subject and the address. Stable over versions. */
export interface DedupeParts {
  /** `flow:payment-failed` */
  readonly origin: string
  readonly iteration: string
  readonly step: string
  /** 1 unless the flow loops. */
  readonly visit: number
}

export interface SendEffect {
  readonly kind: 'send'
  readonly stepId: string
  readonly to: Recipient
  /** In order of preference: the first by which the recipient can be reached. */
  readonly channels: readonly Channel[]
  readonly template: string
  readonly purpose: Purpose
  /** What the buyer's preferences call this kind of message. */
  readonly category: string
  /** The gate drops it when the paid marker exists. */
  readonly stopsWhenPaid: boolean
  /** The gate drops it when the order is cancelled, expired or wholly refunded. */
  readonly stopsWhenClosed: boolean
  /** Someone is waiting for it (essential messages only): the gate may let SMS ring at night. */
  readonly anyHour: boolean
  readonly expiresAt: Instant
  /** When the buyer did what this answers: within 10 minutes of it the gate may call it in-session. */
  readonly actAt: Instant | null
  readonly dedupe: DedupeParts
  /** A newer message with the same key replaces a waiting one; scoped to the subject by the pipeline. */
  readonly collapse: string | null
}

/** A signed command to the shop; leaves as a message on channel `command`. */
export interface ActEffect {
  readonly kind: 'act'
  readonly stepId: string
  readonly command: CommandName
  readonly stopsWhenPaid: boolean
  readonly stopsWhenClosed: boolean
  readonly expiresAt: Instant
  readonly dedupe: DedupeParts
}

export type Effect = SendEffect | ActEffect

/**
 * What became of one step, for "why": planned, waiting, waited, came, timed_out, then, else, acted, not_acted,
 * no_channel, condition_failed, split, nobody,
 * too_late, order_life, moved_on, until_failed, holdout, untrusted, stopped, unknown_step, step_limit or a stop fact.
 */
export interface TraceEntry {
  readonly stepId: string
  readonly code: string
  readonly detail?: string
}

export interface Advance {
  readonly kind: 'advanced'
  readonly run: RunState
  readonly effects: readonly Effect[]
  readonly trace: readonly TraceEntry[]
}

export interface NotStarted {
  readonly kind: 'not_started'
  readonly reason:
    | 'event_not_in_trigger'
    | 'too_old'
    | 'condition_false'
    | 'condition_failed'
    | 'no_order'
    | 'already_running'
    | 'resting'
    | 'refund_told'
    | StopFact
  readonly detail?: string
}

/**
 * Why an advance happens. `recheck`: the order changed without an event the run waits for. Stop rules and the
 * order's life apply, moments are worked out anew, and a timer that is already due counts as come.
 */
export type Cause =
  | { readonly kind: 'timer' }
  | { readonly kind: 'event'; readonly event: FlowEvent }
  | { readonly kind: 'recheck' }

export type Validated<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] }
