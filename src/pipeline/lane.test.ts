import { describe, expect, it } from 'vitest'
import { systemClock } from '../domain/time.ts'
import { createLane, type LaneOptions, type Leave } from './lane.ts'

const log = { error: () => {} }
/** Lets everything run that needs no time. */
const settle = async () => {
  for (let n = 0; n < 10; n++) await Promise.resolve()
}

function laneOf(options: Partial<LaneOptions<string>> & Pick<LaneOptions<string>, 'work'>) {
  return createLane<string>({ name: 'test', clock: systemClock(), atOnce: 4, perKey: 2, log, ...options })
}

/** Work whose turns leave and end when the test says so. */
function steered() {
  const open: { key: string; leave: Leave; end: (turn?: { more: boolean }) => void }[] = []
  const started: string[] = []
  const work = (key: string, leave: Leave) =>
    new Promise<{ more: boolean }>((resolve) => {
      started.push(key)
      const turn = {
        key,
        leave,
        end: (result = { more: false }) => {
          open.splice(open.indexOf(turn), 1)
          resolve(result)
        },
      }
      open.push(turn)
    })
  return { work, open, started }
}

describe('a lane', () => {
  it('gives a quiet key its turn after one turn of each busy key at most', async () => {
    const { work, open, started } = steered()
    const lane = laneOf({ work, atOnce: 2, perKey: 2 })
    for (const key of ['noisy 1', 'noisy 2', 'noisy 3']) lane.offer(key)
    for (let turn = 0; turn < 12; turn++) {
      open[0]!.end({ more: true })
      await settle()
    }
    const before = started.length
    lane.offer('quiet')
    while (!started.slice(before).includes('quiet')) {
      open[0]!.end({ more: true })
      await settle()
    }
    expect(started.slice(before).indexOf('quiet')).toBeLessThanOrEqual(3)
    void lane.stop()
    while (open.length > 0) open[0]!.end()
  })

  it('runs no key more often at once than it may, and all keys together not more than fit', async () => {
    const { work, open } = steered()
    const lane = laneOf({ work, atOnce: 4, perKey: 2 })
    const most = { key: 0, all: 0 }
    const look = () => {
      most.all = Math.max(most.all, open.length)
      for (const key of ['a', 'b', 'c', 'd', 'e']) {
        most.key = Math.max(most.key, open.filter((turn) => turn.key === key).length)
      }
    }
    for (const key of ['a', 'b', 'c', 'd', 'e']) lane.offer(key)
    for (let turn = 0; turn < 60; turn++) {
      look()
      open[turn % open.length]!.end({ more: turn < 40 })
      await settle()
      if (open.length === 0) break
    }
    expect(most).toEqual({ key: 2, all: 4 })
    await lane.idle()
  })

  it('lets other keys go past turns that have left, as many as may be away', async () => {
    const { work, open, started } = steered()
    const lane = laneOf({ work, atOnce: 1, away: 2 })
    for (const key of ['a', 'b', 'c', 'd']) lane.offer(key)
    expect(started).toEqual(['a'])
    open[0]!.leave()
    expect(started).toEqual(['a', 'b'])
    open[1]!.leave()
    open[1]!.leave()
    expect(started).toEqual(['a', 'b', 'c'])
    open[2]!.leave()
    expect(started).toEqual(['a', 'b', 'c'])
    open[0]!.end()
    await settle()
    expect(started).toEqual(['a', 'b', 'c'])
    open[1]!.leave()
    expect(started).toEqual(['a', 'b', 'c', 'd'])
    let idle = false
    void lane.idle().then(() => {
      idle = true
    })
    while (open.length > 0) {
      expect(idle).toBe(false)
      open[0]!.end()
      await settle()
    }
    expect(idle).toBe(true)
  })

  it('keeps the turns of one key behind one that has left, unless it says what it came to', async () => {
    const { work, open, started } = steered()
    const lane = laneOf({ work, away: 8 })
    lane.offer('a')
    open[0]!.leave()
    lane.offer('a')
    expect(started).toEqual(['a'])
    open[0]!.leave({ more: true })
    // A busy key: two at once beside the one that is away.
    expect(started).toEqual(['a', 'a', 'a'])
    while (open.length > 1) {
      open[1]!.end()
      await settle()
    }
    const before = started.length
    // What it came to is known: its end brings nothing more.
    open[0]!.end({ more: true })
    await lane.idle()
    expect(started).toHaveLength(before)
  })

  it('starts no turn after it was stopped, though one leaves or ends with more to do', async () => {
    const { work, open, started } = steered()
    const lane = laneOf({ work, atOnce: 1, away: 8 })
    lane.offer('a')
    lane.offer('b')
    const stopped = lane.stop()
    open[0]!.leave({ more: true })
    await settle()
    open[0]!.end({ more: true })
    await stopped
    expect(started).toEqual(['a'])
    expect(lane.busy()).toBe(false)
  })

  it('loses no offer that comes while its key is at work', async () => {
    const { work, open, started } = steered()
    const lane = laneOf({ work })
    lane.offer('a')
    lane.offer('a')
    open[0]!.end()
    await settle()
    expect(started).toEqual(['a', 'a'])
    open[0]!.end()
    await lane.idle()
  })

  it('waits after an error, longer each time, and goes on', async () => {
    const waits: number[] = []
    const clock = {
      now: () => 0,
      after: (delay: number, wake: () => void) => {
        waits.push(delay)
        queueMicrotask(wake)
        return () => {}
      },
    }
    let tries = 0
    const lane = laneOf({
      clock,
      work: async () => {
        if (++tries < 9) throw new Error('not yet')
        return { more: false }
      },
    })
    lane.offer('a')
    await settle()
    while (tries < 9) await settle()
    await lane.idle()
    expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000])
  })

  it('is not hurried by hints while it rests after an error, unless told to insist', async () => {
    let wake = () => {}
    const clock = {
      now: () => 0,
      after: (_delay: number, then: () => void) => {
        wake = then
        return () => {}
      },
    }
    let tries = 0
    const lane = laneOf({
      clock,
      work: async () => {
        tries++
        throw new Error('never')
      },
    })
    lane.offer('a')
    await settle()
    lane.offer('a')
    await settle()
    expect(tries).toBe(1)
    lane.offer('a', true)
    await settle()
    expect(tries).toBe(2)
    wake()
    await settle()
    expect(tries).toBe(3)
  })

  it('keeps one timer a key that wants to come back, however often it is asked meanwhile', async () => {
    const timers: { delay: number; wake: () => void }[] = []
    const clock = {
      now: () => 0,
      after: (delay: number, wake: () => void) => {
        timers.push({ delay, wake })
        return () => {}
      },
    }
    let turns = 0
    let retryIn = 50
    const lane = laneOf({
      clock,
      work: async () => {
        turns++
        return { more: false, retryIn }
      },
    })
    for (let hint = 0; hint < 10; hint++) {
      lane.offer('a')
      await settle()
    }
    retryIn = 20
    lane.offer('a')
    await settle()
    expect([turns, timers.map(({ delay }) => delay)]).toEqual([11, [50, 20]])
    timers[1]!.wake()
    await settle()
    expect([turns, timers.length]).toEqual([12, 3])
  })

  it('starts nothing more once it is stopped, and waits for what runs', async () => {
    const { work, open, started } = steered()
    const lane = laneOf({ work })
    lane.offer('a')
    const stopping = lane.stop()
    lane.offer('b')
    open[0]!.end({ more: true })
    await stopping
    expect(started).toEqual(['a'])
    expect(lane.busy()).toBe(false)
  })
})
