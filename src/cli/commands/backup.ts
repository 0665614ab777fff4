import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { type Command, CommandError, type Context, EXIT } from '../command.ts'
import { withDatabase } from '../session.ts'
import { BACKUP, OPTIONS } from '../texts/commands.ts'
import { ERRORS } from '../texts/errors.ts'
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
      const passphrase = await readPassphrase(context, options.passphraseFile ?? config.backup.passphraseFile)
      const { backup } = await import('../../db/backup.ts')
      const target = path.resolve(file)
      const done = await backup({
        url: databaseUrl,
        file: target,
        now: clock.now(),
        ...(passphrase ? { passphrase } : {}),
      })
      const size =
        done.bytes < 1e6 ? `${Math.ceil(done.bytes / 1e3)} kB` : `${(done.bytes / 1e6).toFixed(1)} MB`
      screen.line(say(BACKUP.written, language, { file: target, tables: done.tables, rows: done.rows, size }))
      screen.result({ file: target, ...done })
      return EXIT.ok
    })
  },
}

/** The first line of the file; `null` without one. */
export async function readPassphrase(
  { language }: Context,
  file: string | boolean | undefined,
): Promise<string | null> {
  if (typeof file !== 'string') return null
  try {
    return (await readFile(file, 'utf8')).split('\n')[0]!.trim()
  } catch (error) {
    throw new CommandError(
      EXIT.usage,
      say(ERRORS.fileUnreadable, language, { file, detail: (error as Error).message }),
    )
  }
}
