import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { testRandom } from '../../../test/kit/fixed.ts'
import { copyDataDir, superviseInProcess, temporaryFolder } from '../../../test/postgres-folder.ts'
import { type Clock, systemClock } from '../../domain/time.ts'
import { connect } from '../connect.ts'
import { foreignEntries } from './data-dir.ts'
import { postmasterPid } from './postmaster.ts'
import { attachPostgres, type RunningPostgres, type StartOptions, startPostgres } from './supervisor.ts'

const logger = { info() {}, warn() {}, error() {} }
let folder: Awaited<ReturnType<typeof temporaryFolder>>
/** A stopped data directory to copy from. */
let made: string

async function start(dataDir: string, more: Partial<StartOptions> = {}): Promise<RunningPostgres> {
  const server = await startPostgres({ dataDir, clock: systemClock(), random: testRandom, logger, ...more })
  onTestFinished(() => server.stop())
  return server
}

async function copy(name: string): Promise<string> {
  const dataDir = path.join(folder.dir, name)
  await copyDataDir(made, dataDir)
  return dataDir
}

async function ask<Row>(url: string, text: string): Promise<readonly Row[]> {
  const db = connect({ url, max: 1 })
  try {
    return (await db.query<Row>(text)).rows
  } finally {
    await db.close()
  }
}

beforeAll(async () => {
  folder = await temporaryFolder()
  made = path.join(folder.dir, 'made')
  const before = performance.now()
  const server = await startPostgres({ dataDir: made, clock: systemClock(), random: testRandom, logger })
  const first = performance.now() - before
  await server.stop()
  const again = performance.now()
  await (await startPostgres({ dataDir: made, clock: systemClock(), random: testRandom, logger })).stop()
  const later = performance.now() - again
  console.log(`first start ${Math.round(first)} ms, later start and stop ${Math.round(later)} ms`)
  expect(first).toBeLessThan(15_000)
  expect(later).toBeLessThan(3_000)
})
afterAll(() => folder.remove())

test('the server is UTF-8, writes through to the disk, and is closed to everybody without its password', async () => {
  const dataDir = await copy('plain')
  const server = await start(dataDir)
  expect(
    await ask(
      server.url,
      `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
              current_setting('server_encoding') as encoding, current_database() as database`,
    ),
  ).toEqual([{ fsync: 'on', commit: 'on', encoding: 'UTF8', database: 'dingdong' }])
  const wrong = new URL(server.tcpUrl!)
  wrong.password = 'password'
  await expect(ask(wrong.href, 'select 1')).rejects.toThrow(/password authentication failed/)
  const secret = path.join(dataDir, 'cluster/dingdong.password')
  expect((await stat(secret)).mode & 0o777).toBe(0o600)
  expect((await readFile(secret, 'utf8')).length).toBeGreaterThanOrEqual(32)
  expect(await server.health()).toEqual({ ok: true })
})

test('stop ends the server cleanly, so that the next start has nothing to replay', async () => {
  const dataDir = await copy('stopped')
  const server = await startPostgres({ dataDir, clock: systemClock(), random: testRandom, logger })
  await server.stop()
  expect(await postmasterPid(path.join(dataDir, 'cluster'))).toBeNull()
  expect(await readFile(path.join(dataDir, 'postgres.log'), 'utf8')).toMatch(
    /database system is shut down\s*$/,
  )
})

test('what a broken-off first start left is not taken for data, and goes', async () => {
  const dataDir = await copy('leftover')
  await mkdir(path.join(dataDir, 'cluster.new-dead/base'), { recursive: true })
  await start(dataDir)
  expect(await readdir(dataDir)).not.toContain('cluster.new-dead')
})

test('a server left over by a killed process is taken over with its data', async () => {
  const dataDir = await copy('orphan')
  const first = superviseInProcess({ dataDir })
  const { ready } = await first.next()
  await ask(ready!.url, 'create table kept as select 7 as n')
  first.child.kill('SIGKILL')
  await first.exited
  const server = await start(dataDir)
  expect(server.adopted).toBe(true)
  expect(server.pid()).toBe(ready!.pid)
  expect(server.url).toBe(ready!.url)
  expect(await ask(server.url, 'select n from kept')).toEqual([{ n: 7 }])
})

test('a left over server with other settings is replaced, keeping its data and port', async () => {
  const dataDir = await copy('replaced')
  const first = superviseInProcess({ dataDir })
  const { ready } = await first.next()
  await ask(ready!.url, 'create table kept as select 8 as n')
  first.child.kill('SIGKILL')
  await first.exited
  const server = await start(dataDir, { settings: { work_mem: '9MB' } })
  expect(server.adopted).toBe(false)
  expect(server.pid()).not.toBe(ready!.pid)
  expect(server.url).toBe(ready!.url)
  expect(await ask(server.url, "select n, current_setting('work_mem') as mem from kept")).toEqual([
    { n: 8, mem: '9MB' },
  ])
})

test('a postmaster.pid whose process id belongs to another program now does not stop a start', async () => {
  const dataDir = await copy('stale')
  const cluster = path.join(dataDir, 'cluster')
  const { uid, gid } = await stat(cluster)
  const other = spawn('sleep', ['60'], { uid, gid })
  onTestFinished(() => void other.kill())
  const lines = [
    other.pid,
    cluster,
    1_700_000_000,
    5432,
    path.join(dataDir, 'socket'),
    '127.0.0.1',
    '1 1',
    'ready   ',
  ]
  await writeFile(path.join(cluster, 'postmaster.pid'), `${lines.join('\n')}\n`)
  const server = await start(dataDir)
  expect(server.adopted).toBe(false)
  expect(await server.health()).toEqual({ ok: true })
})

test('a busy port is answered with another one', async () => {
  const dataDir = await copy('busy')
  const { listener, port } = await occupy()
  onTestFinished(() => void listener.close())
  const server = await start(dataDir, { port })
  expect(new URL(server.tcpUrl!).port).not.toBe(String(port))
  expect(await ask(server.tcpUrl!, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('a server that dies is told, shows in its health, and comes back at the same address', async () => {
  const server = await start(await copy('dies'))
  const db = connect({ url: server.url, max: 2 })
  onTestFinished(() => db.close())
  await db.query('create table kept as select 9 as n')
  const faults: string[] = []
  server.onExit((fault) => faults.push(fault.code))
  const back = new Promise<void>((resolve) => server.onRestart(resolve))
  const dead = server.pid()
  const told = new Promise<void>((resolve) => server.onExit(() => resolve()))
  process.kill(dead, 'SIGKILL')
  await told
  expect(await server.health()).toMatchObject({
    ok: false,
    reason: expect.stringContaining('is being started again'),
  })
  await back
  expect(faults).toEqual(['STOPPED'])
  expect(server.pid()).not.toBe(dead)
  expect(await server.health()).toEqual({ ok: true })
  expect((await db.query('select n from kept')).rows).toEqual([{ n: 9 }])
})

test('when its port was taken while it was down, it comes back over its socket at the same address', async () => {
  const held: (() => void)[] = []
  let holding = false
  const system = systemClock()
  const clock: Clock = {
    now: system.now,
    after(delay, wake) {
      if (!holding) return system.after(delay, wake)
      held.push(wake)
      return () => {}
    },
  }
  const server = await start(await copy('port-lost'), { clock })
  const told = new Promise<void>((resolve) => server.onExit(() => resolve()))
  const back = new Promise<void>((resolve) => server.onRestart(resolve))
  holding = true
  process.kill(server.pid(), 'SIGKILL')
  await told
  const { listener } = await occupy(Number(new URL(server.tcpUrl!).port))
  onTestFinished(() => void listener.close())
  holding = false
  for (const wake of held.splice(0)) wake()
  await back
  expect(await ask(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('a second process on the same data is refused, but may join; without a first there is nothing to join', async () => {
  const dataDir = await copy('two')
  await expect(attachPostgres({ dataDir, clock: systemClock() })).rejects.toMatchObject({
    code: 'NOT_RUNNING',
  })
  const server = await start(dataDir)
  const second = superviseInProcess({ dataDir })
  expect(await second.next()).toMatchObject({
    fault: 'ALREADY_RUNNING',
    message: expect.stringContaining(`process id ${server.pid()}`),
  })
  await second.exited
  const joined = await attachPostgres({ dataDir, clock: systemClock() })
  expect(joined.url).toBe(server.url)
  expect(await ask(joined.url, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('of two processes that start on the same empty folder at once, one runs and the other is told', async () => {
  const dataDir = path.join(folder.dir, 'race')
  const both = [superviseInProcess({ dataDir }), superviseInProcess({ dataDir })]
  const said = await Promise.all(both.map((one) => one.next()))
  expect(said.filter((one) => one.ready)).toHaveLength(1)
  expect(said.filter((one) => one.fault === 'ALREADY_RUNNING')).toHaveLength(1)
  const winner = both[said.findIndex((one) => one.ready)]!
  winner.child.stdin!.write('stop\n')
  expect(await winner.next()).toEqual({ stopped: true })
})

test('Ctrl-C in the terminal reaches us alone: the server is there until we have ended it', async () => {
  const dataDir = await copy('ctrl-c')
  const one = superviseInProcess({ dataDir })
  await one.next()
  // What a terminal does: the signal goes to the whole foreground process group.
  process.kill(-one.child.pid!, 'SIGINT')
  expect(await one.next()).toEqual({ stopped: true })
  expect(await postmasterPid(path.join(dataDir, 'cluster'))).toBeNull()
})

test('data of another major version is refused with both versions and the way out', async () => {
  const dataDir = await copy('major')
  await writeFile(path.join(dataDir, 'cluster/PG_VERSION'), '15\n')
  await expect(start(dataDir)).rejects.toMatchObject({
    code: 'DATA_DIR_OF_OTHER_MAJOR',
    message: expect.stringMatching(
      /is of PostgreSQL 15, but this Dingdong brings PostgreSQL 18.*dingdong restore/s,
    ),
  })
})

test.each([
  [['PG_VERSION'], 'PG_VERSION'],
  [['readme.txt', 'socket'], 'readme.txt'],
  [['b', 'a', 'd', 'c', 'lost+found'], 'a, b, c, …'],
])('a folder with %j in it is left alone, down to its owner', async (names, found) => {
  const dataDir = path.join(folder.dir, `foreign-${names[0]}`)
  await mkdir(dataDir)
  for (const name of names) await writeFile(path.join(dataDir, name), 'x\n')
  const before = await stat(dataDir)
  await expect(start(dataDir)).rejects.toMatchObject({
    code: 'DATA_DIR_FOREIGN',
    message: expect.stringContaining(`(found: ${found}). Name an empty or a new folder`) as string,
  })
  expect((await readdir(dataDir)).toSorted()).toEqual(names.toSorted())
  const { uid, gid, mode } = await stat(dataDir)
  expect([uid, gid, mode]).toEqual([before.uid, before.gid, before.mode])
})

test('a first start that was broken off, or a fresh disk, is started on all the same', async () => {
  const dataDir = path.join(folder.dir, 'new', 'below', 'broken-off')
  await mkdir(path.join(dataDir, 'cluster.new-0a1b2c'), { recursive: true })
  for (const dir of ['lost+found', 'socket']) await mkdir(path.join(dataDir, dir))
  for (const file of ['cluster.new-0a1b2c.password', 'probe-01020304', '.doctor-17'])
    await writeFile(path.join(dataDir, file), 'x')
  await start(dataDir)
  expect(await readdir(dataDir)).toContain('cluster')
})

test('what a data directory of ours holds at any moment is never foreign', () => {
  const ours = ['id', 'server.json', 'socket', 'postgres.log', 'backups', 'cluster', 'cluster.new-1', 'notes']
  expect(foreignEntries(ours)).toEqual([])
  expect(foreignEntries(ours.filter((name) => name !== 'id'))).toEqual([])
  expect(foreignEntries(ours.filter((name) => name !== 'cluster'))).toEqual([])
  expect(foreignEntries(ours.filter((name) => name !== 'cluster' && name !== 'id'))).toEqual(['notes'])
})

test('folders on the way to a new data directory are made so that the server’s user gets through', async () => {
  const dataDir = path.join(folder.dir, 'way', 'to', 'data')
  await start(dataDir)
  const modes = [path.dirname(dataDir), dataDir].map(async (dir) => (await stat(dir)).mode & 0o777)
  expect(await Promise.all(modes)).toEqual([0o755, 0o700])
})

test.runIf(existsSync('/proc/self'))('a place where no folder can be made is named at once', async () => {
  await expect(start('/proc/dingdong/data')).rejects.toMatchObject({
    code: 'DATA_DIR_UNWRITABLE',
    message: expect.stringContaining('/proc/dingdong') as string,
  })
})

function occupy(port = 0): Promise<{ listener: Server; port: number }> {
  return new Promise((resolve, reject) => {
    const listener = createServer().once('error', reject)
    listener.listen(port, '127.0.0.1', () =>
      resolve({ listener, port: (listener.address() as { port: number }).port }),
    )
  })
}
