import { tmpdir } from 'node:os'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSite, type Site } from '../../test/kit/site.ts'
import { listApiKeys } from '../db/connections.ts'
import { readShop } from '../db/shops.ts'
import { formatId } from '../domain/ids.ts'
import { commandRunner } from './command.test-kit.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site?.close())

it('a revoked key of the command line’s own stays revoked, and the next command makes itself another', async () => {
  const { db } = site.deps
  const { slug } = (await readShop(db, site.shop.id))!
  const run = commandRunner(site.engine.database.url, tmpdir())
  const options = { shop: slug, url: site.url }
  const own = async () => (await listApiKeys(db, site.shop.id)).filter(({ name }) => name === 'command line')
  await run('review list', [], options)
  const [first] = await own()
  await run('key revoke', [formatId('key', first!.id)], { shop: slug })
  for (let times = 0; times < 2; times++) await run('review list', [], options)
  expect((await own()).map(({ id, revoked_at }) => [id === first!.id, revoked_at !== null])).toEqual([
    [true, true],
    [false, false],
  ])
})
