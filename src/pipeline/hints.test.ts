import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../../test/database.ts'
import { connect } from '../db/connect.ts'
import type { ShopId } from '../domain/ids.ts'
import { systemClock } from '../domain/time.ts'
import { createHints, type Heard } from './hints.ts'

const clock = systemClock()
const log = { debug: () => {} }
let database: TestDatabase

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database?.close())

/** A process that listens; `heard` resolves with the first `count` hints. */
async function listener(count: number) {
  const listenDb = connect({ url: database.url, max: 1, applicationName: 'listener' })
  const all: string[] = []
  const { promise, resolve } = Promise.withResolvers<readonly string[]>()
  const note = (hint: string) => {
    all.push(hint)
    if (all.length === count) resolve(all)
  }
  const hear: Heard = {
    eventsDue: (shop) => note(`events ${shop}`),
    messagesDue: (shop, channel) => note(`messages ${shop} ${channel}`),
    keysChanged: (shop) => note(`keys ${shop}`),
  }
  const hints = createHints({ db: database.db, clock, log, hear, listenDb })
  await untilListening()
  return { heard: promise, all, close: () => Promise.all([hints.close(), listenDb.close()]) }
}

async function untilListening(): Promise<void> {
  for (;;) {
    const { rows } = await database.db.query(
      "select from pg_stat_activity where application_name = 'listener' and state = 'idle' and query ilike 'listen %' and datname = current_database()",
    )
    if (rows.length > 0) return
  }
}

describe('hints between processes', () => {
  it('reach who listens, each once, however often they were given', async () => {
    const other = await listener(4)
    const hints = createHints({ db: database.db, clock, log, hear: null })
    for (let times = 0; times < 100; times++) hints.eventsDue([7 as ShopId, 8 as ShopId])
    hints.messagesDue(7 as ShopId, ['email'])
    hints.keysChanged(9 as ShopId)
    expect([...(await other.heard)].sort()).toEqual(['events 7', 'events 8', 'keys 9', 'messages 7 email'])
    await hints.close()
    await other.close()
    expect(other.all).toHaveLength(4)
  })

  it('are not believed blindly', async () => {
    const other = await listener(1)
    await database.db.query(
      "select pg_notify('dingdong_due', 'e0,x1,e-1,m7:carrier_pigeon,m7,e99999999999,,e5')",
    )
    expect(await other.heard).toEqual(['events 5'])
    await other.close()
  })

  it('are sent before the process ends', async () => {
    const other = await listener(1)
    const hints = createHints({ db: database.db, clock, log, hear: null })
    hints.eventsDue([3 as ShopId])
    await hints.close()
    expect(await other.heard).toEqual(['events 3'])
    await other.close()
  })
})
