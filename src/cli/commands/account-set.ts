import { readLaw } from '../../app/law.ts'
import { findProvider } from '../../channels/registry.ts'
import { type AccountRow, changeAccount } from '../../db/accounts.ts'
import { transaction } from '../../db/connect.ts'
import { bumpConfig } from '../../db/shops.ts'
import { chooseAccount, readNumbers } from '../account.ts'
import { calledByAccount, refuseUncallable } from '../called-addresses.ts'
import { type Command, CommandError, EXIT } from '../command.ts'
import { tellHeld } from '../held-templates.ts'
import { record } from '../record.ts'
import { chooseShop, shopFlag, withKeys } from '../session.ts'
import { changed, checkAccountSettings, type GivenSettings, readSettings } from '../settings-file.ts'
import { OPTIONS } from '../texts/commands.ts'
import { ACCOUNTS, SETTINGS } from '../texts/setup.ts'
import { say } from '../texts/text.ts'

/** Changes what is given of an account, settings sealed over those it has. It keeps its id and what waits for it. */
export const accountSet: Command = {
  name: 'account set',
  summary: ACCOUNTS.set,
  args: [{ name: '<account>', text: ACCOUNTS.id }],
  options: [
    { flags: '--settings <file>', text: SETTINGS.file },
    { flags: '--rate <number>', text: ACCOUNTS.rateOrNone },
    { flags: '--concurrency <number>', text: ACCOUNTS.concurrency },
    { flags: '--name <name>', text: ACCOUNTS.name },
    { flags: '--position <number>', text: ACCOUNTS.position },
    { flags: '--shop <slug>', text: OPTIONS.shop },
  ],
  examples: [
    'dingdong account set acct_01k… --settings link.yaml',
    'dingdong account set acct_01k… --position 2 --rate none',
  ],
  async run(context, [id = ''], options) {
    const { screen, language } = context
    const book = await readLaw(language)
    const given = (await readSettings(context, options.settings)) as GivenSettings
    const unlimited = options.rate === 'none'
    const { ratePerSecond, ...numbers } = readNumbers(
      context,
      unlimited ? { ...options, rate: undefined } : options,
    )
    const changes = {
      ...numbers,
      ...(unlimited
        ? { rate_per_s: null }
        : ratePerSecond === undefined
          ? {}
          : { rate_per_s: ratePerSecond }),
      ...(typeof options.name === 'string' ? { name: options.name } : {}),
    }
    const named = [...Object.keys(given), ...Object.keys(changes)].map((name) =>
      name === 'rate_per_s' ? 'rate' : name,
    )
    if (named.length === 0) throw new CommandError(EXIT.usage, say(ACCOUNTS.nothingGiven, language))
    return withKeys(context, async (session) => {
      const { db } = session.pools
      const shop = await chooseShop(context, session, options.shop)
      const { sealer } = await session.keyring.open(shop.id)
      const open = ({ id: row, settings }: AccountRow) =>
        JSON.parse(
          sealer.openText(settings, { shop: shop.id, column: 'account.settings', row }),
        ) as GivenSettings
      // Names are looked up before the shop's row is locked.
      const found = await chooseAccount(context, db, shop.id, id)
      const called = calledByAccount(findProvider(found.provider).found!, changed(open(found), given), given)
      await refuseUncallable(context, called, options.settings)
      const { provider, settings, state } = await transaction(db, async (tx) => {
        // Locks the shop's row until commit: what is read here is what this changes.
        await bumpConfig(tx, shop.id)
        const account = await chooseAccount(context, tx, shop.id, id)
        const provider = findProvider(account.provider).found!
        const place = { shop: shop.id, column: 'account.settings', row: account.id }
        const settings = changed(open(account), given)
        checkAccountSettings(context, book, provider, settings, options.settings)
        const sealed = sealer.seal(JSON.stringify(settings), place)
        await changeAccount(tx, shop.id, { ...account, ...changes, settings: sealed })
        await record(context, tx, shop.id, 'account.set', id, { settings: Object.keys(given), ...changes })
        return { provider, settings, state: account.state }
      })
      screen.line(say(ACCOUNTS.changed, language, { id, settings: named.join(', ') }))
      if (state === 'paused') {
        const of = await shopFlag(db, shop)
        screen.line(screen.paint('yellow', say(ACCOUNTS.stillPaused, language, { id, of })))
      }
      await tellHeld(context, session, shop, { id, provider, settings })
      screen.result({ account: id, state, settings: Object.keys(given), ...changes })
      return EXIT.ok
    })
  },
}
