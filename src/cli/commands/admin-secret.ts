import { newAdminSecret } from '../../app/admin-secret.ts'
import { transaction } from '../../db/connect.ts'
import { ensureInstallation, listShops, saveAdminSecretHash } from '../../db/shops.ts'
import { type Command, EXIT } from '../command.ts'
import { record } from '../record.ts'
import { withDatabase } from '../session.ts'
import { ADMIN } from '../texts/commands.ts'
import { say } from '../texts/text.ts'

/** Works on the database itself: it is for those who have lost the secret. */
export const adminSecret: Command = {
  name: 'admin secret',
  summary: ADMIN.summary,
  examples: ['dingdong admin secret'],
  async run(context) {
    return withDatabase(context, async ({ pools }) => {
      const { screen, language } = context
      await ensureInstallation(pools.db, context.clock.now())
      const secret = newAdminSecret(context.random)
      // The administrator may see every shop, so each shop's log tells that who may has changed.
      await transaction(pools.db, async (tx) => {
        await saveAdminSecretHash(tx, secret.hash)
        for (const { id } of await listShops(tx)) await record(context, tx, id, 'admin.secret', 'all shops')
      })
      screen.line(say(ADMIN.made, language))
      screen.line(screen.paint(['bold', 'yellow'], secret.text))
      screen.result({ adminSecret: secret.text })
      return EXIT.ok
    })
  },
}
