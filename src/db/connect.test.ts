import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../../test/database.ts'
import {
  CommitUnknown,
  connect,
  isUnavailable,
  run,
  runCount,
  sql,
  sqlState,
  statements,
  transaction,
} from './connect.ts'

let t: TestDatabase

beforeAll(async () => {
  t = await testDatabase({ blank: true })
  await t.db.query('create table note (id int primary key, body text)')
})
afterAll(() => t.close())

const insertNote = sql('test.insert-note', 'insert into note (id, body) values ($1, $2)')
const noteById = sql<{ body: string }>('test.note-by-id', 'select body from note where id = $1')

const pid = async (db: { query: TestDatabase['db']['query'] }) =>
  (await db.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]!.pid

test('bigint comes as a number, and one that does not fit is refused instead of rounded', async () => {
  const { rows } = await t.db.query<Record<string, unknown>>(
    "select 1764000000123::bigint as a, array[1, null, 2]::bigint[] as b, 1.10::numeric as c, '\\x00ff'::bytea as d, date '2026-03-29' as e",
  )
  expect(rows[0]).toEqual({
    a: 1764000000123,
    b: [1, null, 2],
    c: '1.10',
    d: Buffer.from([0, 255]),
    e: '2026-03-29',
  })
  await expect(t.db.query('select 9007199254740993::bigint')).rejects.toThrow(/9007199254740993 does not fit/)
})

test('declared statements run by name, are registered, and names are unique', async () => {
  expect(await runCount(t.db, insertNote, [1, 'hello'])).toBe(1)
  expect(await run(t.db, noteById, [1])).toEqual([{ body: 'hello' }])
  expect(statements.get('test.note-by-id')).toBe(noteById)
  expect(() => sql('test.note-by-id', 'select 1')).toThrow(/names are prepared/)
})

test('a transaction keeps what it did only when its function returns', async () => {
  await transaction(t.db, (tx) => run(tx, insertNote, [10, 'kept']))
  const failing = transaction(t.db, async (tx) => {
    await run(tx, insertNote, [11, 'gone'])
    throw new Error('changed my mind')
  })
  await expect(failing).rejects.toThrow('changed my mind')
  const { rows } = await t.db.query('select id from note where id in (10, 11)')
  expect(rows).toEqual([{ id: 10 }])
})

test('a thrown error does not cost the connection', async () => {
  const one = connect({ url: t.url, max: 1 })
  const before = await pid(one)
  await expect(transaction(one, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  await expect(run(one, insertNote, [10, 'again'])).rejects.toSatisfy((error) => sqlState(error) === '23505')
  expect(await pid(one)).toBe(before)
  await one.close()
})

test('an error hidden inside a transaction is not mistaken for a commit', async () => {
  const hiding = transaction(t.db, async (tx) => {
    await run(tx, insertNote, [20, 'gone'])
    await tx.query('select 1 / 0').catch(() => {})
  })
  await expect(hiding).rejects.toThrow(/rolled back/)
  expect(await run(t.db, noteById, [20])).toEqual([])
})

test('statements started together in a transaction are all sent before the first answer', async () => {
  const one = connect({ url: t.url, max: 1 })
  let written = ''
  await one.withClient(async (client) => {
    const { stream } = (client as unknown as { connection: { stream: import('node:net').Socket } }).connection
    const write = stream.write.bind(stream)
    stream.write = ((bytes: Buffer) => {
      written += bytes.toString('latin1')
      return write(bytes)
    }) as typeof stream.write
  })
  await transaction(one, async (tx) => {
    const together = Promise.all([run(tx, insertNote, [30, 'a']), run(tx, noteById, [30])])
    // Nothing has been awaited since, so no answer can have been read yet.
    expect(written).toContain(insertNote.text)
    expect(written).toContain(noteById.text)
    expect(await together).toEqual([[], [{ body: 'a' }]])
  })
  await one.close()
})

test('the first of several pipelined statements to fail rolls all of them back and leaves the pool usable', async () => {
  const one = connect({ url: t.url, max: 1 })
  const failing = transaction(one, (tx) =>
    Promise.all([
      run(tx, insertNote, [40, 'a']),
      run(tx, insertNote, [40, 'b']),
      run(tx, insertNote, [41, 'c']),
    ]),
  )
  await expect(failing).rejects.toSatisfy((error) => sqlState(error) === '23505')
  expect(await run(one, noteById, [40])).toEqual([])
  expect(await runCount(one, insertNote, [40, 'now'])).toBe(1)
  await one.close()
})

test('a statement after the end of its transaction is refused, not run outside it', async () => {
  const late = await transaction(t.db, async (tx) => () => run(tx, insertNote, [50, 'late']))
  await expect(late()).rejects.toThrow(/already ended/)
})

test('a broken connection is dropped, its transaction fails, and the next query gets a fresh one', async () => {
  const one = connect({ url: t.url, max: 1 })
  const before = await pid(one)
  const killed = transaction(one, async (tx) => {
    await run(tx, insertNote, [60, 'gone'])
    await t.db.query('select pg_terminate_backend($1)', [before])
    await run(tx, noteById, [60])
  })
  await expect(killed).rejects.toSatisfy(isUnavailable)
  expect(await pid(one)).not.toBe(before)
  expect(await run(one, noteById, [60])).toEqual([])
  await one.close()
})

test('a connection lost at the commit is reported as an unknown outcome', async () => {
  const one = connect({ url: t.url, max: 1 })
  const killed = transaction(one, async (tx) => {
    const backend = await pid(tx)
    await t.db.query('select pg_terminate_backend($1)', [backend])
  })
  const error = await killed.catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(CommitUnknown)
  expect(isUnavailable(error)).toBe(true)
  await one.close()
})

test('a server that no longer answers fails the query within the timeout', async () => {
  const slow = connect({ url: t.url, max: 1 })
  await expect(slow.query({ text: 'select pg_sleep(20)', query_timeout: 50 })).rejects.toThrow(/timeout/i)
  expect(await pid(slow)).toBeGreaterThan(0)
  await slow.close()
})

test('every connection is named and limited on the server', async () => {
  const { rows } = await t.db.query(
    `select current_setting('application_name') as name, current_setting('statement_timeout') as statement,
            current_setting('idle_in_transaction_session_timeout') as idle, current_setting('tcp_keepalives_idle') as keepalive`,
  )
  expect(rows[0]).toEqual({ name: 'dingdong', statement: '30s', idle: '30s', keepalive: '10' })
})

test('an unreachable server is told from a refused statement', async () => {
  const nowhere = connect({ url: 'postgres://nobody@127.0.0.1:1/none', max: 1 })
  await expect(nowhere.query('select 1')).rejects.toSatisfy(isUnavailable)
  await nowhere.close()
  await expect(t.db.query('select nonsense')).rejects.toSatisfy((error) => !isUnavailable(error))
})
