import { type EventData, eventData, REVIEW_SOURCE } from '../event.ts'
import { currencyDigits, type Money } from '../money.ts'
import { DAY, type Instant, MINUTE, type Millis } from '../time.ts'
import { ROLES } from './words.ts'

/** Where and when a made-up story takes place. */
export interface SamplePlace {
  readonly language: 'zh' | 'en'
  readonly currency: string
  readonly now: Instant
}

/** One event of a made-up order or thing, to be kept at `time`. */
export interface SampleEvent {
  readonly type: string
  readonly source: string
  readonly time: Instant
  readonly subject: string | null
  readonly data: EventData
}

/** What happens to a made-up order until an event comes; the event itself is last. */
export type SampleStory = readonly SampleEvent[]

const WORDS = {
  zh: { title: '示例商品', name: '李雷', member: '示例会员', rule: '大额订单', what: '订单金额超过上限' },
  en: {
    title: 'Sample product',
    name: 'Sam',
    member: 'Sample membership',
    rule: 'Large order',
    what: 'The order is above the limit',
  },
}

const SAMPLE_ORDER = 'SAMPLE-1'
/** Of the `payment.failed` stories, one for each kind of obstacle; as Stripe tells them. */
const FAILURES = [
  { code: 'card_declined', declineCode: 'insufficient_funds' },
  { code: 'incorrect_cvc' },
  { code: 'expired_card' },
  { code: 'authentication_required' },
  { code: 'processing_error' },
  { code: 'card_declined', declineCode: 'fraudulent' },
  { code: 'card_declined', declineCode: 'generic_decline' },
]

type Told = readonly [type: string, data: Partial<EventData>]

/**
 * Made-up stories that end in an event of this type, for a flow to be tried on before there are orders. Several where
 * conditions tell such events apart: why the payment failed, whom a review is for.
 */
export function sampleStories(type: string, place: SamplePlace): readonly SampleStory[] {
  const { now, currency, language } = place
  const words = WORDS[language]
  if (type === 'stock.low' || type === 'stock.back') {
    const stock = { name: words.title, sku: 'SAMPLE', left: type === 'stock.low' ? 3 : 50 }
    return [[loose(type, 'SAMPLE', { extra: { stock } }, now)]]
  }
  if (type === 'membership.expiring') {
    const membership = { name: words.member, expires_at: now + 3 * DAY }
    return [[loose(type, 'SAMPLE', { customer: customerOf(words.name), extra: { membership } }, now)]]
  }
  const total = { minor: 399 * 10 ** currencyDigits(currency), currency }
  return endings(type, total, words).map((told) => storyOf([['order.created', {}], ...told], total, place))
}

function endings(type: string, total: Money, words: (typeof WORDS)['zh']): readonly (readonly Told[])[] {
  const failed = (failure: (typeof FAILURES)[number] = FAILURES[0]!): Told => [
    'payment.failed',
    { payment: { id: 'sample_payment', rail: 'stripe', method: 'card', amount: total, failure } },
  ]
  const paid: Told = ['order.paid', { payment: { id: 'sample_payment', rail: 'stripe', amount: total } }]
  const delivery: Partial<EventData> = { delivery: { id: 'sample_delivery', keys: ['SAMPLE-KEY'] } }
  switch (type) {
    case 'order.created':
      return [[]]
    case 'order.paid':
      return [[paid]]
    case 'payment.failed':
      return FAILURES.map((failure) => [failed(failure)])
    case 'payment.healed':
    case 'payment.heal_failed':
    case 'payment.retry_wanted':
      return [[failed(FAILURES[4]), [type, { payment: { id: 'sample_payment', rail: 'stripe' } }]]]
    case 'order.delivered':
    case 'order.partly_delivered':
      return [[paid, [type, delivery]]]
    case 'order.refunded':
      return [[paid, [type, { refund: { id: 'sample_refund', amount: total } }]]]
    case 'order.reopened':
      return [
        [
          ['order.expired', {}],
          [type, {}],
        ],
      ]
    case 'review.opened':
    case 'review.escalated':
    case 'review.decided':
      return reviews(type, words).map((extra): readonly Told[] => [paid, [type, { extra }]])
    default:
      return [[[type, {}]]]
  }
}

/** A review for each role, and for each thing that may be asked of the shop. */
function reviews(type: string, { rule, what, name }: (typeof WORDS)['zh']): EventData['extra'][] {
  const decided = type === 'review.decided'
  const said = { rule, what, history: [what], wait: '' }
  const review = (tell: string, outcome: string, command: string) => ({
    review: {
      id: 'rev_sample',
      rule: 'large-order',
      action: 'hold',
      severity: 'high',
      tell,
      quiet: false,
      reopened: false,
      outcome,
      command,
      tellsBuyer: true,
      zone: 'UTC',
      buyer: `${[...name][0]}***`,
      zh: said,
      en: said,
    },
  })
  if (!decided) return ROLES.map((role) => review(role, '', type === 'review.opened' ? 'hold_order' : ''))
  return ROLES.flatMap((role) => [
    review(role, 'approved', 'release_order'),
    review(role, 'rejected', 'cancel_order'),
    review(role, 'expired', 'release_order'),
  ])
}

/** So long before the next event of a story each one comes. */
const BETWEEN: Millis = 2 * MINUTE
const ORDER_LIFE: Millis = 2 * DAY

function storyOf(told: readonly Told[], total: Money, { now, language }: SamplePlace): SampleStory {
  const words = WORDS[language]
  const begun = now - BETWEEN * (told.length - 1)
  const order = {
    no: SAMPLE_ORDER,
    total,
    title: words.title,
    items: [{ name: words.title, quantity: 1 }],
    placedAt: begun,
    expiresAt: begun + ORDER_LIFE,
    payUrl: 'https://shop.example/pay/SAMPLE-1',
  }
  return told.map(([type, data], at) => ({
    type,
    source: type.startsWith('review.') ? REVIEW_SOURCE : 'dingdong:sample',
    time: begun + BETWEEN * at,
    subject: SAMPLE_ORDER,
    data: eventData.parse({ order, customer: customerOf(words.name), ...data }),
  }))
}

const customerOf = (name: string) => ({
  name,
  email: 'buyer@example.com',
  phone: '+12025550123',
  externalId: 'sample',
})

const loose = (type: string, subject: string, data: Partial<EventData>, now: Instant): SampleEvent => ({
  type,
  source: 'dingdong:sample',
  time: now,
  subject,
  data: eventData.parse(data),
})
