import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DAY, HOUR } from '../../domain/time.ts'
import { backupName, backupsToDelete, dueBackup } from './schedule.ts'

test('a backup is due when there was none, and then when the interval has passed since the last', () => {
  expect(dueBackup({ now: 5, lastBackupAt: null, everyMs: DAY })).toBe(true)
  expect(dueBackup({ now: DAY + HOUR - 1, lastBackupAt: HOUR, everyMs: DAY })).toBe(false)
  expect(dueBackup({ now: DAY + HOUR, lastBackupAt: HOUR, everyMs: DAY })).toBe(true)
})

test('with an interval of 0 none is ever due, and a clock set back makes none due', () => {
  expect(dueBackup({ now: 5, lastBackupAt: null, everyMs: 0 })).toBe(false)
  expect(dueBackup({ now: HOUR, lastBackupAt: DAY, everyMs: HOUR })).toBe(false)
})

test('names sort by age', () => {
  expect(backupName('2026-11-22T08:00:05.123Z')).toBe('dingdong-20261122T080005Z.backup')
})

test('the newest stay, one always does, and foreign files are never touched', () => {
  const day = (n: number) => backupName(`2026-11-${String(n).padStart(2, '0')}T00:00:00.000Z`)
  const days = [3, 1, 5, 2, 4].map(day)
  const foreign = ['notes.txt', 'dingdong-old.backup', `${day(1)}.partial`]
  expect(backupsToDelete([...days, ...foreign], 2)).toEqual([day(1), day(2), day(3)])
  expect(backupsToDelete(days, 0)).toHaveLength(4)
  expect(backupsToDelete(days, 9)).toEqual([])
  const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 30 }))
  fc.assert(
    fc.property(numbers, fc.integer({ min: 1, max: 40 }), (some, keep) => {
      const gone = backupsToDelete(some.map(day), keep)
      const kept = some.map(day).filter((one) => !gone.includes(one))
      expect(kept.length).toBe(Math.min(keep, some.length))
      for (const one of gone) for (const other of kept) expect(one < other).toBe(true)
    }),
  )
})
