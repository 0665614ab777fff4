import type { Db, Tx } from '../db/connect.ts'
import type { RetryRules } from '../domain/healing/rules.ts'
import type { Random, ShopId } from '../domain/ids.ts'
import type { Clock } from '../domain/time.ts'
import type { Keyring, ShopVault } from './keyring.ts'
import type { Recall } from './recall.ts'
import type { FlowScene } from './run-flows.ts'
import type { ShopConfig, ShopConfigs } from './shop-config.ts'
import type { SmsBarOf } from './sms-bar.ts'
import type { SmsCostOf } from './sms-cost.ts'

export interface DecideDeps {
  readonly db: Db
  readonly recall: Recall
  readonly keyring: Keyring
  readonly configs: ShopConfigs
  readonly clock: Clock
  readonly random: Random
  /** What a shop's failures mean, and what may be retried by itself. */
  readonly retries: (config: ShopConfig) => RetryRules
  /** What a message costs by SMS, for cascades that go by cost. */
  readonly smsCost?: SmsCostOf
  readonly smsBar?: SmsBarOf
  readonly log: { warn(fields: object, text: string): void; error(fields: object, text: string): void }
}

/** Everything one transaction works with. */
export interface Batch extends FlowScene {
  readonly tx: Tx
  readonly shop: ShopId
  readonly config: ShopConfig
  readonly vault: ShopVault
}
