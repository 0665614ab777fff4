import { addAudit } from '../../db/audit.ts'
import { transaction } from '../../db/connect.ts'
import { addApiKey, addConnection } from '../../db/connections.ts'
import { formatId, newId } from '../../domain/ids.ts'
import { newApiKey } from '../../domain/secret-text.ts'
import { nearest } from '../../domain/template/nearest.ts'
import { SCOPES } from '../../http/permissions.ts'
import { type Command, CommandError, type Context, EXIT } from '../command.ts'
import { checkLength } from '../number-option.ts'
import { chooseShop, withKeys } from '../session.ts'
import { KEYS, OPTIONS } from '../texts/commands.ts'
import { ERRORS, nearText } from '../texts/errors.ts'
import { say } from '../texts/text.ts'

/** Works on the database itself, so that a first key can be made before anybody holds one. */
export const keyCreate: Command = {
  name: 'key create',
  summary: KEYS.create,
  args: [{ name: '<name>', text: KEYS.name }],
  options: [
    { flags: '--shop <slug>', text: OPTIONS.shop },
    { flags: '--scopes <list>', text: KEYS.scope },
  ],
  examples: [
    'dingdong key create checkout',
    'dingdong key create console --scopes orders:read,messages:read',
  ],
  async run(context, [given = ''], options) {
    const name = given.trim()
    checkLength(context, '<name>', name, 100)
    const scopes = readScopes(context, options.scopes)
    return withKeys(context, async (session) => {
      const shop = await chooseShop(context, session, options.shop)
      const { clock, random, screen, language } = context
      const now = clock.now()
      const key = newApiKey(shop.id, random)
      const id = newId('key', now, random)
      const connection = newId('conn', now, random)
      const { sealer } = await session.keyring.open(shop.id)
      const settings = sealer.seal('{}', { shop: shop.id, column: 'connection.settings', row: connection })
      await transaction(session.pools.db, async (tx) => {
        await addConnection(tx, shop.id, {
          id: connection,
          source: 'api',
          name,
          path_hash: null,
          settings,
          created_at: now,
        })
        await addApiKey(tx, shop.id, {
          id,
          name,
          hash: key.hash,
          scopes,
          connection_id: connection,
          created_at: now,
        })
        const target = formatId('key', id)
        await addAudit(tx, shop.id, {
          id: newId('adt', now, random),
          at: now,
          actor: 'command line',
          action: 'key.create',
          target,
          detail: { scopes },
        })
      })
      screen.line(say(KEYS.made, language))
      screen.line(screen.paint(['bold', 'yellow'], key.text))
      screen.line(screen.paint('dim', `${formatId('key', id)} · ${shop.slug} · ${scopes.join(', ')}`))
      screen.result({ key: formatId('key', id), secret: key.text, shop: shop.slug, scopes })
      return EXIT.ok
    })
  },
}

function readScopes({ language }: Context, given: string | boolean | undefined): readonly string[] {
  const scopes =
    typeof given === 'string'
      ? given
          .split(',')
          .map((each) => each.trim())
          .filter(Boolean)
      : ['events:write']
  for (const scope of scopes) {
    if ((SCOPES as readonly string[]).includes(scope)) continue
    const near = nearText(nearest(scope, SCOPES), language)
    throw new CommandError(
      EXIT.usage,
      say(ERRORS.scopeUnknown, language, { scope, near, known: SCOPES.join(', ') }),
    )
  }
  return scopes
}
