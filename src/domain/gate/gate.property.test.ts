import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DAY, MINUTE, toIso } from '../time.ts'
import { gate, permits } from './gate.ts'
import { anyInput } from './testing/arbitrary.ts'
import { gateInput } from './testing/inputs.ts'
import { allowedAt, firstAllowed } from './testing/oracle.ts'
import { MAX_REASONS } from './verdict.ts'

const seeds = { numRuns: process.env.DINGDONG_LONG === '1' ? 50_000 : 1_500 }

test('the gate answers what stepping minute by minute through days of clock changes finds', () => {
  const seen = { send: 0, hold: 0, drop: 0 }
  fc.assert(
    fc.property(anyInput, (input) => {
      const verdict = gate(input)
      seen[verdict.kind]++
      const first = firstAllowed(input)
      if (first === null) expect(verdict.kind).toBe('drop')
      else if (first === input.now) expect(verdict.kind).toBe('send')
      else expect(verdict).toMatchObject({ kind: 'hold', until: first })
    }),
    seeds,
  )
  // An oracle that only ever saw drops would prove nothing.
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(seeds.numRuns / 20)
})

test('with only caps and quiet hours in the way, the oracle agrees too', () => {
  const onlyTime = fc.tuple(anyInput, fc.boolean()).map(([input, nights]) =>
    gateInput({
      now: input.now,
      timeZone: input.timeZone,
      quiet: nights ? input.quiet : [],
      caps: input.caps.perDay === 0 ? { perDay: 3 } : input.caps,
      message: { dueAt: input.message.dueAt, expiresAt: input.now + 5 * DAY },
    }),
  )
  fc.assert(
    fc.property(onlyTime, (input) => {
      const until = firstAllowed(input)
      const verdict = gate(input)
      if (until === null) expect(verdict.kind).toBe('drop')
      else expect(verdict).toMatchObject(until === input.now ? { kind: 'send' } : { kind: 'hold', until })
    }),
    seeds,
  )
})

test('a hold lies ahead, before the expiry, and is allowed by every policy', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const verdict = gate(input)
      if (verdict.kind !== 'hold') return
      expect(verdict.until).toBeGreaterThan(input.now)
      expect(verdict.until).toBeLessThan(input.message.expiresAt)
      expect(verdict.reasons.length).toBeGreaterThan(0)
      expect(permits(input, verdict.until, verdict)).toBe(true)
    }),
    seeds,
  )
})

test('a message gated again at the end of its hold, with the same facts, is sent', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const verdict = gate(input)
      if (verdict.kind === 'hold') expect(gate({ ...input, now: verdict.until }).kind).toBe('send')
    }),
    seeds,
  )
})

test('a message gated again during its hold is held until the same instant', () => {
  fc.assert(
    fc.property(anyInput, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (input, share) => {
      const verdict = gate(input)
      if (verdict.kind !== 'hold') return
      const now = Math.min(verdict.until - 1, Math.floor(input.now + (verdict.until - input.now) * share))
      expect(gate({ ...input, now })).toMatchObject({ kind: 'hold', until: verdict.until })
    }),
    seeds,
  )
})

test('what is sent is allowed by every rule, to the millisecond', () => {
  fc.assert(
    fc.property(anyInput, fc.integer({ min: 0, max: MINUTE - 1 }), (input, extra) => {
      const moved = { ...input, now: input.now + extra }
      if (gate(moved).kind === 'send') expect(allowedAt(moved, moved.now)).toBe(true)
    }),
    seeds,
  )
})

test('a dropped message stays dropped however late it is gated again', () => {
  fc.assert(
    fc.property(anyInput, fc.integer({ min: 0, max: 6 * DAY }), (input, later) => {
      if (gate(input).kind === 'drop') expect(gate({ ...input, now: input.now + later }).kind).toBe('drop')
    }),
    seeds,
  )
})

test('keeping orders apart never costs a message', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      if (input.told) expect(gate(input).kind === 'drop').toBe(gate({ ...input, told: null }).kind === 'drop')
    }),
    { numRuns: 2 * seeds.numRuns },
  )
})

test('an essential message is never capped', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const message = { ...input.message, purpose: 'essential' as const }
      // Rules that spare essential messages never reach the gate: `isCounted` leaves them out.
      const essential = { ...input, message, caps: { ...input.caps, rules: [] } }
      const uncapped = { ...essential, caps: { perDay: 100, usedByDay: {}, rules: [] } }
      const { reasons, ...verdict } = gate(essential)
      expect(gate(uncapped)).toMatchObject(verdict)
      expect(reasons.filter((reason) => reason.startsWith('cap_'))).toEqual([])
      if (verdict.kind === 'send') expect(verdict.capDay).toBeNull()
    }),
    seeds,
  )
})

test('nothing leaves through a thrown switch or to a suppressed address', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      expect(gate({ ...input, killed: 'all' }).kind).toBe('drop')
      expect(gate({ ...input, contact: { usable: 'suppressed' } }).kind).toBe('drop')
    }),
    seeds,
  )
})

test('no reminder leaves after the payment is known', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const order = { paid: true, closed: null, expiresAt: null }
      const verdict = gate({ ...input, order, message: { ...input.message, stopsWhenPaid: true } })
      expect(verdict.kind).toBe('drop')
      expect(verdict.reasons).toContain('paid')
    }),
    seeds,
  )
})

test('the policies always settle, whatever the windows, caps and clocks', () => {
  const minutes = fc.integer({ min: 0, max: 1440 })
  const text = (all: number) =>
    `${String(Math.floor(all / 60)).padStart(2, '0')}:${String(all % 60).padStart(2, '0')}`
  // One short opening a day, often inside the hour the clocks skip, and every other day full: the worst known case.
  const narrow = fc.tuple(minutes, fc.integer({ min: 1, max: 90 })).map(([open, long]) => [
    { from: '00:00', to: text(open) },
    { from: text(Math.min(1440, open + long)), to: '24:00' },
  ])
  const alternate = fc.array(fc.constantFrom(0, 3), { minLength: 400, maxLength: 400 })
  fc.assert(
    fc.property(anyInput, narrow, alternate, (input, quiet, used) => {
      const day = (shift: number) => toIso(input.now + shift * DAY).slice(0, 10)
      const usedByDay = Object.fromEntries(used.map((count, shift) => [day(shift - 1), count]))
      const message = { ...input.message, expiresAt: input.now + 500 * DAY }
      const verdict = gate({ ...input, quiet, message, caps: { ...input.caps, perDay: 3, usedByDay } })
      expect(verdict.reasons).not.toContain('unsettled')
      expect(verdict.reasons.length).toBeLessThanOrEqual(MAX_REASONS)
    }),
    { numRuns: 200 },
  )
})

test('a recorded input gives the same verdict when it is read back from JSON', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      expect(gate(JSON.parse(JSON.stringify(input)))).toEqual(gate(input))
    }),
    seeds,
  )
})

test('no time zone, window or preference makes the gate throw', () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom('__proto__', '22:00', '99:99', 'UTC', '+25:00', 'constructor'),
  )
  fc.assert(
    fc.property(word, word, word, word, word, (timeZone, shopTimeZone, from, to, off) => {
      const input = gateInput({ timeZone, shopTimeZone, quiet: [{ from, to }], preferences: { off: [off] } })
      expect(() => gate(input)).not.toThrow()
    }),
    seeds,
  )
})
