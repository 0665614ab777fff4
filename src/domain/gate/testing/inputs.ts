import { type Instant, parseIso } from '../../time.ts'
import type { GateInput } from '../input.ts'

/** An instant from RFC 3339 text, for tests. */
export function at(text: string): Instant {
  const instant = parseIso(text)
  if (instant === null) throw new Error(`not an instant: ${text}`)
  return instant
}

export type Changes = Partial<Omit<GateInput, 'message' | 'caps' | 'preferences'>> & {
  readonly message?: Partial<GateInput['message']>
  readonly caps?: Partial<GateInput['caps']>
  readonly preferences?: Partial<GateInput['preferences']>
}

/**
 * A payment reminder by SMS to a buyer in Shanghai, at ten in the morning of 2026-11-22, that nothing forbids;
 * tests change what they are about.
 */
export function gateInput(changes: Changes = {}): GateInput {
  const base: GateInput = {
    now: at('2026-11-22T10:00:00+08:00'),
    message: {
      purpose: 'reminder',
      channel: 'sms',
      category: 'payment_failed',
      dueAt: at('2026-11-22T10:00:00+08:00'),
      expiresAt: at('2026-11-25T10:00:00+08:00'),
      stopsWhenPaid: true,
      stopsWhenClosed: true,
      inSessionUntil: null,
      audience: 'buyer',
      anyHour: false,
      level: 'normal',
    },
    killed: null,
    order: { paid: false, closed: null, expiresAt: null },
    contact: { usable: 'ok' },
    preferences: { pausedUntil: null, off: [] },
    consent: { promotion: false },
    timeZone: 'Asia/Shanghai',
    shopTimeZone: 'Asia/Shanghai',
    quiet: [{ from: '22:00', to: '08:00' }],
    windows: [],
    dropBelow: null,
    caps: { perDay: 3, usedByDay: {}, rules: [] },
    account: { state: 'ok', resumesAt: null },
  }
  return {
    ...base,
    ...changes,
    message: { ...base.message, ...changes.message },
    caps: { ...base.caps, ...changes.caps },
    preferences: { ...base.preferences, ...changes.preferences },
  }
}
