import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DAY, HOUR, MINUTE } from '../time.ts'
import { isZone, localDay, offsetSpan, wallClock } from './local-time.ts'
import { at } from './testing/inputs.ts'
import { local } from './testing/oracle.ts'

const zones = Intl.supportedValuesOf('timeZone')

describe('local time', () => {
  test('agrees with Intl in every zone of the world', () => {
    for (const zone of zones) {
      for (const t of [at('2026-01-15T12:34:00Z'), at('2026-07-15T00:01:00Z')]) {
        const span = offsetSpan(zone, 'UTC', t)
        expect([zone, localDay(span, t), wallClock(span, t) / MINUTE]).toEqual([
          zone,
          local(zone, t).day,
          local(zone, t).minute,
        ])
      }
    }
  })

  test('agrees with Intl at any minute of the last and the next years', () => {
    const moment = fc.integer({
      min: at('2005-01-01T00:00:00Z') / MINUTE,
      max: at('2040-01-01T00:00:00Z') / MINUTE,
    })
    const zone = fc.constantFrom(
      'America/New_York',
      'Australia/Lord_Howe',
      'Pacific/Apia',
      'Africa/Casablanca',
      'Asia/Gaza',
    )
    fc.assert(
      fc.property(zone, moment, (name, minute) => {
        const t = minute * MINUTE
        const span = offsetSpan(name, 'UTC', t)
        expect({ day: localDay(span, t), minute: wallClock(span, t) / MINUTE }).toEqual(local(name, t))
      }),
      { numRuns: 2_000 },
    )
  })

  test('a span begins at its clock change and ends a millisecond before the next one', () => {
    const change = at('2026-03-08T07:00:00Z')
    const next = at('2026-11-01T06:00:00Z')
    const summer = { from: change, to: next, offset: -4 * HOUR }
    expect(offsetSpan('America/New_York', 'UTC', change - 1)).toMatchObject({ to: change, offset: -5 * HOUR })
    expect(offsetSpan('America/New_York', 'UTC', change)).toEqual(summer)
    expect(offsetSpan('America/New_York', 'UTC', next - 1)).toEqual(summer)
    expect(offsetSpan('America/New_York', 'UTC', next)).toMatchObject({ from: next, offset: -5 * HOUR })
  })

  test('reads a span the same whether its edge or its middle is asked for first', () => {
    const change = at('2027-03-14T07:00:00Z')
    expect(offsetSpan('America/Chicago', 'UTC', change + HOUR).from).toBe(change + HOUR)
    expect(offsetSpan('America/Denver', 'UTC', change + 2 * HOUR).from).toBe(change + 2 * HOUR)
  })

  test('falls back to the second zone, then to UTC', () => {
    const t = at('2026-11-22T00:00:00Z')
    expect(offsetSpan('Mars/Base', 'Asia/Shanghai', t).offset).toBe(8 * HOUR)
    expect(offsetSpan('Mars/Base', '', t).offset).toBe(0)
  })

  test('keeps answering when thousands of made-up zones pass by', () => {
    const t = at('2026-11-22T00:00:00Z')
    for (let count = 0; count < 3_000; count++) offsetSpan(`Made/Up${count}`, 'UTC', t)
    expect(offsetSpan('Asia/Shanghai', 'UTC', t).offset).toBe(8 * HOUR)
  })

  test('keeps answering when one zone is asked for a hundred years', () => {
    for (let year = 0; year < 100; year++) {
      const t = at('1990-07-01T12:00:00Z') + year * 365 * DAY
      expect(offsetSpan('Europe/London', 'UTC', t).offset, `year ${year}`).toBe(
        local('Europe/London', t).minute * MINUTE - 12 * HOUR,
      )
    }
  })

  test.each([
    ['Asia/Shanghai', true],
    ['asia/shanghai', true],
    ['+08:00', true],
    ['UTC', true],
    ['', false],
    ['Mars/Base', false],
    ['中国', false],
  ])('knows whether %j is a zone', (zone, known) => {
    expect(isZone(zone)).toBe(known)
  })
})
