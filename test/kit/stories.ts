import type { Event, SourceEvent } from '../../src/domain/event.ts'
import type { ConnectionId, ShopId } from '../../src/domain/ids.ts'
import { type Prng, prngOf, randomHistory } from '../../src/domain/order/history.test-kit.ts'
import { DAY, type Instant } from '../../src/domain/time.ts'
import type { Sender } from '../../src/pipeline/intake.ts'

/** One order: what is told of it, and what must come of that whatever breaks. */
export interface Story {
  readonly no: string
  readonly arrivals: readonly Arrival[]
  readonly status: string
  /** `some`: paid, whenever. */
  readonly paidAt: Instant | null | 'some'
  /** `flow/step/channel` of every message it leads to; `null` where that depends on the order of arrival. */
  readonly messages: readonly string[] | null
}

export interface Arrival {
  readonly sender: Sender
  readonly event: SourceEvent
}

export type StoryKind = 'paid' | 'failed' | 'created' | 'delivered' | 'history'

/** What each kind of story leads to by the preset flows, once all timers have fired. */
const LEADS_TO: Record<
  Exclude<StoryKind, 'history'>,
  { event: string; status: string; messages: string[] }
> = {
  paid: {
    event: 'order.paid',
    status: 'paid',
    messages: ['order-paid/receipt/email', 'order-paid/notice/sms'],
  },
  failed: {
    event: 'payment.failed',
    status: 'payment_failed',
    messages: ['payment-failed-funds/first/email', 'payment-failed-funds/day/email'],
  },
  created: {
    event: 'order.created',
    status: 'open',
    messages: [
      'order-received/confirm/email',
      'shop-new-order/operators/email',
      'unpaid-cancel/cancel/command',
    ],
  },
  delivered: {
    event: 'order.delivered',
    status: 'delivered',
    messages: ['order-delivered/delivered/email'],
  },
}

/** Nobody has that role in the shops of these tests, so the gate drops what would go to them. */
export const TO_NOBODY = 'shop-new-order/operators/email'

/** `count` stories of the given kinds in turn, every event of which arrives once or twice. */
export function makeStories(
  shop: ShopId,
  connection: ConnectionId,
  count: number,
  kinds: readonly StoryKind[],
  seed: number,
  now: Instant,
): readonly Story[] {
  const random = prngOf(seed)
  return Array.from({ length: count }, (_, at) => {
    const kind = kinds[at % kinds.length]!
    return kind === 'history'
      ? fromHistory(shop, at + 1, random, now)
      : simple(kind, { shop, connection, trust: 'signed' }, at + 1, random, now)
  })
}

function simple(
  kind: keyof typeof LEADS_TO,
  sender: Sender,
  number: number,
  random: Prng,
  now: Instant,
): Story {
  const { event: type, status, messages } = LEADS_TO[kind]
  const no = `S${number}`
  const total = { minor: 12_800, currency: 'CNY' }
  const time = now - 60_000
  const event: SourceEvent = {
    id: `s-${number}`,
    type,
    source: '/test',
    time,
    subject: no,
    data: {
      refs: [],
      order: { no, total, title: '季度会员', payUrl: `https://shop.example/pay/${no}` },
      customer: { email: `buyer${number}@example.org`, phone: phone(number), name: '小林' },
      ...(kind === 'delivered'
        ? { delivery: { id: 'd1', keys: [] } }
        : { payment: { id: `pay_${number}`, amount: total, ...failure(kind) } }),
    },
  }
  const arrivals = random() < 0.2 ? [event, event] : [event]
  return {
    no,
    arrivals: arrivals.map((each) => ({ sender, event: each })),
    status,
    paidAt: kind === 'paid' ? time : null,
    messages,
  }
}

const failure = (kind: StoryKind) =>
  kind === 'failed' ? { failure: { code: 'card_declined', declineCode: 'insufficient_funds' } } : {}

const phone = (number: number) => `+86138${String(number).padStart(8, '0')}`

/** A sale of the order fold's own random histories, moved into the past so that every fact's time is kept. */
function fromHistory(shop: ShopId, number: number, random: Prng, now: Instant): Story {
  const { arrivals, truth } = randomHistory(random, { number, shop, start: now - 30 * DAY })
  return {
    no: `N${number}`,
    arrivals: arrivals.map(arrivalOf),
    status: truth.status,
    paidAt: truth.paidAt,
    messages: null,
  }
}

export function arrivalOf(event: Event): Arrival {
  const { id, type, source, time, subject, data, shop, connection, trust } = event
  return { sender: { shop, connection, trust }, event: { id, type, source, time, subject, data } }
}

/** Arrivals in batches of one sender each, as outside systems send them. */
export function batches(
  stories: readonly Story[],
  size: number,
  random: Prng,
): readonly (readonly Arrival[])[] {
  const open = new Map<ConnectionId, Arrival[]>()
  const full: Arrival[][] = []
  for (const arrival of interleave(stories, random)) {
    const batch = open.get(arrival.sender.connection) ?? []
    open.set(arrival.sender.connection, batch)
    batch.push(arrival)
    if (batch.length < size) continue
    full.push(batch)
    open.delete(arrival.sender.connection)
  }
  return [...full, ...open.values()]
}

/** All stories are told at once, about sixty at a time, each in its own order. */
function interleave(stories: readonly Story[], random: Prng): readonly Arrival[] {
  const waiting = [...stories]
  const active: { arrivals: readonly Arrival[]; at: number }[] = []
  const told: Arrival[] = []
  while (waiting.length > 0 || active.length > 0) {
    while (active.length < 60 && waiting.length > 0)
      active.push({ arrivals: waiting.shift()!.arrivals, at: 0 })
    const index = Math.floor(random() * active.length)
    const one = active[index]!
    told.push(one.arrivals[one.at++]!)
    if (one.at === one.arrivals.length) active.splice(index, 1)
  }
  return told
}
