import { afterAll, beforeAll, expect, it } from 'vitest'
import { testRandom } from '../../test/kit/engine.ts'
import { openSite, type Site } from '../../test/kit/site.ts'
import { addConnection } from '../db/connections.ts'
import { listRefusals } from '../db/shown.ts'
import { newId } from '../domain/ids.ts'
import { hashSecret } from '../domain/seal.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site?.close())

/** The address of a new connection. */
async function connect(source: string, settings: object): Promise<string> {
  const { db, keyring, clock } = site.deps
  const [id, token, shop] = [newId('conn', clock.now(), testRandom), source.padEnd(40, 'x'), site.shop.id]
  const { sealer } = await keyring.open(shop)
  const sealed = sealer.seal(JSON.stringify(settings), { shop, column: 'connection.settings', row: id })
  const row = { id, source, name: source, path_hash: hashSecret(token), settings: sealed }
  await addConnection(db, shop, { ...row, created_at: clock.now() })
  return `/in/${shop}/${token}`
}

it('tells whoever calls an address by another method which it takes, and records no refusal', async () => {
  for (const source of ['stripe', 'woocommerce']) {
    const to = await connect(source, { secrets: ['whsec_or_any_secret'] })
    const { status, headers, json } = await site.call('GET', to)
    expect([status, headers.get('allow'), json.error.code]).toEqual([405, 'POST', 'METHOD_NOT_ALLOWED'])
    expect(json.error.message).toBe('This address takes POST, not GET.')
    expect((await site.call('PUT', to, { body: '{}' })).status).toBe(405)
  }
  expect(await listRefusals(site.deps.db, site.shop.id, null, 100)).toEqual([])
  const epay = await connect('epay', { pid: '1001', keys: ['key-of-the-merchant'] })
  expect((await site.call('GET', `${epay}?sign=0`)).status).toBe(401)
  expect(await listRefusals(site.deps.db, site.shop.id, null, 100)).toHaveLength(1)
})
