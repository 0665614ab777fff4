import { addAudit } from '../../db/audit.ts'
import { transaction } from '../../db/connect.ts'
import { listApiKeys, revokeApiKey } from '../../db/connections.ts'
import { newId, parseId } from '../../domain/ids.ts'
import { toIso } from '../../domain/time.ts'
import { type Command, CommandError, EXIT } from '../command.ts'
import { chooseShop, withDatabase } from '../session.ts'
import { KEYS, OPTIONS } from '../texts/commands.ts'
import { ERRORS } from '../texts/errors.ts'
import { say } from '../texts/text.ts'

/** Works on the database itself: a leaked key must be stoppable with no key at hand. */
export const keyRevoke: Command = {
  name: 'key revoke',
  summary: KEYS.revoke,
  args: [{ name: '<key>', text: KEYS.id }],
  options: [{ flags: '--shop <slug>', text: OPTIONS.shop }],
  examples: ['dingdong key revoke key_01k…'],
  async run(context, [text = ''], options) {
    return withDatabase(context, async (session) => {
      const { screen, language, clock, random } = context
      const shop = await chooseShop(context, session, options.shop)
      const id = parseId('key', text)
      const now = clock.now()
      const revoked =
        id !== null &&
        (await transaction(session.pools.db, async (tx) => {
          if (!(await revokeApiKey(tx, shop.id, id, now))) return false
          await addAudit(tx, shop.id, {
            id: newId('adt', now, random),
            at: now,
            actor: 'command line',
            action: 'key.revoke',
            target: text,
            detail: {},
          })
          return true
        }))
      const known = revoked
        ? null
        : (await listApiKeys(session.pools.db, shop.id)).find((key) => key.id === id)
      if (known && known.revoked_at !== null) {
        screen.line(say(KEYS.already, language, { id: text, at: toIso(known.revoked_at) }))
        screen.result({ key: text, revokedAt: known.revoked_at })
        return EXIT.ok
      }
      if (!revoked) throw new CommandError(EXIT.notFound, say(ERRORS.keyUnknown, language, { id: text }))
      screen.line(say(KEYS.revoked, language, { id: text }))
      screen.result({ key: text, revokedAt: now })
      return EXIT.ok
    })
  },
}
