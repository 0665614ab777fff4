import { afterAll, beforeAll, expect, it } from 'vitest'
import { testRandom } from '../../test/kit/engine.ts'
import { openSite, orderEvent, type Site } from '../../test/kit/site.ts'
import { addMember, addMemberContact } from '../db/accounts.ts'
import { transaction } from '../db/connect.ts'
import { bumpConfig } from '../db/shops.ts'
import { newId } from '../domain/ids.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site?.close())

const notesOf = async (lang: 'zh' | 'en') => {
  const { json } = await site.call('GET', `/v1/orders/N-1/timeline?lang=${lang}`, { key: site.shop.key })
  const told = json.entries.filter(
    (each: { kind: string; message?: { audience: string } }) =>
      each.kind === 'message' && each.message!.audience === 'member',
  )
  return told.map(({ notes }: { notes: string[] }) => notes)
}

it('a message to a role that nobody has says which, and how somebody gets it', async () => {
  await site.keep(site.shop, orderEvent('n1', 'order.created', 'N-1', { order: { no: 'N-1' } }))
  expect(await notesOf('en')).toEqual([
    [expect.stringMatching(/^Nobody is operator .*member add NAME --role operator/)],
  ])
  expect(await notesOf('zh')).toEqual([
    [expect.stringMatching(/^店铺里还没有人担任 operator.*member add 姓名/)],
  ])
  const now = site.clock.now()
  await transaction(site.engine.database.db, async (tx) => {
    const [id, contact] = [newId('mem', now, testRandom), newId('con', now, testRandom)]
    await addMember(tx, site.shop.id, { id, name: 'Olga', roles: ['operator'], locale: 'en' }, now)
    const { sealer, index } = await site.engine.keyring.open(site.shop.id)
    const place = { shop: site.shop.id, column: 'contact.address', row: contact }
    const mail = 'olga@shop.example'
    const address = { index: index('contact.email', mail), address: sealer.seal(mail, place) }
    await addMemberContact(tx, site.shop.id, id, { id: contact, channel: 'email', ...address }, now)
    await bumpConfig(tx, site.shop.id)
  })
  expect(await notesOf('en')).toEqual([[]])
})
