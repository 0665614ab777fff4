import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HOUR, MINUTE } from '../time.ts'
import { gate, permits } from './gate.ts'
import { hash32, releaseAt, releaseJitter } from './release-jitter.ts'
import { anyInput } from './testing/arbitrary.ts'
import { at, gateInput } from './testing/inputs.ts'

const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 })

describe('the jitter of a mass release', () => {
  test('is a whole number of milliseconds within its spread, the same every time', () => {
    fc.assert(
      fc.property(uint32, fc.integer({ min: 1, max: HOUR }), (hash, spread) => {
        const jitter = releaseJitter(hash, spread)
        expect(Number.isInteger(jitter) && jitter >= 0 && jitter < spread).toBe(true)
        expect(releaseJitter(hash, spread)).toBe(jitter)
      }),
    )
  })

  test('is nothing when there is no spread', () => {
    expect(releaseJitter(12345, 0)).toBe(0)
    expect(releaseJitter(12345, -5)).toBe(0)
  })

  test('spreads consecutive ids evenly: of 10,000 each tenth of the spread gets 900 to 1,100', () => {
    const tenths = new Array<number>(10).fill(0)
    for (let count = 0; count < 10_000; count++) {
      const id = `01993a00-0000-7000-8000-${count.toString(16).padStart(12, '0')}`
      const tenth = Math.floor(releaseJitter(hash32(id), 10_000) / 1_000)
      tenths[tenth] = tenths[tenth]! + 1
    }
    for (const count of tenths) expect(Math.abs(count - 1_000)).toBeLessThan(100)
  })

  test('hashes as FNV-1a does', () => {
    expect(hash32('')).toBe(0x811c9dc5)
    expect(hash32('foobar')).toBe(0xbf9cf968)
  })
})

describe('the release of a held message', () => {
  const night = gateInput({ now: at('2026-11-22T23:00:00+08:00') })

  test('at the end of the night is spread', () => {
    const hold = gate(night)
    if (hold.kind !== 'hold') throw new Error('expected a hold')
    const releases = Array.from({ length: 50 }, (_, count) =>
      releaseAt(night, hold, hash32(`${count}`), 10 * MINUTE),
    )
    expect(new Set(releases).size).toBeGreaterThan(40)
    for (const release of releases) {
      expect(release).toBeGreaterThanOrEqual(hold.until)
      expect(release).toBeLessThan(hold.until + 10 * MINUTE)
    }
  })

  test('at its own due time is not', () => {
    const due = gateInput({ message: { dueAt: at('2026-11-22T11:00:00+08:00') } })
    const hold = gate(due)
    if (hold.kind !== 'hold') throw new Error('expected a hold')
    expect(releaseAt(due, hold, 0xffffffff, HOUR)).toBe(hold.until)
  })

  test('is never moved to where the policies forbid it', () => {
    fc.assert(
      fc.property(anyInput, uint32, (input, hash) => {
        const hold = gate(input)
        if (hold.kind !== 'hold') return
        const release = releaseAt(input, hold, hash, 6 * HOUR)
        expect(release).toBeGreaterThanOrEqual(hold.until)
        expect(permits(input, release, hold)).toBe(true)
        expect(gate({ ...input, now: release }).kind).toBe('send')
      }),
      { numRuns: 2_000 },
    )
  })
})
