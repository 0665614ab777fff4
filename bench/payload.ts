import type { SourceEvent } from '../src/domain/event.ts'
import { buyerName } from './kit.ts'
import { LOCALES } from './templates.ts'

/** A payment-failed event as a busy shop sends it: order, items, buyer, attempt, reason; about 900 bytes of JSON. */
export function failedPayment(n: number, now: number): SourceEvent {
  return {
    id: `evt_${n}`,
    type: 'payment.failed',
    source: 'https://shop.example/orders',
    time: now,
    subject: `order-${n}`,
    data: {
      refs: [{ kind: 'stripe_pi', value: `pi_${n}` }],
      order: {
        no: `2026-${n}`,
        total: { minor: 12_800 + (n % 900), currency: 'CNY' },
        title: 'Galaxy membership, three months',
        items: [{ name: 'Galaxy membership, three months', quantity: 1, sku: `sku-${n % 50}` }],
        placedAt: now - 60_000,
        expiresAt: now + 48 * 3_600_000,
        payUrl: `https://shop.example/pay/${n}`,
      },
      payment: {
        id: `ch_${n}`,
        rail: 'stripe',
        method: 'card',
        amount: { minor: 12_800 + (n % 900), currency: 'CNY' },
        failure: { code: 'card_declined', declineCode: 'incorrect_cvc' },
      },
      customer: { email: `buyer${n}@example.org`, name: buyerName(n), locale: LOCALES[n % LOCALES.length]! },
    },
  }
}
