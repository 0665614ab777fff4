import { domainToASCII } from 'node:url'
import { type CountryCode, type NumberType, parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { boundedMemo } from '../bounded-memo.ts'
import type { Trust } from '../event.ts'
import type { ConnectionId } from '../ids.ts'

/** Roads that lead to a buyer. */
export type ContactChannel = 'email' | 'sms' | 'inbox'

/**
 * Who vouches for an address, weakest first: nobody (typed in a browser), the sender of a trusted event,
 * a reply that came from it, a code that was sent there and entered.
 */
export const VERIFICATION = ['none', 'sender', 'reply', 'code'] as const
export type Verification = (typeof VERIFICATION)[number]

/** One address of a buyer, as one event gave it. */
export interface ContactClaim {
  readonly channel: ContactChannel
  /** Where messages go: mail address, E.164 phone, the shop's own id of the buyer. */
  readonly address: string
  /** Equal for all spellings of one address; what blind indexes are made of. */
  readonly identity: string
  readonly origin: { readonly connection: ConnectionId; readonly trust: Trust }
  readonly verification: Verification
}

export type AddressProblem = 'EMAIL_INVALID' | 'PHONE_INVALID' | 'PHONE_NO_SMS'
export type Address =
  | { readonly ok: true; readonly address: string; readonly identity: string; readonly region: string | null }
  | { readonly ok: false; readonly code: AddressProblem }

/** The stronger of two verifications of one address. */
export function strongerVerification(a: Verification, b: Verification): Verification {
  return VERIFICATION.indexOf(a) >= VERIFICATION.indexOf(b) ? a : b
}

/**
 * A mail address with its domain in lower-case ASCII (IDNA). The local part is sent as written (RFC 5321
 * §2.4 lets it differ by case), but two spellings are one person: no provider in use tells them apart.
 */
export function emailAddress(text: string): Address {
  const trimmed = text.trim()
  const at = trimmed.lastIndexOf('@')
  const local = trimmed.slice(0, Math.max(0, at)).normalize('NFC')
  const domain = domainToASCII(trimmed.slice(at + 1).replace(/\.$/, ''))
  const sound =
    local.length > 0 &&
    local.length <= 64 &&
    // Quoted local parts are legal and unused; a space, bracket or line break is an injection or a typo.
    !/[\s"<>(),:;@[\\\]\p{C}]/u.test(local) &&
    !/^\.|\.\.|\.$/.test(local) &&
    // Its last label begins with a letter (RFC 3696 §2): 1.2.3.4 is no host that takes a buyer's mail.
    /^[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z][a-z0-9-]+$/.test(domain) &&
    domain.length <= 253
  if (!sound) return { ok: false, code: 'EMAIL_INVALID' }
  return {
    ok: true,
    address: `${local}@${domain}`,
    identity: `${local.toLowerCase()}@${domain}`,
    region: null,
  }
}

/** Where a number in E.164 is, ISO 3166; `null`: in no country, as ships are. */
export const countryOfPhone = (phone: string): string | null =>
  parsePhoneNumberFromString(phone)?.country ?? null

/** Numbers that cannot get an SMS, or whose owner earns by it (SMS pumping). */
const NO_SMS: ReadonlySet<NumberType | undefined> = new Set<NumberType>([
  'FIXED_LINE',
  'PREMIUM_RATE',
  'TOLL_FREE',
  'SHARED_COST',
  'UAN',
  'PAGER',
  'VOICEMAIL',
])

/** As many as may wait between intake and decide, which both read the number: 20 to 40 µs each time. */
const MOST_PHONES = 20_000

/** A phone as E.164; `country` (ISO 3166, the shop's) reads numbers written without a country code. */
export const phoneAddress = (text: string, country: string | null): Address =>
  readPhone(`${country ?? ''}\n${text}`)

const readPhone = boundedMemo(MOST_PHONES, (hinted): Address => {
  const gap = hinted.indexOf('\n')
  const country = gap === 0 ? undefined : (hinted.slice(0, gap) as CountryCode)
  const phone = parsePhoneNumberFromString(hinted.slice(gap + 1), country)
  if (phone === undefined || !phone.isValid()) return { ok: false, code: 'PHONE_INVALID' }
  if (NO_SMS.has(phone.getType())) return { ok: false, code: 'PHONE_NO_SMS' }
  return { ok: true, address: phone.number, identity: phone.number, region: phone.country ?? null }
})
