import { expect, it } from 'vitest'
import type { Clock } from '../domain/time.ts'
import { createPoisonList, REFUSE_FOR, STRIKES } from './poison.ts'

function setup() {
  let now = 1_000_000
  const clock: Clock = { now: () => now, after: () => () => {} }
  return { list: createPoisonList(clock), pass: (time: number) => (now += time) }
}

it('refuses after three strikes, for ten minutes', () => {
  const { list, pass } = setup()
  for (let strike = 1; strike < STRIKES; strike++) {
    list.strike('bad')
    expect(list.isRefused('bad')).toBe(false)
  }
  list.strike('bad')
  expect(list.isRefused('bad')).toBe(true)
  expect(list.isRefused('other')).toBe(false)
  pass(REFUSE_FOR - 1)
  expect(list.isRefused('bad')).toBe(true)
  pass(1)
  expect(list.isRefused('bad')).toBe(false)
})

it('refuses at once when a second chance is wasted, and forgets after an hour', () => {
  const { list, pass } = setup()
  for (let strike = 0; strike < STRIKES; strike++) list.strike('bad')
  pass(REFUSE_FOR)
  list.strike('bad')
  expect(list.isRefused('bad')).toBe(true)
  pass(6 * REFUSE_FOR + 1)
  list.strike('bad')
  expect(list.isRefused('bad')).toBe(false)
})
