import { transaction } from '../db/connect.ts'
import { planMessages } from '../db/messages.ts'
import { hasCopySince, readMessageToCopy } from '../db/shown.ts'
import { Fault } from '../domain/errors.ts'
import { formatId, type MessageId, newId, type ShopId } from '../domain/ids.ts'
import { DAY, HOUR, MINUTE } from '../domain/time.ts'
import { priorityFor } from '../pipeline/shop-config.ts'
import type { HttpDeps } from './deps.ts'
import type { Language } from './language.ts'
import { messageNotFound } from './not-found.ts'
import { record } from './record.ts'

/**
 * Plans a message again; the gate decides whether it goes. It lives as long as the first one did, between an hour
 * and a day. Repeats of one request are one message: those with the same key, and without one those less than a
 * minute after any copy.
 */
export async function resend(
  deps: HttpDeps,
  caller: { readonly shop: ShopId; readonly actor: string },
  id: MessageId,
  idempotencyKey: string | null,
  language: Language,
): Promise<string> {
  const { db, keyring, configs, clock, random } = deps
  const { shop } = caller
  const [first, vault, config] = await Promise.all([
    readMessageToCopy(db, shop, id),
    keyring.open(shop),
    configs.get(shop),
  ])
  if (!first) throw messageNotFound(formatId('msg', id), language)
  if (first.template === 'order_code' || first.template === 'member_code') throw new Fault('RESEND_POINTLESS')
  const now = clock.now()
  const copy = newId('msg', now, random)
  const { createdAt, expiresAt, vars, ...same } = first
  const place = (row: MessageId) => ({ shop, column: 'message.vars', row })
  const planned = await transaction(db, async (tx) => {
    if (idempotencyKey === null && (await hasCopySince(tx, shop, id, now - MINUTE + 1))) return false
    const ids = await planMessages(
      tx,
      shop,
      [
        {
          ...same,
          id: copy,
          runId: null,
          inSessionUntil: null,
          dueAt: now,
          expiresAt: now + Math.min(DAY, Math.max(HOUR, expiresAt - createdAt)),
          dedupeKey:
            idempotencyKey === null
              ? null
              : vault.hash('resend', id, `key:${idempotencyKey}`).subarray(0, 16),
          collapseKey: null,
          resendOf: id,
          priority: priorityFor(config, { ...same, inSessionUntil: null }),
          vars: vars && vault.sealer.seal(vault.sealer.open(vars, place(id)), place(copy)),
        },
      ],
      now,
    )
    if (ids.length > 0)
      await record(deps, tx, caller, 'message.resend', formatId('msg', id), { as: formatId('msg', copy) })
    return ids.length > 0
  })
  if (!planned) throw new Fault('RESEND_REPEATED')
  deps.onPlanned(shop, new Set([first.channel]))
  return formatId('msg', copy)
}
