import path from 'node:path'
import { readPassphrase } from '../../app/passphrase.ts'
import { PgFault } from '../../db/postgres/errors.ts'
import { type Command, type Context, EXIT } from '../command.ts'
import { unreadable } from '../file-trouble.ts'
import { withDatabase } from '../session.ts'
import { BACKUP, OPTIONS } from '../texts/commands.ts'
import { say } from '../texts/text.ts'

/** Works on the database itself, running or not. */
export const backupCommand: Command = {
  name: 'backup',
  summary: BACKUP.backup,
  args: [{ name: '<file>', text: BACKUP.file }],
  options: [{ flags: '--passphrase-file <file>', text: OPTIONS.passphraseFile }],
  examples: [
    'dingdong backup /mnt/backup/today.backup',
    'dingdong backup out.backup --passphrase-file /etc/dingdong/backup.passphrase',
  ],
  async run(context, [file = ''], options) {
    return withDatabase(context, async ({ databaseUrl, config }) => {
      const { screen, language, clock } = context
      const passphrase = await passphraseOf(context, options.passphraseFile ?? config.backup.passphraseFile)
      const { backup } = await import('../../db/backup.ts')
      const target = path.resolve(file)
      const done = await backup({
        url: databaseUrl,
        file: target,
        now: clock.now(),
        random: context.random,
        ...(passphrase === null ? {} : { passphrase }),
      })
      const size =
        done.bytes < 1e6 ? `${Math.ceil(done.bytes / 1e3)} kB` : `${(done.bytes / 1e6).toFixed(1)} MB`
      const encrypted = passphrase !== null
      screen.line(say(BACKUP.written, language, { file: target, tables: done.tables, rows: done.rows, size }))
      screen.line(say(encrypted ? BACKUP.encrypted : BACKUP.plain, language))
      screen.result({ file: target, encrypted, ...done })
      return EXIT.ok
    })
  },
}

/** What the file of `--passphrase-file`, or of the settings, holds; `null` without one. */
export async function passphraseOf(
  { language }: Context,
  file: string | boolean | undefined,
): Promise<string | null> {
  if (typeof file !== 'string') return null
  try {
    return await readPassphrase(file)
  } catch (error) {
    if (error instanceof PgFault) throw error
    throw unreadable(error, file, language)
  }
}
