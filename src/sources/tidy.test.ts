import { expect, test } from 'vitest'
import { cut, tidy } from './tidy.ts'

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

test('a cut text ends in an ellipsis and never in half a character', () => {
  expect(cut('abcdef', 6)).toBe('abcdef')
  expect(cut('abcdefg', 6)).toBe('abcde…')
  expect(cut('ab💥💥', 4)).toBe('ab…')
})
