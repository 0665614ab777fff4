import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testRandom } from '../../test/kit/fixed.ts'
import { keptEvent, openSite, orderEvent, type Site, SMS_SECRET } from '../../test/kit/site.ts'
import { signStandard, signStripe } from '../app/demo-sign.ts'
import { addConnection, setConnectionEnabled } from '../db/connections.ts'
import { listRefusals } from '../db/shown.ts'
import { type ConnectionId, formatId, newId } from '../domain/ids.ts'
import { hashSecret } from '../domain/seal.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site?.close())

const send = (body: unknown, headers: Record<string, string> = {}) =>
  site.call('POST', '/v1/events', {
    key: site.shop.key,
    ...(typeof body === 'string' || Buffer.isBuffer(body) ? { body } : { json: body }),
    headers: { 'content-type': 'application/json', ...headers },
  })

const kept = (event: string) => keptEvent(site, event)

describe('POST /v1/events', () => {
  it('keeps one event and says by which id it is known here', async () => {
    const answer = await send({ id: 'a1', type: 'order.created', data: { order: { no: 'A-1' } } })
    expect(answer.status).toBe(202)
    expect(answer.json.results).toEqual([
      { id: 'a1', outcome: 'accepted', event: expect.stringMatching(/^evt_/) },
    ])
    expect(answer.headers.get('x-request-id')).toMatch(/^req_/)
    expect(await kept(answer.json.results[0].event)).toMatchObject({
      id: 'a1',
      trust: 'authenticated',
      data: { order: { no: 'A-1' } },
    })
  })

  it('tells repeats from conflicts, item by item, and points both at the first event', async () => {
    const first = await send([
      { id: 'b1', type: 'order.created', data: { order: { no: 'B-1' } } },
      { id: 'b2', type: 'order.created', data: { order: { no: 'B-2' } } },
    ])
    const again = await send([
      { id: 'b1', type: 'order.created', data: { order: { no: 'B-1' } } },
      { id: 'b2', type: 'order.created', data: { order: { no: 'CHANGED' } } },
      { id: 'b3', type: 'order.created', data: { order: { no: 'B-3' } } },
    ])
    expect(again.json.results.map((each: { outcome: string }) => each.outcome)).toEqual([
      'duplicate',
      'conflict',
      'accepted',
    ])
    expect(again.json.results[0].event).toBe(first.json.results[0].event)
    const conflicts = await site.call('GET', '/v1/conflicts', { key: site.shop.key })
    expect(conflicts.json.items).toEqual([
      {
        first: first.json.results[1].event,
        id: 'b2',
        type: 'order.created',
        connection: expect.stringMatching(/^conn_/),
        time: site.clock.now(),
        firstReceivedAt: site.clock.now(),
        receivedAt: site.clock.now(),
        again: { type: 'order.created', time: site.clock.now() },
        differs: ['data.order.no'],
      },
    ])
  })

  it('takes CloudEvents, structured and in batches', async () => {
    const event = {
      specversion: '1.0',
      id: 'c1',
      source: '/shop',
      type: 'order.created',
      data: { order: { no: 'C-1' } },
    }
    const one = await send(event, { 'content-type': 'application/cloudevents+json; charset=utf-8' })
    const many = await send([{ ...event, id: 'c2' }], {
      'content-type': 'application/cloudevents-batch+json',
    })
    expect([one.status, many.status]).toEqual([202, 202])
  })

  it('takes a thousand events at once and not one more', async () => {
    const events = Array.from({ length: 1_001 }, (_, at) => ({ id: `k${at}`, type: 'shop.note', data: {} }))
    expect((await send(events.slice(0, 1_000))).json.results).toHaveLength(1_000)
    const refused = await send(events)
    expect([refused.status, refused.json.error.code]).toEqual([422, 'EVENTS_COUNT'])
    expect(refused.json.error.message).toContain('1 to 1000 events; 1001 came')
    const none = await send([])
    expect([none.status, none.json.error.code]).toEqual([422, 'EVENTS_COUNT'])
    expect(none.json.error.message).toContain('; 0 came')
  })

  it('says what came in the language asked for, and of an event how many others there were', async () => {
    const events = [
      { id: 'l1', type: 'order.created', data: { order: { expiresAt: 1_795_669_000 } } },
      { id: '', type: 'order.created', time: '1970-01-01T00:00:00Z', data: {} },
      { id: 'l3', type: 'order.created', subject: 'L-3' },
    ]
    const { error } = (await send(events)).json
    expect(error.message).toContain('2 of 3 events cannot be read')
    expect(error.fields.map(({ problem }: { problem: string }) => problem)).toEqual([
      expect.stringMatching(/, got 1795669000, which would be 1970-01-21: seconds\?$/),
      'expected text of 1 to 200 characters, got empty text',
      expect.stringMatching(/^expected a time that has come, from 2000 on .* got "1970-01-01T00:00:00Z"$/),
    ])
    const zh = await send(events, { 'accept-language': 'zh-CN' })
    for (const { problem } of zh.json.error.fields) expect(problem).toMatch(/^应为.*收到的是/)
    const query = await site.call('GET', '/v1/conflicts?limit=0&lang=zh', { key: site.shop.key })
    expect(query.json.error.fields).toEqual([
      { path: 'querystring.limit', problem: '应为数字，不小于 1，收到的是"0"' },
    ])
  })

  it('takes instants of data as ISO 8601, too, as the same body', async () => {
    const order = (expiresAt: unknown) => ({
      id: 'iso',
      type: 'order.created',
      data: { order: { no: 'ISO-1', expiresAt } },
    })
    const first = await send(order('2026-11-28T08:00:00+08:00'))
    expect(first.status).toBe(202)
    expect(await kept(first.json.results[0].event)).toMatchObject({
      data: { order: { expiresAt: 1_795_824_000_000 } },
    })
    expect((await send(order(1_795_824_000_000))).json.results[0].outcome).toBe('duplicate')
  })

  it('names every wrong item and field, and then takes none', async () => {
    const answer = await send([
      { id: 'd1', type: 'order.created', data: { order: { no: 'D-1' } } },
      { id: 'd2', type: 'order.paid', data: { order: { total: { minor: 1, currency: 'yuan' } } } },
      { type: 'order.paid', data: {} },
    ])
    expect([answer.status, answer.json.error.code]).toEqual([422, 'EVENTS_INVALID'])
    expect(answer.json.error.fields.map((field: { path: string }) => field.path)).toEqual([
      'events[1].data.order.total.currency',
      'events[2].id',
    ])
    const after = await send({ id: 'd1', type: 'order.created', data: { order: { no: 'D-1' } } })
    expect(after.json.results[0].outcome).toBe('accepted')
  })

  it.each([
    ['no JSON', '{"id":', { 'content-type': 'application/json' }, 400, 'BODY_NOT_JSON'],
    ['nothing', '', { 'content-type': 'application/json' }, 400, 'BODY_NOT_JSON'],
    [
      'another type',
      'id=1',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'CONTENT_TYPE_UNSUPPORTED',
    ],
    [
      'a compressed body',
      'x',
      { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      415,
      'CONTENT_ENCODING_UNSUPPORTED',
    ],
    [
      'too much',
      `"${'x'.repeat(2 * 1024 * 1024)}"`,
      { 'content-type': 'application/json' },
      413,
      'BODY_TOO_LARGE',
    ],
  ])('answers %s in one shape', async (_, body, headers, status, code) => {
    const answer = await send(body, headers)
    expect([answer.status, answer.json.error.code]).toEqual([status, code])
    expect(answer.json.error.docs).toBe(`${site.url}/errors#${code}`)
  })

  it('speaks the caller’s language, also of unknown addresses and wrong methods', async () => {
    const zh = await site.call('GET', '/nothing', {
      headers: { 'accept-language': 'zh-CN,zh;q=0.9,en;q=0.5' },
    })
    expect([zh.status, zh.json.error.code]).toEqual([404, 'ROUTE_UNKNOWN'])
    expect(zh.json.error.message).toContain('此地址不存在')
    const wrong = await site.call('GET', '/v1/events')
    expect([wrong.status, wrong.headers.get('allow'), wrong.json.error.code]).toEqual([
      405,
      'POST',
      'METHOD_NOT_ALLOWED',
    ])
  })

  it('says when to come back while nothing can be written', async () => {
    const { db } = site.deps
    await db.query('alter table event_key rename to event_key_gone')
    await db.query(
      `create function no_disk() returns trigger language plpgsql as $$ begin raise exception 'no space' using errcode = '53100'; end $$`,
    )
    await db.query('alter table event_key_gone rename to event_key')
    await db.query(
      'create trigger no_disk before insert on event_key for each statement execute function no_disk()',
    )
    const answer = await send({ id: 'full', type: 'order.created', subject: 'F-1' })
    expect([answer.status, answer.json.error.code, answer.headers.get('retry-after')]).toEqual([
      503,
      'DATABASE_UNAVAILABLE',
      '2',
    ])
    await db.query('drop trigger no_disk on event_key')
    expect((await send({ id: 'full', type: 'order.created', subject: 'F-1' })).json.results[0].outcome).toBe(
      'accepted',
    )
  })
})

describe('source callbacks', () => {
  const secret = 'whsec_teststripe1234567890'
  let id: ConnectionId
  const token = 'a'.repeat(40)
  const path = () => `/in/${site.shop.id}/${token}`

  async function connect(source: string, token: string, settings: object): Promise<ConnectionId> {
    const { db, keyring, clock } = site.deps
    const connection = newId('conn', clock.now(), testRandom)
    const vault = await keyring.open(site.shop.id)
    const sealed = vault.sealer.seal(JSON.stringify(settings), {
      shop: site.shop.id,
      column: 'connection.settings',
      row: connection,
    })
    const row = {
      id: connection,
      source,
      name: source,
      path_hash: hashSecret(token),
      settings: sealed,
      created_at: clock.now(),
    }
    await addConnection(db, site.shop.id, row)
    return connection
  }

  beforeAll(async () => {
    id = await connect('stripe', token, { secrets: [secret] })
  })

  const stripeBody = (eventId: string) =>
    JSON.stringify({
      id: eventId,
      object: 'event',
      type: 'payment_intent.succeeded',
      created: Math.floor(site.clock.now() / 1000),
      data: {
        object: {
          id: 'pi_1',
          object: 'payment_intent',
          amount: 100,
          amount_received: 100,
          currency: 'usd',
          status: 'succeeded',
          metadata: { order_no: 'S-1' },
        },
      },
    })

  it('keeps what is signed, and answers as the sender expects', async () => {
    const body = stripeBody('evt_1')
    const answer = await site.call('POST', path(), {
      body,
      headers: signStripe(secret, site.clock.now() / 1000, body),
    })
    expect([answer.status, answer.json]).toEqual([200, { received: true }])
    await site.engine.worker.drain()
    const order = await site.call('GET', '/v1/orders/S-1', { key: site.shop.key })
    expect(order.json).toMatchObject({
      no: 'S-1',
      status: 'paid',
      names: expect.arrayContaining([{ kind: 'stripe_pi', value: 'pi_1' }]),
    })
  })

  it('refuses what is forged with 401 and records all but the body', async () => {
    const body = stripeBody('evt_2')
    const answer = await site.call('POST', path(), {
      body,
      headers: signStripe('whsec_other', site.clock.now() / 1000, body),
    })
    expect([answer.status, answer.json.error.code]).toEqual([401, 'SIGNATURE_INVALID'])
    const [refusal] = await listRefusals(site.deps.db, site.shop.id, null, 10)
    expect(refusal).toMatchObject({ connection_id: id, remote_address: '127.0.0.1', body_bytes: body.length })
    expect(JSON.stringify(refusal)).not.toContain('pi_1')
  })

  it('sends the one whose callback is signed right but is old to the clock, not to the secret', async () => {
    const body = stripeBody('evt_old')
    const headers = signStripe(secret, site.clock.now() / 1000 - 3_600, body)
    const { status, json } = await site.call('POST', path(), { body, headers })
    expect([status, json.error.code]).toEqual([401, 'SIGNATURE_STALE'])
    expect(json.error.message).toMatch(/signed 3600 s ago.+clocks/)
    expect(json.error.message).not.toContain('Compare the signing secret')
  })

  it('answers 422 to what is authentic but unreadable, and records that, too', async () => {
    const body = '{"id":"evt_3"}'
    site.clock.set(site.clock.now() + 1_000)
    const answer = await site.call('POST', path(), {
      body,
      headers: signStripe(secret, site.clock.now() / 1000, body),
    })
    expect([answer.status, answer.json.error.fields[0].path]).toEqual([422, 'type'])
    const refusals = await site.call('GET', '/v1/refusals', { key: site.shop.key })
    expect(refusals.json.items[0].why).toBe('unreadable: type')
  })

  it('knows no difference between an unknown path and an unknown shop', async () => {
    const unknown = await site.call('POST', `/in/${site.shop.id}/${'b'.repeat(40)}`, { body: '{}' })
    const nobody = await site.call('POST', `/in/999999/${token}`, { body: '{}' })
    expect([unknown.status, unknown.text]).toEqual([nobody.status, nobody.text])
    const elsewhere = await site.call('POST', `/in/${site.other.id}/${token}`, { body: '{}' })
    expect(elsewhere.status).toBe(404)
  })

  it('takes a batch by Standard Webhooks', async () => {
    const secret = `whsec_${Buffer.alloc(24, 5).toString('base64')}`
    const token = 'c'.repeat(40)
    await connect('standard-webhooks', token, { secrets: [secret] })
    const body = JSON.stringify([{ id: 'w1', type: 'order.created', data: { order: { no: 'W-1' } } }])
    const headers = signStandard(secret, 'msg_1', site.clock.now() / 1000, body)
    const answer = await site.call('POST', `/in/${site.shop.id}/${token}`, { body, headers })
    expect([answer.status, answer.json]).toEqual([200, { received: 1 }])
  })

  it('asks to be tried again where a connection was made and its secret not yet entered', async () => {
    const token = 'd'.repeat(40)
    const made = await connect('stripe', token, {})
    await setConnectionEnabled(site.deps.db, site.shop.id, made, false)
    const answer = await site.call('POST', `/in/${site.shop.id}/${token}`, { body: '{}' })
    expect([answer.status, answer.json.error.code]).toEqual([503, 'CONNECTION_UNFINISHED'])
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/)
  })

  it('says 410 within five seconds after a connection was switched off', async () => {
    await setConnectionEnabled(site.deps.db, site.shop.id, id, false)
    site.clock.set(site.clock.now() + 5_000)
    const answer = await site.call('POST', path(), { body: '{}' })
    expect([answer.status, answer.json.error.code]).toEqual([410, 'CONNECTION_OFF'])
  })
})

const paidBySms = (no: string, phone: string) =>
  orderEvent(`paid-${no}`, 'order.paid', no, { customer: { phone } })

describe('provider callbacks', () => {
  it('turns receipts and STOP replies into events that take effect', async () => {
    const { shop, lab } = site
    await site.keep(shop, paidBySms('T-1', '+8613800138000'))
    const { rows } = await site.deps.db.query<{ id: string }>(
      `select id from account where shop_id = $1 and channel = 'sms'`,
      [shop.id],
    )
    const callback = `/cb/${shop.id}/${formatId('acct', rows[0]!.id as never)}`
    lab.sms.sendCallbacksTo({
      url: site.url + callback,
      secret: SMS_SECRET,
    })
    expect(await lab.sms.reply({ from: '+8613800138000', text: '退订' })).toBe(200)
    await site.engine.worker.drain()
    const order = await site.call('GET', '/v1/orders/T-1', { key: shop.key })
    expect(order.json.contacts).toEqual([
      {
        contact: expect.any(String),
        channel: 'sms',
        address: '+86138****8000',
        state: 'unsubscribed',
      },
    ])

    const receipt = site.answered('POST', '/cb/')
    await site.keep(shop, paidBySms('T-2', '+8613900139000'))
    expect(await receipt).toBe(200)
    await site.engine.worker.drain()
    const { entries } = (await site.call('GET', '/v1/orders/T-2/timeline', { key: shop.key })).json
    expect(entries.map((entry: { kind: string }) => entry.kind)).toContain('delivered')

    const forged = await site.call('POST', callback, {
      body: '{}',
      headers: { 'content-type': 'application/json' },
    })
    expect(forged.status).toBe(401)
  })
})
