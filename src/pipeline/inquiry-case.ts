import type { CardTryRow } from '../db/card-tries.ts'
import type { Db } from '../db/connect.ts'
import type { InquiryLogEntry, InquiryRow } from '../db/inquiries.ts'
import type { OrderRef } from '../domain/event.ts'
import { TRUST } from '../domain/event.ts'
import type { RetryVerdict } from '../domain/failure/ceilings.ts'
import {
  type Act,
  type Healing,
  type HealMove,
  type Patient,
  platformMove,
} from '../domain/healing/platform.ts'
import type { RetryRules } from '../domain/healing/rules.ts'
import { unknownMove } from '../domain/healing/unknown.ts'
import type { HttpClient } from '../domain/http.ts'
import type { Random, ShopId } from '../domain/ids.ts'
import type { AnswerKind, Asked } from '../domain/inquiry/asked.ts'
import { type RailRules, railOfSource } from '../domain/inquiry/rails.ts'
import { type UnpaidMove, unpaidMove } from '../domain/inquiry/unpaid.ts'
import { BROWSER, type OrderFacts } from '../domain/order/facts.ts'
import { type OrderView, takesNoPayment } from '../domain/order/view.ts'
import { type Clock, type Instant, type Millis, SECOND } from '../domain/time.ts'
import type { AskedConnection } from './asked-connections.ts'
import { canRetry, failureOf, type Retrying, triesSoFar } from './failures.ts'
import type { Intake } from './intake.ts'
import type { Keyring } from './keyring.ts'
import type { Metrics } from './metrics.ts'
import type { ShopConfig, ShopConfigs } from './shop-config.ts'

/** What asking takes. */
export interface InquireDeps {
  readonly db: Db
  readonly keyring: Keyring
  readonly configs: ShopConfigs
  readonly clock: Clock
  readonly random: Random
  readonly http: HttpClient
  readonly keep: Intake['keep']
  /** What a shop's failures mean, and what may be retried by itself. */
  readonly retries: (config: ShopConfig) => RetryRules
  readonly metrics: Metrics
  readonly log: { warn(fields: object, text: string): void }
}

/** How long a claim holds. Every question has its time limit, so what is claimed is done within it. */
export const INQUIRY_LEASE: Millis = 60 * SECOND

/** A claimed row with the order it is about. */
export interface Case {
  readonly shop: ShopId
  readonly row: InquiryRow
  /** `null`: off, paused, or its source cannot ask. */
  readonly asked: AskedConnection | null
  readonly facts: OrderFacts
  readonly view: OrderView
  /** From the marker, which is there before the events are applied. */
  readonly paid: boolean
  /** Every name of the order, the number first. */
  readonly refs: readonly OrderRef[]
  readonly canAskShop: boolean
  readonly retrying: Retrying
  /** The shop's configuration that all this was read under. */
  readonly configVersion: number
  /** Of a failure that is healed: tries of all orders with its card, as last read. */
  readonly onCard: readonly CardTryRow[]
  /** What is new in the row's log. */
  readonly log: readonly InquiryLogEntry[]
}

export type CaseMove = UnpaidMove | HealMove

/** What the row's clock says about the case as it stands. */
export function moveOf(one: Case, now: Instant): CaseMove {
  const { row, view, paid } = one
  const sale = { paid, closed: takesNoPayment(view) }
  const last = lastOf(row)
  switch (row.kind) {
    case 'unpaid': {
      const inquiry = {
        startedAt: row.started_at,
        asks: row.asks,
        last,
        concluded: row.concluded_at !== null,
      }
      const told = { ...sale, failedAt: toldFailedAt(one.facts), expiresAt: view.expiresAt }
      return unpaidMove(rulesOf(one), inquiry, told, now)
    }
    case 'unknown':
      return unknownMove({ startedAt: row.started_at, asks: row.asks, last }, sale)
    case 'platform': {
      const healing: Healing = {
        startedAt: row.started_at,
        asks: row.asks,
        last,
        act: actOf(row),
        over: row.concluded_at !== null,
      }
      return platformMove(healing, { ...sale, ...patientOf(one, now) }, now)
    }
  }
}

function patientOf(one: Case, now: Instant): Omit<Patient, 'paid' | 'closed'> {
  const { row, view, facts, asked, canAskShop } = one
  const failure = failureOf(facts, row.payment ?? '')
  const began = Math.max(view.startedAt ?? 0, ...otherFailures(facts, row.payment))
  return {
    expiresAt: view.expiresAt,
    buyerBeganAt: failure !== null && began > failure.at ? began : null,
    canRetry: canRetry(one.retrying, asked),
    canAskShop,
    verdict: verdictOn(one, now),
  }
}

/** When other payments failed, as somebody told of himself. Who is asked may tell the same failure by another name. */
const otherFailures = ({ f = [] }: OrderFacts, payment: string | null): readonly Instant[] =>
  f.flatMap(([id, trust, at]) => (id !== payment && trust < TRUST.indexOf('queried') ? [at] : []))

/** Whether the rules allow one more try, counting everything that is known. */
export function verdictOn({ row, facts, asked, retrying, onCard }: Case, now: Instant): RetryVerdict {
  const failure = failureOf(facts, row.payment ?? '')
  if (failure === null) return { kind: 'never', rule: 'failure_gone' }
  return retrying.rules.mayRetry(triesSoFar(retrying, asked, facts, failure, onCard), now)
}

export const rulesOf = ({ asked }: Case): RailRules => asked?.rules ?? railOfSource('')

/** The latest failure that a rail told; what we inferred ourselves tells us nothing new. */
function toldFailedAt(facts: OrderFacts): Instant | null {
  const told = (facts.f ?? []).filter(([, trust]) => trust < TRUST.indexOf('inferred'))
  return told.length === 0 ? null : Math.max(...told.map(([, , at]) => at))
}

/** What the buyer's browser said of a failure since the payment began. */
export function clientFailure(one: Case): { readonly code: string; readonly rail: string | null } | null {
  const said = (one.facts.f ?? []).find(([, trust, at]) => trust >= BROWSER && at >= one.row.started_at)
  const code = said?.[4].c
  return code === undefined ? null : { code, rail: said?.[4].r ?? null }
}

function lastOf({ asked_at, answer, again_at }: InquiryRow): Asked | null {
  return asked_at === null || answer === null
    ? null
    : { at: asked_at, answer: answer as AnswerKind, again: again_at }
}

function actOf({ act_at, act_by, act_outcome, act_code }: InquiryRow): Act | null {
  if (act_at === null) return null
  return {
    at: act_at,
    by: act_by as Act['by'],
    outcome: act_outcome as Act['outcome'],
    code: act_code,
  }
}

/** The case after a question was answered. */
export function withAnswer(one: Case, asked: Asked, code: string | null): Case {
  const row = {
    ...one.row,
    asks: one.row.asks + 1,
    asked_at: asked.at,
    answer: asked.answer,
    again_at: asked.again,
  }
  return { ...one, row, log: [...one.log, [asked.at, asked.answer, code]] }
}

/** The case with more of its row known. */
export function withRow(one: Case, known: Partial<InquiryRow>, ...log: readonly InquiryLogEntry[]): Case {
  return { ...one, row: { ...one.row, ...known }, log: [...one.log, ...log] }
}
