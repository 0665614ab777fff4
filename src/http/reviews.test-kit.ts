import { testRandom } from '../../test/kit/engine.ts'
import type { Site, TestShop } from '../../test/kit/site.ts'
import { addMember, addMemberContact } from '../db/accounts.ts'
import { bumpConfig } from '../db/shops.ts'
import { type Id, newId } from '../domain/ids.ts'
import { emailAddress } from '../domain/order/contact.ts'

export interface Hired {
  readonly name: string
  readonly roles: readonly string[]
  readonly mail: string
  readonly locale?: string
}

/** Somebody who works for the shop and can be mailed. */
export async function hireMember(site: Site, shop: TestShop, who: Hired): Promise<Id<'mem'>> {
  const { db } = site.engine.database
  const now = site.clock.now()
  const member = newId('mem', now, testRandom)
  const { name, roles, locale = 'en' } = who
  await addMember(db, shop.id, { id: member, name, roles, locale }, now)
  const vault = await site.engine.keyring.open(shop.id)
  const id = newId('con', now, testRandom)
  const address = emailAddress(who.mail)
  if (!address.ok) throw new Error(who.mail)
  const place = { shop: shop.id, column: 'contact.address', row: id }
  const index = vault.index('contact.email', address.identity)
  const sealed = vault.sealer.seal(address.address, place)
  await addMemberContact(db, shop.id, member, { id, channel: 'email', index, address: sealed }, now)
  await bumpConfig(db as never, shop.id)
  return member
}
