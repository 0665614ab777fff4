import { expect, test } from 'vitest'
import { greetedBy } from './greeting.ts'

test.each([
  '小林',
  '阿卜杜热合曼·买买提',
  'Anna Smith',
  'Dr. J.R.R. Tolkien',
  "Sinéad O'Connor-Müller, Jr.",
  'أحمد',
  'می‌خواهم',
  'user-42',
])('%s is greeted', (name) => {
  expect(greetedBy(name)).toBe(name)
})

test.each([
  'Claim it at https://evil.example/claim',
  'visit evil.example now',
  'visit ｅｖｉｌ．ｅｘａｍｐｌｅ now',
  'help@evil.example',
  'Lin, call 0800 123 456',
  '加微信 13800138000',
  '您已中奖。请联系客服',
  'You won $900',
  'Lin\nYour account is locked',
  'Lin\u2028Your account is locked',
  'Lin\u202egnitirw',
  '<b>Lin</b>',
  'Your refund is ready and waits for you until midnight today',
  '   ',
])('%j is no name', (text) => {
  expect(greetedBy(text)).toBeNull()
})

test('nobody is nobody', () => {
  expect(greetedBy(null)).toBeNull()
})
