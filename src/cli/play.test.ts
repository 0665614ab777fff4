import { describe, expect, it } from 'vitest'
import { planDay } from './demo-day.ts'
import { type PlayOptions, play } from './play.ts'

const acts = planDay(100, 'D', () => 0.5, 'zh')

/** Plays with a server that takes `cost` ms an event, in time that passes only by it and by waiting. */
async function played(cost: number, more: Partial<PlayOptions> = {}) {
  let now = 0
  const left: number[] = []
  const done = await play({
    acts,
    speed: Number.POSITIVE_INFINITY,
    clock: {
      after(wait, then) {
        now += wait
        queueMicrotask(then)
        return () => {}
      },
    },
    passed: () => now,
    post: async () => {
      now += cost
    },
    onSent: (_act, _sent, millis) => void left.push(millis),
    signal: new AbortController().signal,
    ...more,
  })
  return { done, left, now }
}

describe('a day that is played', () => {
  it('tells the time that is left by the pace the server has, where that is the slower one', async () => {
    const fast = await played(100)
    expect(fast.left[0]).toBe(100 * (acts.length - 1))
    expect(fast.left.at(-1)).toBe(0)
    const slow = await played(1, { speed: 60 })
    const first = acts.findIndex(({ minute }) => minute > acts[0]!.minute)
    expect(slow.left[first - 1]).toBeGreaterThan((slow.now - first) * 0.9)
  })

  it('ends at once when it is broken off, and says how much was sent', async () => {
    const end = new AbortController()
    const { done } = await played(1, {
      signal: end.signal,
      onSent: (_act, sent) => sent === 7 && end.abort(),
    })
    expect(done).toEqual({ sent: 7, refused: [] })
    const waiting = new AbortController()
    const never = {
      after() {
        queueMicrotask(() => waiting.abort())
        return () => {}
      },
    }
    const cut = await played(1, { speed: 1, clock: never, signal: waiting.signal })
    expect(cut.done.sent).toBeLessThan(acts.length)
  })
})
