import type { Prng } from '../../src/domain/order/history.test-kit.ts'
import type { LabCharge, LabIntent } from '../../src/lab/stripe-lab.ts'
import type { Arena } from './arena.ts'
import type { ChargeShop, Rails } from './charge-shop.ts'
import { type ChargeOrder, failed, paid, tells, wholeSeconds } from './charge-stories.ts'
import { holdAnswers } from './last-moment.ts'
import type { Arrival, Story } from './stories.ts'

/** What is done to a shop's orders while workers are at them, and what is told of it. */
export interface Play {
  readonly orders: readonly ChargeOrder[]
  /** Everything that was told, by order. */
  readonly told: ReadonlyMap<string, readonly Arrival[]>
  /** Events that act on a cascade, by their kept ids. */
  readonly acts: ReadonlyMap<string, string>
  /** Charges that the shop made because it was asked to. */
  readonly byShop: ReadonlyMap<string, readonly LabCharge[]>
  begin(): Promise<void>
  /** Plays the plots of one wave. */
  wave(wave: number): Promise<void>
  /** Decides at the rail what was under way there. */
  decidePending(): void
  /** Tells of every payment of an order that was paid twice: what an inquiry does not ask about once the order is paid. */
  tellCrossed(): Promise<void>
  /** Resolves when everything that was to be told is. */
  allTold(): Promise<void>
  /** Questions during which somebody else took the same case up. */
  contested(): number
  stories(): readonly Story[]
  end(): void
}

/** Half of those who pay or cancel in the first wave do so at the last moment. */
const isLate = ({ no, plot, rail, wave }: ChargeOrder) =>
  rail === 'stripe' &&
  wave === 0 &&
  (plot === 'pays anew' || plot === 'is cancelled') &&
  Number(no.slice(-1)) % 2 === 0
const isDoubted = ({ rail, plot, shares }: ChargeOrder) =>
  rail === 'stripe' && plot === 'waits' && shares === null

export function createPlay(
  arena: Arena,
  { stripe, wechat }: Rails,
  shop: ChargeShop,
  orders: readonly ChargeOrder[],
  random: Prng,
): Play {
  const byNo = new Map(orders.map((order) => [order.no, order]))
  const told = new Map<string, Arrival[]>()
  const acts = new Map<string, string>()
  const byShop = new Map<string, LabCharge[]>()
  const cancelled = new Set<string>()
  const refunded = new Set<string>()
  const waiting: Arrival[] = []
  const telling = new Set<Promise<unknown>>()

  async function tell(arrival: Arrival): Promise<string> {
    note(arrival)
    const [kept] = await arena.fleet.give(arrival.sender, [arrival.event])
    return kept!.id
  }
  function note(arrival: Arrival): void {
    const no = arrival.event.subject!
    const list = told.get(no) ?? []
    told.set(no, list)
    list.push(arrival)
  }
  const later = (arrival: Arrival) => {
    const done: Promise<unknown> = tell(arrival).finally(() => telling.delete(done))
    telling.add(done)
  }
  const newsOf = (order: ChargeOrder, intent: LabIntent, charge: LabCharge) =>
    charge.succeeded ? paid(order, intent.id, charge.at, charge.id) : failed(order, charge)

  // Of our own tries Stripe tells as of any other: at once, late, or not at all.
  stripe.onCharge((intent, charge) => {
    const order = byNo.get(intent.orderNo)
    if (!order || ended) return
    const when = random()
    if (when < 0.3) later(newsOf(order, intent, charge))
    else if (when < 0.5) waiting.push(newsOf(order, intent, charge))
  })
  // The shop does what it is asked to, once however often it is asked.
  const unhear = arena.lab.webhook.received.onMessage(({ accepted, repeat, content }) => {
    const order = byNo.get((content.data as { order?: { no?: string } } | null)?.order?.no ?? '')
    if (!order || !accepted || repeat) return
    if (content.type === 'order.cancel') cancel(order)
    if (content.type !== 'payment.retry' || !order.intent) return
    const charge = stripe.pay(order.intent.id, random() < 0.6 ? null : 'processing_error')
    byShop.set(order.no, [...(byShop.get(order.no) ?? []), ...(charge ? [charge] : [])])
    if (charge) later(newsOf(order, order.intent, charge))
  })
  let ended = false
  const lastMoment = holdAnswers(arena, stripe, orders, (order) => playStripe(order, order.intent!))

  function cancel(order: ChargeOrder): void {
    if (cancelled.has(order.no)) return
    cancelled.add(order.no)
    later(tells({ via: shop.own }, order.no, 'order.cancelled', '', arena.clock.now(), {}))
  }

  async function playStripe(order: ChargeOrder, intent: LabIntent): Promise<void> {
    const { no, plot, minor } = order
    switch (plot) {
      case 'waits':
        return
      case 'pays anew':
      case 'pays and is refunded': {
        const anew = stripe.failed({ id: `${intent.id}b`, orderNo: no, amount: minor })
        const charge = stripe.pay(anew.id)!
        await tell(paid(order, anew.id, charge.at, charge.id))
        if (plot === 'pays anew') return
        refunded.add(no)
        const refund = { id: 're_1', amount: { minor, currency: 'USD' } }
        await tell(tells(order, no, 'order.refunded', 're_1', arena.clock.now(), { refund }))
        return
      }
      case 'pays the same': {
        const charge = stripe.pay(intent.id)
        if (charge) await tell(paid(order, intent.id, charge.at, charge.id))
        return
      }
      case 'fails again':
      case 'card is blocked': {
        const charge = stripe.pay(intent.id, plot === 'fails again' ? 'insufficient_funds' : 'stolen_card')
        if (charge) await tell(failed(order, charge))
        return
      }
      case 'is cancelled':
        cancel(order)
    }
  }

  async function playWechat(order: ChargeOrder): Promise<void> {
    const { no, plot } = order
    if (plot === 'is cancelled') cancel(order)
    if (plot !== 'pays anew' && plot !== 'pays the same') return
    wechat.step(no, { kind: 'pay' })
    const trade = wechat.find(no)!
    // Of the others only a question tells.
    if (plot === 'pays anew') await tell(paid(order, trade.id, wholeSeconds(trade.paidAt!)))
  }

  async function playNudge(order: ChargeOrder): Promise<void> {
    const { no, plot } = order
    if (plot === 'pays anew') await tell(paid(order, `p_${no}`, arena.clock.now()))
    if (plot !== 'fails again') return
    const type = ['message.read', 'link.clicked', 'payment.started'][Math.floor(random() * 3)]!
    acts.set(no, await tell(tells(order, no, type, 'act', arena.clock.now(), { payment: { id: `p_${no}` } })))
  }

  return {
    orders,
    told,
    acts,
    byShop,
    async begin() {
      const stories = orders.map(({ no, before }) => ({ no, arrivals: before }) as unknown as Story)
      for (const { before } of orders) for (const arrival of before) note(arrival)
      await arena.tell(stories, { batch: 5 })
    },
    async wave(wave) {
      const queue = orders.filter((order) => order.wave === wave && !isLate(order))
      lastMoment.arm(wave === 0 ? orders.filter(isLate) : [], wave === 0 ? orders.filter(isDoubted) : [])
      const hand = async () => {
        for (let order = queue.shift(); order; order = queue.shift()) {
          if (order.rail === 'stripe') await playStripe(order, order.intent!)
          else if (order.rail === 'wechat') await playWechat(order)
          else await playNudge(order)
        }
      }
      await Promise.all([hand(), hand(), hand(), hand()])
    },
    decidePending() {
      for (const { intent } of orders)
        if (intent?.status === 'processing') stripe.decide(intent.id, random() < 0.6)
    },
    async tellCrossed() {
      const known = (no: string, id: string) => told.get(no)?.some(({ event }) => event.id === id)
      for (const order of orders.filter((each) => each.intent && successesOf(each) > 1)) {
        for (const intent of stripe.intents().filter(({ orderNo }) => orderNo === order.no)) {
          const charge = intent.charges.find(({ succeeded }) => succeeded)
          const news = charge && paid(order, intent.id, charge.at, charge.id)
          if (news && !known(order.no, news.event.id!)) await tell(news)
        }
      }
    },
    async allTold() {
      for (const order of lastMoment.left()) await playStripe(order, order.intent!)
      for (const arrival of waiting.splice(0)) later(arrival)
      while (telling.size > 0) await Promise.all(telling)
    },
    contested: lastMoment.contested,
    stories: () =>
      orders.map((order) => {
        const successes = successesOf(order)
        const status =
          successes > 0
            ? refunded.has(order.no)
              ? successes > 1
                ? 'partly_refunded'
                : 'refunded'
              : 'paid'
            : cancelled.has(order.no)
              ? 'cancelled'
              : order.rail === 'nudge'
                ? 'open'
                : 'payment_failed'
        return {
          no: order.no,
          arrivals: told.get(order.no) ?? [],
          status,
          paidAt: successes > 0 ? ('some' as const) : null,
          messages: null,
        }
      }),
    end() {
      ended = true
      unhear()
      lastMoment.end()
    },
  }

  function successesOf({ no, rail, plot }: ChargeOrder): number {
    if (rail === 'wechat') return wechat.find(no)?.paidAt === null ? 0 : 1
    if (rail === 'nudge') return plot === 'pays anew' ? 1 : 0
    const charges = stripe.intents().flatMap((each) => (each.orderNo === no ? each.charges : []))
    return charges.filter(({ succeeded }) => succeeded).length
  }
}
