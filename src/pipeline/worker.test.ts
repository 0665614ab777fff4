import { expect, it } from 'vitest'
import { HOUR } from '../domain/time.ts'
import { restAfter } from './worker.ts'

it('a sweep takes a twentieth of the time, and a clock put forward during one puts the next off for seconds only', () => {
  expect([0, 10, 100, 3 * HOUR].map(restAfter)).toEqual([250, 250, 2_000, 10_000])
})
