import type { KeptEvent } from '../../src/db/intake.ts'
import type { SourceEvent } from '../../src/domain/event.ts'
import type { Millis } from '../../src/domain/time.ts'
import type { Sender } from '../../src/pipeline/intake.ts'
import type { Break } from './broken-rules.ts'

/** What a worker process is told at its start. */
export interface WorkerStart {
  readonly url: string
  readonly lease: Millis
  /** Business time is the machine's clock plus this. */
  readonly offset: Millis
  /** Simulators its HTTP client may reach although they are on this machine. */
  readonly origins: readonly string[]
  /** When a statement is given up, and when the server ends a transaction that nobody drives. */
  readonly patience: Millis
  /** Rules it does not keep, to prove that the proof would notice. */
  readonly without: readonly Break[]
}

export type ToWorker =
  | {
      readonly kind: 'keep'
      readonly n: number
      readonly sender: Sender
      readonly events: readonly SourceEvent[]
    }
  | { readonly kind: 'held'; readonly n: number }
  | { readonly kind: 'clock'; readonly offset: Millis }
  | { readonly kind: 'stop' }

export type FromWorker =
  | { readonly kind: 'ready' }
  /** Acknowledged: on disk, as far as the worker knows. */
  | { readonly kind: 'kept'; readonly n: number; readonly kept: readonly KeptEvent[] }
  /** So many messages are in its hands. */
  | { readonly kind: 'held'; readonly n: number; readonly count: number }
  | { readonly kind: 'refused'; readonly n: number; readonly why: string }
