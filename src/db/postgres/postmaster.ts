import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { platform } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import type { Clock, Millis } from '../../domain/time.ts'

/** What a server writes about itself into `postmaster.pid`, whoever started it. */
export interface Postmaster {
  readonly pid: number
  readonly port: number
  /** `null` where it listens on TCP only. */
  readonly socketDir: string | null
  /** `null` where it listens on its socket only. */
  readonly host: string | null
  readonly status: 'starting' | 'stopping' | 'ready' | 'standby'
}

const file = (cluster: string) => path.join(cluster, 'postmaster.pid')

/** Reads `postmaster.pid` (eight lines, see PostgreSQL's pidfile.h); `null` while there is none or it is half written. */
export async function readPostmaster(cluster: string): Promise<Postmaster | null> {
  const text = await readFile(file(cluster), 'utf8').catch(() => '')
  const [pid, , , port, socketDir, host, , status] = text.split('\n').map((line) => line.trim())
  if (!status || !/^\d+$/.test(pid ?? '')) return null
  return {
    pid: Number(pid),
    port: Number(port),
    socketDir: socketDir || null,
    host: host || null,
    status: status as Postmaster['status'],
  }
}

/** The process id in `postmaster.pid`, even when the rest is not written yet; `null` without the file. */
export async function postmasterPid(cluster: string): Promise<number | null> {
  const text = await readFile(file(cluster), 'utf8').catch(() => '')
  const pid = Number.parseInt(text, 10)
  return Number.isInteger(pid) && pid > 0 ? pid : null
}

/** True while a process of this id runs; a zombie whose parent has not looked yet does not count. */
async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  if (platform() !== 'linux') return true
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return !/^\d+ \(.*\) [ZX]/s.test(stat)
}

/**
 * True when `pid` is a PostgreSQL working on `cluster`. After a crash the same id often belongs to something else
 * (in a container ids start at 1 again), and PostgreSQL would then refuse to start for ever.
 */
export async function servesCluster(pid: number, cluster: string): Promise<boolean> {
  if (!(await isAlive(pid))) return false
  const command = await commandLine(pid)
  // Where the command line cannot be read, believe the file: two servers on one folder would be far worse.
  return command === null || (command.includes('postgres') && command.includes(cluster))
}

async function commandLine(pid: number): Promise<string | null> {
  if (platform() === 'win32') return null
  if (platform() === 'linux') {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => null)
    return line ? line.replaceAll('\0', ' ') : null
  }
  const ps = await promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => null)
  return ps?.stdout.trim() || null
}

export const pause = (clock: Clock, delay: Millis): Promise<void> =>
  new Promise((resolve) => {
    clock.after(delay, resolve)
  })

/** Waits until the process is gone; false when it still runs after `limit` ms. */
async function untilGone(pid: number, clock: Clock, limit: Millis): Promise<boolean> {
  const step = 20
  for (let waited = 0; waited < limit; waited += step) {
    if (!(await isAlive(pid))) return true
    await pause(clock, step)
  }
  return !(await isAlive(pid))
}

/**
 * Ends a server: `fast` first (rolls back, writes everything out), then `immediate` (as in a crash, replayed at the
 * next start), then by force.
 */
export async function endPostmaster(
  pid: number,
  clock: Clock,
  pgCtl: string,
  cluster: string,
): Promise<void> {
  const ways: readonly [NodeJS.Signals, string, Millis][] = [
    ['SIGINT', 'fast', 30_000],
    ['SIGQUIT', 'immediate', 10_000],
    ['SIGKILL', 'immediate', 10_000],
  ]
  for (const [signal, mode, limit] of ways) {
    if (!(await isAlive(pid))) return
    if (platform() === 'win32') {
      // Windows has no signals; pg_ctl speaks to the server's own pipe.
      await promisify(execFile)(pgCtl, ['stop', '-W', '-D', cluster, '-m', mode]).catch(() => {})
    } else {
      send(pid, signal)
    }
    if (await untilGone(pid, clock, limit)) return
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
