import { describe, expect, test } from 'vitest'
import type { OrderId } from '../ids.ts'
import { HOUR } from '../time.ts'
import { gate } from './gate.ts'
import type { GateInput } from './input.ts'
import { POLICIES, type PolicyName } from './policies.ts'
import { at, gateInput } from './testing/inputs.ts'

const lawful = { banned: false, needsConsent: false, consented: false, hours: [] }

/** For each policy a message that only this policy keeps from leaving at once. */
const WITNESSES: Readonly<Record<PolicyName, GateInput>> = {
  killSwitch: gateInput({ killed: 'flow' }),
  paidOrder: gateInput({ order: { paid: true, closed: null, expiresAt: null } }),
  closedOrder: gateInput({ order: { paid: false, closed: 'cancelled', expiresAt: null } }),
  orderLife: gateInput({ order: { paid: false, closed: null, expiresAt: at('2026-11-22T09:00:00+08:00') } }),
  underReview: gateInput({
    order: { paid: false, closed: null, expiresAt: null, heldUntil: at('2026-11-22T10:15:00+08:00') },
  }),
  expiry: gateInput({ message: { expiresAt: at('2026-11-22T09:00:00+08:00') } }),
  contactUsable: gateInput({ contact: { usable: 'suppressed' } }),
  consentGiven: gateInput({ message: { purpose: 'promotion' } }),
  preferencesKept: gateInput({ preferences: { off: ['sms'] } }),
  accountReady: gateInput({ account: { state: 'missing', resumesAt: null } }),
  dueTime: gateInput({ message: { dueAt: at('2026-11-22T11:00:00+08:00') } }),
  dailyCap: gateInput({ caps: { usedByDay: { '2026-11-22': 3 } } }),
  lowPriority: gateInput({ message: { level: 'low' }, dropBelow: 'normal' }),
  capRules: gateInput({
    caps: {
      rules: [
        {
          name: 'reminders',
          max: 1,
          within: 72 * HOUR,
          taken: [at('2026-11-20T10:00:00+08:00')],
          usedByDay: {},
          because: 'cap_window',
        },
      ],
    },
  }),
  otherOrderTold: gateInput({
    told: {
      order: '01900000-0000-7000-8000-000000000001' as OrderId,
      at: at('2026-11-22T09:59:00+08:00'),
      until: at('2026-11-22T10:09:00+08:00'),
    },
  }),
  sendWindow: gateInput({ windows: [{ from: '20:00', to: '22:00' }] }),
  quietHours: gateInput({ now: at('2026-11-22T23:00:00+08:00') }),
  lawKept: gateInput({ law: { ...lawful, banned: true } }),
  lawHours: gateInput({
    now: at('2026-11-22T20:30:00+08:00'),
    law: { ...lawful, hours: [{ from: '08:00', to: '20:00' }] },
  }),
}

describe.each(Object.entries(WITNESSES))('without %s', (name, input) => {
  const others = Object.entries(POLICIES).flatMap(([other, policy]) => (other === name ? [] : [policy]))

  test('a message leaves that all policies together keep back', () => {
    expect(gate(input, others).kind).toBe('send')
    expect(gate(input).kind).not.toBe('send')
  })
})

test('with all policies the plain message leaves, so that each witness differs by one fact only', () => {
  expect(gate(gateInput()).kind).toBe('send')
})
