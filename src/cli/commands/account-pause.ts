import { releaseHeldMessages, setAccountState } from '../../db/accounts.ts'
import { type Db, transaction } from '../../db/connect.ts'
import { bumpConfig, lockShopSettings } from '../../db/shops.ts'
import type { ShopId } from '../../domain/ids.ts'
import { chooseAccount } from '../account.ts'
import { type Command, type Context, EXIT } from '../command.ts'
import { record } from '../record.ts'
import { chooseShop, withDatabase } from '../session.ts'
import { OPTIONS } from '../texts/commands.ts'
import { ACCOUNTS } from '../texts/setup.ts'
import { say } from '../texts/text.ts'

/** Works on the database itself: pausing must work when the server does not answer. */
export const accountPause: Command = stateCommand('account pause', 'paused')
export const accountResume: Command = stateCommand('account resume', 'ok')

function stateCommand(name: string, state: 'ok' | 'paused'): Command {
  return {
    name,
    summary: state === 'ok' ? ACCOUNTS.resume : ACCOUNTS.pause,
    args: [{ name: '<account>', text: ACCOUNTS.id }],
    options: [{ flags: '--shop <slug>', text: OPTIONS.shop }],
    examples: [`dingdong ${name} acct_01k…`],
    run: (context, [id = ''], options) =>
      withDatabase(context, async (session) => {
        const { screen, language } = context
        const { db } = session.pools
        const shop = await chooseShop(context, session, options.shop)
        const released = await change(context, db, shop.id, id, state)
        const done = state === 'ok' ? ACCOUNTS.isResumed : ACCOUNTS.isPaused
        const text = released === null ? ACCOUNTS.already : done
        screen.line(say(text, language, { id, count: released ?? 0 }))
        screen.result({ account: id, state, changed: released !== null, released: released ?? 0 })
        return EXIT.ok
      }),
  }
}

/** How many waiting messages it set going; `null` when the account was so already. All or nothing. */
function change(
  context: Context,
  db: Db,
  shop: ShopId,
  target: string,
  state: 'ok' | 'paused',
): Promise<number | null> {
  const now = context.clock.now()
  return transaction(db, async (tx) => {
    // As who sets or removes one: the shop's row before the account's.
    await lockShopSettings(tx, shop)
    const account = await chooseAccount(context, tx, shop, target)
    const reason = state === 'ok' ? null : 'command line'
    if (!(await setAccountState(tx, shop, account.id, state, reason, now))) return null
    await bumpConfig(tx, shop)
    const released = state === 'ok' ? await releaseHeldMessages(tx, shop, account, now) : 0
    const action = state === 'ok' ? 'account.resume' : 'account.pause'
    await record(context, tx, shop, action, target, state === 'ok' ? { released } : {})
    return released
  })
}
