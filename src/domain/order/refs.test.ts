import { describe, expect, it } from 'vitest'
import type { EventData, Trust } from '../event.ts'
import { normaliseRef, refsOf } from './refs.ts'

const refs = (data: Partial<EventData>, trust: Trust = 'signed') =>
  refsOf({ trust, data: { refs: [], ...data } })

describe('the references of an event', () => {
  it('are what its sender named and the order number, each once and sorted', () => {
    const named = [
      { kind: 'stripe_pi', value: ' pi_1 ' },
      { kind: 'order_no', value: '#1001' },
      { kind: 'stripe_charge', value: 'ch_1' },
      { kind: 'stripe_pi', value: 'pi_1' },
    ]
    expect(refs({ refs: named, order: { no: '１００１' } })).toEqual([
      { kind: 'order_no', value: '1001' },
      { kind: 'stripe_charge', value: 'ch_1' },
      { kind: 'stripe_pi', value: 'pi_1' },
    ])
  })

  it('are none where the event names no order, or only with blanks', () => {
    expect(refs({})).toEqual([])
    expect(refs({ refs: [{ kind: 'order_no', value: ' # ' }] })).toEqual([])
  })

  it('of a browser are one at most, the order number first, so that it cannot join two orders', () => {
    const two = [
      { kind: 'a_cart', value: 'c1' },
      { kind: 'order_no', value: '7' },
    ]
    expect(refs({ refs: two }, 'browser')).toEqual([{ kind: 'order_no', value: '7' }])
    expect(refs({ refs: [two[0]!, { kind: 'b', value: '2' }] }, 'browser')).toEqual([two[0]])
    expect(refs({}, 'browser')).toEqual([])
    expect(refs({ refs: two }, 'inferred').length).toBe(2)
  })
})

describe('one spelling of a reference', () => {
  it('keeps case, which alone tells many ids apart, except in a uuid', () => {
    expect(normaliseRef('stripe_pi', 'pi_3AbC').value).toBe('pi_3AbC')
    expect(normaliseRef('order_no', 'aB1').value).toBe('aB1')
    expect(normaliseRef('cart', '0190F3A2-0000-7000-8000-00000000000A').value).toBe(
      '0190f3a2-0000-7000-8000-00000000000a',
    )
  })

  it('drops the # only in front of order numbers, and does not change again what it has changed', () => {
    expect(normaliseRef('order_no', ' # 12#3 ').value).toBe('12#3')
    expect(normaliseRef('cart', '#12').value).toBe('#12')
    for (const text of ['##1', '＃２', ' 1 ', '# #1']) {
      const once = normaliseRef('order_no', text)
      expect(normaliseRef('order_no', once.value)).toEqual(once)
    }
  })
})
