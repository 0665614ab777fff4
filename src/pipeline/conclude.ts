import { readSwitches } from '../db/switches.ts'
import { type EventData, INQUIRY_SOURCE, type SourceEvent } from '../domain/event.ts'
import { AFTER_END } from '../domain/inquiry/rails.ts'
import { unpaidUntil } from '../domain/inquiry/unpaid.ts'
import type { Instant } from '../domain/time.ts'
import type { InquireDeps } from './inquiry-case.ts'
import { type Case, clientFailure, rulesOf } from './inquiry-case.ts'

/**
 * Keeps what was concluded, with the trust of an inference: everything that somebody tells is stronger. Ids and bodies
 * are made from the row alone, so that a conclusion that is drawn again after a crash is the same event. `time` is when
 * it was bound to be drawn: after a restore that tells what the system that was backed up may have told already.
 */
async function keepOwn(
  deps: InquireDeps,
  one: Case,
  type: string,
  id: string,
  data: Partial<EventData>,
  time: Instant,
) {
  const event: SourceEvent = {
    id: `dingdong:${id}`,
    type,
    source: INQUIRY_SOURCE,
    time,
    subject: null,
    data: { refs: one.refs.slice(0, 1), ...data },
  }
  await deps.keep({ shop: one.shop, connection: one.row.connection_id, trust: 'inferred' }, [event])
}

/** A payment that did not come has failed, for the reason that the buyer's page gave, else because time ran out. */
export async function concludeFailed(deps: InquireDeps, one: Case, now: Instant): Promise<string> {
  const { order_id, started_at } = one.row
  const over = unpaidUntil(rulesOf(one), { startedAt: started_at }, one.view) + AFTER_END
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
    Math.min(over, now),
  )
  deps.metrics.conclusions.inc({ what: 'failed' })
  return code
}

export type HealingEvent = 'payment.healed' | 'payment.heal_failed' | 'payment.retry_wanted'

/**
 * Tells the flows how healing goes: good news, the reminders' turn, or a command to the shop. Why it ended stands in the
 * row's log alone: whoever concludes it again after a crash may see another reason.
 */
export async function tellHealing(deps: InquireDeps, one: Case, type: HealingEvent, now: Instant) {
  const payment = one.row.payment ?? one.row.order_id
  await keepOwn(
    deps,
    one,
    type,
    `heal:${one.row.order_id}:${payment}:${type}`,
    { payment: { id: payment } },
    await boundToHeal(deps, one, now),
  )
  deps.metrics.conclusions.inc({ what: type.slice('payment.'.length) })
}

/**
 * When the end of a healing was bound to be known: when its row was due. Of one that was under way when the database was
 * restored nobody knows how far the system that was backed up came with it: at the latest the restore.
 */
async function boundToHeal({ db }: InquireDeps, { shop, row }: Case, now: Instant): Promise<Instant> {
  const due = Math.min(row.due_at ?? now, now)
  const { restored_at } = await readSwitches(db, shop)
  return restored_at !== null && row.started_at <= restored_at ? Math.min(due, restored_at) : due
}
