import { describe, expect, it } from 'vitest'
import type { Clock } from '../domain/time.ts'
import { createRecent } from './recent.ts'

/** Time that moves only when told to, and its timers with it. */
function handClock() {
  let now = 0
  const timers: { readonly at: number; readonly fn: () => void }[] = []
  const clock: Clock = {
    now: () => now,
    after: (wait, fn) => {
      const timer = { at: now + wait, fn }
      timers.push(timer)
      return () => void timers.splice(timers.indexOf(timer), 1)
    },
  }
  const advance = (to: number) => {
    now = to
    for (const timer of timers.filter(({ at }) => at <= now)) {
      timers.splice(timers.indexOf(timer), 1)
      timer.fn()
    }
  }
  return { clock, advance }
}

describe('values kept for the next stage', () => {
  it('are given once and then forgotten', () => {
    const recent = createRecent<string, number>(handClock().clock, 10)
    recent.keep('a', 1)
    expect(recent.get('a')).toBe(1)
    expect(recent.take('a')).toBe(1)
    expect(recent.take('a')).toBeUndefined()
  })

  it('are no more than asked for: the oldest goes first', () => {
    const recent = createRecent<string, number>(handClock().clock, 2)
    recent.keep('a', 1)
    recent.keep('b', 2)
    recent.keep('a', 3)
    recent.keep('c', 4)
    expect(['a', 'b', 'c'].map(recent.get)).toEqual([3, undefined, 4])
  })

  it('do not stay in memory when nobody fetches them', () => {
    const { clock, advance } = handClock()
    const recent = createRecent<string, number>(clock, 10)
    recent.keep('a', 1)
    advance(3_000)
    recent.keep('b', 2)
    advance(7_000)
    expect(recent.get('a')).toBeUndefined()
    advance(20_000)
    expect(recent.get('b')).toBeUndefined()
  })
})
