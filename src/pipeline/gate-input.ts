import type { AccountRow } from '../db/accounts.ts'
import type { CapUse, DueMessage, Switches } from '../db/work.ts'
import type { GateInput, GateLaw } from '../domain/gate/input.ts'
import type { Channel } from '../domain/message.ts'
import { type Instant, MINUTE, type Millis } from '../domain/time.ts'
import type { ShopConfig } from './shop-config.ts'

/** A paused account is looked at again after this. */
const ACCOUNT_CHECK: Millis = MINUTE

/** Everything one verdict depends on, out of what one statement read. */
export function gateInput(
  config: ShopConfig,
  switches: Switches,
  channel: Channel,
  account: AccountRow | null,
  message: DueMessage,
  reserved: ReadonlyMap<string, CapUse>,
  ownDay: string | null,
  now: Instant,
  law: GateLaw | null,
): GateInput {
  const { settings, row } = config
  const closed = message.order_status
  return {
    now,
    message: {
      purpose: message.purpose,
      channel,
      category: message.category,
      dueAt: message.due_at,
      expiresAt: message.expires_at,
      stopsWhenPaid: message.stops.includes('paid'),
      stopsWhenClosed: message.stops.includes('closed'),
      inSessionUntil: message.in_session_until,
      audience: message.audience,
      anyHour: message.stops.includes('any_hour'),
    },
    killed: killedBy(switches, message.flow),
    order:
      message.order_id === null
        ? null
        : {
            paid: message.paid,
            closed: closed === 'cancelled' || closed === 'expired' || closed === 'refunded' ? closed : null,
            expiresAt: message.order_expires_at,
          },
    contact: contactOf(message, channel),
    preferences: {
      pausedUntil: message.preferences?.pausedUntil ?? null,
      off: message.preferences?.off ?? [],
    },
    consent: { promotion: message.consent?.includes('promotion') ?? false },
    timeZone: message.time_zone ?? row.time_zone,
    shopTimeZone: row.time_zone,
    quiet: settings.quiet[channel] ?? [],
    caps: { perDay: settings.capPerDay, usedByDay: usedByDay(message, reserved, ownDay) },
    account: {
      state: account === null ? 'missing' : account.state,
      resumesAt: account?.state === 'paused' ? now + ACCOUNT_CHECK : null,
    },
    ...(law === null ? {} : { law }),
  }
}

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
function usedByDay(
  message: DueMessage,
  reserved: ReadonlyMap<string, CapUse>,
  ownDay: string | null,
): Readonly<Record<string, number>> {
  if (message.customer_id === null) return {}
  const used: Record<string, number> = { ...message.used }
  if (ownDay !== null && used[ownDay]) used[ownDay]--
  if (reserved.size === 0) return used
  for (const use of reserved.values()) {
    if (use.customer === message.customer_id) used[use.day] = (used[use.day] ?? 0) + use.n
  }
  return used
}
