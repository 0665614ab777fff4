import type { Event } from '../event.ts'
import type { Address, AddressProblem, ContactChannel, ContactClaim } from './contact.ts'
import { emailAddress, phoneAddress } from './contact.ts'
import { canonicalLocale, canonicalZone, guessPlace } from './place.ts'

/** What one event says about a buyer. */
export interface CustomerClaim {
  /** The shop's own id of the buyer; `null` for a guest. */
  readonly externalId: string | null
  /** At most one a channel. */
  readonly contacts: readonly ContactClaim[]
  readonly name: string | null
  readonly locale: Hint | null
  readonly timeZone: Hint | null
  /** The shop's word for the buyer's kind of day: `office`, `student`. */
  readonly segment: string | null
  /** What was wrong with the claim: the field is left out, the rest is used. */
  readonly problems: readonly ClaimProblem[]
}

/** A value that was said, or guessed from the phone's region. What was said wins over any guess. */
export interface Hint {
  readonly value: string
  readonly guessed: boolean
}

/** `code` is an entry of the catalogue in errors.ts. The faulty value itself is personal and stays out. */
export interface ClaimProblem {
  readonly path: string
  readonly code: AddressProblem | 'LOCALE_INVALID' | 'TIME_ZONE_INVALID'
}

/** The buyer `event` speaks of; `null` when it speaks of none. `country` reads phones written without a country code. */
export function customerOf(
  event: Pick<Event, 'data' | 'connection' | 'trust'>,
  shop: { readonly country: string | null },
): CustomerClaim | null {
  const said = event.data.customer
  if (said === undefined) return null
  const problems: ClaimProblem[] = []
  const contacts: ContactClaim[] = []
  const add = (channel: ContactChannel, field: string, address: Address) => {
    if (address.ok) contacts.push(claim(event, channel, address))
    else problems.push({ path: `data.customer.${field}`, code: address.code })
  }
  const externalId = said.externalId?.trim() || null
  const phone = said.phone === undefined ? null : phoneAddress(said.phone, shop.country)
  if (said.email !== undefined) add('email', 'email', emailAddress(said.email))
  if (phone !== null) add('sms', 'phone', phone)
  if (externalId !== null) {
    add('inbox', 'externalId', { ok: true, address: externalId, identity: externalId, region: null })
  }

  const locale = said.locale === undefined ? null : canonicalLocale(said.locale)
  if (said.locale !== undefined && locale === null) {
    problems.push({ path: 'data.customer.locale', code: 'LOCALE_INVALID' })
  }
  const timeZone = said.timeZone === undefined ? null : canonicalZone(said.timeZone)
  if (said.timeZone !== undefined && timeZone === null) {
    problems.push({ path: 'data.customer.timeZone', code: 'TIME_ZONE_INVALID' })
  }
  const guess = guessPlace(phone?.ok ? phone.region : null)
  return {
    externalId,
    contacts,
    name: said.name?.trim() || null,
    locale: hint(locale, guess.locale),
    timeZone: hint(timeZone, guess.timeZone),
    segment: said.segment ?? null,
    problems,
  }
}

function claim(
  event: Pick<Event, 'connection' | 'trust'>,
  channel: ContactChannel,
  { address, identity }: Address & { readonly ok: true },
): ContactClaim {
  return {
    channel,
    address,
    identity,
    origin: { connection: event.connection, trust: event.trust },
    verification: event.trust === 'browser' ? 'none' : 'sender',
  }
}

function hint(said: string | null, guessed: string | null): Hint | null {
  if (said !== null) return { value: said, guessed: false }
  return guessed === null ? null : { value: guessed, guessed: true }
}
