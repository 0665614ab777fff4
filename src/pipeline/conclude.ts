import type { EventData, SourceEvent } from '../domain/event.ts'
import type { Instant } from '../domain/time.ts'
import type { InquireDeps } from './inquiry-case.ts'
import { type Case, clientFailure } from './inquiry-case.ts'

/** CloudEvents source of what we concluded ourselves. */
const OWN_SOURCE = 'dingdong/inquiry'

/**
 * Keeps what was concluded, with the trust of an inference: everything that somebody tells is stronger. Ids and bodies
 * are made from the row alone, so that a conclusion that is drawn again after a crash is the same event.
 */
async function keepOwn(
  deps: InquireDeps,
  one: Case,
  type: string,
  id: string,
  data: Partial<EventData>,
  now: Instant,
) {
  const event: SourceEvent = {
    id: `dingdong:${id}`,
    type,
    source: OWN_SOURCE,
    time: now,
    subject: null,
    data: { refs: one.refs.slice(0, 1), ...data },
  }
  await deps.keep({ shop: one.shop, connection: one.row.connection_id, trust: 'inferred' }, [event])
}

/** A payment that did not come has failed, for the reason that the buyer's page gave, else because time ran out. */
export async function concludeFailed(deps: InquireDeps, one: Case, now: Instant): Promise<string> {
  const { order_id, started_at } = one.row
  const said = clientFailure(one)
  const code = said?.code ?? 'unpaid_timeout'
  const rail = said?.rail ?? (said && one.asked?.rules.rail) ?? 'inferred'
  const id = `unpaid:${order_id}:${started_at}`
  await keepOwn(
    deps,
    one,
    'payment.failed',
    id,
    { payment: { id, rail: rail || 'inferred', failure: { code } } },
    now,
  )
  deps.metrics.conclusions.inc({ what: 'failed' })
  return code
}

export type HealingEvent = 'payment.healed' | 'payment.heal_failed' | 'payment.retry_wanted'

/** Tells the flows how healing goes: good news, the reminders' turn, or a command to the shop. */
export async function tellHealing(
  deps: InquireDeps,
  one: Case,
  type: HealingEvent,
  why: string | null,
  now: Instant,
) {
  const payment = one.row.payment ?? one.row.order_id
  const data = { payment: { id: payment }, ...(why === null ? {} : { extra: { why } }) }
  await keepOwn(deps, one, type, `heal:${one.row.order_id}:${payment}:${type}`, data, now)
  deps.metrics.conclusions.inc({ what: type.slice('payment.'.length) })
}
