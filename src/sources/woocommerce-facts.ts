import type { OrderRef } from '../domain/event.ts'
import { type Money, parseMoney } from '../domain/money.ts'
import { type Instant, parseIso } from '../domain/time.ts'
import { at, cameAt, listAt, textAt } from './json.ts'
import { personName, phoneOf } from './phone.ts'
import { cut, type Draft, UNREADABLE } from './tidy.ts'

const UNPAID: ReadonlySet<string> = new Set(['pending', 'failed', 'on-hold'])
const BINNED = { status: 'trash' }

/** One thing a WooCommerce order's state says. */
export interface WooFact {
  readonly type: string
  readonly draft: Draft
  /** When it happened; `undefined`: when it arrived. */
  readonly time: Instant | undefined
}

/**
 * What the order in a webhook's body says. A body is the whole order as it is now, so one can say several
 * things (created, paid and delivered), and says them again with every later change.
 *
 * `order.deleted` comes when an order is moved to the bin, and has only its id. An unpaid one ends by it, without a word
 * to anybody; what was paid or delivered stays so, for shops put their old orders there in bulk.
 */
export function wooFacts(topic: string, order: unknown): WooFact[] {
  if (topic === 'order.deleted') {
    return [{ type: 'order.expired', draft: { refs: refsOf(order), extra: BINNED }, time: undefined }]
  }
  const status = textAt(order, 'status')?.replace(/^wc-/, '') ?? 'unknown'
  const base = describe(order, status)
  const changed = gmt(order, 'date_modified_gmt')
  const facts: WooFact[] = []
  const say = (type: string, more: Draft, time: Instant | undefined) =>
    facts.push({ type, draft: { ...base, ...more }, time: time ?? changed })

  // The block checkout announces a cart (checkout-draft) as created; the order comes with the later "pending".
  // An order on hold is not announced: it waits for a bank transfer, which the rule that cancels unpaid
  // orders after half an hour must not see as abandoned.
  const draft = status.endsWith('draft') || status === 'on-hold' || status === 'trash'
  if (status === 'pending' || (topic === 'order.created' && !draft)) {
    say('order.created', {}, gmt(order, 'date_created_gmt'))
  }
  if (isPaid(order, status)) say('order.paid', {}, gmt(order, 'date_paid_gmt'))
  // A transfer or a debit that is waited for, an authorisation to be captured, or the courier collects.
  else if (status === 'on-hold' || status === 'processing')
    say('payment.started', { payment: { ...base.payment!, underWay: true } }, undefined)
  if (status === 'failed') {
    // WooCommerce keeps no reason, and no id of the try: all it knows of counts as one.
    say(
      'payment.failed',
      { payment: { ...base.payment!, failure: { code: 'woocommerce_failed' } } },
      undefined,
    )
  }
  if (status === 'completed') {
    const delivery = { id: `woo:${textAt(order, 'id')}` }
    say('order.delivered', { delivery }, gmt(order, 'date_completed_gmt'))
  }
  for (const refund of refundsOf(order, status)) say('order.refunded', { refund }, undefined)
  if (status === 'cancelled') say('order.cancelled', {}, undefined)
  if (status === 'trash') say('order.expired', {}, undefined)
  // By the time of its arrival, as the bin was: the order may have been changed last before it was binned.
  if (topic === 'order.restored' && UNPAID.has(status))
    facts.push({ type: 'order.reopened', draft: base, time: undefined })
  if (facts.length === 0) say(`woocommerce.${topic}`, {}, undefined)
  return facts
}

/**
 * Whether the order's money is here. Cash on delivery is set to processing, and dated as paid, before any
 * money moved (WC_Order::maybe_set_date_paid looks at the status alone).
 */
function isPaid(order: unknown, status: string): boolean {
  if (status === 'completed') return true
  if (textAt(order, 'payment_method') === 'cod') return false
  if (status === 'processing') return true
  const dated = textAt(order, 'date_paid_gmt') !== undefined
  return dated && (status === 'refunded' || status === 'cancelled')
}

function describe(order: unknown, status: string): Draft {
  const id = textAt(order, 'id') ?? ''
  const total = moneyAt(order, 'total', order)
  const items = listAt(order, 'line_items')
    .slice(0, 200)
    .map((item) => ({
      name: cut(textAt(item, 'name') ?? '?', 500),
      quantity: Math.max(1, Number(textAt(item, 'quantity')) || 1),
      sku: textAt(item, 'sku'),
    }))
  const title = items.map(({ name, quantity }) => (quantity > 1 ? `${name} × ${quantity}` : name)).join(', ')
  return {
    refs: refsOf(order),
    order: {
      no: textAt(order, 'number') ?? id,
      total,
      title: title ? cut(title, 500) : undefined,
      items: items.length > 0 ? items : undefined,
      placedAt: gmt(order, 'date_created_gmt'),
      payUrl: status === 'pending' || status === 'failed' ? textAt(order, 'payment_url') : undefined,
    },
    payment: {
      // One sale is one payment here, whatever id its gateway gives or somebody enters later: that would make two.
      id: `woo:${id}`,
      rail: textAt(order, 'payment_method')?.slice(0, 40),
      method: textAt(order, 'payment_method_title')?.slice(0, 60),
      // The same amount: one that cannot be read is told once.
      amount: total ?? undefined,
    },
    refund: listAt(order, 'refunds').some((refund) => moneyAt(refund, 'total', order) === UNREADABLE)
      ? UNREADABLE
      : undefined,
    customer: customerOf(order),
    extra: { status },
  }
}

/**
 * Names of the order. A Stripe id in it joins what Stripe tells of the same sale: WooPayments keeps the intent as
 * transaction_id, the Stripe plugin keeps the charge there and the intent in `_stripe_intent_id`.
 */
function refsOf(order: unknown): OrderRef[] {
  const refs: OrderRef[] = []
  const add = (value: string | undefined) => {
    if (value && /^pi_\w+$/.test(value)) refs.push({ kind: 'stripe_pi', value })
    if (value && /^(ch|py)_\w+$/.test(value)) refs.push({ kind: 'stripe_ch', value })
  }
  const id = textAt(order, 'id')
  if (id) refs.push({ kind: 'woo_id', value: id })
  const no = textAt(order, 'number')
  if (no) refs.push({ kind: 'order_no', value: no })
  add(textAt(order, 'transaction_id'))
  for (const meta of listAt(order, 'meta_data')) {
    const key = textAt(meta, 'key')
    if (refs.length < 16 && (key === '_stripe_intent_id' || key === '_intent_id')) add(textAt(meta, 'value'))
  }
  return refs
}

/** Refunds listed in the order (negative totals), or the whole order when it is refunded and lists none. */
function refundsOf(order: unknown, status: string): NonNullable<Draft['refund']>[] {
  const paymentId = textAt(order, 'transaction_id')
  const refunds: NonNullable<Draft['refund']>[] = []
  for (const refund of listAt(order, 'refunds').slice(0, 64)) {
    const id = textAt(refund, 'id')
    const amount = moneyAt(refund, 'total', order)
    const reason = textAt(refund, 'reason')?.slice(0, 200)
    if (id && amount) refunds.push({ id: `woo:${id}`, amount, reason, paymentId })
  }
  const all = moneyAt(order, 'total', order)
  if (refunds.length === 0 && status === 'refunded' && all) {
    refunds.push({ id: `woo:${textAt(order, 'id')}`, amount: all, paymentId })
  }
  return refunds
}

function customerOf(order: unknown): Draft['customer'] {
  const billing = at(order, 'billing')
  const externalId = textAt(order, 'customer_id')
  return {
    // 0 stands for a guest.
    externalId: externalId === '0' ? undefined : externalId,
    name: personName(textAt(billing, 'first_name'), textAt(billing, 'last_name'))?.slice(0, 200),
    email: textAt(billing, 'email'),
    phone: phoneOf(textAt(billing, 'phone'), textAt(billing, 'country')),
  }
}

/** The amount without its sign: refunds are written negative. */
function moneyAt(value: unknown, field: string, order: unknown): Money | undefined {
  if (!cameAt(value, field)) return undefined
  const text = textAt(value, field)?.replace(/^-/, '') ?? ''
  return parseMoney(text, textAt(order, 'currency')?.toUpperCase() ?? '') ?? UNREADABLE
}

/** Epoch ms of WooCommerce's `…_gmt` texts, which carry no zone. */
function gmt(order: unknown, field: string): Instant | undefined {
  const text = textAt(order, field)
  return (text && parseIso(`${text}Z`)) || undefined
}
