import { readFile } from 'node:fs/promises'
import pg from 'pg'
import type { Clock } from '../../domain/time.ts'
import { sqlState } from '../connect.ts'
import { type DataDir, passwordFile, SUPERUSER } from './data-dir.ts'
import { pgFault } from './errors.ts'
import { type Postmaster, pause } from './postmaster.ts'

/**
 * Who looks after a running server is whoever holds this session lock in it. Unlike a file with a process id it
 * cannot be stale: when its holder dies, however, the connection closes and the lock is free. (The product's own
 * work relies on no advisory lock; this one only exists on the embedded server.)
 */
const OWNER_LOCK = 4_746_746

export interface Ownership {
  /** The session that holds the lock. When it breaks, the server has most likely died. */
  readonly session: pg.Client
  /** Resolves when the session has ended, by us or not. */
  readonly lost: Promise<void>
  readonly mark: string | null
}

export interface Addresses {
  /** Through the Unix socket where there is one, else over TCP. */
  readonly url: string
  /** Over 127.0.0.1, for other programs; `null` where the port was taken. */
  readonly tcpUrl: string | null
}

/** How to reach a running server. */
export async function addressesOf(data: DataDir, server: Postmaster, database: string): Promise<Addresses> {
  let password: string
  try {
    password = (await readFile(passwordFile(data), 'utf8')).trim()
  } catch (error) {
    throw pgFault('JOIN_REFUSED', { dir: data.dir, detail: (error as Error).message }, error)
  }
  const base = `postgres://${SUPERUSER}:${encodeURIComponent(password)}@127.0.0.1:${server.port}/${database}`
  const tcpUrl = server.host === null ? null : base
  const url = server.socketDir === null ? base : `${base}?host=${encodeURIComponent(server.socketDir)}`
  return { url, tcpUrl }
}

/** Takes the lock and keeps its session open; `null` when another living process holds it. */
export async function own(data: DataDir, server: Postmaster, clock: Clock): Promise<Ownership | null> {
  const { url } = await addressesOf(data, server, 'postgres')
  const session = new pg.Client({
    connectionString: url,
    application_name: 'dingdong supervisor',
    connectionTimeoutMillis: 10_000,
    query_timeout: 10_000,
    pipeline: true,
  } as pg.ClientConfig)
  // Its breaking shows in `lost`; unheard, the event would end the process.
  session.on('error', () => {})
  const lost = new Promise<void>((resolve) => {
    session.once('end', resolve)
  })
  try {
    await session.connect()
    // The server may need a moment to notice that the last holder was killed.
    for (let attempt = 0; attempt < 15; attempt++) {
      const { rows } = await session.query<{ mine: boolean; mark: string | null }>(
        "select pg_try_advisory_lock($1) as mine, current_setting('dingdong.settings', true) as mark",
        [OWNER_LOCK],
      )
      if (rows[0]?.mine) return { session, lost, mark: rows[0].mark }
      await pause(clock, 100)
    }
  } catch (error) {
    await session.end().catch(() => {})
    if (sqlState(error) === '28P01') {
      throw pgFault(
        'DATA_DIR_PASSWORD',
        { file: passwordFile(data), detail: (error as Error).message },
        error,
      )
    }
    throw error
  }
  await session.end()
  return null
}
