import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { eventData } from '../domain/event.ts'
import { cut, type Draft, tidy } from './tidy.ts'

test('a sound draft stays as it is, without undefined members', () => {
  expect(tidy({ refs: [], order: { no: 'A1', title: undefined } })).toEqual({ refs: [], order: { no: 'A1' } })
})

test('only what breaks a rule is left out, by the smallest optional part, and named', () => {
  const data = tidy({
    refs: [
      { kind: 'order_no', value: 'A1' },
      { kind: 'Bad Kind', value: 'x' },
      { kind: 'stripe_pi', value: '' },
      { kind: 'stripe_ch', value: 'ch_1' },
    ],
    order: { no: 'A1', total: { minor: -1, currency: 'CNY' }, payUrl: 'javascript:alert(1)' },
    payment: { id: '' },
    customer: { segment: 'Office Hours', name: '李雷' },
  })
  expect(data).toEqual({
    refs: [
      { kind: 'order_no', value: 'A1' },
      { kind: 'stripe_ch', value: 'ch_1' },
    ],
    order: { no: 'A1' },
    customer: { name: '李雷' },
    extra: {
      left_out: expect.arrayContaining([
        'order.payUrl',
        'customer.segment',
        'payment',
        'refs.1',
        'order.total',
      ]),
    },
  })
})

/** Parts of a draft, about half of them broken, several in one list or holder. */
const bit = fc.constantFrom<unknown>(
  'A1',
  '',
  1,
  -1,
  1.5,
  null,
  'x'.repeat(600),
  { minor: 1, currency: 'CNY' },
  [],
)
const item = fc.oneof(bit, fc.record({ name: bit, quantity: bit, sku: bit }, { requiredKeys: [] }))
const ref = fc.oneof(bit, fc.record({ kind: fc.constantFrom('order_no', 'Bad Kind'), value: bit }))
const drafts = fc.record(
  {
    refs: fc.array(ref, { maxLength: 18 }),
    order: fc.record({ no: bit, total: bit, items: fc.array(item, { maxLength: 8 }) }, { requiredKeys: [] }),
    payment: fc.record({ id: bit, amount: bit, failure: fc.record({ code: bit, message: bit }) }),
    refund: fc.record({ id: bit, amount: bit }, { requiredKeys: [] }),
    delivery: fc.record({ id: bit, keys: fc.array(bit, { maxLength: 6 }) }),
  },
  { requiredKeys: [] },
)

test('what is left out is what taking out one fault after the other would leave out', () => {
  fc.assert(
    fc.property(drafts, (draft) => {
      expect(tidy(draft as Draft)).toEqual(oneByOne(draft))
    }),
    { numRuns: 3_000 },
  )
})

test('a list in which everything is wrong costs a few looks at it, not one for each element', () => {
  const look = vi.spyOn(eventData, 'safeParse')
  const items = Array.from({ length: 200 }, (_, at) => ({ name: `item ${at}`, quantity: 1.5 }))
  expect(tidy({ refs: [], order: { no: 'A1', items } })).toEqual({
    refs: [],
    order: { no: 'A1', items: [] },
    extra: { left_out: expect.arrayContaining(['order.items.0', 'order.items.199']) },
  })
  expect(look.mock.calls.length).toBeLessThan(6)
  look.mockRestore()
})

/** The plainest way: look, take out the first fault, look again. */
function oneByOne(draft: unknown): unknown {
  const work = JSON.parse(JSON.stringify(draft)) as Record<string, unknown>
  const leftOut = new Set<string>()
  for (;;) {
    const read = eventData.safeParse(work)
    if (read.success)
      return leftOut.size === 0
        ? read.data
        : { ...read.data, extra: { ...read.data.extra, left_out: expect.toSatisfy(namesAll([...leftOut])) } }
    const { path } = read.error.issues[0]!
    const holders: unknown[] = [work]
    for (const key of path) {
      const here = holders.at(-1)
      if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) break
      holders.push((here as Record<PropertyKey, unknown>)[key])
    }
    const depth = holders.length > path.length ? path.length : Math.max(1, holders.length - 1)
    const holder = holders[depth - 1] as Record<PropertyKey, unknown>
    if (Array.isArray(holder)) holder.splice(Number(path[depth - 1]), 1)
    else delete holder[path[depth - 1]!]
    leftOut.add(path.slice(0, depth).map(String).join('.'))
  }
}

/** Each of them is named, by the place it had when it went; a part that goes with its holder may be named beside it. */
const namesAll = (expected: readonly string[]) => (names: readonly string[]) => {
  const named = new Set(names.map(placeless))
  return expected.every((name) => named.has(placeless(name)))
}
const placeless = (name: string) => name.replace(/\.\d+/g, '.N')

test('a cut text ends in an ellipsis and never in half a character', () => {
  expect(cut('abcdef', 6)).toBe('abcdef')
  expect(cut('abcdefg', 6)).toBe('abcde…')
  expect(cut('ab💥💥', 4)).toBe('ab…')
})
