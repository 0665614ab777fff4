import { execFile } from 'node:child_process'
import { chmod, chown, mkdir, readdir, readFile, rename, rm, stat, statfs, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import type { Random } from '../../domain/ids.ts'
import { connect } from '../connect.ts'
import type { Binaries } from './binaries.ts'
import { type PgFault, pgFault } from './errors.ts'
import type { RunAs } from './os-user.ts'

/**
 * The data directory, as Dingdong lays it out:
 *   cluster/                   PostgreSQL's own folder
 *   cluster/dingdong.password  the superuser's password, readable by its owner only; travels with the data
 *   socket/                    the Unix socket
 *   postgres.log               what the server says
 */
export interface DataDir {
  readonly dir: string
  readonly cluster: string
  readonly log: string
}

export const SUPERUSER = 'dingdong'

/** Below this much free space nothing more is accepted: PostgreSQL needs room to write out what it already has. */
export const RESERVE_BYTES = 48 * 1024 * 1024

export function dataDirAt(dir: string): DataDir {
  const absolute = path.resolve(dir)
  return { dir: absolute, cluster: path.join(absolute, 'cluster'), log: path.join(absolute, 'postgres.log') }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

export const passwordFile = (data: DataDir): string => path.join(data.cluster, 'dingdong.password')

/** What a first start that was broken off may have left, or the operator kept of earlier data. */
const OURS = /^(socket|backups|postgres\.log|server\.json|(cluster\.new|probe|\.doctor)-.*)$/
/** What a fresh disk, a file manager or git puts into a folder that counts as empty. */
const NOBODYS = new Set(['lost+found', '.DS_Store', '.gitkeep', '.gitignore'])

/** The entries that make a folder somebody else's; none where data of ours stands. */
export function foreignEntries(entries: readonly string[]): readonly string[] {
  if (entries.includes('cluster') || entries.includes('id')) return []
  return entries.filter((name) => !OURS.test(name) && !NOBODYS.has(name))
}

/** Throws `DATA_DIR_FOREIGN` for a folder that holds something else; looks only. One that is not there may be made. */
export async function refuseForeign({ dir }: DataDir): Promise<void> {
  // What keeps it from being read shows when it is prepared.
  const foreign = foreignEntries(await readdir(dir).catch(() => [])).toSorted()
  if (foreign.length === 0) return
  const found = foreign.slice(0, 3).join(', ') + (foreign.length > 3 ? ', …' : '')
  throw pgFault('DATA_DIR_FOREIGN', { dir, found })
}

/** Makes the folder, gives it to the server's user, and tries whether it can be written. Throws `PgFault`. */
export async function prepareDataDir(data: DataDir, runAs: RunAs, random: Random): Promise<void> {
  try {
    await makeFolder(data.dir, 0o700)
    await give(data.dir, runAs)
    const socket = path.join(data.dir, 'socket')
    await mkdir(socket, { recursive: true, mode: 0o700 })
    await give(socket, runAs)
    const probe = path.join(data.dir, `probe-${hex(random(4))}`)
    await writeFile(probe, 'x'.repeat(4096))
    await rm(probe)
  } catch (error) {
    const { code, message: detail } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw pgFault('DATA_DIR_UNWRITABLE', { dir: data.dir, detail }, error)
    throw diskFault(error, data) ?? error
  }
}

/**
 * Like `mkdir -p`: Node's own never ends below /proc, where a parent is there and still nothing can be made. The
 * parents stay open, whatever the umask, so that the server's user gets through. Two processes may make one at once.
 */
async function makeFolder(dir: string, mode: number): Promise<void> {
  try {
    await mkdir(dir, { mode })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' && (await stat(dir).catch(() => null))?.isDirectory()) return
    const parent = path.dirname(dir)
    if (code !== 'ENOENT' || (await stat(parent).catch(() => null)) !== null) throw error
    await makeFolder(parent, 0o755)
    await makeFolder(dir, mode)
    return
  }
  // Some network file systems know no modes and refuse; whether the server gets through is asked later.
  await chmod(dir, mode).catch(() => {})
}

async function give(dir: string, runAs: RunAs): Promise<void> {
  if (runAs.uid === undefined || runAs.gid === undefined) return
  const found = await stat(dir)
  if (found.uid !== runAs.uid) await chown(dir, runAs.uid, runAs.gid)
}

/** Tells a full disk from one that may not be written; `null` when it is something else. */
export function diskFault(error: unknown, data: DataDir): PgFault | null {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return pgFault('DISK_FULL', { dir: data.dir, detail: message }, error)
  if (code && ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'EIO'].includes(code)) {
    return pgFault('DATA_DIR_UNWRITABLE', { dir: data.dir, detail: message }, error)
  }
  return null
}

/** Throws `DISK_FULL` when less than the reserve is free. */
export async function checkSpace(data: DataDir): Promise<void> {
  const { bavail, bsize } = await statfs(data.dir)
  const free = bavail * bsize
  if (free < RESERVE_BYTES) {
    throw pgFault('DISK_FULL', {
      dir: data.dir,
      detail: `${Math.floor(free / 1048576)} MB free, 48 MB needed`,
    })
  }
}

/** The major version of the data, `null` when there is none yet. */
export async function dataMajor(data: DataDir): Promise<string | null> {
  const text = await readFile(path.join(data.cluster, 'PG_VERSION'), 'utf8').catch(() => null)
  return text === null ? null : text.trim()
}

/** The port of the last start, as PostgreSQL recorded it: other programs may have it in their settings. */
export async function lastPort(data: DataDir): Promise<number | null> {
  const text = await readFile(path.join(data.cluster, 'postmaster.opts'), 'utf8').catch(() => '')
  const port = /"port=(\d+)"/.exec(text)?.[1]
  return port === undefined ? null : Number(port)
}

/**
 * Makes a new database cluster. It is made beside its place and then moved there in one step, so that one broken
 * off half way (power, full disk) is never taken for data; of two processes doing this at once, one wins.
 */
export async function createCluster(
  data: DataDir,
  binaries: Binaries,
  runAs: RunAs,
  random: Random,
): Promise<void> {
  await checkSpace(data)
  const fresh = path.join(data.dir, `cluster.new-${hex(random(6))}`)
  const secret = `${fresh}.password`
  try {
    await writeFile(secret, Buffer.from(random(24)).toString('base64url'), { mode: 0o600 })
    await give(secret, runAs)
    await promisify(execFile)(binaries.initdb, initdbArguments(fresh, secret), {
      ...runAs,
      cwd: data.dir,
      env: cleanEnv(),
    })
    await rename(secret, path.join(fresh, 'dingdong.password'))
    await rename(fresh, data.cluster)
  } catch (error) {
    await sweep(fresh)
    await sweep(secret)
    // Another process was faster: its cluster is in place, and it may even have swept ours away.
    if ((await dataMajor(data)) !== null) return
    throw initdbFault(error, data)
  }
}

function initdbArguments(target: string, secret: string): string[] {
  const auth = ['--auth-local=scram-sha-256', '--auth-host=scram-sha-256', `--pwfile=${secret}`]
  return [
    '-D',
    target,
    `--username=${SUPERUSER}`,
    ...auth,
    '--encoding=UTF8',
    '--locale=C',
    '--no-instructions',
  ]
}

function initdbFault(error: unknown, data: DataDir): PgFault {
  const detail = String((error as { stderr?: string }).stderr || (error as Error).message).trim()
  if (/No space left|quota exceeded/i.test(detail))
    return pgFault('DISK_FULL', { dir: data.dir, detail }, error)
  if (/Permission denied|Read-only file system/i.test(detail)) {
    return pgFault('DATA_DIR_UNWRITABLE', { dir: data.dir, detail }, error)
  }
  return diskFault(error, data) ?? pgFault('START_FAILED', { dir: data.dir, detail, log: data.log }, error)
}

/** Removes what a broken-off `createCluster` left. Only for the process that owns the running server. */
export async function removeLeftovers(data: DataDir): Promise<void> {
  for (const entry of await readdir(data.dir)) {
    if (entry.startsWith('cluster.new-')) await sweep(path.join(data.dir, entry))
  }
}

/** Another process may still write there, or sweep as well: what cannot be removed now goes at the next start. */
async function sweep(target: string): Promise<void> {
  await rm(target, { recursive: true, force: true, maxRetries: 3 }).catch(() => {})
}

/** No PG* variable of the caller may redirect the server or `initdb`. */
export function cleanEnv(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(PG|LC_|LANG|NODE_|npm_)/.test(name))
  return { ...Object.fromEntries(kept), LC_ALL: 'C', TZ: 'UTC' }
}

/** Makes the database the product uses, once. */
export async function createDatabase(adminUrl: string, name: string): Promise<void> {
  const admin = connect({ url: adminUrl, max: 1 })
  try {
    const { rows } = await admin.query('select from pg_database where datname = $1', [name])
    if (rows.length === 0)
      await admin.query(`create database "${name.replaceAll('"', '""')}" template template0`)
  } finally {
    await admin.close()
  }
}
