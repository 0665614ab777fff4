import { beginAct } from '../db/inquiries.ts'
import type { Act } from '../domain/healing/platform.ts'
import { type Millis, SECOND } from '../domain/time.ts'
import type { Acted } from '../sources/source.ts'
import { meaningOf, portsOf, questionOf, withinLimit } from './ask-source.ts'
import { tellHealing } from './conclude.ts'
import { type Case, INQUIRY_LEASE, type InquireDeps, withAnswer, withRow } from './inquiry-case.ts'

/** A charge takes longer than a look: Stripe's own clients wait 80 s, most answers come within ten. */
const TRY_TIMEOUT: Millis = 40 * SECOND

/**
 * The one try of a payment. That it is made is committed before it is made, in one statement with the paid marker; from
 * then on nobody begins another, whatever happens to us here. `null`: not ours any more, tried before, or paid.
 */
export async function tryPayment(deps: InquireDeps, one: Case, by: Act['by']): Promise<Case | null> {
  const now = deps.clock.now()
  if (!(await beginAct(deps.db, one.shop, one.row, by, now, INQUIRY_LEASE))) return null
  const begun = withRow(one, { act_at: now, act_by: by, act_outcome: 'begun', act_code: null })
  if (by === 'shop') {
    await tellHealing(deps, begun, 'payment.retry_wanted', null, now)
    return begun
  }
  const acted = await trySource(deps, begun)
  const ended = deps.clock.now()
  deps.metrics.retries.inc({ outcome: acted.kind })
  const code = acted.kind === 'done' ? null : acted.code
  const known = withRow(begun, { act_outcome: acted.kind, act_code: code }, [
    ended,
    `retry_${acted.kind}`,
    code,
  ])
  if (acted.kind !== 'done') return known
  await deps.keep({ shop: one.shop, connection: one.row.connection_id, trust: 'queried' }, acted.events)
  const [answer, why] = meaningOf(acted.events)
  return withAnswer(known, { at: ended, answer, again: null }, why)
}

async function trySource(deps: InquireDeps, one: Case): Promise<Acted> {
  const { asked, row } = one
  const retry = asked?.source.actions?.retry_payment
  if (!asked || !retry) return { kind: 'refused', code: 'no_action' }
  // The same for repeats after whatever crash, should there ever be one.
  const idempotencyKey = `dingdong-${row.order_id}-${row.payment ?? ''}`.slice(0, 200)
  try {
    return await withinLimit(TRY_TIMEOUT, (signal) =>
      retry(asked.settings, { ...questionOf(one), idempotencyKey }, portsOf(deps, signal)),
    )
  } catch (error) {
    deps.log.warn({ err: error, shop: one.shop, order: row.order_id }, 'a try of a payment broke off')
    return { kind: 'unknown', code: 'broke_off' }
  }
}
