import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { waitingForLocks } from '../../test/kit/locks.ts'
import { openWorld, type World } from '../../test/kit/world.ts'
import { listAudit } from '../db/audit.ts'
import { transaction } from '../db/connect.ts'
import { lockShopSettings, readShop } from '../db/shops.ts'
import { changeShopSettings } from './shop-settings.ts'

let world: World
const deps = () => ({ db: world.db, clock: world.clock, random: (bytes: number) => randomBytes(bytes) })
beforeAll(async () => {
  world = await openWorld()
})
afterAll(async () => {
  await world?.close()
})

it('two changes at once both survive, and each is noted', async () => {
  const shop = await world.openShop('one')
  const before = (await readShop(world.db, shop.id))!
  const change = (given: Readonly<Record<string, unknown>>) =>
    changeShopSettings(deps(), shop.id, { given, actor: 'test', check: () => {} })
  let both: Promise<unknown> = Promise.resolve()
  await transaction(world.db, async (tx) => {
    await lockShopSettings(tx, shop.id)
    both = Promise.all([change({ capPerDay: 7 }), change({ helpUrl: 'https://shop.example/help' })])
    await waitingForLocks(world.db, 2)
  })
  await both
  const after = (await readShop(world.db, shop.id))!
  expect(after.settings).toEqual({
    ...(before.settings as object),
    capPerDay: 7,
    helpUrl: 'https://shop.example/help',
  })
  expect(after.config_version).toBe(before.config_version + 2)
  const noted = (await listAudit(world.db, shop.id, null, 10)).filter(({ action }) => action === 'shop.set')
  expect(noted.map(({ detail }) => detail)).toEqual(
    expect.arrayContaining([{ settings: ['capPerDay'] }, { settings: ['helpUrl'] }]),
  )
})

it('a change that its check refuses leaves everything as it was', async () => {
  const shop = await world.openShop('two')
  const refuse = () => {
    throw new RangeError('no')
  }
  await expect(
    changeShopSettings(deps(), shop.id, { given: { capPerDay: 7 }, actor: 'test', check: refuse }),
  ).rejects.toThrow('no')
  await expect(
    changeShopSettings(deps(), shop.id, { given: { capPerDay: -1 }, actor: 'test', check: () => {} }),
  ).rejects.toThrow()
  expect((await readShop(world.db, shop.id))!.settings).not.toHaveProperty('capPerDay', 7)
})
