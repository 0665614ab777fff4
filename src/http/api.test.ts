import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSite, orderEvent, type Site } from '../../test/kit/site.ts'
import { setAllKilled } from '../db/shops.ts'
import { HOUR, MINUTE } from '../domain/time.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
  await site.keep(
    site.shop,
    orderEvent('e1', 'payment.failed', 'A-1', {
      order: {
        no: 'A-1',
        title: '季度会员',
        total: { minor: 12_800, currency: 'CNY' },
        payUrl: 'https://shop.example/pay/A-1',
      },
      customer: { email: 'buyer@example.org', name: '小林', externalId: 'buyer-1', phone: '+8613800138000' },
      payment: { id: 'pay_1', failure: { code: 'incorrect_cvc', message: 'card of Xiao Lin' } },
    }),
  )
}, 60_000)
afterAll(() => site?.close())

const get = (path: string, headers: Record<string, string> = {}) =>
  site.call('GET', path, { key: site.shop.key, headers })
const post = (path: string, headers: Record<string, string> = {}) =>
  site.call('POST', path, { key: site.shop.key, headers })

describe('orders', () => {
  it('are found by number, also as people type it, and by our id', async () => {
    const order = (await get('/v1/orders/A-1')).json
    expect(order).toMatchObject({
      no: 'A-1',
      status: 'payment_failed',
      total: { minor: 12_800, currency: 'CNY' },
      hasKeys: false,
    })
    expect((await get(`/v1/orders/${encodeURIComponent('#A-1')}`)).json.order).toBe(order.order)
    expect((await get(`/v1/orders/${order.order}`)).json.no).toBe('A-1')
    expect((await get('/v1/orders/NONE')).json.error.code).toBe('NOT_FOUND')
  })

  it('show names and addresses masked', async () => {
    const { text, json } = await get('/v1/orders/A-1')
    expect(text).not.toMatch(/buyer@|13800138000|小林/)
    expect(json.contacts.map((each: { address: string }) => each.address).toSorted()).toEqual([
      '+86138****8000',
      'b***@example.org',
      'bu***',
    ])
  })

  it('tell their story in the language asked for, with the reason of every message', async () => {
    const { json, text } = await get('/v1/orders/A-1/timeline?lang=zh')
    const kinds = new Set(json.entries.map((entry: { kind: string }) => entry.kind))
    expect(kinds).toEqual(new Set(['event', 'run', 'message']))
    const sent = json.entries.find(
      (entry: { kind: string; message?: { state: string } }) => entry.message?.state === 'sent',
    )
    expect(sent.message).toMatchObject({
      to: 'b***@example.org',
      stateText: '服务商已接收。',
      tries: [{ n: 1, fate: 'sent' }],
    })
    expect(sent.message.why[0]).toMatch(/可以发送/)
    expect(text).not.toMatch(/buyer@example|小林/)
    const en = await get('/v1/orders/A-1/timeline', { 'accept-language': 'en' })
    expect(en.text).toContain('The provider has taken it.')
    const times = json.entries.map((entry: { at: number }) => entry.at)
    expect(times).toEqual(times.toSorted((a: number, b: number) => a - b))
  })
})

describe('events', () => {
  it('are shown with personal data masked and free text hidden', async () => {
    const timeline = (await get('/v1/orders/A-1/timeline')).json
    const { event } = timeline.entries.find((entry: { kind: string }) => entry.kind === 'event')
    const { json, text } = await get(`/v1/events/${event}`)
    expect(json).toMatchObject({
      type: 'payment.failed',
      data: { customer: { email: 'b***@example.org' }, payment: { failure: { code: 'incorrect_cvc' } } },
    })
    expect(text).not.toMatch(/buyer@|Xiao Lin|13800138000|小林/)
  })
})

describe('messages', () => {
  it('are listed newest first, page by page', async () => {
    const all = (await get('/v1/messages')).json
    expect(all.next).toBeNull()
    const first = (await get('/v1/messages?limit=1')).json
    expect(first.items).toHaveLength(1)
    const rest = (await get(`/v1/messages?limit=200&before=${first.next}`)).json
    expect([...first.items, ...rest.items].map((each) => each.message)).toEqual(
      all.items.map((each: { message: string }) => each.message),
    )
    expect((await get('/v1/messages?before=rubbish')).json.error.fields[0].path).toBe('before')
    expect((await get('/v1/messages?limit=0')).status).toBe(422)
  })

  it('are sent again through the gate, once for each key, and logged', async () => {
    const [sent] = (await get('/v1/messages')).json.items.filter(
      (each: { state: string; channel: string }) => each.state === 'sent' && each.channel === 'email',
    )
    const before = site.lab.smtp.received.list().length
    const again = await post(`/v1/messages/${sent.message}/resend`, { 'idempotency-key': 'k1' })
    expect([again.status, again.json.resendOf]).toEqual([202, sent.message])
    expect(
      (await post(`/v1/messages/${sent.message}/resend`, { 'idempotency-key': 'k1' })).json.error.code,
    ).toBe('RESEND_REPEATED')
    await site.engine.worker.drain()
    expect(site.lab.smtp.received.list()).toHaveLength(before + 1)
    expect((await get(`/v1/messages/${again.json.message}`)).json).toMatchObject({
      resendOf: sent.message,
      state: 'sent',
    })
    const audit = (await get('/v1/audit')).json.items
    expect(audit[0]).toMatchObject({
      action: 'message.resend',
      target: sent.message,
      detail: { as: again.json.message },
    })
    expect(audit[0].actor).toMatch(/^key:key_/)
  })

  it('are sent again without a key once in sixty seconds, wherever a minute ends, and of many at once one', async () => {
    const sent = (await get('/v1/messages')).json.items.find(
      (each: { state: string; resendOf: string | null }) => each.state === 'sent' && !each.resendOf,
    )
    const path = `/v1/messages/${sent.message}/resend`
    const statuses = async (times: number) =>
      (await Promise.all(Array.from({ length: times }, () => post(path))))
        .map((each) => each.status)
        .toSorted()
    const noon = Math.ceil((site.clock.now() + 2 * MINUTE) / MINUTE) * MINUTE
    site.clock.set(noon - 100)
    expect(await statuses(4)).toEqual([202, 409, 409, 409])
    site.clock.set(noon + 100)
    expect(await statuses(1)).toEqual([409])
    site.clock.set(noon - 100 + MINUTE - 1)
    const early = await post(path)
    expect(early.json.error).toMatchObject({ code: 'RESEND_REPEATED' })
    expect((await post(path, { 'idempotency-key': 'another' })).status).toBe(202)
    site.clock.set(noon - 100 + 2 * MINUTE - 2)
    expect(await statuses(1)).toEqual([409])
    site.clock.set(noon - 100 + 2 * MINUTE - 1)
    expect(await statuses(3)).toEqual([202, 409, 409])
    await site.engine.worker.drain()
  })

  it('that are sent again after the payment are stopped by the gate and say why', async () => {
    const [sent] = (await get('/v1/messages')).json.items.filter(
      (each: { state: string }) => each.state === 'sent',
    )
    await site.keep(site.shop, orderEvent('e2', 'order.paid', 'A-1'))
    site.clock.set(site.clock.now() + 2 * MINUTE)
    const again = await post(`/v1/messages/${sent.message}/resend`)
    await site.engine.worker.drain()
    const { json } = await get(`/v1/messages/${again.json.message}`, { 'accept-language': 'en' })
    expect(json.state).toBe('dropped')
    expect(json.why.join(' ')).toContain('The order is paid')
  })
})

describe('the inbox', () => {
  it('gives a buyer’s items, and marks them read and archived', async () => {
    await site.keep(
      site.shop,
      orderEvent('i1', 'order.created', 'I-1', {
        customer: { externalId: 'buyer-9' },
        order: { no: 'I-1', title: 'x' },
      }),
      orderEvent('i2', 'order.paid', 'I-1'),
    )
    const inbox = (await get('/v1/inbox/buyer-9')).json
    expect(inbox.unread).toBe(inbox.items.length)
    expect(inbox.items.length).toBeGreaterThan(0)
    const { message } = inbox.items[0]
    expect((await post(`/v1/inbox/buyer-9/${message}/read`)).json.unread).toBe(inbox.unread - 1)
    await post(`/v1/inbox/buyer-9/${message}/read`)
    const read = await site.deps.db.query<{ n: number }>(
      `select count(*)::int as n from event where shop_id = $1 and type = 'message.read'`,
      [site.shop.id],
    )
    // A cascade hears of it once.
    expect(read.rows[0]!.n).toBe(1)
    await post(`/v1/inbox/buyer-9/${message}/archive`)
    expect(
      (await get('/v1/inbox/buyer-9')).json.items.map((each: { message: string }) => each.message),
    ).not.toContain(message)
    expect((await post(`/v1/inbox/buyer-1/${message}/read`)).status).toBe(404)
  })
})

describe('switches', () => {
  it('stop a flow, a shop and everything, and let them go again', async () => {
    const flow = async () =>
      (await get('/v1/flows')).json.items.find((each: { key: string }) => each.key === 'payment-failed-funds')
    expect(await flow()).toMatchObject({ enabled: true, killed: false, on: ['payment.failed'] })
    await post('/v1/flows/payment-failed-funds/kill')
    await post('/v1/flows/payment-failed-funds/disable')
    expect(await flow()).toMatchObject({ enabled: false, killed: true })
    await post('/v1/flows/payment-failed-funds/revive')
    await post('/v1/flows/payment-failed-funds/enable')
    expect(await flow()).toMatchObject({ enabled: true, killed: false })
    expect((await post('/v1/flows/no-such/kill')).status).toBe(404)

    const mails = site.lab.smtp.received.list().length
    const fail = (id: string, no: string) =>
      orderEvent(id, 'payment.failed', no, {
        customer: { email: `${id}@example.org` },
        order: { no, title: 'x', payUrl: 'https://shop.example/p' },
        payment: { id, failure: { code: 'incorrect_cvc' } },
      })
    await post('/v1/shop/kill')
    await site.keep(site.shop, fail('s1', 'S-1'))
    expect(site.lab.smtp.received.list()).toHaveLength(mails)
    await post('/v1/shop/revive')

    const cookie = await site.login()
    const admin = (path: string) => site.call('POST', path, { headers: { cookie, origin: site.url } })
    expect((await admin('/v1/installation/kill')).json).toEqual({ killed: true })
    await site.keep(site.shop, fail('s2', 'S-2'))
    expect(site.lab.smtp.received.list()).toHaveLength(mails)
    expect((await admin('/v1/installation/revive')).json).toEqual({ killed: false })
    await setAllKilled(site.deps.db, false)
    await site.keep(site.shop, fail('s3', 'S-3'))
    expect(site.lab.smtp.received.list().length).toBeGreaterThan(mails)
  })
})

describe('stuck events', () => {
  it('are shown and tried again on demand', async () => {
    const sent = await site.call('POST', '/v1/events', {
      key: site.shop.key,
      json: { id: 'st1', type: 'order.created', data: { order: { no: 'ST-1' } } },
    })
    const { event } = sent.json.results[0]
    await site.engine.worker.drain()
    const { parseId } = await import('../domain/ids.ts')
    await site.deps.db.query(
      'insert into event_stuck (shop_id, event_id, error, since) values ($1, $2, $3, $4)',
      [site.shop.id, parseId('evt', event), 'Error: x', 1],
    )
    expect((await get('/v1/stuck')).json.items).toMatchObject([{ event, error: 'Error: x', tries: 1 }])
    // Clients that name JSON as the type of everything, and then send nothing.
    const asJson = { key: site.shop.key, headers: { 'content-type': 'application/json' } }
    const retried = await site.call('POST', `/v1/stuck/${event}/retry`, asJson)
    expect([retried.status, retried.json]).toEqual([200, { queued: 1 }])
    expect((await site.call('DELETE', '/v1/failure-codes/mygate/none', asJson)).json.error.code).toBe(
      'NOT_FOUND',
    )
    const put = await site.call('PUT', '/v1/failure-codes/mygate/none', asJson)
    expect(put.json.error).toMatchObject({
      code: 'FIELD_INVALID',
      fields: [{ path: 'body', problem: 'expected an object, got nothing' }],
    })
    expect((await get('/v1/stuck')).json.items).toEqual([])
    expect((await post(`/v1/stuck/${event}/retry`)).status).toBe(404)
    await site.engine.worker.drain()
  })
})

describe('the administrator', () => {
  it('logs in with the secret, for twelve hours, and a new secret ends every session', async () => {
    const wrong = await site.call('POST', '/login', { form: { secret: 'no' }, headers: { origin: site.url } })
    for (const lang of ['zh', 'en'])
      expect((await site.call('GET', `/login?lang=${lang}`)).text).toContain('dingdong admin secret')
    expect(wrong.text.match(/dingdong admin secret/g)).toHaveLength(2)
    expect([wrong.status, wrong.headers.get('set-cookie')]).toEqual([401, null])
    const cookie = await site.login()
    const see = () => site.call('GET', '/v1/audit', { headers: { cookie } })
    expect((await see()).status).toBe(200)
    expect(
      (await site.call('GET', `/v1/audit?shop=${site.other.id}`, { headers: { cookie } })).json.items,
    ).toEqual([])
    site.clock.set(site.clock.now() + 12 * HOUR)
    expect((await see()).json.error.code).toBe('LOGIN_NEEDED')
    const second = await site.login()
    await site.deps.db.query(`update installation set admin_secret_hash = '\\x00'`)
    expect((await site.call('GET', '/v1/audit', { headers: { cookie: second } })).status).toBe(401)
    const { hashSecret } = await import('../domain/seal.ts')
    const { ADMIN_SECRET } = await import('../../test/kit/site.ts')
    await site.deps.db.query('update installation set admin_secret_hash = $1', [hashSecret(ADMIN_SECRET)])
    expect(
      (await site.call('GET', '/v1/audit', { headers: { cookie: `${second.slice(0, -2)}AA` } })).status,
    ).toBe(401)
  })

  it('alone stops every shop, and a program is told the command for that', async () => {
    const stop = (options: object) => site.call('POST', '/v1/installation/kill', options)
    const withKey = await stop({ key: site.shop.key })
    expect([withKey.status, withKey.json.error.code]).toEqual([401, 'LOGIN_NEEDED'])
    expect(withKey.json.error.message).toContain('dingdong admin secret')
    const cookie = await site.login()
    const program = await stop({ headers: { cookie } })
    expect([program.status, program.json.error.code]).toEqual([403, 'ORIGIN_MISSING'])
    for (const message of Object.values(program.json.error.messages ?? { en: program.json.error.message }))
      expect(message).toContain('dingdong flow kill --everything')
  })

  it('is not fooled by another site’s page', async () => {
    const cookie = await site.login()
    for (const [code, headers] of [
      ['ORIGIN_MISSING', { cookie }],
      ['CROSS_SITE', { cookie, origin: 'https://evil.example' }],
      ['CROSS_SITE', { cookie, origin: site.url, 'sec-fetch-site': 'cross-site' }],
    ] as const) {
      const answer = await site.call('POST', '/v1/shop/revive', {
        headers: headers as Record<string, string>,
      })
      expect([answer.status, answer.json.error.code]).toEqual([403, code])
    }
    expect(
      (
        await site.call('POST', '/login', {
          form: { secret: 'x' },
          headers: { origin: 'https://evil.example' },
        })
      ).status,
    ).toBe(403)
  })

  it('is sent to a page of ours after the log-in, and nowhere else', async () => {
    const { ADMIN_SECRET } = await import('../../test/kit/site.ts')
    const go = async (next: string) =>
      (
        await site.call('POST', '/login', {
          form: { secret: ADMIN_SECRET, next },
          headers: { origin: site.url },
        })
      ).headers.get('location')
    expect(await go('/outbox?kind=sms')).toBe('/outbox?kind=sms')
    expect(await go('//evil.example')).toBe('/outbox')
    expect(await go('/\\evil.example')).toBe('/outbox')
  })

  it('cannot be locked by another site’s page that uses up its tries', async () => {
    const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
    for (let n = 0; n < 12; n++)
      expect((await site.call('POST', '/login', { form: { secret: 'no' }, headers })).status).toBe(403)
    await site.login()
  })

  it('is slowed down after ten wrong secrets in a minute', async () => {
    let last = await site.call('POST', '/login', { form: { secret: 'no' }, headers: { origin: site.url } })
    for (let n = 0; n < 12; n++)
      last = await site.call('POST', '/login', { form: { secret: 'no' }, headers: { origin: site.url } })
    expect(last.status).toBe(429)
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0)
  })
})

describe('watching', () => {
  it('is alive, and ready only when every check is', async () => {
    expect((await site.call('GET', '/healthz')).json).toEqual({ ok: true })
    expect((await site.call('GET', '/readyz')).status).toBe(200)
    site.health.answer = { ready: false, checks: { database: { ok: false, detail: 'disk full' } } }
    const red = await site.call('GET', '/readyz')
    expect([red.status, red.json.checks.database.detail]).toEqual([503, 'disk full'])
    site.health.answer = { ready: true, checks: {} }
  })

  it('gives numbers to this machine, and through a proxy only with the scope', async () => {
    expect((await site.call('GET', '/metrics')).text).toBe('up 1\n')
    const proxied = { 'x-forwarded-for': '203.0.113.9' }
    for (const headers of [proxied, { 'x-real-ip': '203.0.113.9' }, { via: '1.1 cache' }])
      expect((await site.call('GET', '/metrics', { headers })).status).toBe(401)
    expect(
      (
        await site.call('GET', '/metrics', {
          headers: proxied,
          key: await site.keyWith(site.shop, ['metrics:read']),
        })
      ).status,
    ).toBe(200)
  })

  it('writes neither tokens nor addresses into the log', async () => {
    await site.call('GET', '/o/secret-token-in-path')
    await site.call('GET', '/v1/orders/A-1', { key: 'dk_1_secretkey' })
    expect(site.logged()).not.toMatch(/secret-token|secretkey|buyer@/)
  })
})
