import { describe, expect, test } from 'vitest'
import { createDeliveryLog, type LogLimits } from './delivery-log.ts'

function filled(ids: readonly (string | null)[], limits: LogLimits = {}) {
  const log = createDeliveryLog<null>(limits)
  for (const id of ids) {
    log.add({
      at: 0,
      id,
      to: 'a',
      accepted: id !== null,
      refusal: id === null ? 'NO' : null,
      faults: [],
      content: null,
    })
  }
  return log
}

describe('the delivery log', () => {
  test('numbers deliveries, counts all, keeps the newest', () => {
    const log = filled(['a', null, 'b', 'a', 'a'], { keep: 2 })
    expect(log.counts()).toEqual({ accepted: 4, refused: 1, repeats: 2 })
    expect(log.list().map(({ sequence, id, repeat }) => [sequence, id, repeat])).toEqual([
      [4, 'a', true],
      [5, 'a', true],
    ])
  })

  test('keeps every id only when asked', () => {
    expect(filled(['a', 'b', 'a']).ids()).toEqual([])
    expect(filled(['a', null, 'b', 'a'], { everyId: true, keep: 1 }).ids()).toEqual(['a', 'b', 'a'])
  })

  test('forgets old ids when it is not to keep every one', () => {
    const ids = Array.from({ length: 20_001 }, (_, at) => String(at))
    expect(filled([...ids, '0']).counts().repeats).toBe(0)
    expect(filled([...ids, '20000']).counts().repeats).toBe(1)
    expect(filled([...ids, '0'], { everyId: true }).counts().repeats).toBe(1)
  })

  test('is waited on for what was and for what comes', async () => {
    const log = filled(['a'])
    expect((await log.waitFor(({ id }) => id === 'a')).sequence).toBe(1)
    const heard: (string | null)[] = []
    const stop = log.onMessage(({ id }) => heard.push(id))
    const waiting = log.waitFor(({ id }) => id === 'b')
    const next = { at: 0, to: 'a', accepted: true, refusal: null, faults: [], content: null }
    log.add({ ...next, id: 'c' })
    log.add({ ...next, id: 'b' })
    expect((await waiting).sequence).toBe(3)
    stop()
    log.add({ ...next, id: 'd' })
    expect(heard).toEqual(['c', 'b'])
  })
})
