import { PROVIDERS_FOR_BENCH } from '../../src/channels/registry.ts'
import { connect } from '../../src/db/connect.ts'
import { migrate } from '../../src/db/migrate.ts'
import type { SourceEvent } from '../../src/domain/event.ts'
import { plainEvent } from '../../src/sources/samples.ts'
import { flowText, REMIND, sendStep } from '../kit/flow-texts.ts'
import { scriptedProvider } from '../kit/scripted-provider.ts'
import { account, event, openWorld, type TestShop, type World, type WorldOptions } from '../kit/world.ts'
import { callEveryDoor, expectStatus, openDoor, openKey, postTo } from './door.ts'
import { long, markOf, PHONE_AS_TYPED, SHORT } from './secrets.ts'
import { GATEWAY } from './senders.ts'

const receipt = flowText({ key: 'receipt', on: 'order.paid', purpose: 'essential', steps: sendStep('paid') })

/** A database of its own on `serverUrl`, with secrets sent through every way in, applied, sent, failed and shown. */
export async function plant(
  serverUrl: string,
  name: string,
  options: Pick<WorldOptions, 'sealerOf'> & Required<Pick<WorldOptions, 'log'>>,
): Promise<World> {
  const admin = connect({ url: serverUrl, max: 1 })
  await admin.query(`create database ${name} template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  const db = connect({ url: url.href, max: 8 })
  await migrate({ db, now: 0 })
  const database = {
    db,
    url: url.href,
    close: async () => {
      await db.close()
      await admin.close()
    },
  }
  const mail = scriptedProvider('email', 'harmless')
  const findProvider = (wanted: string) => PROVIDERS_FOR_BENCH.find((each) => each.name === wanted)
  const world = await openWorld({ ...options, database, providers: [mail], findProvider })
  const settings = {
    host: '127.0.0.1',
    port: 1,
    security: 'none',
    user: 'u',
    pass: SHORT.password,
    from: 'a@b.example',
  }
  const shop = await world.openShop('leaky', {
    accounts: [
      account(mail),
      { channel: 'inbox', provider: 'inbox', name: 'inbox', settings: {} },
      { channel: 'sms', provider: 'smtp', name: 'unused', settings: { ...settings, ca: long('password') } },
      { channel: 'sms', provider: 'sms-http', name: 'gateway', settings: GATEWAY },
    ],
    flows: [REMIND, receipt],
    settings: { capPerDay: 50 },
  })
  await tellAll(world, shop, options.log)
  await world.engine.worker.drain()
  await goWrong(world, shop)
  mail.answer = () => ({ kind: 'rejected', blame: 'address', code: '550' })
  await shop.keep([
    event('order.paid', 'again', {
      customer: { email: `2${SHORT.mail}`, name: SHORT.name },
      client: { userAgent: SHORT.extra, device: SHORT.extra },
      payment: { id: 'again', card: SHORT.extra },
    }),
  ])
  await world.engine.worker.drain()
  return world
}

/** Through the HTTP server: the API, and every source and provider that has callbacks. */
async function tellAll(world: World, shop: TestShop, log: unknown): Promise<void> {
  const door = await openDoor(world, log)
  try {
    const post = postTo(door.url)
    const json = { 'content-type': 'application/json', authorization: `Bearer ${await openKey(world, shop)}` }
    for (const type of ['payment.failed', 'order.delivered'])
      expectStatus(type, 202, await post('/v1/events', json, plain(type)))
    expectStatus('no key', 401, await post('/v1/events', { ...json, authorization: '' }, plain('order.paid')))
    const broken = { id: 'b', type: 'order.paid', data: { customer: { email: [SHORT.mail] } } }
    expectStatus('unreadable', 422, await post('/v1/events', json, JSON.stringify(broken)))
    await post('/v1/events', json, plain('order.paid').slice(0, 300))
    await callEveryDoor(world, shop, post)
  } finally {
    await door.close()
  }
  await shop.keep([
    event('stock.low', null, { extra: { stock: { name: SHORT.extra } } }, { subject: SHORT.extra }),
  ])
}

function plain(type: string): string {
  const customer = {
    name: SHORT.name,
    email: SHORT.mail,
    phone: PHONE_AS_TYPED,
    externalId: `${SHORT.mail}:id`,
  }
  const data = {
    order: { no: 'plain-1', title: SHORT.title, items: [{ name: SHORT.title, quantity: 1 }] },
    customer,
    delivery: { id: 'd1', keys: [SHORT.key, long('key')] },
    extra: { note: SHORT.extra, door: markOf('api'), long: long('extra', 6_000) },
  }
  return JSON.stringify(plainEvent({ id: `plain-${type}`, type, data, subject: SHORT.mail }))
}

/** Everything that is written when something goes wrong: conflicts, events set aside, messages without words, logs. */
async function goWrong(world: World, shop: TestShop): Promise<void> {
  const one: SourceEvent = event('order.paid', 'wrong', { customer: { email: SHORT.mail, name: SHORT.name } })
  await shop.keep([one])
  await shop.keep([{ ...one, data: { ...one.data, extra: { note: long('extra') } } }])
  await shop.keep([event('order.created', 'worse')])
  await world.engine.worker.drain()
  await world.db.query(
    `update orders set facts = '\\x00' || facts where shop_id = $1 and no in ('wrong', 'worse')`,
    [shop.id],
  )
  await shop.keep([event('order.delivered', 'wrong', { delivery: { id: 'd', keys: [SHORT.key] } })])
  const known = { no: 'worse', title: SHORT.title }
  await shop.keep([event('payment.failed', 'worse', { order: known, customer: { name: SHORT.name } })])
  await world.engine.worker.drain()
}
