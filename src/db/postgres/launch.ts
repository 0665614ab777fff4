import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { open, rename, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import type { Clock, Millis } from '../../domain/time.ts'
import { cleanEnv, type DataDir } from './data-dir.ts'
import { pgFault } from './errors.ts'
import type { RunAs } from './os-user.ts'
import { type Postmaster, pause, postmasterPid, readPostmaster, servesCluster } from './postmaster.ts'
import { type Listening, type Settings, serverArguments } from './settings.ts'

export interface LaunchPlan {
  readonly data: DataDir
  readonly postgres: string
  readonly runAs: RunAs
  readonly settings: Settings
  readonly mark: string
  readonly socketDir: string | null
  readonly clock: Clock
  readonly readyWithin: Millis
}

/** Keep one old log; nothing else ever cuts it. */
const LOG_LIMIT = 5 * 1024 * 1024

/**
 * Starts a server and waits until it is ready. `raced`: another process has just started one on the same data.
 * A busy port is answered with another one, or, where the address must stay (`keepPort`), with the socket alone.
 */
export async function launch(
  plan: LaunchPlan,
  port: number | null,
  keepPort: boolean,
): Promise<Postmaster | 'raced'> {
  let listening: Listening = { port: port ?? (await freePort()), socketDir: plan.socketDir, tcp: true }
  let problem = ''
  for (let attempt = 0; attempt < 10; attempt++) {
    const outcome = await launchOnce(plan, listening)
    if (outcome === 'raced' || typeof outcome !== 'string') return outcome
    problem = outcome
    if (/could not bind|Address already in use|could not create any TCP/.test(outcome)) {
      if (keepPort && plan.socketDir !== null) listening = { ...listening, tcp: false }
      else if (!keepPort) listening = { ...listening, port: await freePort() }
      else await pause(plan.clock, 500)
    } else if (/\.s\.PGSQL\.\d+\.lock/.test(outcome) && plan.socketDir !== null) {
      // Left by a crash, and its process id belongs to something else now. The folder is ours alone.
      await rm(path.join(plan.socketDir, `.s.PGSQL.${listening.port}.lock`), { force: true })
    } else if (/pre-existing shared memory block/.test(outcome)) {
      // The last processes of a killed server are still ending; they notice within a moment.
      await pause(plan.clock, 500)
    } else break
  }
  throw startFault(plan, problem)
}

function startFault(plan: LaunchPlan, detail: string): Error {
  const { dir, log } = plan.data
  if (/No space left|quota exceeded/i.test(detail)) return pgFault('DISK_FULL', { dir, detail })
  if (/Permission denied|Read-only file system/i.test(detail))
    return pgFault('DATA_DIR_UNWRITABLE', { dir, detail })
  return pgFault('START_FAILED', { dir, detail: detail || 'it said nothing', log })
}

/** One try. A string is what the server said before it ended. */
async function launchOnce(plan: LaunchPlan, listening: Listening): Promise<Postmaster | 'raced' | string> {
  const { data } = plan
  const old = await stat(data.log).catch(() => null)
  if (old && old.size > LOG_LIMIT) await rename(data.log, `${data.log}.1`)
  const log = await open(data.log, 'a+', 0o600)
  const from = (await log.stat()).size
  try {
    // A process group of its own: Ctrl-C in the terminal must reach us alone, who then close in the right order.
    // Its words go to a file, not to a pipe of ours, so that it can outlive us and be taken over.
    const child = spawn(plan.postgres, serverArguments(data.cluster, plan.settings, plan.mark, listening), {
      ...plan.runAs,
      cwd: data.dir,
      env: cleanEnv(),
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    })
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message))
      child.once('exit', (code, signal) => resolve(`it ended with ${signal ?? `code ${code}`}`))
    })
    child.unref()
    const outcome = await untilReady(plan, child.pid ?? -1, ended)
    if (typeof outcome !== 'string') return outcome
    const said = await readFrom(log, from)
    return /lock file "postmaster\.pid" already exists|lock file .* is empty/.test(said)
      ? 'raced'
      : said || outcome
  } finally {
    await log.close()
  }
}

async function untilReady(
  plan: LaunchPlan,
  pid: number,
  ended: Promise<string>,
): Promise<Postmaster | string> {
  let end: string | null = null
  void ended.then((how) => {
    end = how
  })
  const step = 20
  for (let waited = 0; waited < plan.readyWithin; waited += step) {
    if (end !== null) return end
    const seen = await readPostmaster(plan.data.cluster)
    if (seen?.pid === pid && seen.status === 'ready') return seen
    await pause(plan.clock, step)
  }
  throw tooSlow(plan, 'starting')
}

function tooSlow(plan: LaunchPlan, status: string): Error {
  const { dir, log } = plan.data
  return pgFault('START_TOO_SLOW', { dir, log, seconds: plan.readyWithin / 1000, detail: status })
}

async function readFrom(
  log: { read: (o: object) => Promise<{ bytesRead: number; buffer: Uint8Array }> },
  from: number,
) {
  const { bytesRead, buffer } = await log.read({ buffer: Buffer.alloc(8192), position: from })
  return Buffer.from(buffer.subarray(0, bytesRead)).toString('utf8').trim()
}

/**
 * The server now running on the data, once it is ready; `null` when there is none. A `postmaster.pid` left by a
 * crash whose process id belongs to something else now is removed, because PostgreSQL would refuse to start.
 */
export async function findRunning(
  plan: Pick<LaunchPlan, 'data' | 'clock' | 'readyWithin'>,
): Promise<Postmaster | null> {
  const { cluster } = plan.data
  const step = 50
  for (let waited = 0; waited < plan.readyWithin; waited += step) {
    const pid = await postmasterPid(cluster)
    if (pid === null) return null
    if (!(await servesCluster(pid, cluster))) {
      removePidFile(cluster, pid)
      return null
    }
    const seen = await readPostmaster(cluster)
    if (seen?.pid === pid && (seen.status === 'ready' || seen.status === 'standby')) return seen
    await pause(plan.clock, step)
  }
  const { dir, log } = plan.data
  throw pgFault('START_TOO_SLOW', {
    dir,
    log,
    seconds: plan.readyWithin / 1000,
    detail: 'starting or stopping',
  })
}

/** In one go, so that a server which another process starts at this moment keeps the file it has just written. */
function removePidFile(cluster: string, pid: number): void {
  const file = path.join(cluster, 'postmaster.pid')
  try {
    if (Number.parseInt(readFileSync(file, 'utf8'), 10) === pid) rmSync(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

/** A port nobody listens on now. Somebody may take it before we do; `launch` then takes another. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
