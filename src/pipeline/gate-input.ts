import type { DueMessage } from '../db/due-messages.ts'
import type { Switches } from '../db/switches.ts'
import type { GateAccount, GateInput, GateLaw } from '../domain/gate/input.ts'
import { buildInput, type MessageFacts, type Moment } from '../domain/gate/policy.ts'
import type { Channel } from '../domain/message.ts'
import { type Instant, MINUTE, type Millis } from '../domain/time.ts'
import type { LoadedAccount } from './accounts.ts'
import type { LawDesk } from './law-desk.ts'
import { accountState, type Road } from './roads.ts'
import type { ShopConfig } from './shop-config.ts'

/** What waits for a review is looked at again after this; a decision wakes it at once, this only makes it certain. */
const REVIEW_CHECK: Millis = 15 * MINUTE

/** What the verdicts of one shop and channel share. */
export interface Bench {
  readonly config: ShopConfig
  readonly switches: Switches
  readonly channel: Channel
  readonly accounts: readonly LoadedAccount[]
}

/** What the gate is asked about a message at `now`, with the parts that are recorded. */
export function questionOf(
  desk: LawDesk,
  { config, switches, channel, accounts }: Bench,
  message: DueMessage,
  { account, law }: Road,
  counted: Pick<Moment, 'counters' | 'told'> & { readonly used: Moment['usedByDay'] },
  now: Instant,
): { readonly moment: Moment; readonly facts: MessageFacts; readonly input: GateInput } {
  const rules = account && law && desk.gateLaw(config, account, law, message, now)
  const state = accountState(account, accounts, now)
  const moment = gateMoment(switches, channel, state, message, counted.used, counted, now, rules)
  const facts = factsOf(message, channel)
  return { moment, facts, input: buildInput(config.policy.body, facts, moment) }
}

/** Everything one verdict depends on beyond the shop's policy, out of what one statement read. */
function gateMoment(
  switches: Switches,
  channel: Channel,
  account: GateAccount,
  message: DueMessage,
  used: Readonly<Record<string, number>>,
  { counters, told }: Pick<Moment, 'counters' | 'told'>,
  now: Instant,
  law: GateLaw | null,
): Moment {
  const closed = message.order_status
  return {
    now,
    dueAt: message.due_at,
    killed: killedBy(switches, message.flow),
    order:
      message.order_id === null
        ? null
        : {
            paid: message.paid,
            closed: closed === 'cancelled' || closed === 'expired' || closed === 'refunded' ? closed : null,
            expiresAt: message.order_expires_at,
            heldUntil: message.held_by_review ? now + REVIEW_CHECK : null,
          },
    contact: contactOf(message, channel),
    preferences: {
      pausedUntil: message.preferences?.pausedUntil ?? null,
      off: message.preferences?.off ?? [],
    },
    consent: { promotion: message.consent?.includes('promotion') ?? false },
    timeZone: message.time_zone,
    segment: message.segment,
    usedByDay: used,
    counters,
    told,
    account,
    ...(law === null ? {} : { law }),
  }
}

/** What of a message never changes. */
const factsOf = (message: DueMessage, channel: Channel): MessageFacts => ({
  purpose: message.purpose,
  channel,
  category: message.category,
  template: message.template,
  audience: message.audience,
  stops: message.stops,
  inSessionUntil: message.in_session_until,
  expiresAt: message.expires_at,
})

function killedBy(switches: Switches, flow: string | null): GateInput['killed'] {
  if (switches.all_killed) return 'all'
  if (switches.killed) return 'shop'
  return flow !== null && switches.flows.includes(flow) ? 'flow' : null
}

function contactOf(message: DueMessage, channel: Channel): GateInput['contact'] {
  // These go to the shop's own endpoint, which its account names.
  if (channel === 'command' || channel === 'webhook') return { usable: 'ok' }
  if (message.contact_state === null) return null
  if (message.contact_state === 'suppressed' || message.contact_state === 'unsubscribed') {
    return { usable: message.contact_state }
  }
  return { usable: message.verified === 'none' ? 'unverified' : 'ok' }
}

/** Slots taken as the database says, with those that this batch has taken and without the message's own. */
export function usedByDay(
  message: DueMessage,
  reserved: ReadonlyMap<string, number> | undefined,
  ownDay: string | null,
): Readonly<Record<string, number>> {
  if (message.customer_id === null) return {}
  const used: Record<string, number> = { ...message.used }
  if (ownDay !== null && used[ownDay]) used[ownDay]--
  for (const [day, n] of reserved ?? []) used[day] = (used[day] ?? 0) + n
  return used
}
