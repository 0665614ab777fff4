import { expect, it } from 'vitest'
import { buyerName } from '../bench/kit.ts'
import { greetedBy } from '../src/domain/greeting.ts'

it('the benchmark’s buyers are greeted by their names, each by another', () => {
  const names = Array.from({ length: 2_000 }, (_, at) => buyerName(at * 3_571))
  for (const name of names) expect(greetedBy(name)).toBe(name)
  expect(new Set(names).size).toBe(names.length)
})
