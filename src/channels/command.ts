import { webhookProvider } from './webhook.ts'

/**
 * Orders to the shop (`order.cancel`, `order.reopen` …) at its own signed endpoint: a 2xx means it was accepted.
 * The shop recognises a repeated order by its `webhook-id`.
 */
export const command = webhookProvider('command', 'command')
