import { existsSync } from 'node:fs'
import path from 'node:path'
import { masterKeyFile } from '../../app/master-key.ts'
import { migrate } from '../../db/migrate.ts'
import { toIso } from '../../domain/time.ts'
import { type Command, EXIT } from '../command.ts'
import { demandFile } from '../file-trouble.ts'
import { withDatabase } from '../session.ts'
import { BACKUP, OPTIONS } from '../texts/commands.ts'
import { say } from '../texts/text.ts'
import { passphraseOf } from './backup.ts'

/** Works on the database itself, which must be empty: a new data directory, or a new database named by DATABASE_URL. */
export const restoreCommand: Command = {
  name: 'restore',
  summary: BACKUP.restore,
  args: [{ name: '<file>', text: BACKUP.file }],
  options: [{ flags: '--passphrase-file <file>', text: OPTIONS.passphraseFile }],
  examples: [
    'dingdong restore today.backup --data-dir ./restored',
    'DATABASE_URL=postgres://…/empty dingdong restore today.backup',
  ],
  async run(context, [file = ''], options) {
    await demandFile(context, path.resolve(file))
    const work = async ({
      databaseUrl,
      config,
      pools,
    }: Parameters<Parameters<typeof withDatabase>[1]>[0]) => {
      const { screen, language, clock } = context
      const passphrase = await passphraseOf(context, options.passphraseFile ?? config.backup.passphraseFile)
      const { restore } = await import('../../db/restore.ts')
      const done = await restore({
        url: databaseUrl,
        file: path.resolve(file),
        now: clock.now(),
        ...(passphrase === null ? {} : { passphrase }),
      })
      await migrate({ db: pools.db, now: clock.now() })
      const place = config.masterKey ? 'DINGDONG_MASTER_KEY' : await masterKeyFile(config)
      const key =
        config.masterKey || existsSync(place) ? place : `${place} ${say(BACKUP.keyMissing, language)}`
      screen.line(say(BACKUP.restored, language, { rows: done.rows, at: toIso(done.backedUpAt), key }))
      screen.result({ ...done, masterKeyFile: place })
      return EXIT.ok
    }
    return withDatabase(context, work, { makes: true })
  },
}
