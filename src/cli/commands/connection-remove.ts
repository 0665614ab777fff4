import { transaction } from '../../db/connect.ts'
import { removeConnection } from '../../db/connections.ts'
import { closeInquiries, openInquiries, passOnInquiries } from '../../db/inquiries.ts'
import { bumpConfig, type ShopRow } from '../../db/shops.ts'
import type { ConnectionId } from '../../domain/ids.ts'
import { askedConnections } from '../../pipeline/asked-connections.ts'
import { type OpenedSettings, openSettings } from '../../sources/connection-settings.ts'
import { SOURCES } from '../../sources/registry.ts'
import { type Command, CommandError, EXIT } from '../command.ts'
import { type Locked, lockConnection } from '../connection.ts'
import { record } from '../record.ts'
import { chooseShop, type Opened, shopFlag, withKeys } from '../session.ts'
import { OPTIONS } from '../texts/commands.ts'
import { CONNECTIONS } from '../texts/setup.ts'
import { say } from '../texts/text.ts'

/** What came by it keeps its name; its secrets are gone, so there is no undo but connecting the system again. */
export const connectionRemove: Command = {
  name: 'connection remove',
  summary: CONNECTIONS.remove,
  args: [{ name: '<connection>', text: CONNECTIONS.id }],
  options: [{ flags: '--shop <slug>', text: OPTIONS.shop }],
  examples: ['dingdong connection remove conn_01k…'],
  run: (context, [id = ''], options) =>
    withKeys(context, async (session) => {
      const { screen, language, clock } = context
      const { db } = session.pools
      const shop = await chooseShop(context, session, options.shop)
      const of = await shopFlag(db, shop)
      const { sealer } = await session.keyring.open(shop.id)
      const refuse = (text: 'demoKeeps' | 'stillRelays' | 'stillAsked' | 'wasAsked', params = {}) =>
        new CommandError(EXIT.usage, say(CONNECTIONS[text], language, { id, of, ...params }))
      const { name, passedOn } = await transaction(db, async (tx) => {
        const locked = await lockConnection(context, tx, shop.id, id)
        const { id: connection, source, name, settings, enabled } = locked.row
        if (shop.demo) throw refuse('demoKeeps')
        const place = { shop: shop.id, column: 'connection.settings', row: connection }
        const opened = settingsOf(source, sealer.openText(settings, place))
        const relayTo = opened?.common.relayTo
        if (relayTo !== undefined) throw refuse('stillRelays', { host: new URL(relayTo).host })
        const heir = await heirOf(session, shop, locked, opened?.settings)
        const count = heir === null ? await openInquiries(tx, shop.id, connection) : 0
        if (count > 0) throw refuse(enabled ? 'stillAsked' : 'wasAsked', { count, source })
        const now = clock.now()
        const passedOn = heir === null ? 0 : await passOnInquiries(tx, shop.id, connection, heir, now)
        await removeConnection(tx, shop.id, connection, sealer.seal('{}', place), now)
        await closeInquiries(tx, shop.id, connection, 'connection_removed', now)
        await bumpConfig(tx, shop.id)
        await record(context, tx, shop.id, 'connection.remove', id, { source, name })
        return { name, passedOn }
      })
      screen.line(say(CONNECTIONS.isRemoved, language, { id, name }))
      if (passedOn > 0) screen.line(say(CONNECTIONS.passedOn, language, { count: passedOn }))
      screen.result({ connection: id, removed: true, passedOn })
      return EXIT.ok
    }),
}

function settingsOf(name: string, settings: string): OpenedSettings | null {
  const source = SOURCES.get(name)
  return source ? openSettings(source, settings) : null
}

/**
 * Another connection to the same account, through which can be asked what is asked through this one. Any other account
 * knows nothing of its payments, and who has paid would be taken for one who has not.
 */
async function heirOf(
  { keyring }: Opened,
  shop: ShopRow,
  { row, others }: Locked,
  settings: unknown,
): Promise<ConnectionId | null> {
  const alike = others.filter(({ source }) => source === row.source)
  const asked = await askedConnections(shop.id, alike, keyring, (name) => SOURCES.get(name))
  return asked.find((each) => accountIn(each.settings) === accountIn(settings))?.id ?? null
}

/** Whose account settings lead to. The secrets of callbacks may differ: each address has its own. */
const accountIn = (settings: unknown): string =>
  JSON.stringify(settings, (name, value: unknown) => (name === 'secrets' ? undefined : value))
