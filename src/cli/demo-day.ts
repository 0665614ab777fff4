import { HOUR, type Millis } from '../domain/time.ts'
import { dujiaokaOrder, stripeDeclined, stripeEvent, stripeIntent, wooOrder } from '../sources/samples.ts'
import { CASTS, type DemoCast } from './demo-cast.ts'
import type { DEMO } from './texts/demo.ts'

/** One thing that happens in the demo shop: what is posted where. Instants inside are filled in when it is sent. */
export interface DayAct {
  /** Minute of the day. */
  readonly minute: number
  readonly what: keyof typeof DEMO
  readonly no: string
  readonly by: 'api' | 'stripe' | 'woocommerce' | 'dujiaoka'
  /** WooCommerce's topic. */
  readonly topic?: string
  body(now: number): object
}

const OPENS = 8 * 60
const CLOSES = 23 * 60 + 30

/** A day of `orders` orders: bought, paid, failed, won back, delivered, refunded, from four sources. `random`: [0, 1). */
export function planDay(
  orders: number,
  day: string,
  random: () => number,
  language: keyof typeof CASTS,
): readonly DayAct[] {
  const cast = CASTS[language]
  const acts: DayAct[] = []
  for (let at = 0; at < orders; at++) {
    const no = `${day}-${String(at + 1).padStart(3, '0')}`
    const minute = OPENS + Math.floor(random() * (CLOSES - OPENS - 90))
    const order = orderOf(cast, no, at, random)
    const story = storyOf(order, minute, random)
    acts.push(...(CERTAIN[at]?.(order, minute) ?? story))
  }
  const mail = (at: number) => `buyer${at}@demo.example`
  acts.push(
    other(11 * 60, 'stock', `${day}-stock`, 'stock.low', {
      extra: { stock: { name: cast.goods[2]![0], left: 3 } },
    }),
  )
  acts.push(
    other(10 * 60, 'membership', `${day}-vip`, 'membership.expiring', {
      customer: { email: mail(1), name: cast.names[1] },
      extra: { membership: { name: cast.goods[0]![0], days_left: 3 } },
    }),
  )
  return acts.sort((a, b) => a.minute - b.minute)
}

/** What every day has, whatever the dice say, by the order's place in the day. */
const CERTAIN: Readonly<Record<number, (order: DemoOrder, minute: number) => readonly DayAct[]>> = {
  4: (order, minute) => [
    created(order, minute),
    ...[1, 2, 3, 4, 5].map((nth) => failed(order, minute + 3 * nth, 'insufficient_funds', nth)),
  ],
  // The platform's own fault: the order is asked about and tried once more, and there is not for ever to pay it.
  5: (order, minute) => [
    created(order, minute, EXPIRES_AFTER),
    failed(order, minute + 3, 'processing_error'),
  ],
  6: (order, minute) => [created(order, minute), failed(order, minute + 3, 'fraudulent')],
}
const EXPIRES_AFTER: Millis = 6 * HOUR

interface DemoOrder {
  readonly cast: DemoCast
  readonly no: string
  readonly title: string
  readonly minor: number
  readonly customer: { readonly email: string; readonly name: string; readonly phone?: string }
}

function orderOf(cast: DemoCast, no: string, at: number, random: () => number): DemoOrder {
  const { goods, names } = cast
  const [title, price] = goods[Math.floor(random() * goods.length)]!
  // A few buyers come back the same day, so that the daily cap has something to say.
  const buyer = random() < 0.2 ? 0 : at
  const phone = random() < 0.6 ? cast.phone(buyer) : null
  return {
    cast,
    no,
    title,
    minor: at === 3 ? cast.large : price,
    customer: {
      email: `buyer${buyer}@demo.example`,
      name: names[buyer % names.length]!,
      ...(phone === null ? {} : { phone }),
    },
  }
}

function storyOf(order: DemoOrder, minute: number, random: () => number): readonly DayAct[] {
  const roll = random()
  const soon = minute + 2 + Math.floor(random() * 6)
  const later = soon + 10 + Math.floor(random() * 50)
  if (roll < 0.4) return [created(order, minute), paid(order, soon), delivered(order, soon + 1)]
  if (roll < 0.52)
    return [created(order, minute), failed(order, soon), paid(order, later), delivered(order, later + 1)]
  if (roll < 0.62) return [created(order, minute), failed(order, soon)]
  if (roll < 0.72) return stripeStory(order, minute, soon)
  if (roll < 0.82) return wooStory(order, minute, soon)
  if (roll < 0.9) return [dujiaokaAct(order, minute)]
  if (roll < 0.95) return [created(order, minute), paid(order, soon), refunded(order, later)]
  return [created(order, minute)]
}

function other(minute: number, what: DayAct['what'], id: string, type: string, data: object): DayAct {
  return { minute, what, no: '', by: 'api', body: (now) => ({ id, type, time: iso(now), data }) }
}

interface More {
  /** The order is given up so long after it is made. */
  readonly expires?: Millis
  /** What happens several times has an id each time. */
  readonly nth?: number
}

function act(
  order: DemoOrder,
  minute: number,
  what: DayAct['what'],
  type: string,
  data: object,
  { expires, nth = 1 }: More = {},
): DayAct {
  const { no, title, minor, customer, cast } = order
  const known = {
    no,
    title,
    total: { minor, currency: cast.currency },
    payUrl: `https://shop.example/pay/${no}`,
  }
  return {
    minute,
    what,
    no,
    by: 'api',
    body: (now) => ({
      id: `${no}-${type}${nth > 1 ? `-${nth}` : ''}`,
      type,
      time: iso(now),
      subject: no,
      data: {
        order: expires === undefined ? known : { ...known, expiresAt: now + expires },
        customer,
        ...data,
      },
    }),
  }
}

const created = (order: DemoOrder, minute: number, expires?: Millis) =>
  act(order, minute, 'created', 'order.created', {}, expires === undefined ? {} : { expires })
const paid = (order: DemoOrder, minute: number) =>
  act(order, minute, 'paid', 'order.paid', {
    payment: { id: `${order.no}-ok`, rail: order.cast.rail },
  })
/** Some of each kind: what a buyer can do something about, the platform's own time-out, and a risk that nobody retries. */
const DECLINES = [
  'incorrect_cvc',
  'insufficient_funds',
  'expired_card',
  'authentication_required',
  'processing_error',
  'fraudulent',
] as const
const declineOf = ({ no }: DemoOrder): string => DECLINES[Number(no.slice(-3)) % DECLINES.length]!
const failed = (order: DemoOrder, minute: number, declineCode = declineOf(order), nth = 1) =>
  act(
    order,
    minute,
    'failed',
    'payment.failed',
    {
      payment: {
        id: `${order.no}-no${nth > 1 ? nth : ''}`,
        rail: 'stripe',
        failure: { code: 'card_declined', declineCode },
      },
    },
    { nth },
  )
const delivered = (order: DemoOrder, minute: number) =>
  act(order, minute, 'delivered', 'order.delivered', {
    delivery: { id: `${order.no}-d`, keys: [`DEMO-${order.no}-7K2M-9QXW`] },
  })
const refunded = (order: DemoOrder, minute: number) =>
  act(order, minute, 'refunded', 'order.refunded', {
    refund: { id: `${order.no}-r`, amount: { minor: order.minor, currency: order.cast.currency } },
  })

function stripeStory(
  { no, minor, customer, cast }: DemoOrder,
  minute: number,
  soon: number,
): readonly DayAct[] {
  const same = {
    id: `pi_${no}`,
    amount: minor,
    currency: cast.currency.toLowerCase(),
    receipt_email: customer.email,
    metadata: { order_no: no },
  }
  // Each try is a charge of its own: two orders that name one charge are one order.
  const refused = `ch_${no}_1`
  const { email, name, phone = null } = customer
  const billing_details = { address: { country: cast.country }, email, name, phone }
  const card = { id: `pm_${no}`, object: 'payment_method', billing_details, type: 'card' }
  const event = (type: string, object: object) => (now: number) =>
    stripeEvent(type, object, { id: `evt_${no}_${type}`, created: Math.floor(now / 1000) })
  return [
    {
      minute,
      what: 'failed',
      no,
      by: 'stripe',
      body: event('payment_intent.payment_failed', {
        ...stripeDeclined({ charge: refused, ...(cast.ownCard ? { payment_method: card } : {}) }),
        ...same,
        latest_charge: refused,
      }),
    },
    {
      minute: soon,
      what: 'paid',
      no,
      by: 'stripe',
      body: event('payment_intent.succeeded', {
        ...stripeIntent({ status: 'succeeded', amount_received: minor }),
        ...same,
        latest_charge: `ch_${no}_2`,
      }),
    },
  ]
}

function wooStory(
  { no, minor, title, customer, cast }: DemoOrder,
  minute: number,
  soon: number,
): readonly DayAct[] {
  const order = (status: string) => (now: number) => {
    const time = iso(now).slice(0, 19)
    return wooOrder({
      id: Number(no.replace(/\D/g, '').slice(-9)),
      number: no,
      status,
      currency: cast.currency,
      payment_method: cast.rail,
      payment_method_title: cast.railTitle,
      date_created_gmt: time,
      date_modified_gmt: time,
      ...(status === 'pending' ? {} : { date_paid_gmt: time }),
      total: (minor / 100).toFixed(2),
      billing: {
        first_name: customer.name,
        last_name: '',
        country: cast.country,
        email: customer.email,
        phone: customer.phone ?? '',
      },
      line_items: [
        { id: 1, name: title, product_id: 9, quantity: 1, total: (minor / 100).toFixed(2), sku: '' },
      ],
    })
  }
  return [
    { minute, what: 'created', no, by: 'woocommerce', topic: 'order.created', body: order('pending') },
    { minute: soon, what: 'paid', no, by: 'woocommerce', topic: 'order.updated', body: order('processing') },
    {
      minute: soon + 3,
      what: 'delivered',
      no,
      by: 'woocommerce',
      topic: 'order.updated',
      body: order('completed'),
    },
  ]
}

function dujiaokaAct({ no, minor, title, customer }: DemoOrder, minute: number): DayAct {
  const body = () =>
    dujiaokaOrder({
      order_sn: no.replaceAll('-', ''),
      email: customer.email,
      actual_price: (minor / 100).toFixed(2),
      title: `${title} x 1`,
      gd_name: title,
      order_info: `DEMO-${no}-AAAA-BBBB`,
    })
  return { minute, what: 'paid', no, by: 'dujiaoka', body }
}

function iso(now: number): string {
  return new Date(now).toISOString()
}
