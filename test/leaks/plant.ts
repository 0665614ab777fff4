import { createHmac } from 'node:crypto'
import { PROVIDERS_FOR_BENCH } from '../../src/channels/registry.ts'
import { connect } from '../../src/db/connect.ts'
import { addConnection } from '../../src/db/connections.ts'
import { migrate } from '../../src/db/migrate.ts'
import type { SourceEvent, Trust } from '../../src/domain/event.ts'
import { newId } from '../../src/domain/ids.ts'
import { parseCloudEvents } from '../../src/sources/cloudevents.ts'
import { dujiaoka } from '../../src/sources/dujiaoka.ts'
import {
  dujiaokaOrder,
  plainEvent,
  stripeDeclined,
  stripeEvent,
  wooOrder,
} from '../../src/sources/samples.ts'
import type { Received } from '../../src/sources/source.ts'
import { standardWebhooks } from '../../src/sources/standard-webhooks.ts'
import { stripe } from '../../src/sources/stripe.ts'
import { woocommerce } from '../../src/sources/woocommerce.ts'
import { testRandom } from '../kit/engine.ts'
import { flowText, REMIND, sendStep } from '../kit/flow-texts.ts'
import { scriptedProvider } from '../kit/scripted-provider.ts'
import {
  account,
  event,
  MONDAY,
  openWorld,
  type TestShop,
  type World,
  type WorldOptions,
} from '../kit/world.ts'
import { long, PHONE, PHONE_AS_TYPED, SHORT } from './secrets.ts'

const SECRET = `${SHORT.password}-of-a-connection-of-32-characters`
const seconds = Math.floor(MONDAY / 1000)
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text)
const json = (value: unknown) => Buffer.from(JSON.stringify(value))

const receipt = flowText({ key: 'receipt', on: 'order.paid', purpose: 'essential', steps: sendStep('paid') })

/** A database of its own on `serverUrl`, with secrets sent through every way in, applied, sent, failed and shown. */
export async function plant(
  serverUrl: string,
  name: string,
  options: Pick<WorldOptions, 'sealerOf' | 'log'>,
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
    ],
    flows: [REMIND, receipt],
    settings: { capPerDay: 50 },
  })
  await keepConnection(world, shop)
  await tellAll(shop)
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

/** As the route does it: settings sealed for their row. */
async function keepConnection(world: World, shop: TestShop): Promise<void> {
  const { sealer } = await world.engine.keyring.open(shop.id)
  const id = newId('conn', MONDAY, testRandom)
  const place = { shop: shop.id, column: 'connection.settings', row: id }
  const settings = sealer.seal(JSON.stringify({ secrets: [SECRET, long('password')] }), place)
  const row = { id, source: 'stripe', name: 'stripe', path_hash: null, settings, created_at: MONDAY }
  await addConnection(world.db, shop.id, row)
}

async function tellAll(shop: TestShop): Promise<void> {
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
    extra: { note: SHORT.extra, long: long('extra', 6_000) },
  }
  const plain = (type: string) => json(plainEvent({ id: `plain-${type}`, type, data, subject: SHORT.mail }))
  const failed = parseCloudEvents('application/json', plain('payment.failed'), { now: MONDAY })
  const delivered = parseCloudEvents('application/json', plain('order.delivered'), { now: MONDAY })
  if (!failed.ok || !delivered.ok) throw new Error('the plain events were not read')
  await shop.keep([...failed.events, ...delivered.events], { trust: 'authenticated' })
  for (const [trust, received] of callbacks()) await keepReceived(shop, trust, received)
  await shop.keep([
    event('message.replied', null, {
      message: { id: 'm1', text: `${SHORT.reply} ${long('reply', 2_500)}` },
      customer: { phone: `+86${PHONE}` },
    }),
    event('stock.low', null, { extra: { stock: { name: SHORT.extra } } }, { subject: SHORT.extra }),
  ])
}

function callbacks(): readonly (readonly [Trust, Received])[] {
  const declined = stripeDeclined({
    message: `${SHORT.extra} ${PHONE}`,
    payment_method: { billing_details: { email: SHORT.mail, name: SHORT.name, phone: PHONE_AS_TYPED } },
  })
  const stripeBody = json(
    stripeEvent('payment_intent.payment_failed', { ...declined, receipt_email: SHORT.mail }),
  )
  const stripeSign = hmac(SECRET, `${seconds}.${stripeBody}`).digest('hex')
  const billing = {
    first_name: SHORT.name,
    last_name: '',
    country: 'CN',
    email: SHORT.mail,
    phone: PHONE_AS_TYPED,
  }
  const wooBody = json(wooOrder({ billing, customer_note: long('extra') }))
  const cards = [SHORT.key, long('key', 2_400)].join('\n')
  const cardBody = json(dujiaokaOrder({ email: SHORT.mail, order_info: cards, title: SHORT.title }))
  const webhookKey = Buffer.alloc(32, 7)
  const webhookBody = json(
    plainEvent({
      id: 'std-1',
      type: 'customer.updated',
      data: { customer: { name: SHORT.name, email: SHORT.mail } },
    }),
  )
  const webhookSign = hmac(webhookKey, `w1.${seconds}.${webhookBody}`).digest('base64')
  const request = (headers: Record<string, string>, body: Buffer) => ({
    method: 'POST',
    query: {},
    headers,
    body,
  })
  return [
    [
      'signed',
      stripe.receive(
        stripe.settings.parse({ secrets: [SECRET] }),
        request({ 'stripe-signature': `t=${seconds},v1=${stripeSign}` }, stripeBody),
        MONDAY,
      ),
    ],
    [
      'signed',
      woocommerce.receive(
        woocommerce.settings.parse({ secrets: [SECRET] }),
        request(
          {
            'x-wc-webhook-signature': hmac(SECRET, wooBody.toString()).digest('base64'),
            'x-wc-webhook-topic': 'order.created',
          },
          wooBody,
        ),
        MONDAY,
      ),
    ],
    [
      'authenticated',
      dujiaoka.receive(dujiaoka.settings.parse({ pathSecret: SECRET }), request({}, cardBody), MONDAY),
    ],
    [
      'signed',
      standardWebhooks.receive(
        standardWebhooks.settings.parse({ secrets: [`whsec_${webhookKey.toString('base64')}`] }),
        request(
          {
            'webhook-id': 'w1',
            'webhook-timestamp': String(seconds),
            'webhook-signature': `v1,${webhookSign}`,
          },
          webhookBody,
        ),
        MONDAY,
      ),
    ],
  ]
}

async function keepReceived(shop: TestShop, trust: Trust, received: Received): Promise<void> {
  if (received.kind !== 'events') throw new Error(`a callback was not read: ${JSON.stringify(received)}`)
  await shop.keep(received.events, { trust })
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
