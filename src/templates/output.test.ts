import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escapeText, oneLine, valueText } from './output.ts'

const reader = { locale: 'en', timeZone: 'UTC' }

describe('values where they land', () => {
  it('cannot leave an attribute or start a tag in HTML', () => {
    fc.assert(fc.property(fc.string(), (text) => !/[<>"']/.test(escapeText(text, 'html'))))
    expect(escapeText(`<a href="x" title='y'>&`, 'html')).toBe(
      '&lt;a href=&#34;x&#34; title=&#39;y&#39;&gt;&amp;',
    )
  })

  it('cannot start another header from a subject', () => {
    expect(escapeText('Hi\r\nBcc: all@example.com', 'line')).toBe('Hi Bcc: all@example.com')
    expect(oneLine('a\u2028b\u0085c\u0000d')).toBe('a b c d')
  })

  it('keep their line breaks in plain text and lose other control characters', () => {
    expect(escapeText('a\nb\tc\u0007\u001b[31m', 'plain')).toBe('a\nb\tc[31m')
  })

  it('never read [object Object]', () => {
    expect(valueText({ a: 1 }, reader)).toBe('')
    expect(valueText([1, null, 'x', { minor: 5, currency: 'USD' }], reader)).toBe('1x$0.05')
  })
})
