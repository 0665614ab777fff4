import { describe, expect, test } from 'vitest'
import { createScript, type Fault, type Rule } from './script.ts'

const ALWAYS_HALF = () => new Uint8Array([128, 0, 0, 0])
const STALL: Fault = { kind: 'stall' }

function play(rules: readonly Rule[], receivers: readonly string[]): string[] {
  const script = createScript<Fault>(ALWAYS_HALF)
  script.set(rules)
  return receivers.map((to) =>
    script
      .next(to)
      .map(({ kind }) => kind)
      .join('+'),
  )
}

describe('a fault strikes', () => {
  test('always, when nothing limits it', () => {
    expect(play([{ fault: STALL }], ['a', 'b'])).toEqual(['stall', 'stall'])
  })

  test('one receiver', () =>
    expect(play([{ fault: STALL, to: 'b' }], ['a', 'b', 'b'])).toEqual(['', 'stall', 'stall']))

  test('the n-th message to its receiver', () => {
    expect(play([{ fault: STALL, to: 'b', nth: 2 }], ['b', 'a', 'b', 'b'])).toEqual(['', '', 'stall', ''])
  })

  test('so many times', () => expect(play([{ fault: STALL, times: 1 }], ['a', 'b'])).toEqual(['stall', '']))

  test('with its probability', () => {
    expect(play([{ fault: STALL, chance: 0.51 }], ['a'])).toEqual(['stall'])
    expect(play([{ fault: STALL, chance: 0.5 }], ['a'])).toEqual([''])
  })

  test('together with another', () => {
    expect(play([{ fault: { kind: 'slow', ms: 1 } }, { fault: STALL }], ['a'])).toEqual(['slow+stall'])
  })
})

test('new rules begin to count anew, and none ends all faults', () => {
  const script = createScript<Fault>(ALWAYS_HALF)
  script.set([{ fault: STALL, nth: 1 }])
  expect(script.next('a')).toHaveLength(1)
  expect(script.next('a')).toHaveLength(0)
  script.set([{ fault: STALL, nth: 1 }])
  expect(script.next('a')).toHaveLength(1)
  script.set([])
  expect(script.next('a')).toEqual([])
})
