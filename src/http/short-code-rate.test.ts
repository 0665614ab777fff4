import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { openWorld, type World } from '../../test/kit/world.ts'
import type { ShopId } from '../domain/ids.ts'
import { DAY, HOUR, MINUTE } from '../domain/time.ts'
import type { ShopVault } from '../pipeline/keyring.ts'
import { takeTry, tryWasRight } from './short-code-rate.ts'

let world: World
let shop: ShopId
let vault: ShopVault
let now: number

beforeAll(async () => {
  world = await openWorld()
  shop = (await world.openShop('codes')).id
  vault = await world.engine.keyring.open(shop)
  now = world.clock.now()
})
afterAll(() => world?.close())
beforeEach(() => {
  now += 2 * DAY
})

const wrong = (address: string) => takeTry(world, shop, vault, address, now)
async function right(address: string): Promise<'go' | 'too_many'> {
  const answer = await takeTry(world, shop, vault, address, now)
  if (answer === 'go') await tryWasRight(world, shop, vault, address)
  return answer
}

it('right codes cost nothing, however many buyers share a network', async () => {
  for (let n = 0; n < 60; n++) expect(await right('203.0.113.1')).toBe('go')
})

it('a network has ten wrong codes in ten minutes and fifty a day', async () => {
  const went = []
  for (let round = 0; round < 7; round++) {
    let go = 0
    for (let n = 0; n < 11; n++) if ((await wrong('203.0.113.2')) === 'go') go++
    went.push(go)
    now += 10 * MINUTE
  }
  expect(went).toEqual([10, 10, 10, 10, 10, 0, 0])
})

it('while many guess at once, a network that guessed nothing is answered, and guesses once', async () => {
  for (let network = 0; network < 30; network++)
    for (let n = 0; n < 10; n++) expect(await wrong(`198.51.100.${network}`)).toBe('go')
  now += 11 * MINUTE
  expect(await right('198.51.100.1')).toBe('too_many')
  for (let n = 0; n < 4; n++) expect(await right('192.0.2.1')).toBe('go')
  expect(await wrong('192.0.2.2')).toBe('go')
  expect(await right('192.0.2.2')).toBe('too_many')
  now += HOUR
  expect(await right('192.0.2.2')).toBe('go')
})

it('an IPv6 subscriber’s addresses are one network', async () => {
  for (let n = 0; n < 10; n++) expect(await wrong(`2001:db8:1:2::${n}`)).toBe('go')
  expect(await wrong('2001:db8:1:2:ffff::1')).toBe('too_many')
  expect(await wrong('2001:db8:1:3::1')).toBe('go')
})
