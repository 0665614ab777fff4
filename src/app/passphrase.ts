import { readFile } from 'node:fs/promises'
import { pgFault } from '../db/postgres/errors.ts'

/**
 * The passphrase for backups: the file's first line, without spaces around it. Throws `PgFault`
 * `BACKUP_PASSPHRASE_EMPTY` where there is none, as a backup that is thought to be encrypted must not be plain.
 */
export async function readPassphrase(file: string): Promise<string> {
  const passphrase = (await readFile(file, 'utf8')).split('\n')[0]!.trim()
  if (passphrase === '') throw pgFault('BACKUP_PASSPHRASE_EMPTY', { file })
  return passphrase
}
