import type { Tx } from '../db/connect.ts'
import {
  adoptContacts,
  type ContactRow,
  type ContactToKeep,
  type CustomerRow,
  type CustomerToSave,
  contactsOfCustomers,
  keepContacts,
  mergeCustomers,
  readCustomers,
  saveCustomers,
} from '../db/contacts.ts'
import type { Event } from '../domain/event.ts'
import { type ContactId, type CustomerId, newId, type ShopId } from '../domain/ids.ts'
import type { Channel } from '../domain/message.ts'
import { countryOfPhone } from '../domain/order/contact.ts'
import { type CustomerClaim, customerOf } from '../domain/order/customer.ts'
import { planCustomerMerge } from '../domain/order/merge.ts'
import type { Instant } from '../domain/time.ts'
import { isDivided, type Whereabouts } from './accounts.ts'
import { attempt } from './attempt.ts'
import type { ShopVault } from './keyring.ts'
import type { ShopConfig } from './shop-config.ts'

/** An address as a flow needs it: where it is, not what it says. */
export interface Reach {
  readonly id: ContactId
  readonly channel: Channel
  /** Nobody has called it dead, and its owner has not told it to stop. */
  readonly usable: boolean
  /** Of a phone, where it matters to which country an SMS goes. */
  readonly receiver?: Whereabouts
}

/** Who an event speaks of, after this batch. */
export interface Person {
  readonly customer: CustomerId
  readonly contacts: readonly Reach[]
  readonly locale: string | null
  readonly timeZone: string | null
}

/** What this batch made known and the next stage may use as it is, once the batch is committed. */
export interface FreshPeople {
  readonly addresses: ReadonlyMap<ContactId, string>
  readonly names: ReadonlyMap<CustomerId, string | null>
}

interface Claimed {
  readonly event: Event
  readonly claim: CustomerClaim
  readonly proposed: CustomerId
  readonly keys: readonly string[]
}

interface People {
  readonly tx: Tx
  readonly shop: ShopId
  readonly config: ShopConfig
  readonly vault: ShopVault
  readonly now: Instant
}

/**
 * Finds or makes the customers that events speak of, by their addresses, and merges guests that turn out to be
 * one person. Events of a browser name nobody: what a stranger types must not lead to a buyer.
 */
export async function findPeople(
  people: People,
  events: readonly Event[],
): Promise<{ readonly found: ReadonlyMap<Event, Person>; readonly fresh: FreshPeople }> {
  const { toKeep, claimed } = gatherClaims(people, events)
  const found = new Map<Event, Person>()
  if (toKeep.size === 0) return { found, fresh: { addresses: new Map(), names: new Map() } }
  const kept = await keepContacts(people.tx, people.shop, [...toKeep.values()], people.now)
  const divided = isDividedBy(people)
  const byKey = new Map(kept.map((row) => [keyOf(row.channel, row.address_index), row]))
  const owner = new Map(kept.map((row) => [row.id, row.customer_id]))
  const absorbedBy = new Map<CustomerId, CustomerId>()
  /** Customers that an event of this batch belongs to. */
  const taken = new Set<CustomerId>()
  const settled = (id: CustomerId): CustomerId => {
    const into = absorbedBy.get(id)
    return into === undefined ? id : settled(into)
  }
  for (const each of claimed) {
    const rows = each.keys.map((key) => byKey.get(key)!)
    const ids = new Set(rows.flatMap((row) => owner.get(row.id) ?? []).map(settled))
    const proven = new Set(
      rows.flatMap((row) => (row.verified === 'none' ? [] : (owner.get(row.id) ?? []))).map(settled),
    )
    const customer =
      ids.size > 1 ? await mergeFound(people, each, [...ids], proven, absorbedBy, taken) : [...ids][0]
    if (customer === undefined) continue
    taken.add(customer)
    found.set(each.event, {
      customer,
      // What this event names, whoever else uses the address: its order's messages go there.
      contacts: rows.map((row, at) =>
        reachOf(row, divided ? countryIn(toKeep.get(each.keys[at]!)!) : undefined),
      ),
      locale: each.claim.locale?.value ?? null,
      timeZone: each.claim.timeZone?.value ?? null,
    })
  }
  const names = await saveProfiles(people, claimed, found)
  for (const [event, person] of found) found.set(event, { ...person, customer: settled(person.customer) })
  return { found, fresh: { addresses: addressesAdded(toKeep, byKey), names } }
}

/** Of addresses that were known already the row may hold another spelling. */
function addressesAdded(
  toKeep: ReadonlyMap<string, { readonly id: ContactId; readonly plain: string }>,
  kept: ReadonlyMap<string, { readonly id: ContactId }>,
): ReadonlyMap<ContactId, string> {
  const added = new Map<ContactId, string>()
  for (const [key, { id, plain }] of toKeep) if (kept.get(key)?.id === id) added.set(id, plain)
  return added
}

/** What a flow needs to know of an address. */
const reachOf = (row: Pick<ContactRow, 'id' | 'channel' | 'state'>, receiver: Whereabouts): Reach => ({
  id: row.id,
  channel: row.channel,
  usable: row.state === 'ok',
  ...(receiver === undefined ? {} : { receiver }),
})

const isDividedBy = ({ config }: Pick<People, 'config'>) => isDivided(config.accounts.get('sms') ?? [])

const countryIn = ({ channel, plain }: { readonly channel: Channel; readonly plain: string }): Whereabouts =>
  channel === 'sms' ? countryOfPhone(plain) : undefined

/** The same for addresses that were known before. */
export function reachOfAll(
  { shop, config, vault }: Pick<People, 'shop' | 'config' | 'vault'>,
  rows: readonly ContactRow[],
): ReadonlyMap<ContactId, Reach> {
  const divided = isDividedBy({ config })
  const receiverOf = ({ id, channel, address }: ContactRow): Whereabouts => {
    if (!divided || channel !== 'sms') return undefined
    const read = attempt(() => vault.sealer.openText(address, { shop, column: 'contact.address', row: id }))
    return 'ok' in read ? countryOfPhone(read.ok) : undefined
  }
  return new Map(rows.map((row) => [row.id, reachOf(row, receiverOf(row))]))
}

const keyOf = (channel: string, index: Buffer) => `${channel}:${index.toString('latin1')}`

/** Of an address that is new with an event: made from both, so that a restored database makes the same. */
export const contactIdOf = ({ receivedAt }: Pick<Event, 'receivedAt'>, index: Buffer): ContactId =>
  newId('con', receivedAt, (bytes) => index.subarray(1, 1 + bytes))

/** Collects the distinct addresses of a batch; events of one batch that share one propose the same customer. */
function gatherClaims({ shop, config, vault }: People, events: readonly Event[]) {
  const toKeep = new Map<string, ContactToKeep & { readonly plain: string }>()
  const claimed: Claimed[] = []
  for (const event of events) {
    if (event.trust === 'browser') continue
    const claim = customerOf(event, { country: config.row.country })
    if (claim === null || claim.contacts.length === 0) continue
    const keyed = claim.contacts.map((contact) => {
      const index = vault.index(`contact.${contact.channel}`, contact.identity)
      return { contact, index, key: keyOf(contact.channel, index) }
    })
    const known = keyed.map(({ key }) => toKeep.get(key)?.customer).find((id) => id !== undefined)
    const proposed = known ?? (event.key as string as CustomerId)
    for (const { contact, index, key } of keyed) {
      if (toKeep.has(key)) continue
      const id = contactIdOf(event, index)
      const address = vault.sealer.seal(contact.address, { shop, column: 'contact.address', row: id })
      toKeep.set(key, {
        id,
        customer: proposed,
        channel: contact.channel,
        index,
        address,
        plain: contact.address,
        verified: contact.verification,
      })
    }
    claimed.push({ event, claim, proposed, keys: keyed.map(({ key }) => key) })
  }
  return { toKeep, claimed }
}

/** Rare road: one event's addresses belong to several customers. */
async function mergeFound(
  { tx, shop, vault }: People,
  { event, claim, proposed }: Claimed,
  ids: readonly CustomerId[],
  proven: ReadonlySet<CustomerId>,
  absorbedBy: Map<CustomerId, CustomerId>,
  taken: ReadonlySet<CustomerId>,
): Promise<CustomerId> {
  // Nobody but the address that is new with this event stands behind the proposed customer yet: it joins whoever is
  // meant, also on the word of a source that may join nobody, and without a search for what else would have to move.
  const fresh = ids.includes(proposed) && !taken.has(proposed)
  const known = fresh ? ids.filter((id) => id !== proposed) : ids
  const contacts = await contactsOfCustomers(tx, shop, known)
  const external =
    claim.externalId === null ? null : vault.index('contact.inbox', claim.externalId).toString('hex')
  const found = known.map((id) => {
    const inbox = contacts.find((contact) => contact.customer_id === id && contact.channel === 'inbox')
    return {
      id,
      externalId: inbox?.address_index.toString('hex') ?? null,
      proven: proven.has(id),
    }
  })
  const plan = planCustomerMerge(found, external, event.trust)
  // The address is shared by several people the shop knows, and none of them is meant: somebody new.
  if (plan === null) return proposed
  if (fresh) {
    await adoptContacts(tx, shop, plan.survivor, proposed)
    absorbedBy.set(proposed, plan.survivor)
  }
  if (plan.absorbed.length > 0) await mergeCustomers(tx, shop, plan.survivor, plan.absorbed)
  for (const id of plan.absorbed) absorbedBy.set(id, plan.survivor)
  return plan.survivor
}

/** Writes customers that are new, and what events now say about known ones. What was said beats what was guessed. */
async function saveProfiles(
  { tx, shop, vault, now }: People,
  claimed: readonly Claimed[],
  found: Map<Event, Person>,
): Promise<ReadonlyMap<CustomerId, string | null>> {
  const proposals = new Set(claimed.map((each) => each.proposed))
  const old = [...new Set([...found.values()].map((person) => person.customer))].filter(
    (id) => !proposals.has(id),
  )
  const rows = new Map<CustomerId, CustomerRow>()
  if (old.length > 0) for (const row of await readCustomers(tx, shop, old)) rows.set(row.id, row)
  const toSave = new Map<CustomerId, CustomerToSave>()
  const names = new Map<CustomerId, string | null>()
  for (const { event, claim } of claimed) {
    const person = found.get(event)
    if (!person) continue
    const row = rows.get(person.customer)
    const place = { shop, column: 'customer.profile', row: person.customer }
    const said = (hint: CustomerClaim['locale'], before: string | null | undefined) =>
      hint !== null && (!hint.guessed || !before) ? hint.value : (before ?? null)
    const before = toSave.get(person.customer)
    const locale = said(claim.locale, before?.locale ?? row?.locale)
    const timeZone = said(claim.timeZone, before?.timeZone ?? row?.time_zone)
    const segment = claim.segment ?? before?.segment ?? row?.segment ?? null
    found.set(event, { ...person, locale, timeZone })
    const unchanged =
      row &&
      locale === row.locale &&
      timeZone === row.time_zone &&
      segment === row.segment &&
      claim.name === null
    if (unchanged && !before) continue
    const known = () =>
      names.get(person.customer) ?? (row ? nameIn(vault.sealer.openText(row.profile, place)) : null)
    const name = claim.name ?? known()
    names.set(person.customer, name)
    const profile = vault.sealer.seal(JSON.stringify({ name }), place)
    toSave.set(person.customer, { id: person.customer, profile, locale, timeZone, segment })
  }
  await saveCustomers(tx, shop, [...toSave.values()], now)
  return names
}

const nameIn = (profile: string) => (JSON.parse(profile) as { name?: string | null }).name ?? null
