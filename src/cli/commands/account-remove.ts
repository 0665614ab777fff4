import { findProvider } from '../../channels/registry.ts'
import { listAccounts, releaseHeldMessages, removeAccount } from '../../db/accounts.ts'
import { transaction } from '../../db/connect.ts'
import { bumpConfig } from '../../db/shops.ts'
import { strandedWithout } from '../../pipeline/stranded.ts'
import { chooseAccount } from '../account.ts'
import { type Command, CommandError, EXIT } from '../command.ts'
import { record } from '../record.ts'
import { chooseShop, shopFlag, withKeys } from '../session.ts'
import { OPTIONS } from '../texts/commands.ts'
import { ACCOUNTS } from '../texts/setup.ts'
import { say } from '../texts/text.ts'

/** What was sent through it stays told; only its settings are gone, so there is no undo but adding it again. */
export const accountRemove: Command = {
  name: 'account remove',
  summary: ACCOUNTS.remove,
  args: [{ name: '<account>', text: ACCOUNTS.id }],
  options: [{ flags: '--shop <slug>', text: OPTIONS.shop }],
  examples: ['dingdong account remove acct_01k…'],
  run: (context, [id = ''], options) =>
    withKeys(context, async (session) => {
      const { screen, language, clock } = context
      const { db } = session.pools
      const shop = await chooseShop(context, session, options.shop)
      const of = await shopFlag(db, shop)
      const { sealer } = await session.keyring.open(shop.id)
      const providers = (provider: string) => findProvider(provider).found ?? undefined
      const now = clock.now()
      const name = await transaction(db, async (tx) => {
        // Locks the shop's row until commit: of two that go at once the second sees that the first is gone.
        await bumpConfig(tx, shop.id)
        const account = await chooseAccount(context, tx, shop.id, id)
        if (shop.demo) throw new CommandError(EXIT.usage, say(ACCOUNTS.demoKeeps, language))
        const { channel, name } = account
        const all = (await listAccounts(tx, shop.id)).filter((each) => each.channel === channel)
        const deps = { db: tx, keyring: session.keyring, providers, clock }
        const count = await strandedWithout(deps, shop.id, account, all)
        const text = all.length > 1 ? ACCOUNTS.stillReached : ACCOUNTS.stillNeeded
        if (count > 0) throw new CommandError(EXIT.usage, say(text, language, { count, channel, id, of }))
        const nothing = sealer.seal('{}', { shop: shop.id, column: 'account.settings', row: account.id })
        await removeAccount(tx, shop.id, account.id, nothing, 'command line', now)
        await releaseHeldMessages(tx, shop.id, account, now)
        await record(context, tx, shop.id, 'account.remove', id, { channel, name })
        return name
      })
      screen.line(say(ACCOUNTS.isRemoved, language, { id, name }))
      screen.result({ account: id, removed: true })
      return EXIT.ok
    }),
}
