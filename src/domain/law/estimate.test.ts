import fc from 'fast-check'
import { expect, test } from 'vitest'
import { smsSegments, USUAL_SEGMENTS } from '../template/sms-segments.ts'
import { estimateSegments } from './estimate.ts'

const CHINA = { gsm7: [70, 67], ucs2: [70, 67] } as const
const filed = { signature: '星河小店', registered: { url: 'https://shop.example.cn/d', icp: null } }
const none = { signature: null, registered: null }

const EITHER =
  '您的订单还没有完成，{% if links.registered %}请在 {{ links.registered }} 输入短码 {{ order.short_code }} 查看{% else %}请打开 {{ links.order }}{% endif %}'

test('counts the branch that the account writes, its registered link and its signature', () => {
  const written = '【星河小店】您的订单还没有完成，请在 https://shop.example.cn/d 输入短码 7K3M9QZR 查看'
  expect(smsSegments(written, undefined, CHINA).segments).toBe(1)
  expect(estimateSegments(EITHER, filed, CHINA)).toBe(1)
  // A link that varies is long: 17 characters and 60.
  expect(estimateSegments(EITHER, none, CHINA)).toBe(2)
  const fits = '中'.repeat(64)
  expect([estimateSegments(fits, filed, CHINA), estimateSegments(`${fits}中`, filed, CHINA)]).toEqual([1, 2])
})

test('counts as the letters of the text are counted', () => {
  const long = 'a'.repeat(140)
  expect(estimateSegments(long, none, USUAL_SEGMENTS)).toBe(1)
  expect(estimateSegments(`${long}…`, none, USUAL_SEGMENTS)).toBe(3)
  expect(estimateSegments(`${long}{{ links.order }}`, none, USUAL_SEGMENTS)).toBe(2)
})

test('no shorter text of the same template is dearer', () => {
  const words = fc.stringMatching(/^[a-z中文，。 ]{0,80}$/)
  fc.assert(
    fc.property(
      words,
      words,
      fc.stringMatching(/^[0-9A-Z]{0,16}$/),
      fc.boolean(),
      (before, after, no, shown) => {
        const estimate = estimateSegments(
          `${before}{% if code %}{{ order.no }}${after}{% endif %}`,
          filed,
          CHINA,
        )
        const text = `${before}${shown ? `${no}${after}` : ''}`
        expect(smsSegments(text.trim(), filed.signature, CHINA).segments).toBeLessThanOrEqual(estimate)
      },
    ),
  )
})
