import { type Tx, transaction } from '../db/connect.ts'
import { collapseMessages, planMessages } from '../db/messages.ts'
import { type ContactId, formatId, newId, type OrderId, type ShopId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import type { ShopVault } from '../pipeline/keyring.ts'
import type { HttpDeps } from './deps.ts'
import { CODE_LIFE, checkCode, issueCode } from './one-time-code.ts'
import type { SeenOrder } from './order-seen.ts'
import { record } from './record.ts'

/** A code was planned, or when the next one may be asked for. */
export type CodeRequest = { readonly sent: true } | { readonly sent: false; readonly notBefore: Instant }

/** Addresses of an order that a code may go to: named by its own trusted events, and not dead. Mail, which is free, first. */
export function codeContacts(seen: SeenOrder) {
  return seen.contacts
    .filter(
      ({ channel, verified, state }) =>
        (channel === 'email' || channel === 'sms') && verified !== 'none' && state !== 'suppressed',
    )
    .sort((a, b) => (a.channel < b.channel ? -1 : a.channel > b.channel ? 1 : 0))
}

/** Sends a new code to one of the order's own addresses; the one before it stops working. */
export async function sendOrderCode(
  deps: HttpDeps,
  shop: ShopId,
  seen: SeenOrder,
  contact: ContactId,
): Promise<CodeRequest> {
  const to = codeContacts(seen).find(({ id }) => id === contact)
  if (!to) throw new Error('a code may only go to an address of the order')
  const vault = await deps.keyring.open(shop)
  const now = deps.clock.now()
  const result = await transaction(deps.db, async (tx): Promise<CodeRequest> => {
    const issued = await issueCode(tx, vault, deps.random, shop, { kind: 'order', id: seen.row.id }, now)
    if ('notBefore' in issued) return { sent: false, notBefore: issued.notBefore }
    await planCode(deps, tx, vault, shop, seen, to, issued.code, now)
    return { sent: true }
  })
  if (result.sent) deps.onPlanned(shop, new Set([to.channel]))
  return result
}

async function planCode(
  { random }: HttpDeps,
  tx: Tx,
  vault: ShopVault,
  shop: ShopId,
  { row }: SeenOrder,
  to: ReturnType<typeof codeContacts>[number],
  code: string,
  now: Instant,
): Promise<void> {
  const id = newId('msg', now, random)
  await planMessages(
    tx,
    shop,
    [
      {
        id,
        orderId: row.id,
        customerId: row.customer_id,
        contactId: to.id,
        runId: null,
        flow: null,
        flowVersion: null,
        step: null,
        channel: to.channel,
        purpose: 'essential',
        category: 'security',
        audience: 'buyer',
        template: 'order_code',
        // The buyer looks at the page and waits for it, at whatever hour.
        stops: ['any_hour'],
        inSessionUntil: now + CODE_LIFE,
        dueAt: now,
        expiresAt: now + CODE_LIFE,
        dedupeKey: null,
        collapseKey: 'order_code',
        resendOf: null,
        priority: 0,
        vars: vault.sealer.seal(JSON.stringify({ code }), { shop, column: 'message.vars', row: id }),
      },
    ],
    now,
  )
  await collapseMessages(tx, shop, [{ id, order: row.id, key: 'order_code' }], now)
}

/** Whether this is the order's code that is alive. */
export const checkOrderCode = (
  deps: HttpDeps,
  shop: ShopId,
  order: OrderId,
  text: string,
): Promise<boolean> => checkCode(deps, shop, { kind: 'order', id: order }, text)

/** Notes that somebody was shown this order's card keys. */
export function recordReveal(deps: HttpDeps, shop: ShopId, order: OrderId, keys: number): Promise<void> {
  return record(deps, deps.db, { shop, actor: 'buyer' }, 'keys.reveal', formatId('ord', order), { keys })
}
