import type { EventData, SourceEvent } from '../../src/domain/event.ts'
import type { Prng } from '../../src/domain/order/history.test-kit.ts'
import { HOUR, type Instant, MINUTE, SECOND } from '../../src/domain/time.ts'
import type { LabCharge, LabIntent, StripeLab } from '../../src/lab/stripe-lab.ts'
import type { WechatLab } from '../../src/lab/wechat-lab.ts'
import type { Sender } from '../../src/pipeline/intake.ts'
import type { Arrival } from './stories.ts'

// Orders of a shop with a Stripe account, an WeChat Pay account and a system of its own: what is told of each, and what
// happens to it while the program works on it.

/** What somebody else does about an order, in one of the waves. */
export type Plot =
  | 'waits'
  /** The buyer pays, by a payment of his own or by the very one that is being healed. */
  | 'pays anew'
  | 'pays the same'
  | 'pays and is refunded'
  | 'fails again'
  | 'is cancelled'
  /** Another order's failure is a hard decline of the card that this one shares. */
  | 'card is blocked'

export type Rail = 'stripe' | 'wechat' | 'nudge'

export interface ChargeOrder {
  readonly no: string
  readonly rail: Rail
  readonly plot: Plot
  /** In which wave the plot is played. */
  readonly wave: number
  readonly minor: number
  readonly buyer: number
  readonly expiresAt: Instant
  /** The card that other orders use, too. */
  readonly shares: string | null
  /** Its payment at Stripe. */
  readonly intent: LabIntent | null
  readonly via: Sender
  readonly before: readonly Arrival[]
}

export interface Cast {
  readonly prefix: string
  readonly now: Instant
  readonly random: Prng
  readonly stripe: StripeLab
  readonly wechat: WechatLab
  /** The shop's own system, its Stripe accounts, and WeChat Pay. */
  readonly own: Sender
  readonly accounts: readonly Sender[]
  readonly wechatAccount: Sender
}

/** How many of each there are. */
export interface Casting {
  /** Stripe orders with a card of their own. */
  readonly single: number
  /** Cards that several orders share: a scheme, the failures of today, and how long ago the first of them was. */
  readonly shared: readonly {
    readonly brand: string
    readonly orders: number
    readonly ago: number
    /** One of them turns out to be stolen: before any other is due, or while they are being tried. */
    readonly blocked?: 'before' | 'meanwhile'
  }[]
  readonly large: number
  readonly unsaved: number
  readonly silent: number
  readonly nudged: number
  /** Whose cascade waits for a review. */
  readonly nudgedLarge: number
}

/** Orders of at least this much are held by the preset `large-order`. */
const LARGE = 600_000
const WAVES = 3
/** The wave before business time moves on for the first time. */
export const FIRST = -1

export function castOrders(cast: Cast, casting: Casting): readonly ChargeOrder[] {
  const { random, now } = cast
  let number = 0
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!
  // Most happens while tries are made.
  const wave = () => (random() < 0.4 ? 0 : Math.floor(random() * WAVES))
  const stripe = (
    given: {
      plot?: Plot
      card?: string
      brand?: string
      at?: Instant
      minor?: number
      saved?: boolean
      lives?: number
      wave?: number
    } = {},
  ) => {
    const no = numbered(cast, ++number)
    const { card = `fp_${no}`, brand = pick(['visa', 'mastercard']), saved = true, minor = 1_999 } = given
    const intent = cast.stripe.failed({
      id: `pi_${no}`,
      orderNo: no,
      amount: minor,
      card: { brand, fingerprint: card },
      method: { id: 'pm_lab', customer: saved ? 'cus_lab' : null },
      decline: pick(['processing_error', 'issuer_not_available']),
      outcomes: [pick(['succeeds', 'succeeds', 'declined', 'processing'] as const)],
      at: given.at ?? now - Math.floor(random() * 5 * MINUTE),
    })
    const plot =
      given.plot ??
      pick<Plot>([
        'waits',
        'waits',
        'pays anew',
        'pays anew',
        'pays the same',
        'pays and is refunded',
        'fails again',
        'is cancelled',
      ])
    const order = {
      no,
      rail: 'stripe' as const,
      plot,
      wave: given.wave ?? wave(),
      minor,
      buyer: Math.floor(number / 4),
      expiresAt: now + (given.lives ?? 3 * HOUR),
      shares: given.card ?? null,
      intent,
      via: pick(cast.accounts),
    }
    return { ...order, before: [created(cast, order), failed(order, intent.charges[0]!)] }
  }
  const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make)
  return [
    ...times(casting.single, () => stripe()),
    ...casting.shared.flatMap(({ brand, orders, ago, blocked }, at) => {
      const card = `fp_${cast.prefix}shared${at}`
      const on = (plot: Plot, more: object = {}) =>
        stripe({ plot, card, brand, at: now - Math.floor(random() * ago), lives: 30 * HOUR, ...more })
      const waiting = times(orders, () => on('waits'))
      return blocked
        ? [...waiting, on('card is blocked', { wave: blocked === 'before' ? FIRST : 0 })]
        : waiting
    }),
    ...times(casting.large, () => stripe({ plot: pick(['waits', 'pays anew']), minor: LARGE + number })),
    ...times(casting.unsaved, () =>
      stripe({ saved: false, plot: pick(['waits', 'waits', 'waits', 'pays anew']) }),
    ),
    ...times(casting.silent, () => silentOrder(cast, ++number, pick, wave())),
    ...times(casting.nudged, () => nudgedOrder(cast, ++number, pick, wave())),
    ...times(casting.nudgedLarge, () => nudgedOrder(cast, ++number, pick, wave(), LARGE)),
  ]
}

/** WeChat Pay takes six characters at least. */
const numbered = ({ prefix }: Cast, number: number) => `${prefix}${String(number).padStart(4, '0')}`

function silentOrder(
  cast: Cast,
  number: number,
  pick: <T>(from: readonly T[]) => T,
  wave: number,
): ChargeOrder {
  const no = numbered(cast, number)
  const minor = 1_990
  cast.wechat.place({ no, minor })
  const order = {
    no,
    rail: 'wechat' as const,
    plot: pick<Plot>(['waits', 'waits', 'pays anew', 'pays the same', 'is cancelled']),
    wave,
    minor,
    buyer: Math.floor(number / 4),
    expiresAt: cast.now + 2 * HOUR,
    shares: null,
    intent: null,
    via: cast.wechatAccount,
  }
  return { ...order, before: [created(cast, order), begun(cast, order)] }
}

/** `waits` is never acted on; `fails again` is acted on by reading, whatever the words. */
function nudgedOrder(
  cast: Cast,
  number: number,
  pick: <T>(from: readonly T[]) => T,
  wave: number,
  minor = 30_000,
): ChargeOrder {
  const order = {
    no: numbered(cast, number),
    rail: 'nudge' as const,
    plot: pick<Plot>(['waits', 'fails again', 'fails again', 'pays anew']),
    wave,
    minor,
    buyer: 1_000 + number,
    expiresAt: cast.now + HOUR,
    shares: null,
    intent: null,
    via: cast.own,
  }
  return { ...order, before: [created(cast, order)] }
}

type Named = Pick<ChargeOrder, 'no' | 'rail' | 'minor' | 'buyer' | 'expiresAt' | 'intent' | 'via'>

const currencyOf = ({ rail }: Pick<ChargeOrder, 'rail'>) => (rail === 'stripe' ? 'USD' : 'CNY')

export function tells(
  { via }: Pick<ChargeOrder, 'via'>,
  no: string,
  type: string,
  id: string,
  time: Instant,
  data: Partial<EventData>,
): Arrival {
  const event: SourceEvent = {
    id: `${no}:${type}:${id}`,
    type,
    source: '/test',
    time,
    subject: no,
    data: { ...data, refs: [{ kind: 'order_no', value: no }, ...(data.refs ?? [])] },
  }
  return { sender: via, event }
}

function created({ own, now }: Cast, order: Named): Arrival {
  const { no, rail, minor, buyer, expiresAt } = order
  return tells({ via: own }, no, 'order.created', '', now - 5 * MINUTE, {
    order: {
      no,
      title: rail === 'nudge' ? 'nudge' : '月卡',
      total: { minor, currency: currencyOf(order) },
      expiresAt,
      payUrl: `https://shop.example/pay/${no}`,
    },
    customer: {
      email: `buyer${buyer}@example.org`,
      phone: `+86138${String(buyer).padStart(8, '0')}`,
      name: '小林',
    },
    payment: { id: `pi_${no}`, rail },
  })
}

const begun = ({ now, wechatAccount }: Cast, { no }: Named): Arrival =>
  tells({ via: wechatAccount }, no, 'payment.started', '', now, { payment: { id: no, rail: 'wechat' } })

/** As Stripe tells a charge that failed: in whole seconds, like everything it tells. */
export function failed(order: Named, charge: LabCharge): Arrival {
  const { no, minor } = order
  const { card, id } = order.intent!
  return tells(order, no, 'payment.failed', charge.id, wholeSeconds(charge.at), {
    refs: [{ kind: 'stripe_pi', value: id }],
    payment: {
      id: charge.id,
      rail: 'stripe',
      amount: { minor, currency: 'USD' },
      ...(card ? { scheme: card.brand, card: card.fingerprint } : {}),
      failure: { code: 'card_declined', declineCode: charge.decline ?? 'generic_decline' },
    },
  })
}

/** As a rail tells a payment that came; `charge`: which of them, where one payment may be charged again. */
export function paid(order: Named, payment: string, at: Instant, charge = payment): Arrival {
  const { no, minor, rail } = order
  return tells(order, no, 'order.paid', charge, wholeSeconds(at), {
    refs: rail === 'stripe' ? [{ kind: 'stripe_pi', value: payment }] : [],
    payment: { id: payment, rail, amount: { minor, currency: currencyOf(order) } },
  })
}

export const wholeSeconds = (at: Instant): Instant => Math.floor(at / SECOND) * SECOND
