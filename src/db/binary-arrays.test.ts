import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../../test/database.ts'
import { run, sql } from './connect.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase({ blank: true })
})
afterAll(() => database.close())

const echo = sql<{
  b: Buffer | null
  t: string | null
  i: number | null
  n: number | null
  u: string | null
}>(
  'test_binary_arrays',
  'select * from unnest($1::bytea[], $2::text[], $3::int[], $4::bigint[], $5::uuid[]) as t (b, t, i, n, u)',
)
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null })
const row = fc.record({
  b: orNull(fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))),
  // PostgreSQL's text has no NUL, and UTF-8 has no lone surrogates.
  t: orNull(
    fc.string({ unit: 'grapheme', maxLength: 60 }).map((text) => text.replaceAll('\0', '').toWellFormed()),
  ),
  i: orNull(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  n: orNull(fc.maxSafeInteger()),
  u: orNull(fc.uuid()),
})

test('every value of every type comes back as it was sent, nulls and empty arrays too', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 20 }), async (rows) => {
      const back = await run(database.db, echo, [
        rows.map((each) => each.b),
        rows.map((each) => each.t),
        rows.map((each) => each.i),
        rows.map((each) => each.n),
        rows.map((each) => each.u),
      ])
      expect(back).toEqual(rows)
    }),
    { numRuns: 100 },
  )
})

test('a number or uuid that does not fit is refused before anything is sent', async () => {
  await expect(run(database.db, echo, [[], [], [2 ** 31], [], []])).rejects.toThrow(RangeError)
  await expect(run(database.db, echo, [[], [], [], [], ['12345']])).rejects.toThrow(
    'expected a uuid, got "12345"',
  )
  await expect(
    run(database.db, echo, [[], [], [], [], ['zzzzzzzz-0000-7000-8000-000000000000']]),
  ).rejects.toThrow('expected a uuid')
})
