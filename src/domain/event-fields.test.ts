import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventData } from './event.ts'
import { MOST_FIELDS, unknownAround, unknownFields } from './event-fields.ts'

const FULL = {
  refs: [{ kind: 'order_no', value: 'A1' }],
  order: {
    no: 'A1',
    total: { minor: 1, currency: 'CNY' },
    items: [{ name: 'VIP', quantity: 1 }],
    expiresAt: '2026-11-28T00:00:00Z',
  },
  payment: {
    id: 'p',
    amount: { minor: 1, currency: 'CNY' },
    alternatives: [{ key: 'alipay', names: { zh: '支付宝', en: 'Alipay' }, url: 'https://a.example/' }],
    failure: { code: 'x' },
  },
  customer: { email: 'a@b.co' },
  delivery: { id: 'd', keys: ['k'] },
  extra: { totl: { emial: 1 } },
}

/** Every place in the data that has fields of its own, as a path. */
const PLACES = [
  'refs.0',
  'order',
  'order.total',
  'order.items.0',
  'payment',
  'payment.amount',
  'payment.alternatives.0',
  'payment.alternatives.0.names',
  'payment.failure',
  'customer',
  'delivery',
]

interface Tree {
  [name: string]: Tree | number
}
const at = (place: string, data: object) =>
  place.split('.').reduce<Tree | undefined>((here, key) => here?.[key] as Tree | undefined, data as Tree)

const withName = (place: string, name: string) => {
  const data = structuredClone(FULL)
  at(place, data)![name] = 1
  return data
}

describe('names in an event’s data that nobody reads', () => {
  it('are none where all are fields, and none in what is free', () => {
    expect(unknownFields(FULL)).toEqual([])
    expect(eventData.safeParse(FULL).success).toBe(true)
  })

  it('are looked for among so many only: a hostile event cannot make it long work', () => {
    const strange = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`strange${at}`, 1]))
    const misspelt = { path: 'data.ordr', near: 'order' }
    expect(unknownFields({ ...strange(100), ordr: {} })).toEqual([misspelt])
    expect(unknownFields({ ...strange(1_000), ordr: {} })).toEqual([])
  })

  it('are told with the field that was probably meant', () => {
    const data = {
      order: { no: 'TY1', totl: {}, zzzzzz: 1, items: [{ name: 'VIP', quantity: 1, qty: 1 }] },
      custmer: {},
      customer: { emial: 'a@b.co' },
    }
    expect(unknownFields(data)).toEqual([
      { path: 'data.order.totl', near: 'total' },
      { path: 'data.order.zzzzzz', near: null },
      { path: 'data.order.items.0.qty', near: null },
      { path: 'data.custmer', near: 'customer' },
      { path: 'data.customer.emial', near: 'email' },
    ])
  })

  it('beside our own fields are the sender’s, unless they look like a slip of the hand', () => {
    expect(unknownFields({ coupon: 'X', utm: { source: 'mail' }, paymnt: {} })).toEqual([
      { path: 'data.paymnt', near: 'payment' },
    ])
  })

  it('are told at every place that has fields, whatever the name', () => {
    const name = fc.string({ minLength: 1, maxLength: 80 }).filter((text) => text !== '__proto__')
    fc.assert(
      fc.property(fc.constantFrom(...PLACES), name, (place, name) => {
        const data = withName(place, name)
        const told = unknownFields(data).map(({ path }) => path)
        const kept = isKept(data, place, name)
        expect(told.length, `${place}.${name}`).toBe(kept ? 0 : 1)
        if (!kept) expect(told[0]!.startsWith(`data.${place}.${name.slice(0, 60).toWellFormed()}`)).toBe(true)
      }),
    )
  })

  it('are ten at most, and long ones are cut', () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`x${at}`, 1]))
    expect(unknownFields({ order: many, customer: many })).toHaveLength(MOST_FIELDS)
    expect(unknownFields({ order: { ['y'.repeat(10_000)]: 1 } })[0]!.path.length).toBeLessThan(80)
  })
})

/** Whether reading keeps a value of that name there: then it is a field. */
function isKept(data: typeof FULL, place: string, name: string): boolean {
  const issues = eventData.safeParse(data)
  if (!issues.success) return true
  const holder = at(place, issues.data)
  return holder !== undefined && Object.hasOwn(holder, name)
}

it('looks at no more than two hundred names around the data, and repeats none that is long', () => {
  const strange = Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`zz-${at}`, 1]))
  expect(unknownAround({ dta: {}, ['y'.repeat(10_000)]: 1, ...strange })).toEqual([
    { path: 'dta', near: 'data' },
  ])
  expect(unknownAround({ ...strange, dta: {} })).toEqual([])
})
