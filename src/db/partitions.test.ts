import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../../test/database.ts'
import { newId, type ShopId } from '../domain/ids.ts'
import { dropOldParts, ensurePartitions, firstId, monthParts, PARTITIONED } from './partitions.ts'
import { forgetOld } from './retention.ts'

const NOVEMBER = Date.parse('2026-11-22T08:00:00Z')
const shop = 1 as ShopId
let database: TestDatabase

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database?.close())

const keepEvent = (at: number) => {
  const id = newId('evt', at, (bytes) => crypto.getRandomValues(new Uint8Array(bytes)))
  return database.db.query(
    `insert into event (shop_id, id, connection_id, type, trust, occurred_at, received_at, body)
     values ($1, $2, $2, 'order.paid', 'signed', $3, $3, '')`,
    [shop, id, at],
  )
}
const where = async () =>
  (
    await database.db.query<{ part: string; count: number }>(
      'select tableoid::regclass::text as part, count(*)::int as count from event group by 1 order by 1',
    )
  ).rows

describe('parts of a month', () => {
  it('begin and end where the calendar says, for any instant', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_102_444_800_000 }), (now) => {
        const date = new Date(now)
        const [part] = monthParts('event', now, 1)
        expect(part!.from).toBe(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1))
        expect(part!.until).toBe(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1))
      }),
    )
  })

  it('take every id made in the month, and none made outside', () => {
    const [part] = monthParts('event', NOVEMBER, 1)
    const idAt = (at: number) => newId('evt', at, (bytes) => new Uint8Array(bytes).fill(at % 2 ? 255 : 0))
    for (const at of [part!.from, part!.until - 1, part!.until - 2]) {
      expect(idAt(at) >= firstId(part!.from) && idAt(at) < firstId(part!.until)).toBe(true)
    }
    expect(idAt(part!.from - 1) < firstId(part!.from)).toBe(true)
    expect(idAt(part!.until) >= firstId(part!.until)).toBe(true)
  })
})

describe('partitions of a database', () => {
  it('are made once for this month and the next two, by many processes at once', async () => {
    const made = await Promise.all([1, 2, 3].map(() => ensurePartitions(database.db, NOVEMBER)))
    expect(
      made
        .flat()
        .filter((name) => name.startsWith('event_'))
        .sort(),
    ).toEqual(['event_2026_11', 'event_2026_12', 'event_2027_01'])
    expect(made.flat()).toHaveLength(PARTITIONED.length * 3)
    expect(await ensurePartitions(database.db, NOVEMBER)).toEqual([])
  })

  it('leave a month alone whose rows are in the default part already, and take rows all the same', async () => {
    await keepEvent(NOVEMBER)
    await keepEvent(Date.parse('2027-02-10T00:00:00Z'))
    await ensurePartitions(database.db, Date.parse('2027-01-10T00:00:00Z'))
    expect(await where()).toEqual([
      { part: 'event_2026_11', count: 1 },
      { part: 'event_rest', count: 1 },
    ])
  })

  it('go as a whole once everything in them is too old, and single rows from the default part', async () => {
    expect(await dropOldParts(database.db, 'event', Date.parse('2026-11-30T23:59:59Z'))).toEqual([])
    await database.db.query("insert into shop (id, slug, name, created_at) values (1, 'one', 'One', 0)")
    await database.db.query(
      "insert into event_key select 1, gen_random_uuid(), '\\x01', gen_random_uuid(), '\\x01', at from generate_series(1, 12000) as at",
    )
    const events = Date.parse('2027-02-11T00:00:00Z')
    const [old, kept] = [events - 1, events].map((at) => newId('evt', at, (bytes) => new Uint8Array(bytes)))
    await database.db.query("insert into event_noted values (1, '\\x01', $1), (1, '\\x01', $2)", [old, kept])
    const before = { eventKeys: 11_001, events, bodies: null, caps: 0, now: 0, cardTries: 0 }
    const gone = await forgetOld(database.db, before)
    expect(gone.parts).toContain('event_2026_11')
    expect(gone.rows).toBe(11_000 + 1 + 1)
    expect(await where()).toEqual([])
    const { rows } = await database.db.query('select event_id from event_noted')
    expect(rows).toEqual([{ event_id: kept }])
  })
})
