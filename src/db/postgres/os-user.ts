import { execFile } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { pgFault } from './errors.ts'

/** Whom a process is started as. Empty: as ourselves. */
export interface RunAs {
  readonly uid?: number
  readonly gid?: number
}

/** A passwd entry. */
export interface OsUser {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

const OWN_USER = 'dingdong'

/**
 * Whom to run the server as. PostgreSQL refuses root, so root picks, in this order: the owner of an existing data
 * directory; `postgres`; a system user `dingdong`, made when possible; `nobody`, which exists everywhere.
 */
export async function chooseUser(dataDir: string): Promise<RunAs> {
  if (process.getuid?.() !== 0) return {}
  const owner = await stat(dataDir).catch(() => null)
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid }
  const user =
    (await findUser('postgres')) ??
    (await findUser(OWN_USER)) ??
    (await makeUser()) ??
    (await findUser('nobody'))
  if (user === null) throw pgFault('ROOT_WITHOUT_USER', {})
  return { uid: user.uid, gid: user.gid }
}

/** Looks a user up in /etc/passwd: on a machine where we are root, that is where system users are. */
export async function findUser(name: string, passwd = '/etc/passwd'): Promise<OsUser | null> {
  const text = await readFile(passwd, 'utf8').catch(() => '')
  const fields = text
    .split('\n')
    .map((line) => line.split(':'))
    .find((one) => one[0] === name)
  if (fields === undefined) return null
  const [uid, gid] = [Number(fields[2]), Number(fields[3])]
  return Number.isInteger(uid) && Number.isInteger(gid) && uid > 0 ? { name, uid, gid } : null
}

async function makeUser(): Promise<OsUser | null> {
  const args = ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', OWN_USER]
  try {
    await promisify(execFile)('useradd', args)
  } catch {
    // No useradd, or a read-only /etc: the next choice will do.
    return null
  }
  return findUser(OWN_USER)
}

/**
 * Throws `PATH_CLOSED` naming the first directory above `target` that `runAs` may not pass through. Reads the mode
 * bits only; where access lists say otherwise, the later attempt decides.
 */
export async function checkPassage(target: string, runAs: RunAs): Promise<void> {
  if (runAs.uid === undefined) return
  const parents: string[] = []
  for (let dir = path.dirname(path.resolve(target)); ; dir = path.dirname(dir)) {
    parents.unshift(dir)
    if (dir === path.dirname(dir)) break
  }
  for (const dir of parents) {
    const found = await stat(dir).catch(() => null)
    if (found === null) return
    const bit = found.uid === runAs.uid ? 0o100 : found.gid === runAs.gid ? 0o010 : 0o001
    if ((found.mode & bit) === 0) throw pgFault('PATH_CLOSED', { dir, target, uid: runAs.uid })
  }
}
