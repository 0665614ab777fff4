import { describe, expect, test } from 'vitest'
import { stripeFact } from './stripe-facts.ts'

const BEFORE = '2024-06-20'
const SINCE = '2025-03-31.basil'

/** What `charge.refunded` says was given back; `null`: nothing. */
function givenBack(charge: object, version: string) {
  const object = { id: 'ch_1', object: 'charge', amount: 1999, currency: 'usd', captured: true, ...charge }
  return (
    stripeFact('charge.refunded', { id: 'evt_1', version }, object, [])?.draft.refund?.amount.minor ?? null
  )
}

describe('an authorisation', () => {
  test.each([BEFORE, SINCE])('that is released gives nothing back (%s)', (version) => {
    const released = { captured: false, amount_refunded: 1999 }
    expect(givenBack({ ...released, amount_captured: 1999 }, version)).toBeNull()
    expect(givenBack({ ...released, amount_captured: 0 }, version)).toBeNull()
  })

  test('that is captured in part gives back only what was captured, in versions that call the rest refunded', () => {
    const part = (amount_refunded: number) => ({ amount_captured: 1200, amount_refunded })
    expect(givenBack(part(799), BEFORE)).toBeNull()
    expect(givenBack(part(999), BEFORE)).toBe(200)
    expect(givenBack(part(200), SINCE)).toBe(200)
    expect(givenBack(part(799), SINCE)).toBe(799)
  })

  test('that is captured as a whole gives back what is refunded, also where the charge does not say what was captured', () => {
    expect(givenBack({ amount_captured: 1999, amount_refunded: 500 }, BEFORE)).toBe(500)
    expect(givenBack({ amount_refunded: 500 }, BEFORE)).toBe(500)
  })
})
