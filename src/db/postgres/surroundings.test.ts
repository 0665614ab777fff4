import { execFileSync } from 'node:child_process'
import { chmod, mkdir, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, type TestContext, test } from 'vitest'
import { testRandom } from '../../../test/kit/fixed.ts'
import { copyDataDir, superviseInProcess, temporaryFolder } from '../../../test/postgres-folder.ts'
import { systemClock } from '../../domain/time.ts'
import { connect, isUnavailable } from '../connect.ts'
import { hydrate } from './binaries.ts'
import { prepareDataDir } from './data-dir.ts'
import { checkPassage, findUser, type RunAs } from './os-user.ts'
import { attachPostgres, type StartOptions, startPostgres } from './supervisor.ts'

const logger = { info() {}, warn() {}, error() {} }
const asRoot = process.getuid?.() === 0
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let made: string

const start = (dataDir: string, more: Partial<StartOptions> = {}) =>
  startPostgres({ dataDir, clock: systemClock(), random: testRandom, logger, ...more })

beforeAll(async () => {
  folder = await temporaryFolder()
  made = path.join(folder.dir, 'made')
  await (await start(made)).stop()
})
afterAll(() => folder.remove())

test('a folder far below what is there may be made by several at once, passable whatever the umask', async () => {
  const top = path.join(folder.dir, 'far')
  const dir = path.join(top, 'far', 'below')
  const umask = process.umask(0o077)
  onTestFinished(() => {
    process.umask(umask)
  })
  const data = { dir, cluster: path.join(dir, 'cluster'), log: path.join(dir, 'log') }
  const all = Array.from({ length: 20 }, () => prepareDataDir(data, {}, testRandom))
  expect((await Promise.allSettled(all)).filter(({ status }) => status === 'rejected')).toEqual([])
  expect((await stat(top)).mode & 0o777).toBe(0o755)
  expect((await stat(dir)).mode & 0o777).toBe(0o700)
})

/** Mounts a small memory disk; where this machine does not let us, the test counts as skipped, with the reason. */
async function smallDisk(ctx: TestContext, name: string, megabytes: number): Promise<string> {
  const dir = path.join(folder.dir, name)
  await mkdir(dir)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0755`, 'tmpfs', dir], {
      stdio: 'pipe',
    })
  } catch (error) {
    ctx.skip(`may not mount a small disk (${String(error).trim().split('\n').at(-1)})`)
  }
  onTestFinished(() => {
    execFileSync('umount', ['-l', dir])
  })
  return dir
}

test.runIf(asRoot)('started by root, the server runs as another user', async () => {
  const dataDir = path.join(folder.dir, 'by-root')
  await copyDataDir(made, dataDir)
  const server = await start(dataDir)
  onTestFinished(() => server.stop())
  const { uid } = await stat(`/proc/${server.pid()}`)
  expect(uid).not.toBe(0)
  expect((await stat(path.join(dataDir, 'cluster'))).uid).toBe(uid)
})

test.runIf(asRoot)('started by root, the server runs as the user who owns the data', async () => {
  const nobody = (await findUser('nobody'))!
  const dataDir = path.join(folder.dir, 'by-nobody')
  await copyDataDir(made, dataDir, nobody)
  const server = await start(dataDir)
  onTestFinished(() => server.stop())
  expect((await stat(`/proc/${server.pid()}`)).uid).toBe(nobody.uid)
  expect(await server.health()).toEqual({ ok: true })
})

test.runIf(asRoot)(
  'started by a normal user, it makes its data directory and runs as that user',
  async () => {
    const nobody = (await findUser('nobody'))!
    const home = path.join(folder.dir, 'home')
    await mkdir(home)
    execFileSync('chown', [`${nobody.uid}:${nobody.gid}`, home])
    const one = superviseInProcess({ dataDir: path.join(home, 'data') }, { uid: nobody.uid, gid: nobody.gid })
    const { ready } = await one.next()
    expect((await stat(`/proc/${ready!.pid}`)).uid).toBe(nobody.uid)
    one.child.stdin!.write('stop\n')
    expect(await one.next()).toEqual({ stopped: true })
  },
)

test.runIf(asRoot)('a folder the server’s user may not pass through is named, with ways out', async () => {
  const closed = path.join(folder.dir, 'closed')
  await mkdir(closed, { mode: 0o700 })
  await expect(start(path.join(closed, 'data'))).rejects.toMatchObject({
    code: 'PATH_CLOSED',
    message: expect.stringMatching(/may not pass through \S+closed to reach .*chmod o\+x .*DATABASE_URL/s),
  })
})

test('passage is judged by owner, group and others', async () => {
  const dir = path.join(folder.dir, 'passage')
  await mkdir(dir)
  const { uid, gid } = await stat(dir)
  const target = path.join(dir, 'x')
  await chmod(dir, 0o701)
  await checkPassage(target, { uid: uid + 1, gid: gid + 1 })
  await chmod(dir, 0o710)
  await expect(checkPassage(target, { uid: uid + 1, gid: gid + 1 })).rejects.toMatchObject({
    code: 'PATH_CLOSED',
  })
  await checkPassage(target, { uid: uid + 1, gid })
  await chmod(dir, 0o611)
  await expect(checkPassage(target, { uid, gid })).rejects.toMatchObject({ code: 'PATH_CLOSED' })
})

test('users are found by name, and never one with the id of root', async () => {
  const passwd = path.join(folder.dir, 'passwd')
  await writeFile(passwd, 'root:x:0:0::/root:/bin/sh\npostgres:x:70:71::/x:/bin/sh\nfake:x:0:5::/x:/bin/sh\n')
  expect(await findUser('postgres', passwd)).toEqual({ name: 'postgres', uid: 70, gid: 71 })
  expect(await findUser('fake', passwd)).toBeNull()
  expect(await findUser('nobody', passwd)).toBeNull()
  expect(await findUser('postgres', path.join(folder.dir, 'none'))).toBeNull()
})

test('a data directory that cannot be written is named', async () => {
  const home = path.join(folder.dir, 'read-only')
  await mkdir(home, { mode: 0o555 })
  const nobody = asRoot ? await findUser('nobody') : null
  const runAs: RunAs = nobody === null ? {} : { uid: nobody.uid, gid: nobody.gid }
  const one = superviseInProcess({ dataDir: path.join(home, 'data') }, runAs)
  expect(await one.next()).toMatchObject({
    fault: 'DATA_DIR_UNWRITABLE',
    message: expect.stringContaining(path.join(home, 'data')),
  })
})

test.runIf(asRoot)(
  'a disk without room for a first start is called full, and nothing is left on it',
  async (ctx) => {
    const disk = await smallDisk(ctx, 'tiny', 20)
    const dataDir = path.join(disk, 'data')
    await expect(start(dataDir)).rejects.toMatchObject({
      code: 'DISK_FULL',
      message: expect.stringContaining(dataDir),
    })
    await expect(attachPostgres({ dataDir, clock: systemClock() })).rejects.toMatchObject({
      code: 'NOT_RUNNING',
    })
  },
)

test.runIf(asRoot)(
  'when the disk fills up under a running server, it shows, and all goes on once there is room',
  async (ctx) => {
    const disk = await smallDisk(ctx, 'small', 220)
    const dataDir = path.join(disk, 'data')
    await copyDataDir(made, dataDir)
    const server = await start(dataDir, { settings: { max_wal_size: '32MB', min_wal_size: '32MB' } })
    onTestFinished(() => server.stop())
    const db = connect({ url: server.url, max: 2 })
    onTestFinished(() => db.close())
    await db.query('create table kept (id int primary key, body text storage external)')
    expect(await server.health()).toEqual({ ok: true })

    const filler = path.join(disk, 'filler')
    execFileSync('sh', ['-c', `cat /dev/zero > ${filler} 2>/dev/null || true`])
    expect(await server.health()).toMatchObject({ ok: false, reason: expect.stringMatching(/is full/) })
    const refused: unknown[] = []
    let acknowledged = 0
    while (refused.length === 0) {
      try {
        await db.query("insert into kept values ($1, repeat('x', 500000))", [acknowledged + 1])
        acknowledged++
      } catch (error) {
        refused.push(error)
      }
    }
    expect(refused[0]).toSatisfy(isUnavailable)

    // Not even its log fits now: the server breaks off, and its restarts fail as long as the disk is full.
    const told = new Promise<string>((resolve) => server.onExit((fault) => resolve(fault.code)))
    const back = new Promise<void>((resolve) => server.onRestart(resolve))
    await expect(
      (async () => {
        for (;;) await db.query("select pg_logical_emit_message(true, 'test', repeat('x', 4000000))")
      })(),
    ).rejects.toSatisfy(isUnavailable)
    expect(await told).toBe('STOPPED')
    expect(await server.health()).toMatchObject({ ok: false })

    await rm(filler)
    await back
    expect(await server.health()).toEqual({ ok: true })
    const { rows } = await db.query<{ n: number }>('select count(*) as n from kept')
    expect(rows[0]!.n).toBeGreaterThanOrEqual(acknowledged)
    await db.query("insert into kept values (1000000, 'after')")
  },
)

test('libraries’ links that npm did not make are made at the start', async () => {
  const native = path.join(folder.dir, 'package/native')
  await mkdir(path.join(native, 'lib'), { recursive: true })
  await writeFile(path.join(native, 'lib/libx.so.1.2'), '')
  const links = [
    { source: 'native/lib/libx.so.1.2', target: 'native/lib/libx.so' },
    { source: 'native/lib/libx.so.1.2', target: 'native/lib/libx.so.1' },
  ]
  await writeFile(path.join(native, 'pg-symlinks.json'), JSON.stringify(links))
  await symlink('libx.so.1.2', path.join(native, 'lib/libx.so.1'))
  await hydrate(native)
  await hydrate(native)
  expect(await readlink(path.join(native, 'lib/libx.so'))).toBe('libx.so.1.2')
  expect(await readlink(path.join(native, 'lib/libx.so.1'))).toBe('libx.so.1.2')
})
