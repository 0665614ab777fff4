import type { SourceEvent } from '../src/domain/event.ts'
import type { FailureClass } from '../src/domain/failure-class.ts'
import type { Money } from '../src/domain/money.ts'
import { DAY, HOUR, type Instant, MINUTE, type Millis } from '../src/domain/time.ts'
import type { Agenda } from './agenda.ts'
import { type Draw, pick } from './draw.ts'
import { type Buyer, buyerOf, nextPayday, seenAt } from './habits.ts'

/** An order of the simulated shop, as the shop and its payment rail know it. */
export interface Sale {
  readonly no: string
  readonly buyer: Buyer
  readonly goods: string
  readonly total: Money
  readonly placedAt: Instant
  expiresAt: Instant
  /** What stands in the way of the payment; `null`: it goes through at once. */
  readonly obstacle: FailureClass | null
  readonly obstacleUntil: Instant
  /** When the money moved, whether or not anybody was told. */
  paidAt: Instant | null
  ended: boolean
  charges: number
  attempts: number
  reminders: number
}

export interface Market {
  readonly sales: ReadonlyMap<string, Sale>
  readonly buyers: readonly Buyer[]
  /** Buyers who switched reminders off, by number; the player tells the program. */
  readonly fedUp: Set<number>
  /** Events since the last call, in the order they happened. */
  takeEvents(): readonly SourceEvent[]
  /** A message about this sale was handed over. */
  arrives(no: string, channel: string, template: string, reminder: boolean, at: Instant): void
  /** The program asks the shop for something: cancel, retry a payment, reopen. */
  commanded(no: string, command: string, at: Instant): void
  /** What the rail answers when it is asked about an order; `null`: it has no such order. */
  asked(no: string, at: Instant): SourceEvent | null
}

export interface MarketOptions {
  readonly draw: Draw
  readonly agenda: Agenda
  readonly buyers: number
  readonly start: Instant
  readonly days: number
  /** How long an unpaid order stays open. */
  readonly life: Millis
}

/** How often each obstacle stands in the way; most payments meet none. Invented. */
const OBSTACLES: readonly (readonly [FailureClass | null, number])[] = [
  [null, 70],
  ['insufficient_funds', 9],
  ['network_timeout', 6],
  ['wrong_details', 5],
  ['authentication_needed', 4],
  ['risk_block', 2],
  ['expired_card', 2],
  ['other', 2],
]

/** Stripe's words for each (docs.stripe.com/declines/codes). */
const CODES: Readonly<Record<FailureClass, { readonly code: string; readonly declineCode?: string }>> = {
  insufficient_funds: { code: 'card_declined', declineCode: 'insufficient_funds' },
  network_timeout: { code: 'processing_error' },
  wrong_details: { code: 'incorrect_cvc' },
  authentication_needed: { code: 'authentication_required' },
  risk_block: { code: 'card_declined', declineCode: 'fraudulent' },
  expired_card: { code: 'expired_card' },
  other: { code: 'card_declined', declineCode: 'do_not_honor' },
}

const GOODS = ['月度会员', '季度会员', '年度会员']

/** In fen, around what a text message is worth (200) and what a large order is (5,000). Invented. */
const TOTALS: readonly (readonly [number, number])[] = [
  [9_900, 40],
  [19_999, 12],
  [20_000, 12],
  [29_900, 18],
  [89_900, 12],
  [499_999, 2],
  [500_000, 2],
  [680_000, 2],
]

const NEWS_EVERY = 6 * HOUR

/** Everything that happens in one market. */
interface Scene extends MarketOptions {
  readonly sales: Map<string, Sale>
  readonly fedUp: Set<number>
  events: SourceEvent[]
}

/** Simulated buyers, their shop and its payment rail. Knows nothing of Dingdong: it sees messages and makes events. */
export function openMarket(options: MarketOptions): Market {
  const { draw } = options
  const scene: Scene = { ...options, sales: new Map(), fedUp: new Set(), events: [] }
  const buyers = Array.from({ length: options.buyers }, (_, n) => buyerOf(draw, n))
  for (const buyer of buyers) visit(scene, buyer)
  for (let at = options.start + NEWS_EVERY; at < options.start + options.days * DAY; at += NEWS_EVERY)
    options.agenda.note(at, () => runLow(scene, at))
  return {
    sales: scene.sales,
    buyers,
    fedUp: scene.fedUp,
    takeEvents() {
      const taken = scene.events
      scene.events = []
      return taken
    },
    arrives(no, channel, template, reminder, at) {
      const sale = scene.sales.get(no)
      if (sale && reminder) notice(scene, sale, channel, template, at)
    },
    commanded(no, command, at) {
      const sale = scene.sales.get(no)
      if (sale) obey(scene, sale, command, at)
    },
    asked(no, at) {
      const sale = scene.sales.get(no)
      return sale ? answer(sale, at) : null
    },
  }
}

/** Each buyer orders one to three times, while awake. */
function visit(scene: Scene, buyer: Buyer): void {
  const { draw, agenda, start, days } = scene
  const orders = 1 + Math.floor(draw('orders', buyer.n) * 3)
  for (let nth = 0; nth < orders; nth++) {
    const wish = start + Math.floor(draw('when', buyer.n, nth) * days * DAY)
    const at = seenAt(buyer, 'inbox', wish, draw('moment', buyer.n, nth))
    agenda.note(at, () => place(scene, buyer, nth, at))
  }
}

function place(scene: Scene, buyer: Buyer, nth: number, at: Instant): void {
  const { draw, agenda, life } = scene
  const no = `W${buyer.n}-${nth}`
  const obstacle = pick(draw('obstacle', no), OBSTACLES)
  const until =
    obstacle === 'insufficient_funds'
      ? nextPayday(buyer, at)
      : obstacle === 'network_timeout'
        ? at + Math.ceil(draw('outage', no) ** 3 * 60) * MINUTE
        : at
  const sale: Sale = {
    no,
    buyer,
    goods: pick(
      draw('goods', no),
      GOODS.map((each) => [each, 1] as const),
    ),
    total: { minor: pick(draw('total', no), TOTALS), currency: 'CNY' },
    placedAt: at,
    expiresAt: at + life,
    obstacle,
    obstacleUntil: until,
    paidAt: null,
    ended: false,
    charges: 0,
    attempts: 0,
    reminders: 0,
  }
  scene.sales.set(no, sale)
  tell(scene, 'order.created', sale, at)
  agenda.note(at + MINUTE, () => attempt(scene, sale, at + MINUTE, false))
  agenda.note(sale.expiresAt, () => expire(scene, sale))
  comeBack(scene, sale, at, 1)
}

function expire(scene: Scene, sale: Sale): void {
  if (sale.paidAt !== null || sale.ended) return
  sale.ended = true
  tell(scene, 'order.expired', sale, sale.expiresAt)
}

/** Some buyers return by themselves. Those would have paid without any reminder. */
function comeBack(scene: Scene, sale: Sale, from: Instant, nth: number): void {
  const { draw, agenda } = scene
  if (nth > 3 || draw('returns', sale.no, nth) >= sale.buyer.persistence) return
  const at = from + Math.ceil(-Math.log(1 - draw('after', sale.no, nth)) * sale.buyer.returnsAfter)
  agenda.note(at, () => {
    attempt(scene, sale, at, draw('thinks of', sale.no, nth) < 0.3)
    comeBack(scene, sale, at, nth + 1)
  })
}

function attempt(scene: Scene, sale: Sale, at: Instant, otherMethod: boolean): void {
  // Their bank has told them, even where the shop's rail has not heard of it.
  if (sale.paidAt !== null || sale.ended || sale.buyer.farmsCoupons) return
  sale.attempts++
  if (goesThrough(scene, sale, at, otherMethod)) {
    charge(sale, at)
    tell(scene, 'order.paid', sale, at, { payment: paymentOf(sale) })
    return
  }
  tell(scene, 'payment.failed', sale, at, {
    payment: { ...paymentOf(sale), failure: CODES[sale.obstacle ?? 'other'] },
  })
  // The money moved and its answer got lost: who tries again without asking first charges twice.
  if (sale.obstacle !== 'network_timeout' || scene.draw('answer lost', sale.no) >= 0.2) return
  charge(sale, at)
  const late = at + HOUR
  scene.agenda.note(late, () => tell(scene, 'order.paid', sale, late, { payment: paymentOf(sale) }))
}

function charge(sale: Sale, at: Instant): void {
  sale.charges++
  sale.paidAt ??= at
}

/** The rail does as it is told: it charges a paid order again, which is what the check is there to see. */
function retry(scene: Scene, sale: Sale, at: Instant): void {
  if (sale.paidAt === null) {
    attempt(scene, sale, at, false)
    return
  }
  sale.attempts++
  charge(sale, at)
  tell(scene, 'order.paid', sale, at, { payment: paymentOf(sale) })
}

const paymentOf = (sale: Sale) => ({
  id: `${sale.no}-pay-${sale.attempts}`,
  rail: 'stripe',
  method: 'card',
  card: `card-${sale.buyer.n}`,
  amount: sale.total,
})

/** What the rail knows: a payment that went through, or the last that did not. */
function answer(sale: Sale, at: Instant): SourceEvent {
  const { paidAt, attempts, obstacle } = sale
  const payment = paymentOf(sale)
  return paidAt === null
    ? eventOf(
        'payment.failed',
        sale,
        at,
        {
          payment: { ...payment, failure: CODES[obstacle ?? 'other'] },
        },
        `asked-${attempts}`,
      )
    : eventOf('order.paid', sale, paidAt, { payment }, 'asked')
}

/** One of the goods runs low: ladders that wait for such news hear it. */
function runLow({ draw, events }: Scene, at: Instant): void {
  if (draw('runs low', at) >= 0.5) return
  const goods = pick(
    draw('what runs low', at),
    GOODS.map((each) => [each, 1] as const),
  )
  events.push({
    id: `low-${at}`,
    type: 'stock.low',
    source: 'world',
    time: at,
    subject: goods,
    data: { refs: [] },
  })
}

function goesThrough(scene: Scene, sale: Sale, at: Instant, otherMethod: boolean): boolean {
  if (sale.obstacle === null) return true
  const luck = scene.draw('attempt', sale.no, sale.attempts)
  if (otherMethod && sale.buyer.hasOtherMethod && sale.obstacle !== 'network_timeout') return luck < 0.9
  if (sale.attempts === 1) return false
  switch (sale.obstacle) {
    case 'insufficient_funds':
      return at >= sale.obstacleUntil
    case 'network_timeout':
      return at >= sale.obstacleUntil && luck < 0.95
    case 'wrong_details':
    case 'authentication_needed':
      return luck < 0.85
    case 'expired_card':
      return at > sale.placedAt + DAY && luck < 0.6
    case 'risk_block':
      return false
    case 'other':
      return luck < 0.4
  }
}

/** Whether and when the buyer sees a reminder depends on the channel and on their day. */
function notice(scene: Scene, sale: Sale, channel: string, template: string, at: Instant): void {
  const { draw, agenda } = scene
  sale.reminders++
  const habit = sale.buyer.channels[channel as keyof Buyer['channels']] ?? 0
  if (draw('sees', sale.no, channel, template, sale.reminders) >= habit) return
  const seen = seenAt(sale.buyer, channel, at, draw('reads', sale.no, channel, template, sale.reminders))
  const from = Math.max(seen, at + MINUTE)
  agenda.note(from, () => read(scene, sale, template, from))
}

/** The shop does what the program asks of it. */
function obey(scene: Scene, sale: Sale, command: string, at: Instant): void {
  const { draw, agenda } = scene
  if (command === 'payment.retry') agenda.note(at, () => retry(scene, sale, at))
  if (command === 'order.cancel' && sale.paidAt === null && !sale.ended) {
    sale.ended = true
    tell(scene, 'order.cancelled', sale, at)
  }
  if (command === 'order.reopen' && sale.paidAt === null && draw('reopens', sale.no) < 0.8) {
    sale.ended = false
    sale.expiresAt = at + 12 * HOUR
    tell(scene, 'order.reopened', sale, at)
    agenda.note(sale.expiresAt, () => expire(scene, sale))
  }
}

function read(scene: Scene, sale: Sale, template: string, at: Instant): void {
  const { draw, agenda, fedUp } = scene
  const { buyer } = sale
  if (sale.paidAt !== null || sale.ended || fedUp.has(buyer.n)) return
  if (sale.reminders > buyer.tolerance) {
    fedUp.add(buyer.n)
    return
  }
  // Words that fit the reason help; how much is invented.
  const fits = sale.obstacle !== null && template.includes(WORD_OF[sale.obstacle])
  const willing = buyer.reachable * (fits ? 1.4 : 1) * 0.8 ** (sale.reminders - 1)
  if (draw('heeds', sale.no, template, sale.reminders) >= willing) return
  const other = draw('takes the other way', sale.no, template, sale.reminders) < (fits ? 0.6 : 0.3)
  agenda.note(at + 3 * MINUTE, () => attempt(scene, sale, at + 3 * MINUTE, other))
}

function tell(
  scene: Scene,
  type: string,
  sale: Sale,
  at: Instant,
  data: Partial<SourceEvent['data']> = {},
): void {
  scene.events.push(eventOf(type, sale, at, data, `${sale.attempts}-${at}`))
}

function eventOf(
  type: string,
  sale: Sale,
  at: Instant,
  data: Partial<SourceEvent['data']>,
  nth: string,
): SourceEvent {
  const { n } = sale.buyer
  return {
    id: `${sale.no}-${type}-${nth}`,
    type,
    source: 'world',
    time: at,
    subject: sale.no,
    data: {
      refs: [],
      customer: {
        email: `buyer${n}@buyers.example`,
        phone: `+8613${String(800_000_000 + n)}`,
        externalId: `buyer-${n}`,
        locale: 'zh-CN',
        timeZone: 'Asia/Shanghai',
      },
      ...data,
      order: {
        no: sale.no,
        title: sale.goods,
        total: sale.total,
        placedAt: sale.placedAt,
        expiresAt: sale.expiresAt,
        payUrl: `https://shop.example/pay/${sale.no}`,
        ...data.order,
      },
    },
  }
}

/** The word by which a template's name shows which obstacle it is about. */
const WORD_OF: Readonly<Record<FailureClass, string>> = {
  insufficient_funds: 'funds',
  network_timeout: 'timeout',
  wrong_details: 'details',
  authentication_needed: 'authentication',
  risk_block: 'risk',
  expired_card: 'expired_card',
  other: 'other',
}
