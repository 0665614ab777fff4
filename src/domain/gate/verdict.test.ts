import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { gate } from './gate.ts'
import { anyInput } from './testing/arbitrary.ts'
import { decodeVerdict, encodeVerdict, MAX_REASONS, REASONS, type Verdict } from './verdict.ts'

const bytes = (text: string) => new TextEncoder().encode(text).length
const reasons = fc.uniqueArray(fc.constantFrom(...REASONS), { maxLength: MAX_REASONS })
const anyVerdict: fc.Arbitrary<Verdict> = fc.oneof(
  fc.record({
    kind: fc.constant('send' as const),
    reasons,
    capDay: fc.constantFrom(null, '2026-11-22', '1970-01-01'),
  }),
  fc.record({
    kind: fc.constant('hold' as const),
    reasons,
    until: fc.integer({ min: -8.64e15, max: 8.64e15 }),
  }),
  fc.record({ kind: fc.constant('drop' as const), reasons }),
)

describe('a verdict on one line', () => {
  test('reads back as it was written', () => {
    fc.assert(
      fc.property(anyVerdict, (verdict) => {
        expect(decodeVerdict(encodeVerdict(verdict))).toEqual(verdict)
      }),
    )
  })

  test('of the gate reads back as it was written', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const verdict = gate(input)
        expect(decodeVerdict(encodeVerdict(verdict))).toEqual(verdict)
      }),
    )
  })

  test('has at most 300 bytes, even with the longest reasons it may keep', () => {
    const longest = [...REASONS].sort((a, b) => b.length - a.length)
    for (const code of REASONS) expect(code).toMatch(/^[a-z_]{1,16}$/)
    expect(bytes(encodeVerdict({ kind: 'hold', until: -8.64e15, reasons: longest }))).toBeLessThanOrEqual(300)
    fc.assert(
      fc.property(anyVerdict, (verdict) => {
        expect(bytes(encodeVerdict(verdict))).toBeLessThanOrEqual(300)
      }),
    )
  })

  test.each([
    [{ kind: 'send', reasons: [], capDay: '2026-11-22' }, 'send@2026-11-22:'],
    [{ kind: 'send', reasons: ['essential'], capDay: null }, 'send:essential'],
    [
      { kind: 'hold', reasons: ['cap_reached', 'quiet_hours'], until: 1795334400000 },
      'hold@1795334400000:cap_reached,quiet_hours',
    ],
    [{ kind: 'drop', reasons: ['paid'] }, 'drop:paid'],
  ] as const)('%j is written in a form that stored rows rely on: %s', (verdict, line) => {
    expect(encodeVerdict(verdict)).toBe(line)
  })

  test.each([
    '',
    'send',
    'keep:',
    'hold:quiet_hours',
    'hold@2026-11-22:',
    'send@5:',
    'drop@5:paid',
    'drop:paid;',
    'drop:PAID',
  ])('%j is not a verdict', (line) => {
    expect(decodeVerdict(line)).toBeNull()
  })

  test('of a newer program is read without the reasons this one does not know', () => {
    expect(decodeVerdict('drop:paid,moon_phase')).toEqual({ kind: 'drop', reasons: ['paid'] })
  })
})
