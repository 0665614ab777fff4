import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fold, skeleton } from './normalise.ts'

const folded = (text: string) => fold(text).chars.join('')
const bare = (text: string) => skeleton(fold(text)).chars.join('')

describe('a text as a reader reads it', () => {
  test.each([
    ['ｈｔｔｐｓ：／／ａ．ｃｏｍ', 'https://a.com'],
    ['𝐡𝓉𝕥𝚙', 'http'],
    ['ⓗⓣⓣⓟ', 'http'],
    ['🅷🆃🆃🅿', 'http'],
    ['һttр', 'http'],
    ['ΗΤΤΡ', 'http'],
    ['yóuxì', 'youxi'],
    ['h̶t̶t̶p̶', 'http'],
    ['a。com a．com a·com a•com', 'a.com a.com a.com a.com'],
    ['遊戲 優惠券', '游戏 优惠券'],
    ['游\u200b\u2060\ufeff戏', '游戏'],
    ['⼾', '户'],
    ['½', '1/2'],
    ['㍿', '株式会社'],
    ['\ufdfa', 'صلى '],
  ])('%s is %s', (text, expected) => {
    expect(folded(text)).toBe(expected)
  })

  test.each([
    ['游 - 戏', '游戏'],
    ['氵斿又戈', '游戏'],
    ['亻 崔 款', '催款'],
    ['返 禾 刂', '返利'],
    ['优😀惠🎉券', '优惠券'],
    ['P.O.S.机', 'pos机'],
  ])('without what stands between, %s is %s', (text, expected) => {
    expect(bare(text)).toBe(expected)
  })

  test('each place leads back to where it came from', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
        for (const { chars, from, to } of [fold(text), skeleton(fold(text))]) {
          expect([from.length, to.length]).toEqual([chars.length, chars.length])
          for (let at = 0; at < chars.length; at++) {
            expect(from[at]).toBeLessThan(to[at]!)
            expect(to[at]).toBeLessThanOrEqual(text.length)
            if (at > 0) expect(from[at]).toBeGreaterThanOrEqual(from[at - 1]!)
          }
        }
      }),
    )
  })

  test('folding twice changes nothing more', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        expect(folded(folded(text))).toBe(folded(text))
      }),
    )
  })
})
