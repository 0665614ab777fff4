import { tmpdir } from 'node:os'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSite, type Site } from '../../test/kit/site.ts'
import { listApiKeys } from '../db/connections.ts'
import { readShop } from '../db/shops.ts'
import { formatId } from '../domain/ids.ts'
import { actorWords } from './actors.ts'
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
  const keys = await own()
  expect(keys.filter(({ revoked_at }) => revoked_at !== null).map(({ id }) => id)).toEqual([first!.id])
  expect(keys).toHaveLength(2)
})

it('who changed something is told by name, a key with the id that the list of keys has', async () => {
  const { db } = site.deps
  const { slug } = (await readShop(db, site.shop.id))!
  const run = commandRunner(site.engine.database.url, tmpdir())
  const id = formatId('key', site.shop.keyId)
  const { name } = (await listApiKeys(db, site.shop.id)).find((key) => key.id === site.shop.keyId)!
  const path = '/v1/failure-codes/stripe/do_not_honor'
  const body = { class: 'insufficient_funds', advice: 'LATER' }
  expect((await site.call('PUT', path, { key: site.shop.key, json: body })).status).toBe(200)
  const { shown, result } = await run('code list', [], { shop: slug })
  expect(shown).toMatch(new RegExp(`^stripe/do_not_honor .* ${name} \\(${id}\\)$`, 'm'))
  expect(result).toMatchObject({ decided: [{ setBy: `key:${id}` }] })
  const words = await actorWords(db, site.shop.id, 'zh')
  expect([words('command line'), words('preset'), words('key:key_gone')]).toEqual([
    '命令行',
    '预设',
    'key:key_gone',
  ])
})
