import * as z from 'zod'
import type { ConnectionId, EventId, ShopId } from './ids.ts'
import { readInstant } from './input-problems.ts'
import { orderAlternative } from './payment-methods.ts'
import type { Instant } from './time.ts'

/**
 * How far a fact may be believed, strongest first. A browser's fact never marks an order paid and never
 * triggers a paid channel.
 */
export const TRUST = ['signed', 'authenticated', 'queried', 'inferred', 'browser'] as const
export type Trust = (typeof TRUST)[number]

/** Event types the program acts on. Anything else that is validly signed is kept and shown. */
export const EVENT_TYPES = [
  'order.created',
  'order.paid',
  'order.cancelled',
  'order.expired',
  'order.delivered',
  'order.partly_delivered',
  'order.refunded',
  'order.reopened',
  'reservation.confirmed',
  'reservation.released',
  'payment.started',
  'payment.failed',
  'payment.retry_wanted',
  'payment.healed',
  'payment.heal_failed',
  'payment.unauthorised',
  'aftersale.opened',
  'aftersale.closed',
  'stock.low',
  'stock.back',
  'membership.expiring',
  'customer.updated',
  'link.clicked',
  'message.read',
  'message.receipt',
  'message.replied',
  'review.opened',
  'review.escalated',
  'review.decided',
] as const
export const KNOWN_TYPES: ReadonlySet<string> = new Set(EVENT_TYPES)

const text = (max: number) => z.string().trim().min(1).max(max)
const money = z.object({ minor: z.int().min(0), currency: z.string().regex(/^[A-Z]{3}$/, 'currency') })
/** Of `src/domain/input-problems.ts`, as are the codes that stand for messages here. */
const instant = z
  .union([z.int(), z.string()], 'instant')
  .transform((value, context): Instant => {
    const read = readInstant(value)
    if (read !== null) return read
    context.addIssue({ code: 'custom', message: 'instant' })
    return z.NEVER
  })
  .describe('Epoch milliseconds, or ISO 8601 with its zone; from 2000 to 2199')

/** A name by which some system knows an order: `{kind:'order_no', value:'20261122-1'}`, `{kind:'stripe_pi', value:'pi_…'}`. */
export const orderRef = z.object({
  kind: z.string().regex(/^[a-z][a-z0-9_]{0,31}$/, 'ref_kind'),
  value: text(200),
})
export type OrderRef = z.infer<typeof orderRef>

/**
 * What an event says, in Dingdong's own words. Every field is optional: an event states what its sender
 * knows and the fold joins it with the rest. Instants become epoch ms, money is minor units.
 */
export const eventData = z.object({
  refs: z.array(orderRef).max(16).default([]),
  order: z
    .object({
      no: text(200).optional(),
      total: money.optional(),
      /** What was bought, as the shop names it. */
      title: text(500).optional(),
      items: z
        .array(z.object({ name: text(500), quantity: z.int().min(1), sku: text(200).optional() }))
        .max(200)
        .optional(),
      placedAt: instant.optional(),
      /** When the shop gives the order up; reminders must fit before it. */
      expiresAt: instant.optional(),
      /** With `reservation.confirmed`: until when the goods are kept for this order. */
      reservedUntil: instant.optional(),
      /** Where the buyer can pay this order again. */
      payUrl: z
        .url({ protocol: /^https?$/ })
        .max(2_000)
        .optional(),
      /** Where the buyer sees the order at the shop. */
      pageUrl: z
        .url({ protocol: /^https?$/ })
        .max(2_000)
        .optional(),
      reason: text(200).optional(),
    })
    .optional(),
  payment: z
    .object({
      /** The provider's id of this attempt: the key under which facts about it are joined. */
      id: text(200),
      rail: text(40).optional(),
      method: text(60).optional(),
      amount: money.optional(),
      /** The gateway itself says so: what it was paid counts before what the shop believes. */
      byGateway: z.boolean().optional(),
      /**
       * With `payment.started`: the buyer has done all there is to do and the money is on its way, by a bank debit that
       * takes days, a voucher, a transfer, an authorisation to be captured, cash on delivery.
       */
      underWay: z.boolean().optional().describe('With payment.started: nothing is left for the buyer to do'),
      /** The card's scheme in small letters: visa, mastercard, … */
      scheme: z
        .string()
        .regex(/^[a-z][a-z0-9_]{0,39}$/, 'scheme')
        .optional(),
      /** The provider's token or fingerprint of the card, never its number: tries on one card are counted by it. */
      card: text(120).optional(),
      /** Other ways to pay this order, each with the link that opens it. */
      alternatives: z.array(orderAlternative).max(10).optional(),
      failure: z
        .object({
          code: text(120),
          declineCode: text(120).optional(),
          adviceCode: text(120).optional(),
          networkCode: text(120).optional(),
          /** The card scheme's advice (Mastercard MAC): may forbid any further try. */
          networkAdviceCode: text(120).optional(),
          message: text(1_000).optional(),
        })
        .optional(),
    })
    .optional(),
  /** Where the buyer's own request came from. For the shop's rules only: no screen and no message shows it. */
  client: z
    .object({
      ip: z.union([z.ipv4(), z.ipv6()], 'ip').optional(),
      userAgent: text(500).optional(),
      /** An id of the device, as the shop's system gives it. */
      device: text(200).optional(),
    })
    .optional(),
  refund: z
    .object({ id: text(200), amount: money, reason: text(200).optional(), paymentId: text(200).optional() })
    .optional(),
  customer: z
    .object({
      /** The shop's own id of the buyer; the address of the inbox channel. */
      externalId: text(200).optional(),
      name: text(200)
        .optional()
        .describe(
          'Messages greet by it where it reads as a name: up to 40 characters, no address, no long number',
        ),
      /** Both as written: one that cannot be read costs its messages, never the event. */
      email: text(320).optional().describe('One that cannot be read is left out, with a warning'),
      phone: text(40)
        .optional()
        .describe(
          'E.164, or as numbers are written in the shop’s country. One that cannot be read, or gets no SMS, is left out, with a warning',
        ),
      locale: text(35).optional(),
      timeZone: text(64).optional(),
      /** The shop's word for the buyer's kind of day (`office`, `student`): send windows go by it. */
      segment: z
        .string()
        .regex(/^[a-z][a-z0-9-]{0,47}$/, 'segment')
        .optional(),
    })
    .optional(),
  delivery: z
    .object({
      id: text(200),
      /** Card keys, licence keys, accounts: shown only on the order page after a code. */
      keys: z.array(text(4_000)).max(500).default([]),
    })
    .optional(),
  /** For `link.clicked`, `message.*`: which message it is about. */
  message: z.object({ id: text(60), status: text(60).optional(), text: text(4_000).optional() }).optional(),
  /** Anything else the sender said, readable by conditions and templates as `extra.…`. */
  extra: z.record(z.string(), z.json()).optional(),
})
export type EventData = z.infer<typeof eventData>

/** An event as a source hands it over, before it is kept. */
export interface SourceEvent {
  /** The sender's id; `null` where the sender has none and a key is derived from the content. */
  readonly id: string | null
  /** Known type or the sender's own (kept and shown, no effect). */
  readonly type: string
  /** CloudEvents `source`: a URI-reference naming where it came from. */
  readonly source: string
  readonly time: Instant
  readonly subject: string | null
  readonly data: EventData
}

/** An event that has been kept. */
export interface Event extends SourceEvent {
  readonly shop: ShopId
  readonly key: EventId
  readonly connection: ConnectionId
  readonly trust: Trust
  readonly receivedAt: Instant
}

/** CloudEvents sources of what we tell ourselves: what inquiries come to, and what becomes of reviews. */
export const INQUIRY_SOURCE = 'dingdong/inquiry'
export const REVIEW_SOURCE = 'dingdong:review'
const OWN_SOURCES: ReadonlySet<string> = new Set([INQUIRY_SOURCE, REVIEW_SOURCE])

/** We drew it ourselves, from what the database holds: one that was restored draws it again, under the same id. */
export const isOwn = ({ source }: Pick<Event, 'source'>): boolean => OWN_SOURCES.has(source)

/**
 * When it was bound to be known: its arrival; of what we draw ourselves the instant it follows from, which a restored
 * database comes to as well, however late.
 */
export const boundAt = (event: Pick<Event, 'source' | 'time' | 'receivedAt'>): Instant =>
  isOwn(event) ? Math.min(event.time, event.receivedAt) : event.receivedAt

/** True when `event` proves that money arrived: it commits the order's paid marker. */
export function provesPayment(event: { readonly type: string; readonly trust: Trust }): boolean {
  return event.type === 'order.paid' && event.trust !== 'browser'
}
