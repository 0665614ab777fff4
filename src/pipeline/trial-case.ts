import type { CounterRow } from '../db/cap-slots.ts'
import type { Db } from '../db/connect.ts'
import type { CustomerRow } from '../db/contacts.ts'
import type { RunRow } from '../db/runs.ts'
import type { Switches } from '../db/switches.ts'
import type { Event } from '../domain/event.ts'
import type { ContactId, CustomerId, ShopId } from '../domain/ids.ts'
import type { Whereabouts } from './accounts.ts'
import type { ShopVault } from './keyring.ts'
import type { Subject } from './run-flows.ts'
import type { ShopConfig } from './shop-config.ts'

export interface CaseScene {
  readonly db: Db
  readonly shop: ShopId
  readonly config: ShopConfig
  readonly vault: ShopVault
}

/** An address as a trial needs it. */
export interface TrialContact {
  readonly state: string
  readonly verified: string
  readonly consent: readonly string[]
  /** Masked; `null`: made up. */
  readonly masked: string | null
  readonly whereabouts: Whereabouts
}

/** What a flow is tried on: an event, the order as it stood then, and everything else as it stands now. */
export interface TrialCase {
  readonly event: Event
  readonly subject: Subject
  /** The flow's runs on this subject that were there when the event came. */
  readonly earlier: readonly RunRow[]
  readonly switches: Switches
  /** A person has to decide about the order. */
  readonly heldByReview: boolean
  readonly customer: Pick<CustomerRow, 'preferences' | 'time_zone' | 'locale' | 'segment'> | null
  /** Whom messages are counted for; of a made-up buyer somebody new. */
  readonly person: CustomerId | null
  /** Masked. */
  readonly name: string | null
  /** The buyer's, and those of the shop's people. */
  readonly contacts: ReadonlyMap<ContactId, TrialContact>
  /** Messages the buyer has had, by local day, and what the shop's own caps have counted. */
  readonly used: Readonly<Record<string, number>>
  readonly counters: readonly CounterRow[]
}
