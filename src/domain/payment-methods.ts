import * as z from 'zod'
import type { FailureClass } from './failure-class.ts'

/** What kind of money a method moves; decides what may help after which failure. */
export const METHOD_KINDS = ['card', 'wallet', 'balance', 'bank'] as const
export type MethodKind = (typeof METHOD_KINDS)[number]

const KEY = /^[a-z][a-z0-9_-]{0,31}$/
const key = z.string().regex(KEY, 'expected a key such as alipay or balance')
const name = z.string().trim().min(1).max(40)
const address = z.url({ protocol: /^https?$/ }).max(2_000)

/** A template for the addresses of orders; `{no}` becomes the order's number. */
export const orderUrlTemplate = address

/** A way to pay that the shop offers, as its settings name it. */
export const paymentMethod = z.strictObject({
  key,
  names: z.strictObject({ zh: name, en: name }),
  kind: z.enum(METHOD_KINDS),
  /** The method's own payment page; `{no}` becomes the order's number. */
  urlTemplate: orderUrlTemplate.optional(),
  /** Or what to add to the order's payment link to open it on this method: `method=alipay`. */
  payParam: z
    .string()
    .regex(/^[\w.-]+=[\w.~-]+$/, 'expected one parameter such as method=alipay')
    .optional(),
})
export type PaymentMethod = Readonly<z.infer<typeof paymentMethod>>

/** A way to pay that an event names for its own order, with the link that opens it. */
export const orderAlternative = z.object({
  key: z.string().regex(KEY, 'method_key'),
  names: z.object({ zh: name, en: name }).optional(),
  url: address,
})
export type OrderAlternative = Readonly<z.infer<typeof orderAlternative>>

export interface Alternative {
  readonly key: string
  readonly names: { readonly zh: string; readonly en: string }
  readonly url: string
}

/** An order whose events name no payment page is paid at the shop's usual one. */
export function withPayUrl<Order extends Pick<PayableOrder, 'no' | 'payUrl'>>(
  order: Order,
  template: string | undefined,
): Order {
  if (order.payUrl !== null || template === undefined) return order
  return { ...order, payUrl: filled(template, order.no) }
}

/** The address for an order of this number. `null`: the template wants a number and there is none. */
export function filled(template: string, no: string | null): string | null {
  if (!template.includes('{no}')) return template
  return no === null ? null : template.replaceAll('{no}', encodeURIComponent(no))
}

/** What to choose the alternatives of an order from. */
export interface PayableOrder {
  readonly no: string | null
  readonly payUrl: string | null
  readonly alternatives: readonly OrderAlternative[]
  readonly lastFailure: { readonly rail: string | null; readonly method: string | null } | null
}

/** More than three are a menu, and the pay link leads to that anyway. */
const MOST = 3

/** Which kind helps most after which failure: too little money on a card is not lacking in the shop's balance. */
const BEST_FIRST: Readonly<Partial<Record<FailureClass, readonly MethodKind[]>>> = {
  insufficient_funds: ['balance', 'wallet', 'bank', 'card'],
}
const USUAL: readonly MethodKind[] = ['wallet', 'balance', 'bank', 'card']

/** Words by which rails call a card payment. */
const CARDS: ReadonlySet<string> = new Set([
  'card', 'credit_card', 'debit_card', 'bank_card', 'visa', 'mastercard', 'amex', 'unionpay', 'jcb', 'discover', 'diners',
]) // biome-ignore format: a list

/**
 * Other ways to pay an order whose payment failed, best first, at most three. Left out: the method that failed,
 * other cards after a card (the payment page asks for one anyway), and every method without a link of its own.
 */
export function alternativesFor(
  failureClass: FailureClass,
  order: PayableOrder,
  methods: readonly PaymentMethod[],
): readonly Alternative[] {
  const failed = new Set(
    [order.lastFailure?.method, order.lastFailure?.rail].flatMap((word) => word?.toLowerCase() ?? []),
  )
  const kindOf = (each: string) => methods.find((method) => method.key === each)?.kind
  const card = [...failed].some((each) => CARDS.has(each) || kindOf(each) === 'card')
  const rank = BEST_FIRST[failureClass] ?? USUAL
  return candidates(order, methods)
    .filter(({ key, kind }) => !failed.has(key) && !(card && kind === 'card'))
    .toSorted((a, b) => rank.indexOf(a.kind) - rank.indexOf(b.kind))
    .slice(0, MOST)
    .map(({ key, names, url }) => ({ key, names, url }))
}

/** What the order's own events name beats what the shop's settings know of the same method. */
function candidates(
  order: PayableOrder,
  methods: readonly PaymentMethod[],
): readonly (Alternative & { readonly kind: MethodKind })[] {
  const own = order.alternatives.map(({ key, names, url }) => {
    const known = methods.find((method) => method.key === key)
    return {
      key,
      url,
      names: names ?? known?.names ?? { zh: key, en: key },
      kind: known?.kind ?? kindNamed(key),
    }
  })
  const others = methods.flatMap((method) => {
    const url = own.some(({ key }) => key === method.key) ? null : urlOf(method, order)
    return url === null ? [] : [{ key: method.key, names: method.names, url, kind: method.kind }]
  })
  return [...own, ...others]
}

const kindNamed = (key: string): MethodKind =>
  CARDS.has(key) ? 'card' : key === 'balance' ? 'balance' : 'wallet'

/** Where this order is paid by this method; `null` when nobody has said. */
function urlOf({ urlTemplate, payParam }: PaymentMethod, { no, payUrl }: PayableOrder): string | null {
  if (urlTemplate !== undefined) return filled(urlTemplate, no)
  if (payParam === undefined || payUrl === null) return null
  const [before, fragment] = payUrl.split('#', 2)
  const joined = `${before}${before!.includes('?') ? '&' : '?'}${payParam}`
  return fragment === undefined ? joined : `${joined}#${fragment}`
}
