import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { BlockedAddress, judge, lookupWith } from './guarded-connector.ts'
import { isPublicAddress } from './public-address.ts'

const MIXED = [
  { address: '127.0.0.1', family: 4 },
  { address: '8.8.8.8', family: 4 },
  { address: '::1', family: 6 },
  { address: '2606:4700::1111', family: 6 },
]

/** What the socket would be given. */
const look = (found: typeof MIXED, all: boolean) => {
  const lookup = lookupWith(async () => found, isPublicAddress)
  return promisify((done: (error: Error | null, address?: unknown) => void) =>
    lookup('shop.example', { all }, done),
  )()
}

describe('the look-up of a guarded connection', () => {
  test('gives the socket the public addresses of a name and no others', async () => {
    expect(await look(MIXED, true)).toEqual([MIXED[1], MIXED[3]])
    expect(await look(MIXED, false)).toBe('8.8.8.8')
  })

  test('fails when none is public, or there is none', async () => {
    await expect(look([MIXED[0]!], true)).rejects.toMatchObject({ code: 'BLOCKED_ADDRESS' })
    await expect(look([], true)).rejects.toMatchObject({ code: 'ENOTFOUND' })
  })

  test('asks for a name once, so that a second answer can never replace the judged one', async () => {
    let asked = 0
    const lookup = lookupWith(async () => {
      asked++
      return MIXED
    }, isPublicAddress)
    await promisify((done: (error: Error | null) => void) => lookup('shop.example', { all: true }, done))()
    expect(asked).toBe(1)
  })
})

test('where a socket ended is judged once more, and an unknown place is not trusted', () => {
  expect(judge('shop.example', '8.8.8.8')).toBeNull()
  expect(judge('shop.example', '::ffff:8.8.8.8')).toBeNull()
  for (const address of ['127.0.0.1', '::ffff:10.0.0.1', undefined]) {
    expect(judge('shop.example', address)).toBeInstanceOf(BlockedAddress)
  }
})
