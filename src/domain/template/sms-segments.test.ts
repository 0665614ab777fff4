import fc from 'fast-check'
import { SegmentedMessage } from 'sms-segments-calculator'
import { describe, expect, it } from 'vitest'
import { smsSegments } from './sms-segments.ts'

describe('SMS segments', () => {
  it.each([
    ['a'.repeat(160), 'gsm7', 1],
    ['a'.repeat(161), 'gsm7', 2],
    ['a'.repeat(306), 'gsm7', 2],
    ['a'.repeat(307), 'gsm7', 3],
    ['€'.repeat(80), 'gsm7', 1],
    ['€'.repeat(81), 'gsm7', 2],
    ['中'.repeat(70), 'ucs2', 1],
    ['中'.repeat(71), 'ucs2', 2],
    ['中'.repeat(134), 'ucs2', 2],
    ['中'.repeat(135), 'ucs2', 3],
    ['😀'.repeat(35), 'ucs2', 1],
    ['', 'gsm7', 1],
  ] as const)('%# counts as carriers do', (text, encoding, segments) => {
    expect(smsSegments(text)).toMatchObject({ encoding, segments })
  })

  it('never lets an escape pair straddle a boundary', () => {
    // 152 + 2 > 153: the pair moves to the next segment, and with it 153 more fill a third one.
    expect(smsSegments(`${'a'.repeat(152)}€${'a'.repeat(151)}`)).toMatchObject({ units: 305, segments: 2 })
    expect(smsSegments(`${'a'.repeat(152)}€${'a'.repeat(152)}`)).toMatchObject({ units: 306, segments: 3 })
  })

  it('never lets a surrogate pair straddle a boundary', () => {
    expect(smsSegments(`${'中'.repeat(66)}😀${'中'.repeat(65)}`)).toMatchObject({ units: 133, segments: 2 })
    expect(smsSegments(`${'中'.repeat(66)}😀${'中'.repeat(66)}`)).toMatchObject({ units: 134, segments: 3 })
  })

  it('names the character that made it dear', () => {
    expect(smsSegments('Hello – there').because).toBe('–')
    expect(smsSegments('Hello - there').because).toBeNull()
  })

  it('counts the signature, once', () => {
    expect(smsSegments('a'.repeat(60), '星河').units).toBe(64)
    expect(smsSegments(`【星河】${'a'.repeat(60)}`, '星河').units).toBe(64)
  })

  it('agrees with Twilio’s calculator', () => {
    const char = fc.constantFrom(...'aZ09 @£€^{}[]~|\\', '中', '【', '😀', '\n', 'é', '–')
    fc.assert(
      fc.property(fc.array(char, { maxLength: 400 }), (chars) => {
        const text = chars.join('')
        const theirs = new SegmentedMessage(text)
        const ours = smsSegments(text)
        expect(ours.segments).toBe(Math.max(1, theirs.segmentsCount))
        expect(ours.encoding).toBe(theirs.encodingName === 'GSM-7' ? 'gsm7' : 'ucs2')
      }),
      { numRuns: 300 },
    )
  })
})
