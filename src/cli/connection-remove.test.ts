import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { waitingForLocks } from '../../test/kit/locks.ts'
import { openSite, orderEvent, type Site } from '../../test/kit/site.ts'
import { MONDAY } from '../../test/kit/world.ts'
import { listAudit } from '../db/audit.ts'
import { transaction } from '../db/connect.ts'
import { lockConnections, noteRelay, pauseAsks, removeConnection } from '../db/connections.ts'
import { type InquiryKind, inquiriesOf, startInquiries } from '../db/inquiries.ts'
import { type OrderId, parseId } from '../domain/ids.ts'
import { HOUR, SECOND } from '../domain/time.ts'
import { commandRunner } from './command.test-kit.ts'

let site: Site
let folder: string
beforeAll(async () => {
  site = await openSite()
  folder = await mkdtemp(path.join(tmpdir(), 'dingdong-connection-'))
}, 90_000)
afterAll(async () => {
  await site?.close()
  await rm(folder, { recursive: true, force: true })
})

const run = (name: string, args: readonly string[], options: object = {}, language: 'zh' | 'en' = 'en') =>
  commandRunner(site.engine.database.url, folder, language)(name, args, { shop: 'first', ...options })
const ids = async () =>
  ((await run('connection list', [])).result as unknown as { connection: string }[]).map(
    (each) => each.connection,
  )

const allOff = async () => {
  for (const id of await ids()) await run('connection off', [id])
}

/** One that can be asked what became of a payment. */
const ASKABLE = 'secrets: [whsec_12345678]\napiKey: rk_test_1\n'

async function connect(
  settings?: string,
  source = 'dujiaoka',
): Promise<{ readonly id: string; readonly url: string }> {
  const place = path.join(folder, 'settings.yaml')
  if (settings !== undefined) await writeFile(place, settings)
  const made = await run('connection add', [source], {
    name: 'Old cards',
    ...(settings === undefined ? {} : { settings: place }),
  })
  return { id: made.result.connection!, url: new URL(made.result.url!).pathname }
}

/** An order that is asked about through the connection in an hour; gives how to look at the question. */
async function askAbout(connection: string, no: string, kind: InquiryKind = 'unpaid') {
  await site.keep(site.shop, orderEvent(no, 'order.created', no))
  await site.engine.worker.drain()
  const { rows } = await site.deps.db.query<{ id: OrderId }>(
    'select id from orders where shop_id = $1 and no = $2',
    [site.shop.id, no],
  )
  const order = rows[0]!.id
  const startedAt = site.clock.now()
  const inquiry = { order, connection: parseId('conn', connection)!, payment: null, startedAt }
  await transaction(site.deps.db, (tx) =>
    startInquiries(tx, site.shop.id, [{ ...inquiry, kind, dueAt: startedAt + HOUR }], 1),
  )
  return async () => (await inquiriesOf(site.deps.db, site.shop.id, order))[0]!
}

it('one that was added by mistake is gone, its address like one that never was; what came by it keeps its name', async () => {
  const { id, url } = await connect()
  const call = (place: string) => site.call('POST', place, { body: '{}' })
  expect((await call(url)).json.error.code).not.toBe('ROUTE_UNKNOWN')
  const sender = { shop: site.shop.id, connection: parseId('conn', id)!, trust: 'signed' } as const
  await site.engine.intake.keep(sender, [orderEvent('made', 'order.created', 'R-1')])
  await site.engine.worker.drain()
  const { shown, result } = await run('connection remove', [id])
  expect(shown).toContain(`${id} (Old cards) is taken away`)
  expect(result).toEqual({ connection: id, removed: true, passedOn: 0 })
  expect(await ids()).not.toContain(id)
  site.clock.set(site.clock.now() + 5 * SECOND)
  const stranger = await call(`${url.slice(0, -40)}${'0'.repeat(40)}`)
  const gone = await call(url)
  expect([gone.status, gone.json.error.code]).toEqual([stranger.status, stranger.json.error.code])

  const { json } = await site.call('GET', '/v1/orders/R-1/timeline', { key: site.shop.key })
  expect(json.entries).toContainEqual(
    expect.objectContaining({ type: 'order.created', source: 'dujiaoka', name: 'Old cards' }),
  )
  const { rows } = await site.deps.db.query<{ settings: Buffer; path_hash: Buffer | null }>(
    'select settings, path_hash from connection where id = $1',
    [sender.connection],
  )
  const { sealer } = await site.deps.keyring.open(site.shop.id)
  const place = { shop: site.shop.id, column: 'connection.settings', row: sender.connection }
  expect([sealer.openText(rows[0]!.settings, place), rows[0]!.path_hash]).toEqual(['{}', null])
  expect(await listAudit(site.deps.db, site.shop.id, null, 100)).toContainEqual(
    expect.objectContaining({
      action: 'connection.remove',
      target: id,
      detail: { source: 'dujiaoka', name: 'Old cards' },
    }),
  )
  for (const again of ['connection remove', 'connection on', 'connection off'])
    await expect(run(again, [id])).rejects.toMatchObject({ exit: 3 })
  // Nor does who was just asking through it, or passing on what came by it, write anything there.
  const { db } = site.deps
  expect(await pauseAsks(db, site.shop.id, sender.connection, '401', site.clock.now())).toBe(false)
  expect(await noteRelay(db, site.shop.id, sender.connection, 'http_500', site.clock.now())).toBe(false)
})

it('stays while orders are asked about through it alone; another that can be asked takes its questions over', async () => {
  const first = await connect(ASKABLE, 'stripe')
  const question = await askAbout(first.id, 'R-2')
  const mute = await connect('secrets: [whsec_12345678]\n', 'stripe')
  await expect(run('connection remove', [first.id])).rejects.toThrow(
    /asked about through it: 1, and no other stripe connection to the same account can be asked.*connection off conn_\w+ --shop first\)/,
  )
  await expect(run('connection remove', [first.id], {}, 'zh')).rejects.toThrow(/还在通过它查询 1 笔订单/)
  await run('connection off', [first.id])
  await expect(run('connection remove', [first.id])).rejects.toThrow(/^It is off, .*: 1\. .* or wait/)
  const waiting = await askAbout(first.id, 'R-6')
  const waits = `update inquiry set outcome = 'waits' where shop_id = $1 and order_id = $2`
  await site.deps.db.query(waits, [site.shop.id, (await waiting()).order_id])
  const before = await question()
  expect(before).toMatchObject({ outcome: null, due_at: expect.any(Number) })
  // Another account knows nothing of these payments: who has paid would be taken for one who has not.
  await connect(ASKABLE.replace('rk_test_1', 'rk_test_2'), 'stripe')
  await expect(run('connection remove', [first.id])).rejects.toThrow(/^It is off, .*: 2\./)
  const heir = await connect(ASKABLE.replace('whsec_12345678', 'whsec_of_its_own'), 'stripe')
  const { shown, result } = await run('connection remove', [first.id])
  expect([shown, result.passedOn]).toEqual([
    expect.stringContaining('asked through another from now on: 2'),
    2,
  ])
  expect(await question()).toMatchObject({
    connection_id: parseId('conn', heir.id),
    due_at: before.due_at,
    outcome: null,
    fence: before.fence + 1,
  })
  // What waited for the connection to be put right waits no more.
  expect(await waiting()).toMatchObject({ due_at: MONDAY, outcome: null })
  await run('connection remove', [mute.id])
  // Nobody is really asked.
  await allOff()
})

it('what another asks about already ends, and the order says why', async () => {
  await allOff()
  const first = await connect(ASKABLE, 'stripe')
  const question = await askAbout(first.id, 'R-5')
  await askAbout((await connect(ASKABLE, 'stripe')).id, 'R-5')
  const { fence } = await question()
  await run('connection remove', [first.id])
  const all = await inquiriesOf(site.deps.db, site.shop.id, (await question()).order_id)
  expect(all.filter(({ connection_id }) => connection_id === parseId('conn', first.id))).toMatchObject([
    {
      due_at: null,
      outcome: 'no_answer',
      fence: fence + 1,
      log: [[expect.any(Number), 'ended', 'connection_removed']],
    },
  ])
  const { shown } = await run('order', ['R-5'], { url: site.url, key: site.shop.key })
  expect(shown).toMatch(/stripe .*asked no more \(its connection was taken away\)/)
})

it('a healing through it ends at once, and the reminders have their turn', async () => {
  const one = await connect(ASKABLE, 'stripe')
  const healing = await askAbout(one.id, 'R-3', 'platform')
  await connect(ASKABLE, 'stripe')
  await run('connection remove', [one.id])
  site.engine.configs.forget(site.shop.id)
  await site.engine.worker.drain()
  expect(await healing()).toMatchObject({ due_at: null, outcome: 'not_healed' })
  const { json } = await site.call('GET', '/v1/orders/R-3/timeline', { key: site.shop.key })
  expect(json.entries).toContainEqual(expect.objectContaining({ type: 'payment.heal_failed' }))
})

it('whoever was just changing one that is taken away is told that it is gone', async () => {
  const { id } = await connect()
  const place = path.join(folder, 'set.yaml')
  await writeFile(place, 'pathSecret: another-secret-of-its-own-00000000\n')
  const wait: Promise<unknown>[] = []
  await transaction(site.deps.db, async (tx) => {
    await lockConnections(tx, site.shop.id)
    const late = [
      run('connection set', [id], { settings: place }),
      ...['connection on', 'connection off', 'connection remove'].map((name) => run(name, [id])),
    ]
    wait.push(...late.map((each) => expect(each).rejects.toMatchObject({ exit: 3 })))
    await waitingForLocks(site.deps.db, 4)
    await removeConnection(tx, site.shop.id, parseId('conn', id)!, Buffer.from('{}'), site.clock.now())
  })
  await Promise.all(wait)
  const audit = await listAudit(site.deps.db, site.shop.id, null, 100)
  expect(audit.filter(({ action, target }) => target === id && action !== 'connection.add')).toEqual([])
})

it('of two that go at once one stays where orders are asked about through both', async () => {
  await allOff()
  const both = [await connect(ASKABLE, 'stripe'), await connect(ASKABLE, 'stripe')]
  for (const [at, { id }] of both.entries()) await askAbout(id, `R-2${at}`)
  const wait = await transaction(site.deps.db, async (tx) => {
    await lockConnections(tx, site.shop.id)
    const going = Promise.allSettled(both.map(({ id }) => run('connection remove', [id])))
    await waitingForLocks(site.deps.db, 2)
    return { going }
  })
  expect((await wait.going).map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
})

it('stays while the shop hears of its payments through it', async () => {
  const { id } = await connect('relayTo: https://shop.example/notify\n')
  await expect(run('connection remove', [id])).rejects.toThrow(
    /reach the shop at shop\.example through it.*relayTo: null.*connection set conn_\w+ --shop first/,
  )
  expect(await ids()).toContain(id)
})
