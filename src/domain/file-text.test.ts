import { expect, it } from 'vitest'
import { fileText, NotUtf8 } from './file-text.ts'

const read = (bytes: Uint8Array) => {
  try {
    return fileText('words.yaml', bytes)
  } catch (error) {
    return error instanceof NotUtf8 ? error.encoding : error
  }
}
const swapped = (text: string) => Buffer.from(text, 'utf16le').swap16()
const CHINESE = 'text: 退款成功，一切顺利\n'
/** 退款 in GBK. */
const GBK = Buffer.from([0xcd, 0xcb, 0xbf, 0xee])

it('reads UTF-8, with or without the mark in front', () => {
  expect(read(Buffer.from(CHINESE))).toBe(CHINESE)
  expect(read(Buffer.from(`\uFEFF${CHINESE}`))).toBe(CHINESE)
  expect(read(Buffer.from(''))).toBe('')
})

it('refuses what is no UTF-8, and says what it probably is', () => {
  expect(read(Buffer.concat([Buffer.from('text: '), GBK]))).toBe('GB18030')
  for (const text of [CHINESE, 'text: refunded\n'])
    for (const [bytes, bare] of [
      [Buffer.from(text, 'utf16le'), 'UTF-16LE'],
      [swapped(text), 'UTF-16BE'],
    ] as const) {
      const mark = bare === 'UTF-16LE' ? [0xff, 0xfe] : [0xfe, 0xff]
      expect(read(Buffer.concat([Buffer.from(mark), bytes]))).toBe('UTF-16')
      expect(read(bytes)).toBe(bare)
    }
})

it('refuses bytes of which nobody can tell what they are', () => {
  expect(read(Buffer.from('text: Rembours\xe9 !', 'latin1'))).toBe(null)
  expect(read(Buffer.from([0x89, 0x50, 0x00, 0x00, 0x47]))).toBe(null)
})
