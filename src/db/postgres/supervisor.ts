import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type pg from 'pg'
import type { Random } from '../../domain/ids.ts'
import type { Clock, Millis } from '../../domain/time.ts'
import { type Health, probeWrite } from '../health.ts'
import { type Binaries, findBinaries } from './binaries.ts'
import {
  checkSpace,
  createCluster,
  createDatabase,
  type DataDir,
  dataDirAt,
  dataMajor,
  diskFault,
  lastPort,
  prepareDataDir,
  refuseForeign,
  removeLeftovers,
} from './data-dir.ts'
import { type PgFault, pgFault } from './errors.ts'
import { type KeptAlive, keepAlive, type Logger, type Up } from './keep-alive.ts'
import { findRunning, type LaunchPlan, launch } from './launch.ts'
import { checkPassage, chooseUser } from './os-user.ts'
import { type Addresses, addressesOf, own } from './ownership.ts'
import { endPostmaster } from './postmaster.ts'
import { DEFAULT_SETTINGS, fingerprint, type Settings, socketDirFor } from './settings.ts'

export interface StartOptions {
  readonly dataDir: string
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** The database to make and to connect to. */
  readonly database?: string
  /** Server settings on top of `DEFAULT_SETTINGS`. */
  readonly settings?: Settings
  /** Tried first; a busy one is replaced. Default: the last one used, then any free one. */
  readonly port?: number
  /** How long a start may take; long, because a crash on a slow disk can leave minutes of log to replay. */
  readonly readyWithin?: Millis
}

/** What the process that looks after the embedded server can do with it. */
interface Controls {
  /** Process id of the server now running. Changes when it is started again. */
  pid(): number
  /** True when it was already running, left over by a process of ours that was killed. */
  readonly adopted: boolean
  /** Tries whether something can be kept now; answers within about 5 s. */
  health(): Promise<Health>
  /** Called each time the server is lost; it is then started again, at the same address. */
  onExit(listener: (fault: PgFault) => void): void
  /** Called each time it is up again after that. */
  onRestart(listener: () => void): void
  /** Ends the server and waits until it is gone. */
  stop(): Promise<void>
}

export type RunningPostgres = Addresses & Controls

/**
 * Starts the embedded PostgreSQL on `dataDir` (made when missing), or takes over one that a killed process of ours
 * left running. From then on it is started again whenever it dies, until `stop`. Throws `PgFault`.
 */
export async function startPostgres(options: StartOptions): Promise<RunningPostgres> {
  const { plan, pgCtl } = await makePlan(options)
  const first = await bringUp(plan, pgCtl, { port: options.port ?? (await lastPort(plan.data)), keep: false })
  const database = options.database ?? 'dingdong'
  await createDatabase((await addressesOf(plan.data, first.server, 'postgres')).url, database)
  await removeLeftovers(plan.data)
  const addresses = await addressesOf(plan.data, first.server, database)
  options.logger.info(
    { pid: first.server.pid, port: first.server.port, adopted: first.adopted },
    first.adopted ? 'took over the running PostgreSQL' : 'PostgreSQL is ready',
  )
  const kept = keepAlive(first, {
    dir: plan.data.dir,
    clock: options.clock,
    logger: options.logger,
    again: (port) => bringUp(plan, pgCtl, { port, keep: true }),
  })
  return { ...addresses, ...control(plan, pgCtl, kept, first.adopted) }
}

/**
 * Joins the server that another process of ours runs on `dataDir`, for commands and further workers. Throws
 * `NOT_RUNNING` when there is none.
 */
export async function attachPostgres(
  options: Pick<StartOptions, 'dataDir' | 'clock' | 'database'>,
): Promise<Addresses> {
  const data = dataDirAt(options.dataDir)
  const server = await findRunning({ data, clock: options.clock, readyWithin: 30_000 })
  if (server === null) throw pgFault('NOT_RUNNING', { dir: data.dir })
  return addressesOf(data, server, options.database ?? 'dingdong')
}

async function makePlan(options: StartOptions): Promise<{ plan: LaunchPlan; pgCtl: string }> {
  const data = dataDirAt(options.dataDir)
  await refuseForeign(data)
  const binaries = await findBinaries()
  const runAs = await chooseUser(data.cluster)
  await checkPassage(binaries.postgres, runAs)
  await checkPassage(data.dir, runAs)
  await prepareDataDir(data, runAs, options.random)
  const version = await binaryVersion(binaries, data)
  const found = await dataMajor(data)
  const wanted = version.split('.')[0]!
  if (found !== null && found !== wanted)
    throw pgFault('DATA_DIR_OF_OTHER_MAJOR', { dir: data.dir, found, wanted })
  if (found === null) await createCluster(data, binaries, runAs, options.random)
  const settings = { ...DEFAULT_SETTINGS, ...options.settings }
  const plan: LaunchPlan = {
    data,
    postgres: binaries.postgres,
    runAs,
    settings,
    mark: fingerprint(version, binaries.postgres, settings),
    socketDir: socketDirFor(data.dir),
    clock: options.clock,
    readyWithin: options.readyWithin ?? 300_000,
  }
  return { plan, pgCtl: binaries.pgCtl }
}

async function binaryVersion(binaries: Binaries, data: DataDir): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(binaries.postgres, ['--version'])
    return /(\d+(\.\d+)+)/.exec(stdout)![1]!
  } catch (error) {
    const detail = String((error as { stderr?: string }).stderr || (error as Error).message).trim()
    throw pgFault('START_FAILED', { dir: data.dir, detail, log: data.log }, error)
  }
}

/** Finds or starts a server and becomes its owner. Throws `ALREADY_RUNNING` when a living process owns it. */
async function bringUp(
  plan: LaunchPlan,
  pgCtl: string,
  port: { port: number | null; keep: boolean },
): Promise<Up> {
  const { data, clock } = plan
  for (let round = 0; round < 5; round++) {
    const running = await findRunning(plan)
    const server = running ?? (await launch(plan, port.port, port.keep))
    if (server === 'raced') continue
    const ownership = await own(data, server, clock)
    if (ownership === null) throw pgFault('ALREADY_RUNNING', { dir: data.dir, pid: server.pid })
    if (ownership.mark === plan.mark) return { server, ownership, adopted: running !== null }
    await ownership.session.end()
    await endPostmaster(server.pid, clock, pgCtl, data.cluster)
  }
  throw pgFault('START_FAILED', { dir: data.dir, detail: 'other processes keep starting it', log: data.log })
}

function control(plan: LaunchPlan, pgCtl: string, kept: KeptAlive, adopted: boolean): Controls {
  return {
    pid: () => kept.pid(),
    adopted,
    onExit: kept.onExit,
    onRestart: kept.onRestart,
    async health() {
      const up = kept.current()
      if (up === null) return { ok: false, reason: kept.fault().message }
      try {
        await checkSpace(plan.data)
      } catch (error) {
        return { ok: false, reason: (diskFault(error, plan.data) ?? (error as Error)).message }
      }
      return probeWrite({ query: (query) => up.ownership.session.query(query as pg.QueryConfig) })
    },
    async stop() {
      const last = await kept.stop()
      if (last === null) return
      await last.ownership.session.end().catch(() => {})
      await endPostmaster(last.server.pid, plan.clock, pgCtl, plan.data.cluster)
    },
  }
}
