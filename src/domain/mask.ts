import type { Channel } from './message.ts'

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

export function maskEmail(address: string): string {
  const at = address.lastIndexOf('@')
  return at < 1 ? '***' : `${[...address][0]}***${address.slice(at)}`
}

export function maskPhone(phone: string): string {
  if (phone.length < 8) return '****'
  return `${phone.slice(0, phone.length - 8)}****${phone.slice(-4)}`
}

/** A webhook's path may be its password. */
export function maskUrl(address: string): string {
  return URL.canParse(address) ? `${new URL(address).origin}/***` : '***'
}

/** `小***`, `L***`: a name's first letter. */
export function maskName(name: string): string {
  return `${[...name][0] ?? ''}***`
}
