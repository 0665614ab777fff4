import type { Queryable } from '../db/connect.ts'
import type { DueMessage } from '../db/due-messages.ts'
import { keepShortCodes } from '../db/short-codes.ts'
import type { OrderId } from '../domain/ids.ts'
import { shortCodeOf } from '../domain/short-code.ts'
import { DAY, type Instant } from '../domain/time.ts'
import type { Allowed } from './gate.ts'
import type { ShopVault } from './keyring.ts'
import type { VarsScene } from './template-vars.ts'

/** A code of a paid order, or of one without an end of its own, leads to it for so long. */
const CODE_LIFE = 30 * DAY
/** Two orders that draw the same code: the later one draws again. Five in a row happen once in 10^30. */
const MOST_DRAWS = 5

/** What a typed code is looked up by. */
export const shortCodeIndex = (vault: ShopVault, code: string): Buffer =>
  vault.index('order.short_code', code)

/** The orders' short codes, for messages whose template may show one; made where there are none yet. */
export async function shortCodes(
  db: Queryable,
  { shop, config, vault, now }: VarsScene,
  batch: readonly Allowed[],
): Promise<ReadonlyMap<string, string>> {
  const ends = new Map<OrderId, Instant>()
  for (const { message, account } of batch) {
    const variants = config.templates.get(message.template)?.variants ?? []
    const shown = variants.some(
      ({ channel, variables }) => channel === account.channel && variables.includes('order.short_code'),
    )
    if (message.order_id === null || !shown) continue
    ends.set(message.order_id, Math.max(ends.get(message.order_id) ?? 0, endOf(message, now)))
  }
  const codes = new Map<string, string>()
  for (let salt = 0; salt < MOST_DRAWS && codes.size < ends.size; salt++) {
    const wanted = [...ends].filter(([order]) => !codes.has(order)).sort(([a], [b]) => (a < b ? -1 : 1))
    const kept = await keepShortCodes(
      db,
      shop,
      wanted.map(([order, expiresAt]) => ({
        order,
        salt,
        index: shortCodeIndex(vault, codeOf(vault, order, salt)),
        expiresAt,
      })),
    )
    for (const row of kept) codes.set(row.order_id, codeOf(vault, row.order_id, row.salt))
  }
  return codes
}

const codeOf = (vault: ShopVault, order: OrderId, salt: number) =>
  shortCodeOf(vault.hash('order.short-code', order, String(salt)))

/** An unpaid order's code ends with the order. */
function endOf({ paid, order_expires_at }: DueMessage, now: Instant): Instant {
  return !paid && order_expires_at !== null && order_expires_at > now ? order_expires_at : now + CODE_LIFE
}
