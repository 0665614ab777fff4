import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HOUR } from '../time.ts'
import { gate } from './gate.ts'
import type { GateInput } from './input.ts'
import { anyInput } from './testing/arbitrary.ts'
import { cases, hold, send, TODAY } from './testing/cases.ts'
import { at, gateInput } from './testing/inputs.ts'

const office = [{ from: '12:00', to: '13:30' }]
const student = [{ from: '20:00', to: '22:00' }]
const noon = at('2026-11-22T12:00:00+08:00')

cases('a send window', [
  ['holds a reminder until it opens', { windows: office }, hold(noon, 'send_window')],
  ['lets it go inside', { now: noon, windows: office }, send()],
  [
    'comes round the next day',
    { now: at('2026-11-22T13:30:00+08:00'), windows: office },
    hold(noon + 24 * HOUR, 'send_window'),
  ],
  ['is not for service messages', { windows: office, message: { purpose: 'service' } }, send()],
  ['is not for essential messages', { windows: office, message: { purpose: 'essential' } }, send(null)],
  ['is not for members', { windows: office, message: { audience: 'member' } }, send(null)],
  [
    'delays no answer to the buyer’s own act',
    { windows: office, message: { channel: 'email', inSessionUntil: at('2026-11-22T10:05:00+08:00') } },
    send(),
  ],
  [
    'is skipped where it opens after the message’s expiry',
    { windows: student, message: { expiresAt: at('2026-11-22T19:00:00+08:00') } },
    send(TODAY, 'window_skipped'),
  ],
  [
    'is skipped where it opens after the order’s life',
    { windows: student, order: { paid: false, closed: null, expiresAt: at('2026-11-22T20:05:00+08:00') } },
    send(TODAY, 'window_skipped'),
  ],
  [
    'is not skipped for a paid order’s old expiry',
    {
      windows: student,
      message: { stopsWhenPaid: false },
      order: { paid: true, closed: null, expiresAt: at('2026-11-22T11:00:00+08:00') },
    },
    hold(at('2026-11-22T20:00:00+08:00'), 'send_window'),
  ],
  [
    'that lies wholly in quiet hours is given up',
    { windows: [{ from: '22:30', to: '23:00' }] },
    send(TODAY, 'window_skipped'),
  ],
  ['without any length is none', { windows: [{ from: '12:00', to: '12:00' }] }, send()],
])

test('a send window never costs a message', () => {
  let windowed = 0
  fc.assert(
    fc.property(anyInput, fc.constantFrom('reminder', 'promotion'), (any, purpose) => {
      // Nothing else ever meets a window.
      const input: GateInput = { ...any, message: { ...any.message, purpose, audience: 'buyer' } }
      const withWindows = { ...input, windows: office }
      const verdict = gate(withWindows)
      const freely = gate({ ...input, windows: [] })
      expect(verdict.kind === 'drop').toBe(freely.kind === 'drop')
      if (verdict.reasons.includes('send_window')) windowed++
      // It delays, never hastens. Only what would miss it by waiting for another order's reminder goes before that.
      const alone = gate({ ...input, windows: [], told: null })
      if (verdict.kind === 'hold' && alone.kind === 'hold')
        expect(verdict.until).toBeGreaterThanOrEqual(alone.until)
      if (verdict.kind === 'hold' && freely.kind === 'hold' && verdict.until < freely.until)
        expect(freely.reasons).toContain('other_order_told')
    }),
    { numRuns: 2_000 },
  )
  expect(windowed).toBeGreaterThan(20)
})

test('essential and service messages and answers to the buyer’s own act never meet one', () => {
  fc.assert(
    fc.property(anyInput, fc.constantFrom('essential', 'service'), (input, purpose) => {
      const message = { ...input.message, purpose }
      expect(gate({ ...input, message, windows: office })).toEqual(gate({ ...input, message, windows: [] }))
    }),
  )
})

test('the window is the receiver’s, wherever the shop is', () => {
  const london = gateInput({ timeZone: 'Europe/London', windows: office, quiet: [] })
  expect(gate(london)).toMatchObject({ kind: 'hold', until: at('2026-11-22T12:00:00Z') })
})
