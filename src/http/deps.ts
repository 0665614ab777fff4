import type { FastifyBaseLogger } from 'fastify'
import type { Provider } from '../channels/channel.ts'
import type { Db } from '../db/connect.ts'
import type { RetryRules } from '../domain/healing/rules.ts'
import type { Random, ShopId } from '../domain/ids.ts'
import type { LawBook } from '../domain/law/book.ts'
import type { Channel } from '../domain/message.ts'
import type { Clock, Instant } from '../domain/time.ts'
import type { Troubles } from '../domain/trouble.ts'
import type { FlowTrials } from '../pipeline/flow-trials.ts'
import type { Intake } from '../pipeline/intake.ts'
import type { Keyring } from '../pipeline/keyring.ts'
import type { CompileTemplate } from '../pipeline/presets.ts'
import type { ShopConfig, ShopConfigs } from '../pipeline/shop-config.ts'
import type { Source } from '../sources/source.ts'
import type { Relay } from './relay.ts'

/** Everything the HTTP side works with; `app.ts` wires it. */
export interface HttpDeps {
  readonly db: Db
  readonly intake: Intake
  readonly keyring: Keyring
  readonly configs: ShopConfigs
  /** The law files, read and checked. */
  readonly law: LawBook
  readonly flowTrials: FlowTrials
  /** What a shop's failures mean, and what may be tried again by itself. */
  readonly retries: (config: ShopConfig) => RetryRules
  /** A shop's own template, compiled and tried: takes a second. */
  readonly compileTemplate: CompileTemplate
  readonly sources: (name: string) => Source | undefined
  readonly providers: (name: string) => Provider | undefined
  readonly clock: Clock
  readonly random: Random
  readonly logger: FastifyBaseLogger
  /** Where buyers and senders reach us, without a slash at the end. */
  readonly publicUrl: () => string
  /** 32 bytes, the same on every process and after every start (made from the master key): signs sessions. */
  readonly sessionKey: Uint8Array
  readonly metrics: { render(): Promise<string> }
  /** How callbacks are passed on to shops' own addresses. */
  readonly relay: Relay
  readonly health: () => Promise<Readiness>
  /** The API described as OpenAPI 3.1, JSON. */
  readonly apiDescription: () => Promise<string>
  /** What the demo shop's simulators received; `null` where nothing is simulated. */
  readonly outbox: OutboxLab | null
  /** Messages were planned: the gate should look. */
  readonly onPlanned: (shop: ShopId, channels: ReadonlySet<Channel>) => void
  /** Events were queued again: decide should look. */
  readonly onEventsDue: (shops: ReadonlySet<ShopId>) => void
  /** Proxies whose `X-Forwarded-*` is believed: addresses or networks; absent: nobody's. */
  readonly trustProxy?: string | readonly string[]
}

/** May this process be sent work? `checks` says what of. */
export interface Readiness {
  readonly ready: boolean
  readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly detail?: string }>>
}

/** The provider lab as the outbox page sees it: structurally what each simulator's `received` is. */
export interface OutboxLab {
  /** The demo shop, whose inbox items are shown, too. */
  readonly shop: ShopId
  readonly mail: Arrivals<MailSeen | null>
  readonly sms: Arrivals<{ readonly text: string }>
  readonly webhook: Arrivals<WebhookSeen>
  readonly troubles: Troubles
}

export interface Arrivals<Content> {
  /** The newest ones, oldest first. */
  list(): readonly Arrival<Content>[]
}

export interface Arrival<Content> {
  readonly sequence: number
  readonly at: Instant
  readonly id: string | null
  readonly to: string
  readonly accepted: boolean
  readonly refusal: string | null
  readonly repeat: boolean
  readonly faults: readonly string[]
  readonly content: Content
}

export interface MailSeen {
  readonly from: string
  readonly to: readonly string[]
  readonly subject: string
  readonly text: string
  readonly html: string
  readonly headers: Readonly<Record<string, string>>
}

export interface WebhookSeen {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly type: string | null
}
