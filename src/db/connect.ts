import pg from 'pg'
import type { Millis } from '../domain/time.ts'
import { arrayParameters, encodeArray } from './binary-arrays.ts'

/** What both a pool and a transaction can do. Values are always parameters, never spliced into the text. */
export interface Queryable {
  query<Row>(query: string | Query, values?: readonly unknown[]): Promise<Result<Row>>
}

export interface Query {
  readonly text: string
  readonly name?: string
  readonly values?: readonly unknown[]
  /** Longest wait for the answer; the connection is given up after it. */
  readonly query_timeout?: Millis
}

export interface Result<Row> {
  readonly rows: readonly Row[]
  /** Rows touched; `null` for commands that touch none. */
  readonly rowCount: number | null
}

/** A pool of connections. Each `query` may run on another one; use `transaction` to stay on one. */
export interface Db extends Queryable {
  /** One raw connection for what the pool cannot do (LISTEN, COPY). It is closed afterwards when `fn` throws. */
  withClient<T>(fn: (client: pg.PoolClient) => Promise<T>): Promise<T>
  /** Connections now open, idle, and callers waiting for one: for `/metrics`. */
  stats(): { readonly open: number; readonly idle: number; readonly waiting: number }
  close(): Promise<void>
}

/** One open transaction on one connection. Statements started together (`Promise.all`) share a round trip. */
export interface Tx extends Queryable {
  readonly inTransaction: true
}

export interface ConnectOptions {
  readonly url: string
  readonly max?: number
  readonly applicationName?: string
  /** The server gives a statement up after this; 0: never. */
  readonly statementTimeout?: Millis
  /** The server ends a connection whose transaction nobody has driven for this long, e.g. of a stopped process. */
  readonly idleInTransactionTimeout?: Millis
  readonly connectionTimeout?: Millis
  /** Sends queries without waiting for earlier answers. Must be off for COPY streams, which pg refuses in it. */
  readonly pipeline?: boolean
  /** Told when an idle connection breaks; the pool has already dropped it. */
  readonly onConnectionLost?: (error: Error) => void
}

const INT8 = 20
const INT8_ARRAY = 1016
const TEXT_ARRAY = 1009
const DATE_ARRAY = 1182
/** date, timestamp, timestamptz: stay text. pg would make them `Date`s in the machine's zone. */
const AS_TEXT = new Set([1082, 1114, 1184])

function safeInteger(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) {
    throw new RangeError(`bigint ${text} does not fit a JavaScript number; cast it to text in the query`)
  }
  return value
}

type Parser = (text: never) => unknown

const textArray = pg.types.getTypeParser(TEXT_ARRAY as never, 'text') as unknown as (
  text: string,
) => (string | null)[]

function typeParser(oid: number, format?: 'text' | 'binary'): Parser {
  if (format !== 'binary') {
    if (oid === INT8) return safeInteger
    if (oid === INT8_ARRAY) {
      return (text: string) => textArray(text).map((item) => (item === null ? null : safeInteger(item)))
    }
    if (oid === DATE_ARRAY) return textArray
    if (AS_TEXT.has(oid)) return String
  }
  return pg.types.getTypeParser(oid, format) as Parser
}

/**
 * Session settings, sent after the connection stands and not as start-up options, which poolers refuse.
 * Keepalives and the user timeout make the *server* notice a vanished client within about 25 s, so that its row
 * locks go; the query timeout below does the same for a vanished server.
 */
function sessionSettings(options: ConnectOptions): string {
  const settings = {
    // Every statement of ours goes by an index. A plan made while a table was empty must not read all of it later:
    // these tables grow from nothing to a hundred thousand rows before the first statistics are taken.
    enable_seqscan: 'off',
    enable_mergejoin: 'off',
    statement_timeout: options.statementTimeout ?? 30_000,
    idle_in_transaction_session_timeout: options.idleInTransactionTimeout ?? 30_000,
    tcp_keepalives_idle: 10,
    tcp_keepalives_interval: 5,
    tcp_keepalives_count: 3,
    tcp_user_timeout: 25_000,
  }
  const calls = Object.entries(settings).map(([name, value]) => `set_config('${name}', '${value}', false)`)
  return `select ${calls.join(', ')}`
}

function openPool(options: ConnectOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: options.url,
    application_name: options.applicationName ?? 'dingdong',
    max: options.max ?? 10,
    connectionTimeoutMillis: options.connectionTimeout ?? 10_000,
    // Idle connections are kept a while: a new one costs 2-4 ms and re-prepares every statement.
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    // Longer than the server's own limit, so it fires only when the server no longer answers at all.
    query_timeout: options.statementTimeout === 0 ? 0 : (options.statementTimeout ?? 30_000) + 5_000,
    pipeline: options.pipeline ?? true,
    types: { getTypeParser: typeParser },
    onConnect: (client: pg.ClientBase) => client.query(sessionSettings(options)),
  } as pg.PoolConfig)
  // Idle and checked-out connections both emit 'error' when they break; unheard, either ends the process.
  pool.on('error', (error) => options.onConnectionLost?.(error))
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

/** Opens a pool lazily: no connection is made before the first query. Errors of the server keep their SQLSTATE. */
export function connect(options: ConnectOptions): Db {
  const pool = openPool(options)

  async function withClient<T>(fn: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await pool.connect()
    let reusable = false
    try {
      const value = await fn(client)
      reusable = true
      return value
    } catch (error) {
      reusable = keepsConnection(error)
      throw error
    } finally {
      client.release(!reusable || unusable.has(client))
    }
  }

  return {
    query: <Row>(query: string | Query, values?: readonly unknown[]) =>
      withClient((client) => ask<Row>(client, query, values)),
    withClient,
    stats: () => ({ open: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    close: () => pool.end(),
  }
}

function ask<Row>(
  client: pg.ClientBase,
  query: string | Query,
  values?: readonly unknown[],
): Promise<Result<Row>> {
  // pg copies nothing and changes nothing in the array; its type is only not declared readonly.
  return client.query(query as string, values as unknown[]) as unknown as Promise<Result<Row>>
}

/** The five characters of an SQLSTATE, or `undefined` when the error did not come from the server. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined
}

/** True when the same transaction, tried again, may succeed: deadlock or serialization failure. */
export function isRetryable(error: unknown): boolean {
  const state = sqlState(error)
  return state === '40P01' || state === '40001'
}

/** True when the server could not be reached or cannot work now, as opposed to disliking this statement. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof CommitUnknown) return true
  const state = sqlState(error)
  // 08 connection, 53 resources (disk full, too many connections), 57P server going down, 58 system,
  // F0 broken files; 25006 read-only, 25P03 we stood still in a transaction, 57014 it took too long (somebody who
  // stands still holds the locks), 55P03 lock not to be had.
  if (state !== undefined) {
    return /^(08|53|57P|58|F0)/.test(state) || ['25006', '25P03', '57014', '55P03'].includes(state)
  }
  return (
    error instanceof Error &&
    /ECONN|EPIPE|ENOENT|ETIMEDOUT|onnection terminated|imeout|not queryable/.test(
      `${(error as NodeJS.ErrnoException).code ?? ''} ${error.message}`,
    )
  )
}

function keepsConnection(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return false
  // After a migration a prepared plan may have changed its row type: a fresh connection prepares it anew.
  if (error.message.startsWith('cached plan must not change')) return false
  return error.severity !== 'FATAL' && error.severity !== 'PANIC'
}

/** The connection broke while committing: the work may or may not have been kept. Ask before doing it again. */
export class CommitUnknown extends Error {
  override readonly name = 'CommitUnknown'
}

export interface TransactionOptions {
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable'
  readonly readOnly?: boolean
}

/**
 * Runs `fn` between BEGIN and COMMIT on one connection. Rolls back when `fn` throws; throws, too, when `fn` hid an
 * error that has already aborted the transaction (PostgreSQL would answer that COMMIT with a silent rollback).
 */
export function transaction<T>(
  db: Db,
  fn: (tx: Tx) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const begin = `begin isolation level ${options.isolation ?? 'read committed'}${options.readOnly ? ' read only' : ''}`
  const outcome = db.withClient(async (client): Promise<Outcome<T>> => {
    let open = true
    const tx: Tx = {
      inTransaction: true,
      query<Row>(query: string | Query, values?: readonly unknown[]) {
        if (!open)
          return Promise.reject(new Error('This transaction has already ended; await its statements inside.'))
        return ask<Row>(client, query, values)
      },
    }
    await client.query(begin)
    try {
      const value = await fn(tx)
      open = false
      await commit(client)
      return { value }
    } catch (error) {
      open = false
      await rollBack(client)
      return { error }
    }
  })
  return outcome.then((end) => {
    if ('error' in end) throw end.error
    return end.value
  })
}

/** An error thrown by `fn` travels as a value through `withClient`, which would close the healthy connection. */
type Outcome<T> = { readonly value: T } | { readonly error: unknown }

async function commit(client: pg.PoolClient): Promise<void> {
  let command: string
  try {
    command = (await client.query('commit')).command
  } catch (error) {
    if (sqlState(error) !== undefined && keepsConnection(error)) throw error
    throw new CommitUnknown(
      'The connection broke while committing; the work may or may not have been kept.',
      {
        cause: error,
      },
    )
  }
  if (command !== 'COMMIT')
    throw new Error('The transaction was rolled back: one of its statements had failed.')
}

/** Where even the rollback fails, the connection is closed, which rolls back as well. */
async function rollBack(client: pg.PoolClient): Promise<void> {
  try {
    await client.query('rollback')
  } catch {
    unusable.add(client)
  }
}

const unusable = new WeakSet<pg.PoolClient>()

/** A named statement, prepared once per connection. */
export interface Statement<Row> {
  readonly name: string
  readonly text: string
  /** Parameters that travel as binary arrays. */
  readonly arrays: ReturnType<typeof arrayParameters>
  /** Never set: carries the row type. */
  readonly row?: Row
}

/** Every statement of the program by name, so that a test can hold each to naming its shop. */
export const statements: Map<string, Statement<unknown>> = new Map()

/** Declares a statement once, at module level. Throws when the name is taken. */
export function sql<Row>(name: string, text: string): Statement<Row> {
  if (statements.has(name))
    throw new Error(`Two statements are named "${name}"; names are prepared, so must differ.`)
  const statement: Statement<Row> = { name, text, arrays: arrayParameters(text) }
  statements.set(name, statement)
  return statement
}

function bound(statement: Statement<unknown>, values: readonly unknown[]): Query {
  const encoded = values.map((value, at) => {
    const type = statement.arrays.get(at)
    return type && Array.isArray(value) ? encodeArray(type, value) : value
  })
  return { name: statement.name, text: statement.text, values: encoded }
}

/** Runs a declared statement and gives its rows. */
export async function run<Row>(
  db: Queryable,
  statement: Statement<Row>,
  values: readonly unknown[],
): Promise<readonly Row[]> {
  const result = await db.query<Row>(bound(statement, values))
  return result.rows
}

/** Like `run`, for statements that return no rows: how many rows they touched. */
export async function runCount(
  db: Queryable,
  statement: Statement<unknown>,
  values: readonly unknown[],
): Promise<number> {
  const result = await db.query(bound(statement, values))
  return result.rowCount ?? 0
}
