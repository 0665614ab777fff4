import { expect, it } from 'vitest'
import { TRUST } from '../domain/event.ts'
import { ORDER_STATUSES } from '../domain/order/view.ts'
import { ACTORS, codeText, ORDER_STATES, REVIEW_STATES, SEND_CODES, TRUSTS, wordFor } from './texts/states.ts'

it('states, trust and actors have words in both languages', () => {
  expect(Object.keys(ORDER_STATES)).toEqual([...ORDER_STATUSES])
  expect(Object.keys(TRUSTS)).toEqual([...TRUST])
  for (const words of [ORDER_STATES, TRUSTS, REVIEW_STATES, ACTORS, SEND_CODES])
    for (const { zh, en } of Object.values(words)) {
      expect(zh).toMatch(/\p{Script=Han}/u)
      expect(en).not.toMatch(/\p{Script=Han}/u)
    }
})

it('what has no word stands as it is', () => {
  expect(wordFor(ACTORS, 'member:mem_1', 'zh')).toBe('member:mem_1')
  expect(wordFor(ACTORS, 'constructor', 'zh')).toBe('constructor')
  expect(codeText('http_400', 'zh')).toBe('http_400')
  expect(codeText('blocked_address', 'zh')).toBe('blocked_address：目标地址在内网或不允许访问')
})
