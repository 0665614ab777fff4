import { expect, it } from 'vitest'
import { TRUST } from '../domain/event.ts'
import { STATUS_WORDS } from '../domain/order/status-words.ts'
import { ORDER_STATUSES } from '../domain/order/view.ts'
import { REVIEW_STATE_WORDS } from '../domain/review/state-words.ts'
import { ACTORS, codeText, SEND_CODES, SENDERS, TRUSTS, wordFor } from './texts/states.ts'

it('states, trust and actors have words in both languages', () => {
  expect(Object.keys(STATUS_WORDS)).toEqual([...ORDER_STATUSES])
  expect(Object.keys(TRUSTS)).toEqual([...TRUST])
  for (const words of [STATUS_WORDS, TRUSTS, SENDERS, REVIEW_STATE_WORDS, ACTORS, SEND_CODES])
    for (const { zh, en } of Object.values(words)) {
      expect(zh).toMatch(/\p{Script=Han}/u)
      expect(en).not.toMatch(/\p{Script=Han}/u)
    }
})

it('what has no word stands as it is', () => {
  expect(wordFor(ACTORS, 'member:mem_1', 'zh')).toBe('member:mem_1')
  expect(wordFor(ACTORS, 'constructor', 'zh')).toBe('constructor')
  expect(codeText('http_400', 'zh')).toBe('http_400')
  expect(codeText('550 5.1.1', 'en')).toBe('550 5.1.1')
  expect(codeText('530', 'en')).toMatch(/^530: the mail server wants a log-in/)
  expect(codeText('535 5.7.8', 'zh')).toMatch(/^535 5\.7\.8：邮件服务器不接受/)
  expect(codeText('blocked_address', 'zh')).toBe(
    'blocked_address：目标地址在内网或本机，叮咚不会访问，除非写进 allowOrigins（DINGDONG_ALLOW_ORIGINS）',
  )
})
