import { Environment } from '@marcbachmann/cel-js'
import { Duration } from '@marcbachmann/cel-js/evaluator'
import { type Amounts, amountIn, isAmounts } from '../amounts.ts'
import { FAILURE_CLASSES } from '../failure-class.ts'
import { currencyDigits, type Money, parseMoney } from '../money.ts'
import { cameFor, excessOf, missingOf } from '../order/received.ts'
import { ORDER_STATUSES } from '../order/view.ts'
import type { Instant } from '../time.ts'
import { parseDuration } from './duration.ts'
import type { FlowContext, FlowCustomer, FlowEvent, FlowFailure, FlowOrder, FlowShop } from './run.ts'

// CEL's types are told apart by constructor, hence classes. Getters, because an expression reads two or three
// of some thirty names and integers must become BigInt, instants Date. An absent fact is `undefined`: has() is
// false and using it is an error, which makes the condition false.

/** CEL's timestamp is a Date; this one is made from a given instant, never from a clock. */
// biome-ignore lint/style/noRestrictedGlobals: see the line above
const timestamp = (at: Instant | null | undefined) => (at == null ? undefined : new Date(at))
const integer = (value: number | null | undefined) => (value == null ? undefined : BigInt(Math.trunc(value)))
const known = <T>(value: T | null | undefined): T | undefined => value ?? undefined

export class MoneyFact {
  readonly of: Money
  constructor(of: Money) {
    this.of = of
  }
  get minor() {
    return BigInt(this.of.minor)
  }
  get major() {
    return this.of.minor / 10 ** currencyDigits(this.of.currency)
  }
  get currency() {
    return this.of.currency
  }
}
const money = (value: Money | null | undefined) => (value == null ? undefined : new MoneyFact(value))

class FailureFact {
  readonly of: FlowFailure
  readonly classify: FlowContext['classify']
  constructor(of: FlowFailure, classify: FlowContext['classify']) {
    this.of = of
    this.classify = classify
  }
  get code() {
    return known(this.of.code)
  }
  get declineCode() {
    return known(this.of.declineCode)
  }
  get rail() {
    return known(this.of.rail)
  }
  get method() {
    return known(this.of.method)
  }
  get class() {
    return this.classify(this.of).class
  }
  get advice() {
    return this.classify(this.of).advice
  }
}

class OrderFact {
  readonly of: FlowOrder | null
  readonly classify: FlowContext['classify']
  constructor({ order, classify }: FlowContext) {
    this.of = order
    this.classify = classify
  }
  get no() {
    return known(this.of?.no)
  }
  get status() {
    return known(this.of?.status)
  }
  get total() {
    return money(this.of?.total)
  }
  get title() {
    return known(this.of?.title)
  }
  get placedAt() {
    return timestamp(this.of?.placedAt)
  }
  get paidAt() {
    return timestamp(this.of?.paidAt)
  }
  get expiresAt() {
    return timestamp(this.of?.expiresAt)
  }
  get reservedUntil() {
    return timestamp(this.of?.reservedUntil)
  }
  get payUrl() {
    return known(this.of?.payUrl)
  }
  get pageUrl() {
    return known(this.of?.pageUrl)
  }
  get attempts() {
    return integer(this.of?.attempts)
  }
  get lastFailure() {
    return this.of?.lastFailure ? new FailureFact(this.of.lastFailure, this.classify) : undefined
  }
  // Two currencies have no sum: absent rather than wrong.
  get paidTotal() {
    const came = this.of && cameFor(this.of)
    return came?.length === 1 ? money(came[0]) : undefined
  }
  get missing() {
    return money(this.of && missingOf(this.of))
  }
  get excess() {
    return money(this.of && excessOf(this.of))
  }
  get refunded() {
    return this.of?.refunded.length === 1 ? money(this.of.refunded[0]) : undefined
  }
  get healing() {
    return known(this.of?.healing)
  }
  get underWay() {
    return known(this.of?.underWay)
  }
}

class CustomerFact {
  readonly of: FlowCustomer | null
  constructor(of: FlowCustomer | null) {
    this.of = of
  }
  get locale() {
    return known(this.of?.locale)
  }
  get timeZone() {
    return known(this.of?.timeZone)
  }
  get tier() {
    return known(this.of?.tier)
  }
  get orders() {
    return integer(this.of?.orders)
  }
}

class EventFact {
  readonly of: FlowEvent | null
  constructor(of: FlowEvent | null) {
    this.of = of
  }
  get type() {
    return known(this.of?.type)
  }
  get source() {
    return known(this.of?.source)
  }
  get time() {
    return timestamp(this.of?.time)
  }
  get rail() {
    return known(this.of?.data.payment?.rail)
  }
  get method() {
    return known(this.of?.data.payment?.method)
  }
  get failureCode() {
    return known(this.of?.data.payment?.failure?.code)
  }
  get amount() {
    return money(this.of?.data.payment?.amount)
  }
  get refund() {
    return money(this.of?.data.refund?.amount)
  }
}

class ShopFact {
  readonly of: FlowShop
  constructor(of: FlowShop) {
    this.of = of
  }
  get locale() {
    return this.of.locale
  }
  get timeZone() {
    return this.of.timeZone
  }
  get currency() {
    return known(this.of.currency)
  }
}

const TIMESTAMP = 'google.protobuf.Timestamp'
const DURATION = 'google.protobuf.Duration'

/**
 * What expressions can read, by variable; also the table for the docs. Names, addresses and card keys are not
 * among them on purpose: a condition ends up in logs and screens.
 */
export const FACT_FIELDS = {
  order: {
    no: 'string',
    status: 'string',
    total: 'Money',
    title: 'string',
    placedAt: TIMESTAMP,
    paidAt: TIMESTAMP,
    expiresAt: TIMESTAMP,
    reservedUntil: TIMESTAMP,
    payUrl: 'string',
    pageUrl: 'string',
    attempts: 'int',
    lastFailure: 'Failure',
    paidTotal: 'Money',
    missing: 'Money',
    excess: 'Money',
    refunded: 'Money',
    healing: 'bool',
    underWay: 'bool',
  },
  customer: { locale: 'string', timeZone: 'string', tier: 'string', orders: 'int' },
  event: {
    type: 'string',
    source: 'string',
    time: TIMESTAMP,
    rail: 'string',
    method: 'string',
    failureCode: 'string',
    amount: 'Money',
    refund: 'Money',
  },
  shop: { locale: 'string', timeZone: 'string', currency: 'string' },
} as const

/** Fields that have a fixed set of values: comparing with another is a slip of the pen. */
export const FACT_VALUES: Readonly<Record<string, readonly string[]>> = {
  'order.status': ORDER_STATUSES,
  'order.lastFailure.class': FAILURE_CLASSES,
}

/** Fields of the types that facts are made of. */
export const TYPE_FIELDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Money: { minor: 'int', major: 'double', currency: 'string' },
  Failure: {
    code: 'string',
    declineCode: 'string',
    rail: 'string',
    method: 'string',
    class: 'string',
    advice: 'string',
  },
  Order: FACT_FIELDS.order,
  Customer: FACT_FIELDS.customer,
  Event: FACT_FIELDS.event,
  Shop: FACT_FIELDS.shop,
}

function makeMoney(amount: string, currency: string): MoneyFact {
  const made = parseMoney(amount, currency)
  if (made === null) throw new Error('not an amount of that currency')
  return new MoneyFact(made)
}

function compare(left: MoneyFact, right: MoneyFact): number {
  if (left.currency !== right.currency) throw new Error('the currencies differ')
  return left.of.minor - right.of.minor
}

const BASE = new Environment({
  limits: { maxAstNodes: 300, maxDepth: 24, maxListElements: 100, maxMapEntries: 50, maxCallArguments: 8 },
})
  .registerType('Money', { ctor: MoneyFact, fields: { ...TYPE_FIELDS.Money } })
  .registerType('Failure', { ctor: FailureFact, fields: { ...TYPE_FIELDS.Failure } })
  .registerType('Order', { ctor: OrderFact, fields: { ...TYPE_FIELDS.Order } })
  .registerType('Customer', { ctor: CustomerFact, fields: { ...TYPE_FIELDS.Customer } })
  .registerType('Event', { ctor: EventFact, fields: { ...TYPE_FIELDS.Event } })
  .registerType('Shop', { ctor: ShopFact, fields: { ...TYPE_FIELDS.Shop } })
  .registerVariable('order', 'Order')
  .registerVariable('customer', 'Customer')
  .registerVariable('event', 'Event')
  .registerVariable('shop', 'Shop')
  .registerVariable('extra', 'map')
  .registerVariable('now', TIMESTAMP)
  .registerFunction('money(int, string): Money', (amount: bigint, currency: string) =>
    makeMoney(String(amount), currency),
  )
  .registerFunction('money(double, string): Money', (amount: number, currency: string) =>
    makeMoney(String(amount), currency),
  )
  .registerFunction('money(string, string): Money', makeMoney)
  .registerOperator('Money == Money', (left: MoneyFact, right: MoneyFact) => compare(left, right) === 0)
  .registerOperator('Money < Money', (left: MoneyFact, right: MoneyFact) => compare(left, right) < 0)
  .registerOperator('Money <= Money', (left: MoneyFact, right: MoneyFact) => compare(left, right) <= 0)
  .registerOperator('Money > Money', (left: MoneyFact, right: MoneyFact) => compare(left, right) > 0)
  .registerOperator('Money >= Money', (left: MoneyFact, right: MoneyFact) => compare(left, right) >= 0)

export type ParamValues = Readonly<Record<string, string | number | boolean | Amounts>>

/**
 * A flow's parameters as expressions see them: `30m` is a duration, 5000 an int, 0.5 a double, and an amount by currency
 * the money in the order's own, absent where it has none.
 */
export interface ParamFacts {
  readonly environment: Environment
  readonly fields: Readonly<Record<string, string>>
  /** As they are written. */
  readonly values: ParamValues
  in(currency: string | undefined): object
}

/** The environment of one flow: everything of BASE and its own `params`, typed by their values. */
export function paramFacts(params: ParamValues): ParamFacts {
  const fields: Record<string, string> = {}
  const values: Record<string, unknown> = {}
  const tables: [string, Amounts][] = []
  for (const [name, value] of Object.entries(params)) {
    const ms = typeof value === 'string' ? parseDuration(value) : null
    if (isAmounts(value)) {
      fields[name] = 'Money'
      tables.push([name, value])
    } else if (ms !== null) {
      fields[name] = DURATION
      values[name] = Duration.fromMilliseconds(ms)
    } else if (typeof value === 'number') {
      fields[name] = Number.isSafeInteger(value) ? 'int' : 'double'
      values[name] = Number.isSafeInteger(value) ? BigInt(value) : value
    } else {
      fields[name] = typeof value === 'string' ? 'string' : 'bool'
      values[name] = value
    }
  }
  class Params {}
  const environment = BASE.clone()
    .registerType('Params', { ctor: Params, fields: { ...fields } })
    .registerVariable('params', 'Params')
  const plain = Object.assign(new Params(), values)
  const withAmounts = (currency: string) =>
    Object.assign(
      new Params(),
      values,
      Object.fromEntries(tables.map(([name, table]) => [name, money(amountIn(table, currency))])),
    )
  return {
    environment,
    fields,
    values: params,
    in: (currency) => (currency === undefined || tables.length === 0 ? plain : withAmounts(currency)),
  }
}

/** Values of all variables, for one evaluation. */
export type Facts = Readonly<Record<string, unknown>>

const NO_EXTRA = {}

export function buildFacts(context: FlowContext, params: ParamFacts, now: Instant): Facts {
  return {
    order: new OrderFact(context),
    customer: new CustomerFact(context.customer),
    event: new EventFact(context.event),
    shop: new ShopFact(context.shop),
    extra: context.event?.data.extra ?? NO_EXTRA,
    now: timestamp(now),
    params: params.in(context.order?.total?.currency),
  }
}
