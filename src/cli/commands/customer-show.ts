import { type ContactRow, type CustomerRow, contactsOfCustomers, readCustomers } from '../../db/contacts.ts'
import type { ShopRow } from '../../db/shops.ts'
import { ordersOfCustomer } from '../../db/shown.ts'
import { formatId } from '../../domain/ids.ts'
import { maskAddress } from '../../domain/mask.ts'
import { STATUS_WORDS } from '../../domain/order/status-words.ts'
import type { ShopVault } from '../../pipeline/keyring.ts'
import { type Command, CommandError, type Context, EXIT } from '../command.ts'
import { findAddress } from '../found-address.ts'
import { localTime } from '../local-time.ts'
import { table } from '../screen.ts'
import { chooseShop, shopFlag, withKeys } from '../session.ts'
import { OPTIONS } from '../texts/commands.ts'
import { CONTACT_STATES, CUSTOMERS, VERIFICATIONS } from '../texts/customers.ts'
import { wordFor } from '../texts/states.ts'
import { say } from '../texts/text.ts'

/** Orders that are listed: who has had more is looked for by their number. */
const MOST_ORDERS = 50

/** Reads the database itself. An address is looked for by its keyed hash, and shown as masked as everywhere. */
export const customerShow: Command = {
  name: 'customer show',
  summary: CUSTOMERS.show,
  args: [{ name: '<address>', text: CUSTOMERS.address }],
  options: [{ flags: '--shop <slug>', text: OPTIONS.shop }],
  examples: ['dingdong customer show lin@example.org', 'dingdong customer show 13800138000 --json'],
  run: (context, [text = ''], options) =>
    withKeys(context, async (session) => {
      const { db } = session.pools
      const shop = await chooseShop(context, session, options.shop)
      const vault = await session.keyring.open(shop.id)
      const { customer_id: id } = await findAddress(context, session, shop, text)
      if (id === null) throw new CommandError(EXIT.notFound, say(CUSTOMERS.member, context.language))
      const [[customer], contacts, orders] = await Promise.all([
        readCustomers(db, shop.id, [id]),
        contactsOfCustomers(db, shop.id, [id]),
        ordersOfCustomer(db, shop.id, id, MOST_ORDERS),
      ])
      const seen = contacts.map((contact) => seeContact(shop, vault, contact))
      showPerson(context, shop, seen, customer)
      const { screen, language } = context
      screen.line(say(orders.length === 0 ? CUSTOMERS.noOrders : CUSTOMERS.orders, language))
      const rows = orders.map((order) => [
        `  ${screen.paint('bold', order.no ?? formatId('ord', order.id))}`,
        localTime(context, order.created_at, shop.time_zone),
        wordFor(STATUS_WORDS, order.status, language),
      ])
      for (const line of table(rows)) screen.line(line)
      if (orders.length === MOST_ORDERS) screen.note(say(CUSTOMERS.more, language, { most: MOST_ORDERS }))
      const [newest] = orders
      if (newest?.no != null) {
        const command = `dingdong order ${newest.no}${await shopFlag(db, shop)}`
        screen.note(say(CUSTOMERS.whole, language, { command }))
      }
      const { locale = null, time_zone: timeZone = null, segment = null, preferences = {} } = customer ?? {}
      screen.result({
        customer: formatId('cus', id),
        locale,
        timeZone,
        segment,
        preferences,
        contacts: seen,
        orders: orders.map(({ id: order, no, status, created_at: createdAt }) => ({
          order: formatId('ord', order),
          no,
          status,
          createdAt,
        })),
      })
      return EXIT.ok
    }),
}

function seeContact(shop: ShopRow, { sealer }: ShopVault, contact: ContactRow) {
  const { id, channel, state, verified, consent } = contact
  const address = sealer.openText(contact.address, { shop: shop.id, column: 'contact.address', row: id })
  return {
    contact: formatId('con', id),
    channel,
    to: maskAddress(channel, address),
    state,
    verified,
    consent,
  }
}

function showPerson(
  context: Context,
  shop: ShopRow,
  contacts: readonly ReturnType<typeof seeContact>[],
  customer: CustomerRow | undefined,
): void {
  const { screen, language } = context
  const rows = contacts.map(({ channel, to, state, verified, consent }) => [
    channel,
    screen.paint('bold', to),
    screen.paint(state === 'ok' ? 'green' : 'yellow', wordFor(CONTACT_STATES, state, language)),
    screen.paint('dim', [wordFor(VERIFICATIONS, verified, language), ...consent].join(' · ')),
  ])
  for (const line of table(rows)) screen.line(line)
  const { pausedUntil = null, off = [] } = customer?.preferences ?? {}
  if (off.length > 0) screen.line(say(CUSTOMERS.off, language, { off: off.join(', ') }))
  if (pausedUntil !== null && pausedUntil > context.clock.now()) {
    const until = localTime(context, pausedUntil, shop.time_zone)
    screen.line(say(CUSTOMERS.paused, language, { until }))
  }
  const segment = customer?.segment ?? null
  if (segment !== null) screen.line(say(CUSTOMERS.segment, language, { segment }))
}
