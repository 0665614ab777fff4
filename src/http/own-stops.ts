import type { MessageRow } from '../db/messages.ts'
import { brokenRuleOf, isOwnStop } from '../domain/delivery/own-stop.ts'
import type { LawWord, OwnStopSeen } from '../domain/delivery/own-stop-texts.ts'
import type { MessageId, OrderId, ShopId } from '../domain/ids.ts'
import type { LawBook } from '../domain/law/book.ts'
import { checkText } from '../domain/law/check.ts'
import type { Rule } from '../domain/law/rule.ts'
import type { HttpDeps } from './deps.ts'
import { openOrder } from './order-seen.ts'

/** By message, of those that we ended just before they were handed over. */
export type OwnStops = ReadonlyMap<MessageId, OwnStopSeen>

/** Why messages were ended just before they were handed over; of the law also what it found, where that can be told. */
export async function ownStops(deps: HttpDeps, shop: ShopId, rows: readonly MessageRow[]): Promise<OwnStops> {
  const stopped = new Map<MessageId, OwnStopSeen>()
  const names = new Map<OrderId | null, Promise<readonly string[]>>()
  for (const row of rows) {
    const { id, state, fate_code: code, template, channel, order_id: order } = row
    if (state !== 'failed' || !isOwnStop(code)) continue
    const broken = brokenRuleOf(code)
    const rule = deps.law.rules.find((each) => each.id === broken) ?? null
    if (rule !== null && !names.has(order)) names.set(order, namesIn(deps, shop, order))
    const found = rule === null ? [] : wordsIn(deps.law, rule, row, await names.get(order)!)
    stopped.set(id, { code, template, channel, rule, found })
  }
  return stopped
}

/** What a value could have brought in: names of goods and of the shop. A buyer's own words are not looked at. */
async function namesIn(deps: HttpDeps, shop: ShopId, order: OrderId | null): Promise<readonly string[]> {
  const [{ row }, seen] = await Promise.all([
    deps.configs.get(shop),
    order === null ? null : openOrder(deps, shop, order),
  ])
  const goods = seen === null ? [] : [seen.view.title ?? '', ...seen.view.items.map(({ name }) => name)]
  return [...new Set([...goods, row.name])].filter(Boolean)
}

function wordsIn(
  book: LawBook,
  rule: Rule,
  { purpose }: MessageRow,
  names: readonly string[],
): readonly LawWord[] {
  const scene = { rules: [rule], words: book.words, signature: null, registered: null }
  const found = names.flatMap((text) => checkText(scene, { purpose, asksToPay: false, text }))
  const words = found.flatMap(({ excerpt, about }) => (excerpt === '' ? [] : [{ word: excerpt, about }]))
  return [...new Map(words.map((each) => [each.word, each])).values()]
}
