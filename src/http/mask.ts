import type { EventData } from '../domain/event.ts'
import { maskAddress, maskEmail, maskName, maskPhone, maskUrl } from '../domain/mask.ts'

/**
 * An event's data as a screen may show it: names, addresses, free text and card keys masked or counted;
 * the buyer's network address, device and card are left out: they are for the shop's rules alone.
 */
export function maskEventData(data: EventData): Record<string, unknown> {
  const { customer, delivery, message, extra, order, payment, client: _, ...rest } = data
  return {
    ...rest,
    ...(order && { order: { ...order, ...masked(order, ['payUrl', 'pageUrl'], maskUrl) } }),
    ...(payment && { payment: maskPayment(payment) }),
    ...(customer && {
      customer: {
        ...customer,
        ...masked(customer, ['name'], maskName),
        ...masked(customer, ['email'], maskEmail),
        ...masked(customer, ['phone'], maskPhone),
        ...masked(customer, ['externalId'], (text) => maskAddress('inbox', text)),
      },
    }),
    ...(delivery && { delivery: { id: delivery.id, keys: delivery.keys.length } }),
    ...(message && { message: { ...message, ...masked(message, ['text'], hidden) } }),
    ...(extra && { extra: maskJson(extra) }),
  }
}

function maskPayment(payment: NonNullable<EventData['payment']>) {
  const { failure, card: _, ...shown } = payment
  return failure ? { ...shown, failure: { ...failure, ...masked(failure, ['message'], hidden) } } : shown
}

function masked<T extends object>(value: T, names: readonly (keyof T)[], mask: (text: string) => string) {
  const out: Partial<Record<keyof T, string>> = {}
  for (const name of names) if (typeof value[name] === 'string') out[name] = mask(value[name])
  return out
}

/** What a sender says in fields of its own may be anything: its shape, numbers and switches are shown, texts are not. */
function maskJson(value: unknown): unknown {
  if (typeof value === 'string') return hidden(value)
  if (Array.isArray(value)) return value.map(maskJson)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, maskJson(each)]))
}

const hidden = (text: string) => `(${text.length})`
