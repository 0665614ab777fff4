import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { testRails } from '../../../test/kit/rails.ts'
import { FAILURE_CLASSES, RETRY_ADVICE } from '../failure-class.ts'
import { classForBuyer, classify, type Override, overrideKey } from './classify.ts'
import { explain } from './explain.ts'
import { codeIn, stillUnknown } from './one-code.ts'
import { FAILURE_FIELDS, type FailureField } from './table.ts'

const { table } = testRails
const NOW = Date.parse('2026-11-25T00:00:00Z')

type Codes = Partial<Record<FailureField, string>>
const stripe = (codes: Codes, scheme: string | null = null) =>
  classify(table, codeIn('stripe', codes, scheme), NOW)
const of = ({ class: kind, advice }: { class: string; advice: string }) => [kind, advice]
const overrides = (...list: Override[]) =>
  new Map(list.map((each) => [overrideKey(each.rail, each.code), each]))

describe('of several codes', () => {
  it('the scheme’s advice outranks the issuer’s, that the decline code, that the wrapper', () => {
    const codes = { code: 'card_declined', declineCode: 'insufficient_funds' }
    expect(of(stripe(codes))).toEqual(['insufficient_funds', 'LATER'])
    expect(of(stripe({ ...codes, adviceCode: 'do_not_try_again' }))).toEqual(['risk_block', 'NEVER'])
    expect(of(stripe({ ...codes, adviceCode: 'do_not_try_again', networkAdviceCode: '24' }))).toEqual([
      'insufficient_funds',
      'LATER',
    ])
    expect(of(stripe({ ...codes, adviceCode: 'try_again_later', networkAdviceCode: '03' }))).toEqual([
      'risk_block',
      'NEVER',
    ])
    expect(of(stripe({ code: 'processing_error', declineCode: 'stolen_card' }))).toEqual([
      'risk_block',
      'NEVER',
    ])
  })

  it('one that says nothing gives way to one that tells a reason', () => {
    expect(of(stripe({ code: 'card_declined', declineCode: 'generic_decline', networkCode: '51' }))).toEqual([
      'insufficient_funds',
      'LATER',
    ])
    expect(of(stripe({ declineCode: 'do_not_honor', networkCode: '41' }))).toEqual(['risk_block', 'NEVER'])
  })

  it('advice about retrying without a reason decides the advice and leaves the reason to the others', () => {
    const found = stripe({ declineCode: 'expired_card', adviceCode: 'try_again_later' })
    expect(of(found)).toEqual(['expired_card', 'LATER'])
    expect([found.rule?.field, found.adviceRule?.field]).toEqual(['declineCode', 'adviceCode'])
  })

  it('a scheme’s advice code is read only where the card may be of that scheme', () => {
    expect(of(stripe({ declineCode: 'expired_card', networkAdviceCode: '03' }, 'mastercard'))).toEqual([
      'risk_block',
      'NEVER',
    ])
    const visa = stripe({ declineCode: 'processing_error', networkAdviceCode: '03' }, 'visa')
    expect(of(visa)).toEqual(['network_timeout', 'NEW_METHOD'])
    expect(visa.unknown.map(({ code }) => code)).toEqual(['03'])
  })
})

describe('a code nobody knows', () => {
  it('is other, is never retried without the buyer, and says so', () => {
    const found = stripe({ code: 'card_declined', declineCode: 'brand_new' })
    expect(of(found)).toEqual(['other', 'NEW_METHOD'])
    expect(found.unknown).toMatchObject([{ rail: 'stripe', code: 'brand_new', field: 'declineCode' }])
    expect(of(classify(table, codeIn(null, { code: 'E42' }), NOW))).toEqual(['other', 'NEW_METHOD'])
    expect(of(classify(table, codeIn('mygate', {}), NOW))).toEqual(['other', 'NEW_METHOD'])
  })

  it('never makes anything unattended, wherever it stands', () => {
    const known = ['processing_error', 'insufficient_funds', 'try_again_later', '24', '91', 'card_declined']
    const codes = fc.record(
      Object.fromEntries(
        FAILURE_FIELDS.map((field) => [field, fc.constantFrom(...known, 'brand_new', undefined)]),
      ),
    )
    fc.assert(
      fc.property(codes, (drawn) => {
        const given = Object.fromEntries(Object.entries(drawn).filter(([, code]) => code !== undefined))
        const found = classify(table, codeIn('stripe', given), NOW)
        if (found.unknown.some((each) => each === found.adviceRule)) expect(found.advice).toBe('NEW_METHOD')
        expect(FAILURE_CLASSES).toContain(found.class)
        expect(RETRY_ADVICE).toContain(found.advice)
      }),
    )
  })

  it('is known from the moment that the shop has decided it', () => {
    const mine = { rail: 'mygate', code: 'E42', class: 'insufficient_funds', advice: 'LATER' } as const
    const place = { rail: 'mygate', code: 'E42' }
    expect(stillUnknown({ table, overrides: new Map() }, place, NOW)).toBe(true)
    expect(stillUnknown({ table, overrides: overrides(mine) }, place, NOW)).toBe(false)
    const found = classify(table, codeIn('mygate', { code: 'E42' }), NOW, overrides(mine))
    expect([...of(found), found.unknown]).toEqual(['insufficient_funds', 'LATER', []])
  })
})

describe('a shop’s own decision', () => {
  const mine = { rail: 'stripe', code: 'do_not_honor', class: 'insufficient_funds', advice: 'LATER' } as const

  it('replaces the table’s row of that code, and only in its place in the order', () => {
    const codes = codeIn('stripe', { declineCode: 'do_not_honor', networkCode: '41' })
    expect(of(classify(table, codes, NOW, overrides(mine)))).toEqual(['insufficient_funds', 'LATER'])
    const forbidden = { ...codes, networkAdviceCode: '03' }
    expect(of(classify(table, forbidden, NOW, overrides(mine)))).toEqual(['risk_block', 'NEVER'])
  })

  it('holds even where it says other', () => {
    const other = { ...mine, class: 'other', advice: 'MERCHANT_FIX' } as const
    const codes = codeIn('stripe', { declineCode: 'do_not_honor', networkCode: '51' })
    expect(of(classify(table, codes, NOW, overrides(other)))).toEqual(['other', 'MERCHANT_FIX'])
  })
})

describe('an explanation', () => {
  it('names list, source and period, and nearly right names', () => {
    const said = explain(table, codeIn('iso8583_f39', { code: '57' }), NOW, 'en')
    expect(said.decidedBy).toMatchObject({
      knownBy: 'table',
      rail: 'iso8583_f39',
      source: expect.stringContaining('checkout.com') as string,
      validFrom: Date.parse('2026-10-25T00:00:00Z'),
      validTo: null,
    })
    expect(explain(table, codeIn('strip', { code: 'insuficient_funds' }), NOW, 'zh')).toMatchObject({
      class: 'other',
      nearRail: 'stripe',
      nearCode: 'insufficient_funds',
    })
  })

  it('never lets a buyer hear of risk', () => {
    for (const kind of FAILURE_CLASSES) expect(classForBuyer(kind)).not.toBe('risk_block')
    const said = explain(table, codeIn('stripe', { declineCode: 'fraudulent' }), NOW, 'en')
    expect(said).toMatchObject({ class: 'risk_block', classForBuyer: 'other', buyerIsTold: false })
  })
})
