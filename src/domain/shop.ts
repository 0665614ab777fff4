import * as z from 'zod'
import { capRules } from './gate/cap-rules.ts'
import { LEVELS } from './gate/input.ts'
import { ordersApart } from './gate/orders-apart.ts'
import { CHANNELS, type Channel } from './message.ts'
import { orderUrlTemplate, paymentMethod } from './payment-methods.ts'

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'expected a time of day such as 22:00')
const window = z.strictObject({ from: clock, to: clock })
const opening = window.refine(
  ({ from, to }) => from !== to,
  'expected a window that lasts: from and to are the same',
)
const word = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,47}$/, 'expected a name of small letters, digits and hyphens')
const category = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,47}$/,
    'expected a category of small letters, digits and hyphens, such as orders or payments',
  )

/** Not a price list: it only says that an SMS costs something and the rest does not. Of SMS, one segment. */
export const TYPICAL_COSTS: Readonly<Partial<Record<Channel, number>>> = {
  inbox: 0,
  webhook: 0,
  email: 0,
  sms: 50,
}

/** What a shop can set. Every field has a default, so that `{}` is a working shop. */
export const shopSettings = z.strictObject({
  brand: z
    .strictObject({
      colour: z.string().regex(/^#[0-9a-f]{6}$/i, 'expected a colour such as #0f766e').optional(),
      logo: z.url({ protocol: /^https$/ }).optional(),
      support: z.string().max(200).optional(),
    })
    .prefault({}),
  /** Messages a person may get on one local day, over all channels; `essential` is exempt. */
  capPerDay: z.int().min(0).max(50).default(3),
  /** Further caps: by purpose, category, template, channel or address, in a local day or any stretch of time. */
  caps: capRules.default([]),
  /** How far reminders and promotions of one category about a buyer's different orders are kept apart; `never`: none waits for another. */
  ordersApart,
  /** Hours in which people of a segment like to read reminders and promotions, in their own time zone. */
  windows: z.record(word, z.array(opening).min(1).max(4)).default({
    office: [{ from: '12:00', to: '13:30' }],
    student: [{ from: '20:00', to: '22:00' }],
  }),
  /** How much a category matters; others go by their purpose: essential urgent, service high, reminder normal, promotion low. */
  levels: z.record(category, z.enum(LEVELS)).default({}),
  /** Messages of a lower level than this are not sent. */
  dropBelow: z.enum(LEVELS).optional(),
  /** Local hours in which a channel does not ring. */
  quiet: z
    .partialRecord(z.enum(CHANNELS), z.array(window).max(4))
    .default({ sms: [{ from: '21:00', to: '08:00' }] }),
  /** What one message on a channel costs, of SMS one segment, in thousandths of the shop's currency; an SMS account may say its own. What is left out costs `TYPICAL_COSTS`. */
  costs: z.partialRecord(z.enum(CHANNELS), z.number().min(0).max(1_000_000)).default({}),
  /** The payment page of an order whose events name none as `payUrl`; `{no}` becomes the order's number. */
  payUrlTemplate: orderUrlTemplate.optional(),
  /** Where the shop's own people look after an order; `{no}` becomes its number. Without it their messages have no such link. */
  consoleUrlTemplate: orderUrlTemplate.optional(),
  /** Ways to pay, for messages about a payment that failed; one without a link is never offered. */
  paymentMethods: z.array(paymentMethod).max(20).default([]),
  /**
   * Further tries of a payment that failed for no fault of the buyer's. `byUs`: through the source's own action. `byShop`:
   * by the signed command `payment.retry`; `ask` declares that nobody else tries failed payments again by himself, no
   * plug-in and no provider.
   */
  retries: z
    .strictObject({
      byUs: z.enum(['once', 'never']).default('once'),
      byShop: z.enum(['never', 'ask']).default('never'),
    })
    .prefault({}),
  /** Where the shop shows a buyer their orders; used when an order has no page of its own. */
  helpUrl: z.url({ protocol: /^https?$/ }).optional(),
}) // biome-ignore format: one line a field

export type ShopSettings = Readonly<z.infer<typeof shopSettings>>
