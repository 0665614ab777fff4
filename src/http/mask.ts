import type { EventData } from '../domain/event.ts'
import type { Channel } from '../domain/message.ts'

/** Enough of an address to recognise it by, too little to use it: `l***@example.com`, `+86138****8000`, `bu***`. */
export function maskAddress(channel: Channel, address: string): string {
  switch (channel) {
    case 'email':
      return maskEmail(address)
    case 'sms':
      return maskPhone(address)
    case 'webhook':
    case 'command':
      return maskUrl(address)
    case 'inbox':
      return `${address.slice(0, Math.min(2, address.length - 1))}***`
  }
}

function maskEmail(address: string): string {
  const at = address.lastIndexOf('@')
  return at < 1 ? '***' : `${[...address][0]}***${address.slice(at)}`
}

function maskPhone(phone: string): string {
  if (phone.length < 8) return '****'
  return `${phone.slice(0, phone.length - 8)}****${phone.slice(-4)}`
}

/** A webhook's path may be its password. */
function maskUrl(address: string): string {
  return URL.canParse(address) ? `${new URL(address).origin}/***` : '***'
}

/** `小***`, `L***`: a name's first letter. */
export function maskName(name: string): string {
  return `${[...name][0] ?? ''}***`
}

/** An event's data as a screen may show it: names, addresses, free text and card keys masked or counted. */
export function maskEventData(data: EventData): Record<string, unknown> {
  const { customer, delivery, message, extra, order, payment, ...rest } = data
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
  const { failure } = payment
  return failure ? { ...payment, failure: { ...failure, ...masked(failure, ['message'], hidden) } } : payment
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
