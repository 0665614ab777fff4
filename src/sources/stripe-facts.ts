import type { OrderRef } from '../domain/event.ts'
import { at, isObject, type JsonObject, listAt, textAt } from './json.ts'
import { phoneOf } from './phone.ts'
import { stripeMoney } from './stripe-amount.ts'
import { cut, type Draft } from './tidy.ts'

/** A Stripe event as one of our types, with what it says. */
export interface StripeFact {
  readonly type: string
  readonly draft: Draft
}

/** The event around an object. */
export interface StripeTold {
  readonly id: string
  /** Of the API, in which the object is written: `2026-05-27.dahlia`. */
  readonly version?: string | undefined
}

/** `null`: the event is kept and shown, but changes nothing. */
export function stripeFact(
  type: string,
  told: StripeTold,
  object: JsonObject,
  refs: readonly OrderRef[],
): StripeFact | null {
  switch (type) {
    case 'payment_intent.created':
      return { type: 'payment.started', draft: intent(object) }
    // A debit that takes days; a card that is authorised and to be captured by the shop.
    case 'payment_intent.processing':
    case 'payment_intent.amount_capturable_updated':
      return { type: 'payment.started', draft: underWay(intent(object)) }
    case 'payment_intent.requires_action': {
      const later = LATER.test(textAt(object, 'next_action', 'type') ?? '')
      return { type: 'payment.started', draft: later ? underWay(intent(object)) : intent(object) }
    }
    case 'payment_intent.succeeded':
      return { type: 'order.paid', draft: intent(object, at(object, 'amount_received')) }
    case 'payment_intent.payment_failed':
      return { type: 'payment.failed', draft: failedIntent(object, told.id) }
    case 'payment_intent.canceled':
      return cancelledIntent(object, refs)
    case 'charge.refunded':
      return releasesOnly(object, told)
        ? null
        : { type: 'order.refunded', draft: refundedCharge(object, told) }
    case 'radar.early_fraud_warning.created':
      return { type: 'payment.unauthorised', draft: unauthorised(object) }
    case 'charge.dispute.created':
      // Goods that never came, a charge taken twice: a quarrel about the order, whose payment was wanted.
      return textAt(object, 'reason') === 'fraudulent'
        ? { type: 'payment.unauthorised', draft: unauthorised(object) }
        : null
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded':
    case 'checkout.session.expired':
      return session(type, object, refs)
    // refund.* tells again, one by one, what charge.refunded tells as a sum; async_payment_failed what
    // payment_intent.payment_failed tells with its codes. To act on both would double it.
    default:
      return null
  }
}

/** Next actions that the buyer takes away to pay by: a voucher, an account to transfer to, a micro-deposit to wait for. */
const LATER =
  /^((boleto|konbini|multibanco|oxxo)_display_details|display_bank_transfer_instructions|verify_with_microdeposits)$/

const underWay = ({ payment, ...draft }: Draft): Draft => ({
  ...draft,
  payment: payment && { ...payment, underWay: true },
})

/** What every PaymentIntent says. `amount` is what this event is about: a payment's, the order's total is the shop's to say. */
function intent(object: JsonObject, amount: unknown = at(object, 'amount')): Draft {
  return {
    order: {
      title: shortText(textAt(object, 'description')),
      placedAt: seconds(at(object, 'created')),
      payUrl: textAt(object, 'metadata', 'pay_url'),
    },
    payment: {
      // The intent, not the charge: checkout.session.completed knows only the intent, and one payment told
      // under two ids would be summed as two.
      id: textAt(object, 'id') ?? '',
      rail: 'stripe',
      byGateway: true,
      method: methodOf(object),
      amount: stripeMoney(amount, at(object, 'currency')),
    },
    customer: customerOf(object),
  }
}

/** A failed try. Its id is the charge, because one intent may be tried many times; without one, the event. */
function failedIntent(object: JsonObject, eventId: string): Draft {
  const error = at(object, 'last_payment_error')
  const draft = intent(object)
  const charge = textAt(error, 'charge') ?? textAt(error, 'charge', 'id')
  return {
    ...draft,
    payment: {
      ...draft.payment!,
      id: charge ?? eventId,
      scheme: schemeOf(textAt(error, 'payment_method', 'card', 'brand')),
      // The same for every use of one card number at this Stripe account.
      card: textAt(error, 'payment_method', 'card', 'fingerprint'),
      failure: {
        code: textAt(error, 'code') ?? textAt(error, 'type') ?? 'unknown',
        declineCode: textAt(error, 'decline_code'),
        adviceCode: textAt(error, 'advice_code'),
        networkCode: textAt(error, 'network_decline_code'),
        networkAdviceCode: textAt(error, 'network_advice_code'),
        message: shortText(textAt(error, 'message'), 1_000),
      },
    },
  }
}

/** The shop has a number of its own for the order, which may then be paid by another intent or session. */
const hasNumber = (refs: readonly OrderRef[]) => refs.some(({ kind }) => kind === 'order_no')

/**
 * The end of an intent, or of a session, is the end of the order only when Stripe is all the shop has. A duplicate is
 * never the order's end.
 */
function cancelledIntent(object: JsonObject, refs: readonly OrderRef[]): StripeFact | null {
  const reason = textAt(object, 'cancellation_reason')
  if (reason === 'duplicate' || hasNumber(refs)) return null
  const draft = intent(object)
  const ranOut = reason === 'expired' || reason === 'automatic'
  return {
    type: ranOut ? 'order.expired' : 'order.cancelled',
    draft: { ...draft, order: { ...draft.order, reason } },
  }
}

/**
 * The first version in which only money that was taken is refunded. Before, what of an authorisation was not captured
 * counted as a refund, too. https://docs.stripe.com/changelog/basil/2025-03-31/remove-refund-from-partial-capture-and-payment-cancellation-flow
 */
const MONEY_ONLY = '2025-03-31'

/** What of `amount_refunded` had been authorised only, and never left the buyer's account. */
function releasedIn(object: JsonObject, { version = MONEY_ONLY }: StripeTold): number {
  const [amount, captured] = [at(object, 'amount'), at(object, 'amount_captured')]
  if (version >= MONEY_ONLY || typeof amount !== 'number' || typeof captured !== 'number') return 0
  return Math.max(0, amount - captured)
}

/** An authorisation that was called off, or captured in part: nobody gets anything back. */
function releasesOnly(object: JsonObject, told: StripeTold): boolean {
  const released = releasedIn(object, told)
  return at(object, 'captured') === false || (released > 0 && at(object, 'amount_refunded') === released)
}

/** `amount_refunded` is the sum so far, so the charge is the refund's id and its amount only grows. */
function refundedCharge(object: JsonObject, told: StripeTold): Draft {
  const id = textAt(object, 'id') ?? ''
  const all = at(object, 'amount_refunded')
  const returned = typeof all === 'number' ? all - releasedIn(object, told) : all
  const amount = stripeMoney(returned, at(object, 'currency'))
  const paymentId = textAt(object, 'payment_intent') ?? textAt(object, 'payment_intent', 'id') ?? id
  return {
    refund: amount && { id, amount, paymentId },
    customer: customerOf(object),
  }
}

/**
 * The cardholder did not agree: the issuer's warning, or the dispute it becomes (docs.stripe.com/disputes/measuring,
 * 2026-11). Only a dispute says how much.
 */
function unauthorised(object: JsonObject): Draft {
  const named = (key: string) => textAt(object, key) ?? textAt(object, key, 'id')
  return {
    payment: {
      id: named('payment_intent') ?? named('charge') ?? textAt(object, 'id') ?? '',
      rail: 'stripe',
      amount: stripeMoney(at(object, 'amount'), at(object, 'currency')),
    },
  }
}

function session(type: string, object: JsonObject, refs: readonly OrderRef[]): StripeFact | null {
  // A subscription's or a setup's session has no payment of its own; its invoice's intent tells of the money.
  if (textAt(object, 'mode') !== 'payment') return null
  const amount = stripeMoney(at(object, 'amount_total'), at(object, 'currency'))
  const id =
    textAt(object, 'payment_intent') ?? textAt(object, 'payment_intent', 'id') ?? textAt(object, 'id') ?? ''
  const payment = { id, rail: 'stripe', byGateway: true, method: methodOf(object), amount }
  const order = { placedAt: seconds(at(object, 'created')) }
  const customer = customerOf(object)
  if (type === 'checkout.session.expired') {
    if (hasNumber(refs)) return null
    const ended = {
      ...order,
      expiresAt: seconds(at(object, 'expires_at')),
      // Set when the shop switched recovery on: a fresh session with the same cart.
      payUrl: textAt(object, 'after_expiration', 'recovery', 'url'),
    }
    return { type: 'order.expired', draft: { order: ended, payment, customer } }
  }
  // Completed but unpaid: a slow method (bank debit, voucher) whose money is still to come, or is to be captured.
  const unpaid = type === 'checkout.session.completed' && textAt(object, 'payment_status') === 'unpaid'
  const draft = { order, payment, customer }
  return unpaid ? { type: 'payment.started', draft: underWay(draft) } : { type: 'order.paid', draft }
}

/** The buyer, from wherever this kind of object keeps them. */
function customerOf(object: JsonObject): Draft['customer'] {
  const places = [
    at(object, 'customer_details'),
    at(object, 'billing_details'),
    at(object, 'last_payment_error', 'payment_method', 'billing_details'),
    // API versions before 2022-11-15 list the intent's charges.
    at(object, 'charges', 'data', 0, 'billing_details'),
    at(object, 'shipping'),
  ].filter(isObject)
  const first = (key: string) => places.map((place) => textAt(place, key)).find(Boolean)
  const country = places.map((place) => textAt(place, 'address', 'country')).find(Boolean)
  const locale = textAt(object, 'locale')
  const customer = {
    name: shortText(first('name'), 200),
    email: textAt(object, 'receipt_email') ?? first('email') ?? textAt(object, 'customer_email'),
    phone: phoneOf(first('phone'), country),
    locale: locale === 'auto' ? undefined : locale,
  }
  return Object.values(customer).some(Boolean) ? customer : undefined
}

/** visa, mastercard, amex …: Stripe's brand in small letters; `unknown` tells nothing. */
function schemeOf(brand: string | undefined): string | undefined {
  return brand !== undefined && /^[a-z][a-z_]{0,39}$/.test(brand) && brand !== 'unknown' ? brand : undefined
}

/** card, alipay, wechat_pay …: what was used, or the only one offered. */
function methodOf(object: JsonObject): string | undefined {
  const offered = listAt(object, 'payment_method_types')
  return (
    textAt(object, 'last_payment_error', 'payment_method', 'type') ??
    textAt(object, 'payment_method', 'type') ??
    textAt(object, 'charges', 'data', 0, 'payment_method_details', 'type') ??
    (offered.length === 1 ? textAt(offered, 0) : undefined)
  )
}

function seconds(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 && value < 1e11 ? Math.round(value * 1000) : undefined
}

function shortText(text: string | undefined, max = 500): string | undefined {
  return text === undefined ? undefined : cut(text, max)
}
