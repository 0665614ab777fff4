import { transaction } from '../../db/connect.ts'
import { setContactState } from '../../db/contacts.ts'
import { formatId } from '../../domain/ids.ts'
import { type Command, CommandError, EXIT } from '../command.ts'
import { findAddress } from '../found-address.ts'
import { record } from '../record.ts'
import { chooseShop, withKeys } from '../session.ts'
import { OPTIONS } from '../texts/commands.ts'
import { CUSTOMERS } from '../texts/customers.ts'
import { say } from '../texts/text.ts'

/** Lifts what a provider's answer has set. What a person has said stays: only that person takes it back. */
export const customerUnblock: Command = {
  name: 'customer unblock',
  summary: CUSTOMERS.unblock,
  args: [{ name: '<address>', text: CUSTOMERS.address }],
  options: [{ flags: '--shop <slug>', text: OPTIONS.shop }],
  examples: [
    'dingdong customer unblock lin@example.org',
    'dingdong customer unblock 13800138000 --shop my-shop',
  ],
  run: (context, [text = ''], options) =>
    withKeys(context, async (session) => {
      const { screen, language, clock } = context
      const { db } = session.pools
      const shop = await chooseShop(context, session, options.shop)
      const { id, channel, state } = await findAddress(context, session, shop, text)
      if (state === 'unsubscribed')
        throw new CommandError(EXIT.failed, say(CUSTOMERS.theirWish, language, { channel }))
      const changed =
        state !== 'ok' &&
        (await transaction(db, async (tx) => {
          if (!(await setContactState(tx, shop.id, id, 'ok', 'unblocked', clock.now()))) return false
          await record(context, tx, shop.id, 'contact.unblock', formatId('con', id))
          return true
        }))
      screen.line(say(changed ? CUSTOMERS.unblocked : CUSTOMERS.notBlocked, language, { channel }))
      screen.result({ contact: formatId('con', id), channel, changed })
      return EXIT.ok
    }),
}
