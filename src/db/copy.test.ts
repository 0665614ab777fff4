import { once } from 'node:events'
import type { Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../../test/database.ts'
import { sqlState } from './connect.ts'
import { copyIn, copyOut } from './copy.ts'

let t: TestDatabase
beforeAll(async () => {
  t = await testDatabase({ blank: true, pipeline: false, max: 1 })
  await t.db.query('create table note (id int primary key, body text)')
})
afterAll(() => t.close())

async function* chunks(...texts: string[]): AsyncGenerator<Buffer, void> {
  for (const text of texts) yield Buffer.from(text)
}

async function read(text: string): Promise<string> {
  return t.db.withClient(async (client) => {
    const parts: Buffer[] = []
    for await (const part of copyOut(client, text)) parts.push(part)
    return Buffer.concat(parts).toString()
  })
}

test('rows go in and come out, whatever the pieces', async () => {
  const rows = await t.db.withClient((client) =>
    copyIn(client, 'copy note from stdin', chunks('1\thel', 'lo\n2\t\\', 'N\n')),
  )
  expect(rows).toBe(2)
  expect(await read('copy (select * from note order by id) to stdout')).toBe('1\thello\n2\t\\N\n')
})

test('a reader slower than the server holds the server back', async () => {
  await t.db.withClient(async (client) => {
    const { stream } = (client as unknown as { connection: { stream: Socket } }).connection
    const before = stream.bytesRead
    const paused = once(stream, 'pause')
    const rows = copyOut(client, `copy (select repeat('x', 10000) from generate_series(1, 4000)) to stdout`)
    let bytes = (await rows.next()).value!.length
    await paused
    expect(stream.bytesRead - before - bytes).toBeLessThan(4 << 20)
    for await (const part of rows) bytes += part.length
    expect(bytes).toBe(4000 * 10_001)
  })
})

test('a statement that cannot run, and one that breaks half way, throw and leave the connection usable', async () => {
  await expect(read('copy missing to stdout')).rejects.toSatisfy((error) => sqlState(error) === '42P01')
  await expect(read('copy (select 1 / (3 - n) from generate_series(1, 5) n) to stdout')).rejects.toThrow(
    /division by zero/,
  )
  const twice = t.db.withClient((client) =>
    copyIn(client, 'copy note from stdin', chunks('7\ta\n', '7\tb\n')),
  )
  await expect(twice).rejects.toSatisfy((error) => sqlState(error) === '23505')
  await expect(
    t.db.withClient((client) => copyIn(client, 'copy missing from stdin', chunks('1\n'))),
  ).rejects.toSatisfy((error) => sqlState(error) === '42P01')
  expect((await t.db.query('select 1 as one')).rows).toEqual([{ one: 1 }])
})

test('when the source of the rows fails, none of them is kept', async () => {
  async function* failing(): AsyncGenerator<Buffer, void> {
    yield Buffer.from('50\tx\n')
    throw new Error('the file is damaged')
  }
  const broken = t.db.withClient((client) => copyIn(client, 'copy note from stdin', failing()))
  await expect(broken).rejects.toThrow('the file is damaged')
  expect((await t.db.query('select id from note where id = 50')).rows).toEqual([])
})

test('many rows go in without piling up here', async () => {
  async function* many(): AsyncGenerator<Buffer, void> {
    const rows = `${'y'.repeat(1000)}\n`
    for (let n = 0; n < 20_000; n++) yield Buffer.from(`${n + 1000}\t${rows}`)
  }
  expect(await t.db.withClient((client) => copyIn(client, 'copy note from stdin', many()))).toBe(20_000)
})
