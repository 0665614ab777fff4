import { type Tx, transaction } from '../db/connect.ts'
import { collapseMessages, planMessages } from '../db/messages.ts'
import { lockOrderCode, saveOrderCode, spendCode, takeCodeTry } from '../db/order-codes.ts'
import { type ContactId, formatId, newId, type OrderId, type Random, type ShopId } from '../domain/ids.ts'
import { sameBytes } from '../domain/seal/hash.ts'
import { type Instant, MINUTE } from '../domain/time.ts'
import type { ShopVault } from '../pipeline/keyring.ts'
import { nextCodeAt, rememberSent } from './code-rate.ts'
import type { HttpDeps } from './deps.ts'
import type { SeenOrder } from './order-seen.ts'
import { record } from './record.ts'

const CODE_LIFE = 10 * MINUTE
/** Of 1,000,000 codes: with ten codes a day a stranger's chance is 1 in 20,000 a day. */
const MAX_TRIES = 5

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
    const sent = await lockOrderCode(tx, shop, seen.row.id)
    const notBefore = nextCodeAt(sent, now)
    if (notBefore > now) return { sent: false, notBefore }
    const code = sixDigits(deps.random)
    await saveOrderCode(tx, shop, seen.row.id, {
      hash: codeHash(vault, seen.row.id, code),
      sent: rememberSent(sent, now),
      expiresAt: now + CODE_LIFE,
    })
    await planCode(deps, tx, vault, shop, seen, to, code, now)
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

/**
 * Whether this is the code that is alive. Each look costs one of five tries, a right one ends the code. Works the
 * same, with the same statements, for an order that does not exist.
 */
export async function checkOrderCode(
  deps: HttpDeps,
  shop: ShopId,
  order: OrderId,
  text: string,
): Promise<boolean> {
  const vault = await deps.keyring.open(shop)
  const given = codeHash(vault, order, text.normalize('NFKC').replace(/[\s-]/g, ''))
  // Without waiting for the disk: an order that exists must not answer later than one that does not. A crash may
  // forget the tries of its last fraction of a second.
  const expected = await transaction(deps.db, async (tx) => {
    await tx.query('set local synchronous_commit = off')
    return takeCodeTry(tx, shop, order, MAX_TRIES, deps.clock.now())
  })
  if (expected === null || !sameBytes(given, expected)) return false
  return spendCode(deps.db, shop, order, expected)
}

/** Notes that somebody was shown this order's card keys. */
export function recordReveal(deps: HttpDeps, shop: ShopId, order: OrderId, keys: number): Promise<void> {
  return record(deps, deps.db, { shop, actor: 'buyer' }, 'keys.reveal', formatId('ord', order), { keys })
}

/** Keyed, because a million codes are tried in a second against a plain hash. */
function codeHash(vault: ShopVault, order: OrderId, code: string): Buffer {
  return vault.hash('order-code', order, code)
}

function sixDigits(random: Random): string {
  return String(Buffer.from(random(6)).readUIntBE(0, 6) % 1_000_000).padStart(6, '0')
}
