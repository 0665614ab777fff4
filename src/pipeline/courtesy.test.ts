import { beforeEach, describe, expect, it } from 'vitest'
import type { ShopId } from '../domain/ids.ts'
import { type Courtesy, createCourtesy } from './courtesy.ts'

const [QUIET, BUSY, OTHER] = [1, 2, 3] as ShopId[] as [ShopId, ShopId, ShopId]

let now: number
let timers: { at: number; wake: () => void }[]
let courtesy: Courtesy
let log: string[]

const clock = {
  now: () => now,
  after(delay: number, wake: () => void) {
    const timer = { at: now + delay, wake }
    timers.push(timer)
    return () => {
      timers = timers.filter((each) => each !== timer)
    }
  },
}

beforeEach(() => {
  now = 1_000_000
  timers = []
  log = []
  courtesy = createCourtesy(clock)
})

/** Lets everything run that needs no time. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

async function pass(time: number): Promise<void> {
  now += time
  for (const { wake } of timers.filter(({ at }) => at <= now)) wake()
  await settle()
}

/** A turn that ends when the test says so. */
function begin(shop: ShopId, name: string) {
  const { promise, resolve } = Promise.withResolvers<{ did: number }>()
  let leaveTurn = () => {}
  void courtesy.turn(shop, (leave) => {
    log.push(name)
    leaveTurn = leave
    return promise
  })
  return {
    leave: () => leaveTurn(),
    end() {
      resolve({ did: 1 })
      return settle()
    },
  }
}

const did = (shop: ShopId, count: number) => courtesy.turn(shop, async () => ({ did: count }))

describe('a busy shop', () => {
  it('begins after the turns of much quieter shops that are under way, and after what follows from them', async () => {
    await did(BUSY, 200)
    const first = begin(QUIET, 'quiet decides')
    begin(BUSY, 'busy')
    await settle()
    expect(log).toEqual(['quiet decides'])
    const second = begin(QUIET, 'quiet delivers')
    await first.end()
    expect(log).toEqual(['quiet decides', 'quiet delivers'])
    await second.end()
    expect(log).toEqual(['quiet decides', 'quiet delivers', 'busy'])
  })

  it('waits 30 ms at most, however many quiet turns there are', async () => {
    await did(BUSY, 200)
    begin(QUIET, 'quiet')
    begin(BUSY, 'busy')
    await pass(29)
    expect(log).toEqual(['quiet'])
    await pass(1)
    expect(log).toEqual(['quiet', 'busy'])
  })

  it('does not wait for a turn that only waits for its provider', async () => {
    await did(BUSY, 200)
    const quiet = begin(QUIET, 'quiet')
    begin(BUSY, 'busy')
    await settle()
    quiet.leave()
    await settle()
    expect(log).toEqual(['quiet', 'busy'])
    begin(BUSY, 'busy again')
    expect(log).toEqual(['quiet', 'busy', 'busy again'])
  })

  it('waits for no shop that is about as busy, nor for itself, and a turn that fails holds nobody up', async () => {
    await did(BUSY, 200)
    await did(OTHER, 100)
    begin(OTHER, 'other')
    begin(BUSY, 'busy')
    begin(BUSY, 'busy beside itself')
    expect(log).toEqual(['other', 'busy', 'busy beside itself'])
    const failing = courtesy.turn(QUIET, async () => {
      await settle()
      throw new Error('of no effect on others')
    })
    begin(BUSY, 'busy after the failing one')
    await expect(failing).rejects.toThrow('of no effect')
    await settle()
    expect(log.at(-1)).toBe('busy after the failing one')
  })

  it('is busy no more some seconds after it has done little', async () => {
    await did(BUSY, 200)
    now += 2_500
    begin(QUIET, 'quiet')
    begin(BUSY, 'busy')
    expect(log).toEqual(['quiet', 'busy'])
  })
})

it('a shop is in a crowd while others have had work within two seconds', async () => {
  expect(courtesy.crowded(BUSY)).toBe(false)
  await did(BUSY, 10)
  await did(QUIET, 0)
  expect(courtesy.crowded(BUSY)).toBe(false)
  await did(QUIET, 1)
  expect(courtesy.crowded(BUSY)).toBe(true)
  expect(courtesy.crowded(QUIET)).toBe(true)
  now += 2_001
  await did(BUSY, 1)
  expect(courtesy.crowded(BUSY)).toBe(false)
})
