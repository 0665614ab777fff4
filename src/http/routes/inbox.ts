import * as z from 'zod'
import { findContact } from '../../db/contacts.ts'
import { countUnread, listInbox, markInboxItem } from '../../db/inbox.ts'
import { readMessage } from '../../db/messages.ts'
import { Fault } from '../../domain/errors.ts'
import { formatId, type MessageId, parseId, type ShopId } from '../../domain/ids.ts'
import type { HttpDeps } from '../deps.ts'
import type { InternalSender } from '../internal-sender.ts'
import { openOrder } from '../order-seen.ts'
import { cursor, paged, pageQuery } from '../paging.ts'
import type { AddRoute } from '../route.ts'

const instant = z.int().describe('Epoch milliseconds')
const customer = z.string().min(1).max(200).describe('The shop’s own id of the buyer')

const itemShape = z.object({
  message: z.string(),
  title: z.string(),
  text: z.string(),
  link: z.string().nullable(),
  createdAt: instant,
  readAt: instant.nullable(),
})

export interface InboxBody {
  readonly title: string
  readonly text: string
  readonly link: string | null
}

/** A buyer's in-app messages (站内信), for the shop's own pages to show. */
export function inbox(add: AddRoute, deps: HttpDeps, sender: InternalSender): void {
  const { db, keyring, clock } = deps

  async function contactOf(shop: ShopId, externalId: string) {
    const vault = await keyring.open(shop)
    return findContact(db, shop, 'inbox', vault.index('contact.inbox', externalId.trim()))
  }

  add('GET /v1/inbox/:customer', {
    summary: 'What lies in a buyer’s inbox, newest first',
    params: z.object({ customer }),
    query: pageQuery,
    answer: paged(itemShape).extend({ unread: z.int().describe('100 means "many"') }),
    async handle({ caller: { shop }, params, query }) {
      const contact = await contactOf(shop, params.customer)
      // A buyer who never got anything has an empty inbox, not none.
      if (!contact) return { items: [], next: null, unread: 0 }
      const before = cursor('msg', query.before) as MessageId | null
      const [vault, rows, unread] = await Promise.all([
        keyring.open(shop),
        listInbox(db, shop, contact.id, before, query.limit),
        countUnread(db, shop, contact.id),
      ])
      const items = rows.map((row) => {
        const place = { shop, column: 'inbox_item.body', row: row.message_id }
        const { title, text, link } = JSON.parse(vault.sealer.openText(row.body, place)) as InboxBody
        return {
          message: formatId('msg', row.message_id),
          title,
          text,
          link,
          createdAt: row.created_at,
          readAt: row.read_at,
        }
      })
      return { items, next: rows.length < query.limit ? null : (items.at(-1)?.message ?? null), unread }
    },
  })

  add('POST /v1/inbox/:customer/:message/:change', {
    summary: 'Mark an inbox item as read, or archive it',
    params: z.object({ customer, message: z.string(), change: z.enum(['read', 'archive']) }),
    answer: z.object({ unread: z.int() }),
    async handle({ caller: { shop }, params }) {
      const message = parseId('msg', params.message) as MessageId | null
      const contact = await contactOf(shop, params.customer)
      const change = params.change === 'read' ? { read: true } : { archived: true }
      const marked =
        message && contact && (await markInboxItem(db, shop, contact.id, message, change, clock.now()))
      if (!marked) throw new Fault('NOT_FOUND')
      if (params.change === 'read') await tellRead(deps, sender, shop, message)
      return { unread: await countUnread(db, shop, contact.id) }
    },
  })
}

/** What was read has reached its reader: a cascade goes no further. One event a message, however often it is read. */
async function tellRead(deps: HttpDeps, sender: InternalSender, shop: ShopId, id: MessageId): Promise<void> {
  const message = await readMessage(deps.db, shop, id)
  const order = message?.order_id ? await openOrder(deps, shop, message.order_id) : null
  const name = order && (order.names.find(({ kind }) => kind === 'order_no') ?? order.names[0])
  if (!name) return
  const text = formatId('msg', id)
  await deps.intake.keep(await sender(shop, 'authenticated'), [
    {
      id: `read:${text}`,
      type: 'message.read',
      source: '/v1/inbox',
      time: deps.clock.now(),
      subject: null,
      data: { refs: [name], message: { id: text } },
    },
  ])
}
