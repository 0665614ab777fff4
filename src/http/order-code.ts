import { type Tx, transaction } from '../db/connect.ts'
import { collapseMessages, planMessages } from '../db/messages.ts'
import { type ContactId, formatId, newId, type OrderId, type ShopId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import type { ShopVault } from '../pipeline/keyring.ts'
import type { Asker } from './code-asker.ts'
import { CODE_LIFE } from './code-rate.ts'
import type { HttpDeps } from './deps.ts'
import { type AtTheOtherEnd, checkCode, issueCode } from './one-time-code.ts'
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

/** Sends a new code to one of the order's own addresses; the one this browser had before stops working. */
export async function sendOrderCode(
  deps: HttpDeps,
  shop: ShopId,
  seen: SeenOrder,
  contact: ContactId,
  asker: Asker,
): Promise<CodeRequest> {
  const to = codeContacts(seen).find(({ id }) => id === contact)
  if (!to) throw new Error('a code may only go to an address of the order')
  const vault = await deps.keyring.open(shop)
  const now = deps.clock.now()
  const result = await transaction(deps.db, async (tx): Promise<CodeRequest> => {
    const holder = { kind: 'order', id: seen.row.id } as const
    const issued = await issueCode(tx, vault, deps.random, shop, holder, asker, now)
    if ('notBefore' in issued) return { sent: false, notBefore: issued.notBefore }
    await planCode(deps, tx, vault, shop, seen, to, { asker, code: issued.code }, now)
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
  { asker, code }: { readonly asker: Asker; readonly code: string },
  now: Instant,
): Promise<void> {
  // A code that still waits is of no use once the same browser has a newer one; another browser's is.
  const collapseKey = `order_code:${vault.hash('order-code.collapse', asker).toString('base64url').slice(0, 12)}`
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
        collapseKey,
        resendOf: null,
        priority: 0,
        vars: vault.sealer.seal(JSON.stringify({ code }), { shop, column: 'message.vars', row: id }),
      },
    ],
    now,
  )
  await collapseMessages(tx, shop, [{ id, order: row.id, key: collapseKey }], now)
}

/** Whether this is the order's code that this browser asked for. */
export const checkOrderCode = (
  deps: HttpDeps,
  shop: ShopId,
  order: OrderId,
  from: AtTheOtherEnd,
  text: string,
): Promise<boolean> => checkCode(deps, shop, { kind: 'order', id: order }, from, text)

/** Notes that somebody was shown this order's card keys. */
export function recordReveal(deps: HttpDeps, shop: ShopId, order: OrderId, keys: number): Promise<void> {
  return record(deps, deps.db, { shop, actor: 'buyer' }, 'keys.reveal', formatId('ord', order), { keys })
}
