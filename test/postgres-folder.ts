import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, chown, cp, lstat, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { RunAs } from '../src/db/postgres/os-user.ts'
import { endPostmaster, postmasterPid, servesCluster } from '../src/db/postgres/postmaster.ts'
import type { StartOptions } from '../src/db/postgres/supervisor.ts'
import { systemClock } from '../src/domain/time.ts'

/** A temporary folder that other users may pass through, and that ends whatever server still runs in it. */
export async function temporaryFolder(): Promise<{ dir: string; remove(): Promise<void> }> {
  const dir = await mkdtemp(path.join(tmpdir(), 'dd-'))
  await chmod(dir, 0o755)
  return {
    dir,
    async remove() {
      for (const child of children) child.kill('SIGKILL')
      for (const entry of await readdir(dir)) await endServer(path.join(dir, entry))
      await rm(dir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Ends the server on a data directory, if one runs. */
async function endServer(dataDir: string): Promise<void> {
  const cluster = path.join(dataDir, 'cluster')
  const pid = await postmasterPid(cluster)
  if (pid !== null && (await servesCluster(pid, cluster)))
    await endPostmaster(pid, systemClock(), '', cluster)
}

/** Copies a stopped data directory: much cheaper than making a new one. */
export async function copyDataDir(from: string, to: string, owner?: RunAs): Promise<void> {
  await cp(from, to, { recursive: true, filter: (one) => !one.includes('.s.PGSQL') })
  await sameOwner(from, to, owner)
}

async function sameOwner(from: string, to: string, owner?: RunAs): Promise<void> {
  const found = await lstat(from)
  await chown(to, owner?.uid ?? found.uid, owner?.gid ?? found.gid)
  await chmod(to, found.mode & 0o777)
  if (!found.isDirectory()) return
  for (const entry of await readdir(to)) await sameOwner(path.join(from, entry), path.join(to, entry), owner)
}

export interface Said {
  readonly ready?: { url: string; tcpUrl: string | null; adopted: boolean; pid: number; ms: number }
  readonly fault?: string
  readonly message?: string
  readonly stopped?: boolean
}

export interface SupervisorProcess {
  readonly child: ChildProcess
  /** What it says next. */
  next(): Promise<Said>
  readonly exited: Promise<void>
}

/** Those still running; a failed test must not leave any behind. */
const children = new Set<ChildProcess>()

/** Starts `postgres-process.ts`, in a process group of its own, as `runAs`. */
export function superviseInProcess(
  options: Pick<StartOptions, 'dataDir' | 'settings' | 'port'>,
  runAs: RunAs = {},
): SupervisorProcess {
  const script = fileURLToPath(new URL('postgres-process.ts', import.meta.url))
  const child = spawn(process.execPath, [script, JSON.stringify(options)], {
    ...runAs,
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  children.add(child)
  child.once('exit', () => children.delete(child))
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  return {
    child,
    async next() {
      const { value, done } = await lines.next()
      if (done) throw new Error('the process ended without a word')
      return JSON.parse(value) as Said
    },
    exited: new Promise((resolve) => child.once('exit', () => resolve())),
  }
}
