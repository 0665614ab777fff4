import type { MessageToPlan } from '../db/messages.ts'
import type { RunRow } from '../db/runs.ts'
import type { Event } from '../domain/event.ts'
import type { ActEffect, DedupeParts, Effect, SendEffect } from '../domain/flow/run.ts'
import type { CommandName } from '../domain/flow/words.ts'
import {
  type ContactId,
  type CustomerId,
  type EventId,
  type MessageId,
  newId,
  type OrderId,
} from '../domain/ids.ts'
import type { Channel } from '../domain/message.ts'
import type { Money } from '../domain/money.ts'
import { membershipVars, renewLinkOf, stockVars } from '../domain/template/loose-words.ts'
import { type Instant, MINUTE } from '../domain/time.ts'
import type { ShopVault } from './keyring.ts'
import type { Reach } from './people.ts'
import { priorityFor, type ShopConfig } from './shop-config.ts'

/** A message answers the buyer's own act for this long; it may then go at night where no law forbids it. */
const IN_SESSION = 10 * MINUTE
const HOLDING: ReadonlySet<CommandName> = new Set(['hold_order', 'release_order'])

/** Whom and what a run's effects are about. */
export interface EffectScene {
  readonly config: ShopConfig
  readonly vault: ShopVault
  readonly now: Instant
  readonly run: Pick<RunRow, 'id' | 'flow' | 'version' | 'subject_id'>
  readonly orderId: OrderId | null
  readonly customerId: CustomerId | null
  readonly contacts: readonly Reach[]
  /** When this was bound to be said: the timer's instant or the event's arrival, not the moment a worker got to it. */
  readonly plannedFor: Instant
  /** The event itself, where there is no order to take a message's values from. */
  readonly event: Event | null
  /** What of an order's money each refund of this batch gave back. */
  readonly gaveBack?: ReadonlyMap<EventId, readonly Money[]>
}

/** Turns what a flow wants said into messages for the gate. */
export function planEffects(scene: EffectScene, effects: readonly Effect[]): readonly MessageToPlan[] {
  return effects.flatMap((effect): readonly MessageToPlan[] =>
    effect.kind === 'act'
      ? [planCommand(scene, effect)]
      : effect.to.kind === 'buyer'
        ? [planForBuyer(scene, effect)]
        : planForRole(scene, effect, effect.to.role),
  )
}

/** The first channel that leads to the buyer. When none does, the message is planned without an address: the gate says so. */
function planForBuyer(scene: EffectScene, effect: SendEffect): MessageToPlan {
  for (const channel of effect.channels) {
    const contact = scene.contacts.find((each) => each.channel === channel)
    if (contact) return planSend(scene, effect, channel, contact.id, 'buyer')
  }
  return planSend(scene, effect, effect.channels[0]!, null, 'buyer')
}

function planForRole(scene: EffectScene, effect: SendEffect, role: string): readonly MessageToPlan[] {
  const seen = new Set<string>()
  const planned: MessageToPlan[] = []
  for (const channel of effect.channels) {
    for (const member of scene.config.members) {
      if (member.channel !== channel || !member.roles.includes(role) || seen.has(member.member_id)) continue
      seen.add(member.member_id)
      planned.push(planSend(scene, effect, channel, member.contact_id, 'member'))
    }
  }
  return planned.length > 0 ? planned : [planSend(scene, effect, effect.channels[0]!, null, 'member')]
}

function planSend(
  scene: EffectScene,
  effect: SendEffect,
  channel: Channel,
  contact: ContactId | null,
  audience: 'buyer' | 'member',
): MessageToPlan {
  const { purpose, category } = effect
  const inSessionUntil = effect.actAt === null ? null : effect.actAt + IN_SESSION
  return {
    ...common(scene, effect, contact),
    customerId: audience === 'buyer' ? scene.customerId : null,
    channel,
    purpose,
    category,
    audience,
    template: effect.template,
    inSessionUntil,
    collapseKey: effect.collapse,
    priority: priorityFor(scene.config, { purpose, category, inSessionUntil }),
  }
}

/** A command to the shop goes the same road as a message, so that the gate's paid marker stops it, too. */
function planCommand(scene: EffectScene, effect: ActEffect): MessageToPlan {
  return {
    ...common(scene, effect, null),
    customerId: null,
    channel: 'command',
    purpose: 'essential',
    category: effect.command,
    audience: 'member',
    template: effect.command,
    inSessionUntil: null,
    // Held and released again before the shop could be reached: only the last word counts.
    collapseKey: HOLDING.has(effect.command) ? 'order_hold' : null,
    priority: 0,
  }
}

function common(scene: EffectScene, effect: Effect, contact: ContactId | null) {
  const { run, now } = scene
  const key = dedupeKey(scene.vault, run.subject_id, effect.dedupe, contact)
  const stops = []
  if (effect.stopsWhenPaid) stops.push('paid')
  if (effect.stopsWhenClosed) stops.push('closed')
  if (effect.kind === 'send' && effect.anyHour) stops.push('any_hour')
  // Made from what the message is, not drawn: a database that was restored plans the same message under the same id,
  // and receivers that know the id (Message-ID, webhook-id) drop what the old one had sent already.
  const id = newId('msg', scene.plannedFor, (bytes) => key.subarray(0, bytes))
  return {
    id,
    orderId: scene.orderId,
    contactId: contact,
    runId: run.id,
    flow: run.flow,
    flowVersion: run.version,
    step: effect.stepId,
    stops,
    dueAt: now,
    expiresAt: effect.expiresAt,
    dedupeKey: key,
    resendOf: null,
    vars: eventVars(scene, id),
  }
}

/**
 * A message carries what its event said and no order knows: which product runs out, which membership ends, what went
 * back by this refund (the order knows the sum of all). One about a review carries what is to be decided, one that wants a
 * payment tried again which: another may have failed when it leaves.
 */
function eventVars({ orderId, event, config, vault, gaveBack }: EffectScene, id: MessageId): Buffer | null {
  if (event === null) return null
  const seal = (vars: object) =>
    vault.sealer.seal(JSON.stringify(vars), { shop: config.row.id, column: 'message.vars', row: id })
  const back = gaveBack?.get(event.key) ?? []
  const amount = back.find(({ currency }) => currency === event.data.refund?.amount.currency) ?? back[0]
  if (amount !== undefined) return seal({ refund: { amount } })
  const review = event.type.startsWith('review.') ? event.data.extra?.review : undefined
  const extra = event.data.extra ?? {}
  // Of an order's own event the order knows all; news of its goods comes from outside.
  const ofOrder = review === undefined && !(event.type.startsWith('stock.') && extra.stock)
  const payment = event.type === 'payment.retry_wanted' ? event.data.payment?.id : undefined
  if (orderId !== null && ofOrder && payment === undefined) return null
  return seal({
    ...(payment === undefined ? {} : { payment }),
    ...(review ? { review } : orderId === null ? { extra } : {}),
    ...looseVars(event, orderId),
  })
}

/** Of which goods or membership an event about no order speaks, in the words of templates. */
function looseVars({ type, subject, data: { extra = {} } }: Event, orderId: OrderId | null): object {
  const renewUrl = renewLinkOf(extra.membership)
  // Where there is an order the subject names that, else the goods.
  const goods = orderId === null && type.startsWith('stock.') ? subject : null
  return {
    ...(extra.stock || goods !== null ? { stock: stockVars(extra.stock, goods) } : {}),
    ...(extra.membership ? { membership: membershipVars(extra.membership) } : {}),
    ...(renewUrl === null ? {} : { renewUrl }),
  }
}

/** Origin, iteration, step and address: the same message to the same address has the same key, on any process. */
function dedupeKey(vault: ShopVault, subject: string, parts: DedupeParts, contact: ContactId | null): Buffer {
  const { origin, iteration, step, visit } = parts
  return vault.hash('dedupe', subject, origin, iteration, step, String(visit), contact ?? '').subarray(0, 16)
}
