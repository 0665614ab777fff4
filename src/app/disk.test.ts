import { expect, it } from 'vitest'
import { testDatabase } from '../../test/database.ts'
import { travelClock } from '../../test/kit/engine.ts'
import { MONDAY } from '../../test/kit/world.ts'
import { SECOND } from '../domain/time.ts'
import { createMetrics } from '../pipeline/metrics.ts'
import { watchDisk } from './disk.ts'
import { createHealth } from './health.ts'

const MB = 1_048_576

it('is ready as long as events are taken in, says what is wanted, and logs each turn once', async () => {
  const logged: string[] = []
  const note = (level: string) => (_fields: object, text: string) => void logged.push(`${level} ${text}`)
  const log = { info: note('info'), warn: note('warn'), error: note('error'), debug: note('debug') }
  let free = 9_000 * MB
  const disk = watchDisk({ dir: '/data', log, freeIn: async () => free })
  const { db, url, close } = await testDatabase()
  const clock = travelClock(MONDAY)
  const database = {
    url,
    kind: 'external',
    tcpUrl: url,
    health: async () => ({ ok: true }) as const,
    stop: close,
  } as const
  const health = createHealth({ database, db, clock, metrics: createMetrics(), disk, works: false })
  const seen: unknown[] = []
  for (const megabytes of [9_000, 176, 175, 30, 100, 9_000]) {
    free = megabytes * MB
    clock.set(clock.now() + 2 * SECOND)
    const { ready, checks } = await health()
    seen.push([megabytes, ready, checks.disk!.ok, disk.isFull(), checks.disk!.detail])
  }
  await close()
  expect(seen).toEqual([
    [9_000, true, true, false, undefined],
    [176, true, true, false, '176 MB free, 256 MB wanted'],
    [175, true, true, false, '175 MB free, 256 MB wanted'],
    [30, false, false, true, '30 MB free, 48 MB needed'],
    [100, true, true, false, '100 MB free, 256 MB wanted'],
    [9_000, true, true, false, undefined],
  ])
  expect(logged).toEqual([
    'warn the disk is getting full: 176 MB free, 256 MB wanted; make room',
    'error the disk is full, no event is taken in: 30 MB free, 48 MB needed',
    'warn the disk is getting full: 100 MB free, 256 MB wanted; make room',
    'info the disk has room again: 9000 MB free, 256 MB wanted',
  ])
})
