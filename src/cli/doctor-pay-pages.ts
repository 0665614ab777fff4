import { listConnections } from '../db/connections.ts'
import { recentUnpaidOrders } from '../db/shown.ts'
import type { OrderFacts } from '../domain/order/facts.ts'
import { viewOrder } from '../domain/order/view.ts'
import { withPayUrl } from '../domain/payment-methods.ts'
import { shopSettings } from '../domain/shop.ts'
import { DAY } from '../domain/time.ts'
import { type Finding, look, type Ward } from './doctor-checks.ts'
import { PAY_PAGES } from './texts/doctor.ts'

const RECENT = 30 * DAY
/** Each is opened: what is wrong with the set-up shows in a few. */
const LOOKED_AT = 100

/** Unpaid orders that no reminder can lead to payment, and what their sources can do about it. */
export async function checkPayPages({ db, shop, sealer, now }: Ward): Promise<readonly Finding[]> {
  const orders = await recentUnpaidOrders(db, shop.id, now - RECENT, LOOKED_AT)
  const { payUrlTemplate } = shopSettings.parse(shop.settings)
  const pageless = orders.filter(({ id, facts }) => {
    const text = sealer.openText(facts, { shop: shop.id, column: 'orders.facts', row: id })
    const view = withPayUrl(viewOrder(JSON.parse(text) as OrderFacts), payUrlTemplate)
    return view.payUrl === null && view.pageUrl === null
  })
  if (pageless.length === 0) return []
  const connected = new Set(
    (await listConnections(db, shop.id)).flatMap(({ enabled, source }) => (enabled ? [source] : [])),
  )
  const ways = Object.entries(PAY_PAGES).filter(([source]) => connected.has(source))
  const told = [...new Set(ways.map(([, text]) => text))]
  const how = { zh: told.map(({ zh }) => zh).join(''), en: told.map(({ en }) => en).join(' ') }
  const params = { shop: shop.slug, looked: orders.length, count: pageless.length, no: '{no}', how }
  return [look('payPages', 'payPageMissing', params)]
}
