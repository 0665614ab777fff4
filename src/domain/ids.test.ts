import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatId, type Id, newId, parseId, uuidText } from './ids.ts'

const uuids = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => uuidText(bytes) as Id<'msg'>)
const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz'

describe('ids as people see them', () => {
  test('spell the 128 bits in base 32, most significant first, whatever the bits are', () => {
    fc.assert(
      fc.property(uuids, (id) => {
        let value = BigInt(`0x${id.replaceAll('-', '')}`)
        let expected = ''
        for (let at = 0; at < 26; at++) {
          expected = CROCKFORD[Number(value & 31n)] + expected
          value >>= 5n
        }
        expect(formatId('msg', id)).toBe(`msg_${expected}`)
      }),
      { numRuns: 2_000 },
    )
  })

  test('lead back to the id they were made of', () => {
    fc.assert(
      fc.property(uuids, (id) => {
        expect(parseId('msg', formatId('msg', id))).toBe(id)
      }),
    )
  })

  test('match the example of the TypeID specification', () => {
    // https://github.com/jetify-com/typeid/tree/main/spec
    const id = '0188bac7-4afa-78aa-bc3b-bd1eef28d881' as Id<'msg'>
    expect(formatId('msg', id)).toBe('msg_01h2xcejqtf2nbrexx3vqjhp41')
  })

  test('sort by the moment they were made', () => {
    const at = (now: number) =>
      formatId(
        'msg',
        newId('msg', now, () => new Uint8Array(10)),
      )
    expect(at(1_795_000_000_000) < at(1_795_000_000_001)).toBe(true)
  })
})
