import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { backup } from '../src/db/backup.ts'
import { messagesOfOrder } from '../src/db/messages.ts'
import { migrate } from '../src/db/migrate.ts'
import { findOrder } from '../src/db/orders.ts'
import { restore } from '../src/db/restore.ts'
import type { SourceEvent } from '../src/domain/event.ts'
import { HOUR, MINUTE } from '../src/domain/time.ts'
import { type Lab, startLab } from '../src/lab/lab.ts'
import { testDatabase } from './database.ts'
import { type TestEngine, type TravelClock, testEngine, testRandom, travelClock } from './kit/engine.ts'

/** 10:00 in Shanghai. */
const MORNING = Date.parse('2026-11-23T02:00:00Z')

let clock: TravelClock
let lab: Lab
let folder: string
const engines: TestEngine[] = []

beforeEach(async () => {
  clock = travelClock(MORNING)
  lab = await startLab({ clock, random: testRandom })
  folder = await mkdtemp(path.join(tmpdir(), 'restore-'))
}, 30_000)

afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close()
  await lab.close()
  await rm(folder, { recursive: true })
})

const accounts = () => [
  {
    channel: 'email' as const,
    provider: 'smtp',
    name: 'lab',
    settings: {
      host: lab.smtp.host,
      port: lab.smtp.port,
      security: 'none',
      user: lab.smtp.user,
      pass: lab.smtp.pass,
      from: 'shop@example.com',
    },
  },
  { channel: 'sms' as const, provider: 'sms-http', name: 'lab', settings: lab.sms.account() },
]

const event = (type: string, no: string, more: Partial<SourceEvent['data']> = {}): SourceEvent => ({
  id: `${type}-${no}`,
  type,
  source: 'test',
  time: clock.now(),
  subject: no,
  data: { refs: [], order: { no, payUrl: `https://shop.example/pay/${no}` }, ...more },
})

const ids = () => lab.smtp.received.list().map((mail) => mail.id)

test('a restored system goes on with its timers and nobody gets anything twice', async () => {
  const old = await testEngine({ clock, origins: lab.origins })
  engines.push(old)
  const shop = await old.openShop('restored', accounts())
  const sender = { shop: shop.id, connection: shop.internal, trust: 'signed' as const }
  const customer = { email: 'buyer@example.org', phone: '+8613800138000' }

  await old.intake.keep(sender, [
    event('payment.failed', 'A-1', { customer, payment: { id: 'p1', failure: { code: 'card_declined' } } }),
    // Its first word comes after an hour.
    event('payment.failed', 'A-2', {
      customer: { email: 'other@example.org' },
      payment: { id: 'p3', failure: { code: 'insufficient_funds' } },
    }),
  ])
  await old.worker.drain()
  expect(ids().length).toBe(1)
  // Paid, kept, and not applied yet when the backup is made.
  clock.set(MORNING + 20 * MINUTE)
  await old.intake.keep(sender, [event('order.paid', 'B-1', { customer, payment: { id: 'p2' } })])
  const file = path.join(folder, 'backup')
  await backup({ url: old.database.url, file, now: clock.now(), random: testRandom })

  // The old system goes on: receipt by mail and text message, and the reminder after an hour.
  await old.worker.drain()
  clock.set(MORNING + 70 * MINUTE)
  await old.worker.drain()
  expect(ids().length).toBe(3)
  expect(lab.sms.received.list().length).toBe(1)
  await engines.pop()!.close()

  const database = await testDatabase({ blank: true, max: 8 })
  clock.set(MORNING + 3 * HOUR)
  await restore({ url: database.url, file, now: clock.now() })
  await migrate({ db: database.db, now: clock.now() })
  const restored = await testEngine({ clock, origins: lab.origins, database })
  engines.push(restored)
  await restored.worker.drain()

  // The mails are handed over again, but as the very same mails; the text message must not be.
  expect(new Set(ids()).size).toBe(3)
  expect(lab.sms.received.list().length).toBe(1)
  const order = await findOrder(database.db, shop.id, { kind: 'order_no', value: 'B-1' })
  const sms = (await messagesOfOrder(database.db, shop.id, order!)).find(
    (message) => message.channel === 'sms',
  )
  expect(sms).toMatchObject({ state: 'unknown', fate_code: 'restored' })

  clock.set(MORNING + 25 * HOUR)
  await restored.worker.drain()
  // Both orders' words after a day: the restore has not moved the second's.
  expect(new Set(ids()).size).toBe(5)
})
