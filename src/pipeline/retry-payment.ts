import { dropCardTry, lockCard, planCardTry, renameCardTry } from '../db/card-tries.ts'
import { type Tx, transaction } from '../db/connect.ts'
import { beginAct } from '../db/inquiries.ts'
import { lockOrderForTry } from '../db/orders.ts'
import { readSwitches } from '../db/switches.ts'
import type { SourceEvent } from '../domain/event.ts'
import type { Act } from '../domain/healing/platform.ts'
import { takesNoPayment } from '../domain/order/view.ts'
import { type Instant, MINUTE, type Millis, SECOND } from '../domain/time.ts'
import type { Acted } from '../sources/source.ts'
import { meaningOf, portsOf, questionOf, withinLimit } from './ask-source.ts'
import { cardIndex, readTriesOf } from './card-tries.ts'
import { tellHealing } from './conclude.ts'
import { failureOf } from './failures.ts'
import { type Case, INQUIRY_LEASE, type InquireDeps, verdictOn, withAnswer, withRow } from './inquiry-case.ts'

/** A charge takes longer than a look: Stripe's own clients wait 80 s, most answers come within ten. */
const TRY_TIMEOUT: Millis = 40 * SECOND

/**
 * The one try of a payment. That it is made is committed before it is made; from then on nobody begins another, whatever
 * happens to us here. The case as it then stands: without a try where the card's ceiling left none. `lost`: not ours any
 * more, tried before, or paid. `reminded`: the buyer was asked to pay since the healing began.
 */
export async function tryPayment(deps: InquireDeps, one: Case, by: Act['by']): Promise<Case | NoTry> {
  const now = deps.clock.now()
  const begun = await begin(deps, one, by, now)
  if (begun === 'lost' || !('row' in begun)) return begun
  if (begun.row.act_at !== now || begun.row.act_outcome !== 'begun') return begun
  if (by === 'shop') {
    await tellHealing(deps, begun, 'payment.retry_wanted', now)
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
  await nameTry(deps, known, acted)
  if (acted.kind !== 'done') return known
  await deps.keep({ shop: one.shop, connection: one.row.connection_id, trust: 'queried' }, acted.events)
  const [answer, why] = meaningOf(acted.events)
  return withAnswer(known, { at: ended, answer, again: null }, why)
}

/**
 * One transaction: whoever else wants to try this card waits for its lock, the tries are counted once more, ours becomes
 * one of them, and that it begins is written in one statement with the paid marker. So two orders cannot both take the
 * last try that a ceiling leaves.
 */
async function begin(deps: InquireDeps, one: Case, by: Act['by'], now: Instant): Promise<Case | NoTry> {
  const { shop, row, facts, retrying } = one
  const failure = failureOf(facts, row.payment ?? '')
  const vault = await deps.keyring.open(shop)
  return transaction(deps.db, async (tx) => {
    const wait = await mustWait(tx, one)
    if (wait !== null) return wait
    let counted = one
    if (failure?.card) {
      const card = cardIndex(vault, failure.card)
      await lockCard(tx, shop, card, now)
      const onCard = await readTriesOf(tx, shop, vault, [failure.card])
      counted = { ...one, onCard: onCard(failure.card) }
    }
    const verdict = verdictOn(counted, now)
    if (verdict.kind === 'never' || verdict.notBefore > now) return counted
    if (!(await beginAct(tx, shop, row, by, now, INQUIRY_LEASE))) return 'lost'
    if (failure?.card) {
      await planCardTry(tx, shop, {
        card: cardIndex(vault, failure.card),
        payment: ownTry(one),
        at: now,
        amount: failure.amount,
        networkCode: null,
        networkAdviceCode: null,
        // Until it is told how it ended, it is taken for one more of the same.
        advice: retrying.rules.classOf(failure).advice,
      })
    }
    return withRow(counted, { act_at: now, act_by: by, act_outcome: 'begun', act_code: null })
  })
}

/** No try. `putOff`: none now, look again after so long. */
export type NoTry = 'lost' | { readonly putOff: Millis } | { readonly reminded: true }

const KILLED_PAUSE: Millis = MINUTE
/** For the case to be opened anew: what it says is older than what is there. */
const ANEW: Millis = SECOND
/** A decision about the order may come in time yet; that it was made is seen within this. */
const HELD_PAUSE: Millis = MINUTE

/**
 * What may have changed since the case was opened, seconds ago: the switches and settings, and the order itself, whose
 * lock keeps a cancellation, a review's hold and a reminder of its flows out until the try is written down.
 */
async function mustWait(tx: Tx, { shop, row, configVersion }: Case): Promise<NoTry | null> {
  const switches = await readSwitches(tx, shop)
  if (switches.killed || switches.all_killed) return { putOff: KILLED_PAUSE }
  if (switches.config_version !== configVersion) return { putOff: ANEW }
  const order = await lockOrderForTry(tx, shop, row.order_id, row.started_at)
  if (order === null || takesNoPayment(order)) return { putOff: ANEW }
  if (order.reminded) return { reminded: true }
  return order.held ? { putOff: HELD_PAUSE } : null
}

/** What a try of ours is counted under until its provider has named it. */
const ownTry = ({ row }: Case) => `dingdong:${row.order_id}:${row.payment ?? ''}`

/** Where the provider's name for the try is known it is counted under that; where it was certainly none, not at all. */
async function nameTry({ db, keyring }: InquireDeps, one: Case, acted: Acted): Promise<void> {
  const token = failureOf(one.facts, one.row.payment ?? '')?.card
  if (!token) return
  const card = cardIndex(await keyring.open(one.shop), token)
  if (acted.kind === 'refused') return dropCardTry(db, one.shop, card, ownTry(one))
  const theirs = acted.kind === 'done' ? failedPayment(acted.events) : null
  if (theirs !== null) await renameCardTry(db, one.shop, card, ownTry(one), theirs)
}

const failedPayment = (events: readonly SourceEvent[]): string | null =>
  events.find(({ type, data }) => type === 'payment.failed' && data.payment?.card)?.data.payment?.id ?? null

async function trySource(deps: InquireDeps, one: Case): Promise<Acted> {
  const { asked, row } = one
  const retry = asked?.source.actions?.retry_payment
  if (!asked || !retry) return { kind: 'refused', code: 'no_action' }
  // The same for repeats after whatever crash, should there ever be one.
  const idempotencyKey = `dingdong-${row.order_id}-${row.payment ?? ''}`.slice(0, 200)
  try {
    return await withinLimit(deps.clock, TRY_TIMEOUT, (signal) =>
      retry(
        asked.settings,
        { ...questionOf(one), idempotencyKey, payment: row.payment ?? '' },
        portsOf(deps, signal),
      ),
    )
  } catch (error) {
    deps.log.warn({ err: error, shop: one.shop, order: row.order_id }, 'a try of a payment broke off')
    return { kind: 'unknown', code: 'broke_off' }
  }
}
