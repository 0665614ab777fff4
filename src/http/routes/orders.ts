import * as z from 'zod'
import { formatId } from '../../domain/ids.ts'
import { maskName } from '../../domain/mask.ts'
import type { HttpDeps } from '../deps.ts'
import { orderNotFound } from '../not-found.ts'
import { findOrderBy, maskedContacts, type SeenOrder } from '../order-seen.ts'
import type { AddRoute } from '../route.ts'
import { readTimeline } from '../timeline.ts'
import { timelineShape } from '../timeline-shape.ts'

const instant = z.int().describe('Epoch milliseconds')
const money = z.object({ minor: z.int(), currency: z.string() })

const orderShape = z
  .object({
    order: z.string(),
    no: z.string().nullable(),
    status: z.string(),
    total: money.nullable(),
    paid: z.array(money),
    refunded: z.array(money),
    title: z.string().nullable(),
    items: z.array(z.object({ name: z.string(), quantity: z.int(), sku: z.string().optional() })),
    placedAt: instant.nullable(),
    expiresAt: instant.nullable(),
    paidAt: instant.nullable(),
    deliveredAt: instant.nullable(),
    hasKeys: z.boolean(),
    names: z
      .array(z.object({ kind: z.string(), value: z.string() }))
      .describe('Every name systems know it by'),
    customer: z.string().nullable(),
    customerName: z.string().nullable().describe('Masked'),
    contacts: z.array(
      z.object({ contact: z.string(), channel: z.string(), address: z.string(), state: z.string() }),
    ),
    locale: z.string().nullable(),
    timeZone: z.string().nullable(),
    createdAt: instant,
    updatedAt: instant,
  })
  .meta({ id: 'Order' })

const params = z.object({ no: z.string().max(200).describe('The order’s number, or our id ord_…') })
const query = z.object({ lang: z.enum(['zh', 'en']).optional(), shop: z.string().optional() })

export function orders(add: AddRoute, deps: HttpDeps): void {
  add('GET /v1/orders/:no', {
    summary: 'An order as its events tell it',
    params,
    query,
    answer: orderShape,
    async handle({ caller: { shop }, params, language }) {
      const order = await findOrderBy(deps, shop, params.no)
      if (!order) throw await orderNotFound(deps, shop, params.no, language)
      const contacts = await maskedContacts(deps, shop, order.contacts)
      return {
        ...seeOrder(order),
        contacts: contacts.map(({ id, ...rest }) => ({ contact: formatId('con', id), ...rest })),
      }
    },
  })

  add('GET /v1/orders/:no/timeline', {
    summary: 'Everything that happened to an order, and why each message was sent or not',
    params,
    query,
    answer: timelineShape,
    async handle({ caller: { shop }, params, language }) {
      const order = await findOrderBy(deps, shop, params.no)
      if (!order) throw await orderNotFound(deps, shop, params.no, language)
      return readTimeline(deps, shop, order, language)
    },
  })
}

function seeOrder({ row, view, names, locale, timeZone }: SeenOrder) {
  return {
    order: formatId('ord', row.id),
    no: view.no,
    status: view.status,
    total: view.total,
    paid: [...view.paid],
    refunded: [...view.refunded],
    title: view.title,
    items: view.items.map(({ name, quantity, sku }) => ({
      name,
      quantity,
      ...(sku === undefined ? {} : { sku }),
    })),
    placedAt: view.placedAt,
    expiresAt: view.expiresAt,
    paidAt: view.paidAt,
    deliveredAt: view.deliveredAt,
    hasKeys: view.hasKeys,
    names: [...names],
    customer: row.customer_id && formatId('cus', row.customer_id),
    customerName: view.customerName === null ? null : maskName(view.customerName),
    locale,
    timeZone,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
