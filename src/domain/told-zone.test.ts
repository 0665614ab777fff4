import { expect, it } from 'vitest'
import { mustTellZone, withZone, zoneOffset } from './told-zone.ts'

const SUMMER = Date.UTC(2026, 6, 1)
const WINTER = Date.UTC(2026, 11, 1)

it('tells the offset as it stands at that moment', () => {
  expect(
    ['America/New_York', 'Asia/Kolkata', 'UTC', 'Mars/Base'].map((zone) => zoneOffset(zone, SUMMER)),
  ).toEqual(['UTC-4', 'UTC+5:30', 'UTC', 'UTC'])
  expect(zoneOffset('America/New_York', WINTER)).toBe('UTC-5')
  expect(withZone('13:30', 'Asia/Shanghai', WINTER, 'zh-CN')).toBe('13:30（UTC+8）')
  expect(withZone('1:30 PM', 'Asia/Shanghai', WINTER, 'en')).toBe('1:30 PM (UTC+8)')
})

it('leaves the zone out where the reader’s own is known, or can be no other', () => {
  expect(mustTellZone('Europe/Berlin', 'Asia/Shanghai', 'en')).toBe(false)
  expect(mustTellZone(null, 'Asia/Shanghai', 'zh-CN')).toBe(false)
  expect(mustTellZone(null, 'Asia/Shanghai', 'en')).toBe(true)
  expect(mustTellZone(null, 'America/New_York', 'zh-CN')).toBe(true)
})
