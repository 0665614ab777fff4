import type { Instant } from '../src/domain/time.ts'

/** What will happen when: earliest first, and of two at one instant the one that was noted first. */
export interface Agenda {
  note(at: Instant, what: () => void): void
  /** When the next thing happens; `null` when nothing more will. */
  next(): Instant | null
  /** Does everything up to `now`, what that notes for then included. */
  doUntil(now: Instant): void
}

export function createAgenda(): Agenda {
  const byInstant = new Map<Instant, (() => void)[]>()
  /** A binary heap of the instants. */
  const heap: Instant[] = []

  function push(at: Instant): void {
    let place = heap.push(at) - 1
    while (place > 0) {
      const above = (place - 1) >> 1
      if (heap[above]! <= heap[place]!) break
      ;[heap[above], heap[place]] = [heap[place]!, heap[above]!]
      place = above
    }
  }

  function pop(): Instant {
    const first = heap[0]!
    const last = heap.pop()!
    if (heap.length === 0) return first
    heap[0] = last
    for (let place = 0; ; ) {
      const left = 2 * place + 1
      const least = left + 1 < heap.length && heap[left + 1]! < heap[left]! ? left + 1 : left
      if (least >= heap.length || heap[place]! <= heap[least]!) return first
      ;[heap[place], heap[least]] = [heap[least]!, heap[place]!]
      place = least
    }
  }

  return {
    note(at, what) {
      const there = byInstant.get(at)
      if (there) there.push(what)
      else {
        byInstant.set(at, [what])
        push(at)
      }
    },
    next: () => heap[0] ?? null,
    doUntil(now) {
      while (heap.length > 0 && heap[0]! <= now) {
        const at = pop()
        const things = byInstant.get(at)!
        for (let n = 0; n < things.length; n++) things[n]!()
        byInstant.delete(at)
      }
    },
  }
}
