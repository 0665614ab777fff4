import type { Config } from '../config.ts'
import { connect, type Db } from '../db/connect.ts'
import { type Health, probeWrite } from '../db/health.ts'
import { dataDirAt, dataMajor } from '../db/postgres/data-dir.ts'
import { PgFault } from '../db/postgres/errors.ts'
import type { Logger } from '../db/postgres/keep-alive.ts'
import type { Random } from '../domain/ids.ts'
import type { Clock } from '../domain/time.ts'

/** The database this process works with, whoever runs it. */
export interface Database {
  readonly url: string
  readonly kind: 'embedded' | 'joined' | 'external'
  /** For other programs to look into it; `null` where there is no such address. */
  readonly tcpUrl: string | null
  health(probe: Db): Promise<Health>
  stop(): Promise<void>
}

interface Options {
  readonly config: Config
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

/** The database of `databaseUrl` cannot be used. Holds no password. */
export class DatabaseUnreachable extends Error {
  override readonly name = 'DatabaseUnreachable'
  /** The variable or setting that named it. */
  readonly from: string
  readonly host: string
  readonly port: string
  readonly user: string
  readonly database: string

  constructor(url: string, from: string, cause: unknown) {
    const { hostname, port, searchParams, username, pathname } = new URL(url)
    const host = searchParams.get('host') ?? decodeURIComponent(hostname)
    super(`the database of ${from} cannot be used`, { cause })
    this.from = from
    this.host = host || 'localhost'
    this.port = port || searchParams.get('port') || '5432'
    this.user = decodeURIComponent(username) || '-'
    this.database = decodeURIComponent(pathname.slice(1)) || this.user
  }
}

/** Asks the server of `databaseUrl` for nothing in particular. Throws `DatabaseUnreachable`. */
export async function reach({ databaseUrl, databaseFrom }: DatabaseSettings): Promise<void> {
  if (databaseUrl === undefined) return
  const db = connect({ url: databaseUrl, max: 1, applicationName: 'dingdong start' })
  try {
    await db.query('select 1')
  } catch (error) {
    throw new DatabaseUnreachable(databaseUrl, databaseFrom, error)
  } finally {
    await db.close()
  }
}
type DatabaseSettings = Pick<Config, 'databaseUrl' | 'databaseFrom'>

/** For a server process: with role `all` it runs the embedded server itself, else it joins the one that runs. */
export async function openDatabase(options: Options): Promise<Database> {
  if (options.config.databaseUrl) return external(options.config)
  return options.config.role === 'all' ? startEmbedded(options) : joinEmbedded(options)
}

/** There is no data where a command looks for it. */
export class NoDataHere extends Error {
  override readonly name = 'NoDataHere'
  readonly dir: string

  constructor(dir: string) {
    super(`no Dingdong lives in ${dir}`)
    this.dir = dir
  }
}

/**
 * For a command: joins what runs, else starts the embedded server for as long as the command takes. Throws
 * `NoDataHere` where there is no data yet: a command in a wrong folder shall not make any. `mayMake`: make it.
 */
export async function borrowDatabase(options: Options & { readonly mayMake: boolean }): Promise<Database> {
  if (options.config.databaseUrl) return external(options.config)
  try {
    return await joinEmbedded(options)
  } catch (error) {
    if (!(error instanceof PgFault && error.code === 'NOT_RUNNING')) throw error
    const data = dataDirAt(options.config.dataDir)
    if (!options.mayMake && (await dataMajor(data)) === null) throw new NoDataHere(data.dir)
    return startEmbedded(options)
  }
}

async function external(config: Config): Promise<Database> {
  await reach(config)
  const url = config.databaseUrl!
  return { url, kind: 'external', tcpUrl: url, health: (db) => probeWrite(db), stop: async () => {} }
}

async function startEmbedded({ config, clock, random, logger }: Options): Promise<Database> {
  const { startPostgres } = await import('../db/postgres/supervisor.ts')
  const server = await startPostgres({ dataDir: config.dataDir, clock, random, logger })
  const { url, tcpUrl } = server
  return { url, kind: 'embedded', tcpUrl, health: () => server.health(), stop: () => server.stop() }
}

async function joinEmbedded({ config, clock }: Pick<Options, 'config' | 'clock'>): Promise<Database> {
  const { attachPostgres } = await import('../db/postgres/supervisor.ts')
  const { url, tcpUrl } = await attachPostgres({ dataDir: config.dataDir, clock })
  return { url, kind: 'joined', tcpUrl, health: (db) => probeWrite(db), stop: async () => {} }
}

export interface Pools {
  readonly db: Db
  /** Configuration is read while a transaction holds a connection of the first pool. */
  readonly configDb: Db
  close(): Promise<void>
}

export function openPools(url: string, size: number, applicationName: string): Pools {
  const db = connect({ url, max: size, applicationName })
  const configDb = connect({ url, max: 2, applicationName })
  return {
    db,
    configDb,
    async close() {
      await Promise.all([db.close(), configDb.close()])
    },
  }
}
