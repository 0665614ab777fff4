import { readCounters } from '../db/cap-slots.ts'
import { readCaps } from '../db/caps.ts'
import {
  type ContactRow,
  type CustomerRow,
  findContact,
  readContacts,
  readCustomers,
} from '../db/contacts.ts'
import type { MessageRow } from '../db/messages.ts'
import { readSwitches } from '../db/switches.ts'
import type { Event } from '../domain/event.ts'
import { type Entry, messageIn, orderIn } from '../domain/gate/slot-entry.ts'
import { decodeVerdict, plainVerdict } from '../domain/gate/verdict.ts'
import type { CustomerId, ShopId } from '../domain/ids.ts'
import { maskAddress, maskName } from '../domain/mask.ts'
import { countryOfPhone } from '../domain/order/contact.ts'
import { customerOf } from '../domain/order/customer.ts'
import { DAY, type Instant, toIso } from '../domain/time.ts'
import type { ShopVault } from './keyring.ts'
import { contactIdOf, type Reach, reachOfAll } from './people.ts'
import type { CaseScene, TrialCase, TrialContact } from './trial-case.ts'

/** Whom a trial's messages go to. */
export interface Reached {
  /** The customer, or who the event would make of them. */
  readonly person: CustomerId | null
  readonly customer: TrialCase['customer']
  /** Masked. */
  readonly name: string | null
  readonly rows: readonly ContactRow[]
  readonly reach: readonly Reach[]
}

export const NOBODY: Reached = { person: null, customer: null, name: null, rows: [], reach: [] }

/** The customer, or who they have become part of. */
export async function findCustomer(
  { db, shop }: CaseScene,
  id: CustomerId | null,
): Promise<CustomerRow | null> {
  if (id === null) return null
  let [row] = await readCustomers(db, shop, [id])
  for (let hops = 0; row?.merged_into && hops < 10; hops++)
    [row] = await readCustomers(db, shop, [row.merged_into])
  return row ?? null
}

/** The order's people, with those that the event itself names, also where nobody has applied it yet. */
export async function reachedBy(
  scene: CaseScene,
  event: Event,
  owner: CustomerRow | null,
  known: readonly ContactRow[],
): Promise<Reached> {
  const { shop, config, vault } = scene
  // What a stranger types in a browser leads to no buyer.
  const claim = event.trust === 'browser' ? null : customerOf(event, { country: config.row.country })
  const named = await Promise.all((claim?.contacts ?? []).map((each) => rowOf(scene, event, each)))
  const rows = [...new Map([...known, ...named].map((row) => [row.id, row])).values()]
  const customer =
    owner ?? (await findCustomer(scene, rows.find((row) => row.customer_id)?.customer_id ?? null))
  const reach = [...reachOfAll({ shop, config, vault }, rows).values()]
  if (customer !== null)
    return { person: customer.id, customer, name: nameOf(vault, shop, customer), rows, reach }
  if (rows.length === 0) return NOBODY
  return {
    person: event.key as string as CustomerId,
    customer: {
      preferences: {},
      locale: claim?.locale?.value ?? null,
      time_zone: claim?.timeZone?.value ?? null,
      segment: claim?.segment ?? null,
    },
    name: claim?.name ? maskName(claim.name) : null,
    rows,
    reach,
  }
}

type Claimed = NonNullable<ReturnType<typeof customerOf>>['contacts'][number]

/** The address as it is kept, or as it would be. */
async function rowOf({ db, shop, vault }: CaseScene, event: Event, claimed: Claimed): Promise<ContactRow> {
  const { channel, identity, address, verification } = claimed
  const index = vault.index(`contact.${channel}`, identity)
  const found = await findContact(db, shop, channel, index)
  if (found) return found
  const id = contactIdOf(event, index)
  return {
    id,
    customer_id: null,
    member_id: null,
    channel,
    address_index: index,
    address: vault.sealer.seal(address, { shop, column: 'contact.address', row: id }),
    verified: verification,
    state: 'ok',
    consent: [],
  }
}

/**
 * Addresses, wishes and counts as they stand now. `caused`: messages that the event has really led to, which are not to
 * stand in the way of its own trial.
 */
export async function peopleOf(
  scene: CaseScene,
  event: Event,
  { person, customer, name, rows }: Reached,
  caused: readonly MessageRow[],
) {
  const { db, shop, config, vault } = scene
  const members = [...new Set(config.members.map(({ contact_id }) => contact_id))]
  const theirs = members.length > 0 ? await readContacts(db, shop, members) : []
  const all = [...rows, ...theirs]
  const sinceDay = toIso(event.receivedAt - DAY).slice(0, 10)
  const holders = [...(person ? [person] : []), ...all.map(({ id }) => id)]
  const [switches, used, counters] = await Promise.all([
    readSwitches(db, shop),
    person ? readCaps(db, shop, person, sinceDay) : {},
    holders.length > 0 ? readCounters(db, shop, holders) : [],
  ])
  const gone = new Set<string>(caused.map(({ id }) => id))
  return {
    switches,
    customer,
    person,
    name,
    contacts: new Map(all.map((row) => [row.id, trialContact(vault, shop, row)])),
    used: withoutOwn(used, caused),
    counters: counters.map((row) => ({
      ...row,
      taken: Object.fromEntries(
        (Object.entries(row.taken) as [Entry, Instant][]).filter(
          // What another order has said since is nothing that this one would have waited for.
          ([entry, at]) => !gone.has(messageIn(entry)) && (orderIn(entry) === null || at <= event.receivedAt),
        ),
      ),
    })),
  }
}

function nameOf(vault: ShopVault, shop: ShopId, { id, profile }: CustomerRow) {
  const text = vault.sealer.openText(profile, { shop, column: 'customer.profile', row: id })
  const { name } = JSON.parse(text) as { readonly name?: string | null }
  return name ? maskName(name) : null
}

function trialContact(vault: ShopVault, shop: ShopId, row: ContactRow): TrialContact {
  const { id, channel, address, state, verified, consent } = row
  const plain = vault.sealer.openText(address, { shop, column: 'contact.address', row: id })
  return {
    state,
    verified,
    consent,
    masked: maskAddress(channel, plain),
    whereabouts: channel === 'sms' ? countryOfPhone(plain) : undefined,
  }
}

function withoutOwn(used: Readonly<Record<string, number>>, caused: readonly MessageRow[]) {
  const left = { ...used }
  for (const { state, verdict } of caused) {
    const given = verdict === null ? null : decodeVerdict(plainVerdict(verdict))
    if (state !== 'sent' || given?.kind !== 'send' || given.capDay === null) continue
    if (left[given.capDay]) left[given.capDay]!--
  }
  return left
}
