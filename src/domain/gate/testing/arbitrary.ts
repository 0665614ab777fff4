import fc from 'fast-check'
import type { OrderId } from '../../ids.ts'
import { DAY, HOUR, type Instant, MINUTE, toIso } from '../../time.ts'
import { type GateCapRule, type GateInput, type GateTold, LEVELS, type QuietWindow } from '../input.ts'
import { at } from './inputs.ts'

/** Zones and the days on which their clocks do something a rule can stumble over. */
const TROUBLE: readonly (readonly [zone: string, ...days: string[]])[] = [
  ['America/New_York', '2026-03-08', '2026-11-01'],
  ['Australia/Lord_Howe', '2026-04-05', '2026-10-04'],
  ['Asia/Shanghai', '2026-11-22', '1991-09-15'],
  ['Pacific/Apia', '2011-12-30', '2021-04-04'],
  ['Africa/Casablanca', '2026-02-15', '2026-03-22'],
  ['America/Havana', '2026-03-08', '2026-11-01'],
  ['America/Sao_Paulo', '2018-02-18', '2018-11-04'],
  ['Asia/Beirut', '2026-03-29', '2026-10-25'],
  ['Europe/London', '2026-03-29', '2026-10-25'],
  ['Asia/Kathmandu', '2026-11-22'],
  ['Pacific/Chatham', '2026-04-05', '2026-09-27'],
]

const place = fc
  .constantFrom(...TROUBLE.flatMap(([zone, ...days]) => days.map((day) => ({ zone, day }))))
  .chain(({ zone, day }) =>
    fc.record({
      zone: fc.constant(zone),
      now: fc.integer({ min: -2 * 1440, max: 1440 }).map((shift) => at(`${day}T00:00:00Z`) + shift * MINUTE),
    }),
  )

const wallClock = fc
  .oneof(fc.constantFrom(0, 60, 90, 120, 150, 180, 480, 1320, 1440), fc.integer({ min: 0, max: 1440 }))
  .map((all) => `${String(Math.floor(all / 60)).padStart(2, '0')}:${String(all % 60).padStart(2, '0')}`)

const window = fc.oneof(
  { weight: 2, arbitrary: fc.constant({ from: '22:00', to: '08:00' }) },
  { weight: 3, arbitrary: fc.record({ from: wallClock, to: wallClock }) },
)

/** Minutes around `now`, up to five days ahead. */
function near(now: Instant): fc.Arbitrary<Instant> {
  return fc
    .oneof(fc.integer({ min: -20, max: 20 }), fc.integer({ min: -1440, max: 5 * 1440 }))
    .map((shift) => now + shift * MINUTE)
}

const rarely = <T>(usual: T, other: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: other })

function usedByDay(now: Instant): fc.Arbitrary<Record<string, number>> {
  const days = [-1, 0, 1, 2, 3, 4, 5].map((shift) => toIso(now + shift * DAY).slice(0, 10))
  return fc.dictionary(fc.constantFrom(...days), fc.constantFrom(0, 2, 4, 4), { maxKeys: 6 })
}

/** Counters that are often full: windows of hours and days, by the rolling clock or the receiver's day. */
function capRule(now: Instant): fc.Arbitrary<GateCapRule> {
  const recently = fc.integer({ min: 0, max: 3 * 1440 }).map((before) => now - before * MINUTE)
  return fc.record({
    name: fc.constantFrom('a', 'b'),
    max: fc.integer({ min: 1, max: 3 }),
    within: fc.option(fc.constantFrom(HOUR, 24 * HOUR, 72 * HOUR)),
    taken: fc.array(recently, { maxLength: 4 }),
    usedByDay: usedByDay(now),
    because: fc.constantFrom('cap_window', 'cap_category', 'cap_channel'),
  })
}

/** What another order has said, just now or a while before. */
function told(now: Instant): fc.Arbitrary<GateTold | null> {
  const said = fc.record({
    order: fc.uuid({ version: 7 }).map((id) => id as OrderId),
    ago: fc.integer({ min: 0, max: 9 }),
  })
  return rarely<GateTold | null>(
    null,
    said.map(({ order, ago }) => {
      const at = now - ago * MINUTE
      return { order, at, until: at + 10 * MINUTE }
    }),
  )
}

function message(now: Instant): fc.Arbitrary<GateInput['message']> {
  return fc.record({
    purpose: fc.constantFrom('essential', 'service', 'reminder', 'promotion'),
    channel: fc.constantFrom('sms', 'email', 'inbox'),
    category: fc.constantFrom('payment_failed', 'order_received'),
    // Often due by now, so that what may leave at once is seen as well.
    dueAt: fc.oneof(fc.constant(now), near(now)),
    expiresAt: near(now).map((instant) => Math.max(instant, now + 5 * MINUTE)),
    stopsWhenPaid: fc.boolean(),
    stopsWhenClosed: fc.boolean(),
    inSessionUntil: fc.option(fc.integer({ min: -5, max: 10 }).map((shift) => now + shift * MINUTE)),
    audience: rarely<'buyer' | 'member'>('buyer', fc.constant('member')),
    anyHour: fc.boolean(),
    level: fc.constantFrom(...LEVELS),
  })
}

const account = (now: Instant): fc.Arbitrary<GateInput['account']> =>
  rarely<GateInput['account']>(
    { state: 'ok', resumesAt: null },
    fc.oneof(
      fc.constant({ state: 'missing' as const, resumesAt: null }),
      fc.constant({ state: 'elsewhere' as const, resumesAt: null }),
      fc.record({ state: fc.constant('paused' as const), resumesAt: fc.option(near(now)) }),
    ),
  )

/** Inputs near clock changes, most of them with something in the way; all instants are whole minutes. */
export const anyInput: fc.Arbitrary<GateInput> = place.chain(({ zone, now }) =>
  fc.record({
    told: told(now),
    now: fc.constant(now),
    message: message(now),
    killed: rarely<GateInput['killed']>(null, fc.constantFrom('all', 'shop', 'flow')),
    order: fc.option(
      fc.record({
        paid: rarely(false, fc.constant(true)),
        closed: rarely<'cancelled' | 'expired' | 'refunded' | null>(
          null,
          fc.constantFrom('cancelled', 'expired', 'refunded'),
        ),
        expiresAt: rarely<Instant | null>(null, near(now)),
        heldUntil: rarely<Instant | null>(null, near(now)),
      }),
    ),
    contact: rarely<GateInput['contact']>(
      { usable: 'ok' },
      fc.constantFrom(null, { usable: 'suppressed' }, { usable: 'unsubscribed' }, { usable: 'unverified' }),
    ),
    preferences: fc.record({
      pausedUntil: rarely<Instant | null>(null, near(now)),
      off: rarely<readonly string[]>(
        [],
        fc.array(
          fc.constantFrom(
            'sms',
            'email',
            'promotion',
            'payment_failed',
            'sms:reminder',
            'email:order_received',
            'x',
          ),
        ),
      ),
    }),
    consent: fc.record({ promotion: fc.boolean(), reminder: rarely(true, fc.constant(false)) }),
    timeZone: fc.constant(zone),
    shopTimeZone: fc.constantFrom('Asia/Shanghai', 'UTC'),
    quiet: fc.array(window, { maxLength: 3 }),
    windows: rarely<GateInput['windows']>([], fc.array(window, { minLength: 1, maxLength: 2 })),
    dropBelow: rarely<GateInput['dropBelow']>(null, fc.constantFrom(...LEVELS)),
    caps: fc.record({
      perDay: fc.integer({ min: 0, max: 4 }),
      usedByDay: usedByDay(now),
      rules: fc.array(capRule(now), { maxLength: 2 }),
    }),
    account: account(now),
    law: rarely(
      { banned: false, needsConsent: false, consented: false, hours: [] as QuietWindow[] },
      fc.record({
        banned: rarely(false, fc.constant(true)),
        needsConsent: fc.boolean(),
        consented: fc.boolean(),
        hours: fc.array(
          fc.constantFrom<QuietWindow>(
            { from: '08:00', to: '20:00' },
            { from: '08:00', to: '21:00' },
            { from: '02:30', to: '03:00' },
            { from: '20:00', to: '24:00' },
          ),
          { maxLength: 2 },
        ),
      }),
    ),
  }),
)
