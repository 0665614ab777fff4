import { expect, test } from 'vitest'
import { personName, phoneOf } from './phone.ts'

test.each([
  ['138 0013 8000', 'CN', '+8613800138000'],
  ['138 0013 8000', 'cn', '+8613800138000'],
  ['(212) 555-0123', 'US', '+12125550123'],
  ['+86 138-0013-8000', undefined, '+8613800138000'],
  ['+8613800138000', 'US', '+8613800138000'],
  // No country to tell which: as written.
  ['138 0013 8000', undefined, '138 0013 8000'],
  ['138 0013 8000', 'Atlantis', '138 0013 8000'],
  ['12', 'CN', '12'],
  [undefined, 'CN', undefined],
])('the phone %j in %j is %j', (phone, country, expected) => {
  expect(phoneOf(phone, country)).toBe(expected)
})

test('a name is put together as its culture writes it', () => {
  expect(personName('雷', '李')).toBe('李雷')
  expect(personName('Anna', 'Smith')).toBe('Anna Smith')
  expect(personName(undefined, 'Smith')).toBe('Smith')
  expect(personName(undefined, undefined)).toBeUndefined()
})
