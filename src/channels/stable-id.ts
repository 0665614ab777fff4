import { createHash } from 'node:crypto'

/**
 * The idempotency key as every wire takes it (`Message-ID`, `webhook-id`, a gateway's id): itself when it is
 * short and plain, else its hash. No dots: Standard Webhooks signs `id.timestamp.body`.
 */
export function stableId(idempotencyKey: string): string {
  if (/^[\w-]{1,64}$/.test(idempotencyKey)) return idempotencyKey
  return createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 40)
}
