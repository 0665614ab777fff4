import { expect, test } from 'vitest'
import { formTexts, readForm } from './form.ts'

const texts = (body: string, charset?: 'gb18030') =>
  formTexts(readForm(Buffer.from(body, 'latin1'))!, charset)

test('fields are read in their charset, empty ones left out', () => {
  expect({ ...texts('a=%E5%B9%B4+x&b=&c=%20%F0%9F%98%80') }).toEqual({ a: '年 x', c: '😀' })
  expect({ ...texts('a=%C4%EA', 'gb18030') }).toEqual({ a: '年' })
})

test('what is no text stays told apart, and what is text beside it readable', () => {
  expect({ ...texts('a=A%80&b=A%81&c=A%00&d=A&e=%E5%B9%B4%E5%B9&f=%ED%A0%80') }).toEqual({
    a: 'A\uFFFD0080',
    b: 'A\uFFFD0081',
    c: 'A\uFFFD0000',
    d: 'A',
    e: '年\uFFFD00e5\uFFFD00b9',
    f: '\uFFFD00ed\uFFFD00a0\uFFFD0080',
  })
})
