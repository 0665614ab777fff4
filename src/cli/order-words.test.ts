import { expect, it } from 'vitest'
import { sayInquiry } from './commands/order.ts'
import { NOT_HEALED } from './texts/commands.ts'

it('an order’s timeline says in words why its payment was not healed', () => {
  const ended = {
    source: 'stripe',
    connection: 'conn_1',
    clock: 'platform',
    what: 'ended',
    code: 'too_late',
  } as const
  expect(sayInquiry(ended, 'en')).toMatch(
    /asked no more \(too_late: too late to try before the buyer is reminded/,
  )
  expect(sayInquiry(ended, 'zh')).toMatch(/不再查询（?.*too_late: 来不及在提醒买家之前重试/)
  const gaveUp = { ...ended, what: 'gave_up', code: 'undecided' }
  expect(sayInquiry(gaveUp, 'en')).toMatch(/the buyer is reminded \(undecided: /)
  expect(sayInquiry(gaveUp, 'zh')).toMatch(/改为提醒买家/)
  // What has no words of its own is shown as it is.
  expect(sayInquiry({ ...ended, code: 'mastercard_10_in_24_hours' }, 'en')).toMatch(
    /\(mastercard_10_in_24_hours\)$/,
  )
  for (const { zh, en } of Object.values(NOT_HEALED)) {
    expect(zh).toMatch(/\p{Script=Han}/u)
    expect(en).not.toMatch(/\p{Script=Han}/u)
  }
})

it('an order’s timeline says in words why there is a next question', () => {
  const next = { source: 'wechat-pay', connection: 'conn_1', clock: 'unpaid', what: 'next' } as const
  expect(sayInquiry({ ...next, code: 'word' }, 'en')).toMatch(
    /next question \(somebody said that it is paid\)$/,
  )
  expect(sayInquiry({ ...next, code: 'waits' }, 'zh')).toMatch(/等连接恢复/)
  expect(sayInquiry({ ...next, code: null }, 'en')).toMatch(/next question$/)
})
