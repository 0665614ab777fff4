import { execFile, spawn } from 'node:child_process'
import { chown, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { findBinaries } from '../src/db/postgres/binaries.ts'
import { checkPassage, chooseUser } from '../src/db/postgres/os-user.ts'

export interface TemporaryServer {
  /** Its database `postgres`, as a superuser. */
  readonly url: string
  /** Stops it and deletes its data. */
  stop(): Promise<void>
}

/** A PostgreSQL in the machine's temporary folder, without fsync: for tests and for reading schemas only. */
export async function startTemporaryServer(): Promise<TemporaryServer> {
  const binaries = await findBinaries()
  const dir = await mkdtemp(path.join(tmpdir(), 'dingdong-test-'))
  const runAs = await chooseUser(dir)
  if (runAs.uid !== undefined) await chown(dir, runAs.uid, runAs.gid!)
  await checkPassage(binaries.postgres, runAs)
  const data = path.join(dir, 'data')
  const initdb = [
    '-D',
    data,
    '--auth=trust',
    '--username=dingdong',
    '--encoding=UTF8',
    '--locale=C',
    '--no-sync',
  ]
  await promisify(execFile)(binaries.initdb, [...initdb, '--no-instructions'], { ...runAs, cwd: dir })
  const port = await freePort()
  // The shell ends the server when this process is gone, however it went: its end of the pipe closes.
  const child = spawn('/bin/sh', ['-c', GUARD, dir, binaries.postgres, '-D', data, ...settings(port)], {
    ...runAs,
    cwd: dir,
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await untilReady(path.join(data, 'postmaster.pid'), ended)
  return {
    url: `postgres://dingdong@127.0.0.1:${port}/postgres`,
    async stop() {
      child.stdin?.end()
      await ended
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** Runs `fn` with a temporary server and stops it whatever happens. */
export async function withTemporaryServer<T>(fn: (url: string) => Promise<T>): Promise<T> {
  const server = await startTemporaryServer()
  try {
    return await fn(server.url)
  } finally {
    await server.stop()
  }
}

/** `$0` is the folder: where nobody is left to delete it, the shell does. */
const GUARD = '"$@" </dev/null & pid=$!; read -r _; kill -INT $pid; wait $pid; rm -rf "$0"/*'

/** Without fsync a test that kills the *machine* would lie; these only ever kill processes. */
function settings(port: number): readonly string[] {
  const wanted = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'off',
    full_page_writes: 'off',
    max_connections: 200,
    log_min_messages: 'panic',
    shared_buffers: '64MB',
  }
  return Object.entries(wanted).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

async function untilReady(pidFile: string, ended: Promise<void>): Promise<void> {
  let running = true
  void ended.then(() => {
    running = false
  })
  while (running) {
    const lines = (await readFile(pidFile, 'utf8').catch(() => '')).split('\n')
    if (lines[7]?.trim() === 'ready') return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('The test PostgreSQL ended before it was ready; see its words above.')
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => resolve(port))
    })
  })
}
