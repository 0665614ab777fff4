import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Amounts } from '../domain/amounts.ts'
import { phoneAddress } from '../domain/order/contact.ts'
import { CASTS } from './demo-cast.ts'

describe.each(['zh', 'en'] as const)('who buys in the %s demo shop', (language) => {
  const { goods, large, currency, country, phone } = CASTS[language]
  const buyers = Array.from({ length: 6000 }, (_, buyer) => buyer)

  it('has a number of that country each, and never another’s', () => {
    const numbers = buyers.flatMap((buyer) => phone(buyer) ?? [])
    expect(numbers.length).toBeGreaterThanOrEqual(5000)
    expect(new Set(numbers).size).toBe(numbers.length)
    for (const number of numbers)
      expect(phoneAddress(number, country)).toMatchObject({ ok: true, address: number, region: country })
  })

  it('has one order that is looked at for its size, and goods that are not', () => {
    const rule = parse(readFileSync(new URL('../../rules/large-order.yaml', import.meta.url), 'utf8')) as {
      readonly params: { readonly limit: { readonly value: Amounts } }
    }
    const limit = rule.params.limit.value[currency]! * 100
    expect(large).toBeGreaterThanOrEqual(limit)
    for (const [, minor] of goods) expect(minor).toBeLessThan(limit)
  })
})

it('the English numbers are those that are kept for fiction', () => {
  for (let buyer = 0; buyer < 5000; buyer++) expect(CASTS.en.phone(buyer)).toMatch(/^\+1[2-9]\d\d55501\d\d$/)
  expect(CASTS.en.phone(5000)).toBeNull()
})
