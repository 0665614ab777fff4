import { type ContactRow, findContact } from '../db/contacts.ts'
import type { ShopRow } from '../db/shops.ts'
import { type ContactChannel, emailAddress, phoneAddress } from '../domain/order/contact.ts'
import { CommandError, type Context, EXIT } from './command.ts'
import type { Opened } from './session.ts'
import { CUSTOMERS } from './texts/customers.ts'
import { say } from './texts/text.ts'

/** The contact that has this address, in whichever way it can be read; throws what was looked for where there is none. */
export async function findAddress(
  { language }: Context,
  { pools: { db }, keyring }: Opened,
  shop: ShopRow,
  text: string,
): Promise<ContactRow> {
  const vault = await keyring.open(shop.id)
  const readings = readingsOf(text, shop.country)
  for (const { channel, identity } of readings) {
    const found = await findContact(db, shop.id, channel, vault.index(`contact.${channel}`, identity))
    if (found) return found
  }
  const tried = readings.map(({ channel }) => channel).join(', ')
  const params = { shop: shop.slug, tried, country: shop.country }
  throw new CommandError(EXIT.notFound, say(CUSTOMERS.unknown, language, params))
}

/** As intake reads addresses; whatever it looks like, it may also be the shop's own id of the buyer. */
function readingsOf(
  text: string,
  country: string,
): readonly { readonly channel: ContactChannel; readonly identity: string }[] {
  const email = emailAddress(text)
  const phone = phoneAddress(text, country)
  return [
    ...(email.ok ? [{ channel: 'email', identity: email.identity } as const] : []),
    ...(phone.ok ? [{ channel: 'sms', identity: phone.identity } as const] : []),
    { channel: 'inbox', identity: text.trim() },
  ]
}
