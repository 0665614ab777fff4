import { readFileSync } from 'node:fs'
import fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testRandom } from '../../test/kit/engine.ts'
import { openSite, orderEvent, type Site } from '../../test/kit/site.ts'
import { addMember } from '../db/accounts.ts'
import { messagesOfOrder } from '../db/messages.ts'
import { findOrder } from '../db/orders.ts'
import { formatId, newId } from '../domain/ids.ts'
import { HOLDERS, type Holder, type Permission, ROUTES, type RouteName, SCOPES } from './permissions.ts'
import { demandPermissions } from './route.ts'
import { MEMBER_COOKIE, makeMemberSession } from './session.ts'

let site: Site
/** Real ids of the first shop, so that a refusal is never merely "no such thing". */
let ids: Record<string, string>
const member = newId('mem', 1, testRandom)

beforeAll(async () => {
  site = await openSite()
  await site.keep(
    site.shop,
    orderEvent('p1', 'payment.failed', 'P-1', {
      order: {
        no: 'P-1',
        title: '季度会员',
        total: { minor: 12_800, currency: 'CNY' },
        payUrl: 'https://shop.example/pay',
      },
      customer: { email: 'buyer@example.org', externalId: 'buyer-1' },
      payment: { id: 'pay_1', failure: { code: 'incorrect_cvc' } },
    }),
  )
  const large = { no: 'P-2', total: { minor: 1_280_000, currency: 'CNY' } }
  await site.keep(site.shop, orderEvent('p2', 'order.created', 'P-2', { order: large }))
  const { db } = site.engine.database
  const order = (await findOrder(db, site.shop.id, { kind: 'order_no', value: 'P-1' }))!
  const [message] = await messagesOfOrder(db, site.shop.id, order)
  const timeline = await site.call('GET', '/v1/orders/P-1/timeline', { key: site.shop.key })
  const reviews = await site.call('GET', '/v1/reviews', { key: site.shop.key })
  await addMember(db, site.shop.id, { id: member, name: 'm', roles: ['support'], locale: 'en' }, 1)
  const event = timeline.json.entries.find((entry: { kind: string }) => entry.kind === 'event')
  ids = {
    no: 'P-1',
    order: formatId('ord', order),
    message: formatId('msg', message!.id),
    event: event.event,
    key: formatId('key', site.shop.keyId),
    customer: 'buyer-1',
    review: reviews.json.items[0].review,
  }
  await site.call('PUT', '/v1/failure-codes/stripe/do_not_honor', {
    key: site.shop.key,
    json: { class: 'other', advice: 'NEVER' },
  })
  // What is called the same in every shop is the first one's alone here: a key that only another shop has.
  for (const [table, key] of ONLY_THE_FIRST)
    await db.query(`delete from ${table} where shop_id = $1 and key = $2`, [site.other.id, key])
  site.engine.configs.forget(site.other.id)
}, 60_000)
afterAll(() => site?.close())

const ONLY_THE_FIRST = [
  ['flow', 'payment-failed-funds'],
  ['flow_version', 'payment-failed-funds'],
  ['template', 'order_refunded'],
  ['template_version', 'order_refunded'],
  ['rule', 'large-order'],
] as const

/** Every row of a shop as text. */
async function belongings(of: Site['shop']): Promise<string> {
  const { db } = site.engine.database
  const { rows: tables } = await db.query<{ name: string }>(
    `select table_name as name from information_schema.columns join information_schema.tables using (table_schema, table_name)
     where table_schema = 'public' and column_name = 'shop_id' and table_type = 'BASE TABLE' order by 1`,
  )
  const parts = tables.map(
    ({ name }) => `select '${name}' as t, to_jsonb(x)::text as row from ${name} as x where shop_id = $1`,
  )
  const shop = `select 'shop', to_jsonb(x)::text from shop as x where id = $1`
  const { rows } = await db.query<{ t: string; row: string }>(
    `${[...parts, shop].join(' union all ')} order by 1, 2`,
    [of.id],
  )
  return rows.map(({ t, row }) => `${t} ${row}`).join('\n')
}

const names = Object.keys(ROUTES) as RouteName[]
const holdersOf = (name: RouteName): readonly Holder[] => HOLDERS[ROUTES[name] as Permission]

/** The route with its parameters filled with things of the first shop. */
function pathOf(name: RouteName): string {
  const path = name.split(' ')[1]!
  return path
    .replace('/messages/:id', `/messages/${ids.message}`)
    .replace('/events/:id', `/events/${ids.event}`)
    .replace('/stuck/:id', `/stuck/${ids.event}`)
    .replace('/keys/:id', `/keys/${ids.key}`)
    .replace('/reviews/:id', `/reviews/${ids.review}`)
    .replace('/review/:shop/:id', `/review/${site.shop.id}/${ids.review}`)
    .replace('/rules/:key', '/rules/large-order')
    .replace('/rules/large-order/:change', '/rules/large-order/on')
    .replace(`/reviews/${ids.review}/:change`, `/reviews/${ids.review}/approve`)
    .replace(':no', ids.no!)
    .replace(':customer', ids.customer!)
    .replace(':message', ids.message!)
    .replace(':rail/:code', 'stripe/do_not_honor')
    .replace('/templates/:key', '/templates/order_refunded')
    .replace(':key', 'payment-failed-funds')
    .replace(`/inbox/buyer-1/${ids.message}/:change`, `/inbox/buyer-1/${ids.message}/read`)
    .replace('/flows/payment-failed-funds/:change', '/flows/payment-failed-funds/enable')
    .replace('/shop/:change', '/shop/revive')
    .replace('/installation/:change', '/installation/revive')
    .replace(':sequence', '1')
    .replace(':shop', String(site.shop.id))
    .replace(':token', 'x'.repeat(42))
    .replace(':account', 'acct_01h455vb4pex5vsknk084sn02q')
}

const bodyOf = (name: RouteName) => (JSON_BODIES.has(name) ? { json: JSON_BODIES.get(name)! } : {})

/** A preset that says something else than the shop’s. */
const edited = (name: string) =>
  readFileSync(new URL(`../../flows/${name}`, import.meta.url), 'utf8')
    .replaceAll('您', '你')
    .replace('holdout: 0', 'holdout: 5')

const JSON_BODIES: ReadonlyMap<string, object> = new Map<string, object>([
  ['PUT /v1/failure-codes/:rail/:code', { class: 'other', advice: 'LATER' }],
  ['POST /v1/events', { id: 'x', type: 'order.created', subject: 'X-1' }],
  ['POST /v1/keys', { name: 'x', scopes: ['orders:read'] }],
  ['POST /v1/rules/:key/set', { params: { limit: 6000 } }],
  ['POST /v1/rules/:key/test', { order: 'P-1' }],
  ['POST /v1/reviews/:id/:change', {}],
  ['POST /v1/law/check', { text: '您的订单已更新' }],
  ['POST /v1/flows/:key/test', { order: 'P-1' }],
  ['PUT /v1/flows/:key', { basedOn: 1, source: edited('payment-failed-funds.yaml') }],
  ['POST /v1/flows/:key/undo', { basedOn: 2 }],
  ['PUT /v1/templates/:key', { basedOn: 1, source: edited('templates/order_refunded.yaml') }],
  ['POST /v1/templates/:key/undo', { basedOn: 2 }],
])

const ask = (name: RouteName, options: object = {}) =>
  site.call(name.split(' ')[0]!, pathOf(name), { ...bodyOf(name), ...options })

describe('the table of permissions', () => {
  it('names routes the server has', () => {
    for (const name of names) {
      const [method, url] = name.split(' ') as [string, string]
      expect(site.app.hasRoute({ method, url }), name).toBe(true)
    }
  })

  it('is the only way to a route: one added without it ends the start', async () => {
    const app = fastify()
    demandPermissions(app)
    expect(() => app.get('/back-door', async () => 'hello')).toThrow(/not added with a permission/)
    expect(() => app.get('/v1/audit', async () => 'hello')).toThrow(/not added with a permission/)
  })

  const closed = names.filter((name) =>
    holdersOf(name).some((holder) => holder === 'key' || holder === 'admin'),
  )
  const LEADS_TO_LOGIN: Partial<Record<RouteName, number>> = {
    'GET /outbox': 302,
    'GET /review/:shop/:id': 302,
    'POST /review/:shop/:id': 303,
  }

  it.each(closed.filter((name) => !holdersOf(name).includes('this machine')))(
    'refuses %s to nobody in particular',
    async (name) => {
      const { status } = await ask(name)
      // Pages for people lead to the log-in instead.
      expect([name, status]).toEqual([name, LEADS_TO_LOGIN[name] ?? 401])
    },
  )

  it.each(closed.filter((name) => holdersOf(name).includes('key')))(
    'refuses %s to a key without the scope',
    async (name) => {
      const key = await site.keyWith(
        site.shop,
        SCOPES.filter((scope) => scope !== ROUTES[name]),
      )
      const answer = await ask(name, { key })
      expect([answer.status, answer.json.error.code]).toEqual([403, 'SCOPE_MISSING'])
    },
  )

  it('refuses a stranger’s inbox item, and lists show each shop its own only', async () => {
    const change = await site.call('POST', `/v1/inbox/buyer-1/${ids.message}/read`, { key: site.other.key })
    expect(change.status).toBe(404)
    for (const path of [
      '/v1/messages',
      '/v1/audit',
      '/v1/stuck',
      '/v1/conflicts',
      '/v1/refusals',
      '/v1/failure-codes',
      '/v1/reviews',
    ]) {
      const answer = await site.call('GET', path, { key: site.other.key })
      expect([path, answer.status, answer.json.items]).toEqual([path, 200, []])
    }
    const keys = await site.call('GET', '/v1/keys', { key: site.other.key })
    expect(keys.text).not.toContain(ids.key)
  })

  const byKey = closed.filter((name) => holdersOf(name).includes('key') && name.includes(':'))
  /** What such a call may answer instead of 404, with the reason why it is harmless. */
  const HARMLESS: Partial<Record<RouteName, readonly [number, string]>> = {
    'GET /v1/inbox/:customer': [200, 'whoever is not known has an empty inbox'],
    'POST /v1/shop/:change': [200, 'names no shop but the caller’s'],
    'GET /v1/failure-codes/:rail/:code': [200, 'a code of the rail; what it says is the caller’s'],
    'PUT /v1/failure-codes/:rail/:code': [200, 'decides for the caller alone'],
    'PUT /v1/flows/:key': [409, 'the caller has no version to base it on'],
    'PUT /v1/templates/:key': [409, 'the caller has no version to base it on'],
  }

  it.each(byKey)(
    'neither shows nor changes anything of the first shop through %s to another shop',
    async (name) => {
      const before = await belongings(site.shop)
      const answer = await ask(name, { key: site.other.key })
      expect([name, answer.status]).toEqual([name, HARMLESS[name]?.[0] ?? 404])
      if (name === 'GET /v1/inbox/:customer')
        expect(answer.json).toEqual({ items: [], next: null, unread: 0 })
      expect(answer.text).not.toMatch(/buyer@|buyer-1|季度会员/)
      expect(answer.text).not.toContain(ids.key)
      expect(await belongings(site.shop)).toBe(before)
      if (name.startsWith('PUT /v1/failure-codes'))
        await ask('DELETE /v1/failure-codes/:rail/:code', { key: site.other.key })
    },
  )

  it('the first shop has what those calls name', async () => {
    for (const name of byKey.filter((each) => each.startsWith('GET ')))
      expect([name, (await ask(name, { key: site.shop.key })).status]).toEqual([name, 200])
  })

  it('tries no rule of another shop on the first shop’s order or event', async () => {
    const path = '/v1/rules/repeated-failure/test'
    for (const json of [{ order: 'P-1' }, { order: ids.order }, { event: ids.event }]) {
      const own = await site.call('POST', path, { key: site.shop.key, json })
      expect([json, own.status]).toEqual([json, 200])
      const theirs = await site.call('POST', path, { key: site.other.key, json })
      expect([json, theirs.status]).toEqual([json, 404])
      expect(theirs.text).not.toContain('buyer')
    }
  })

  it.each(closed.filter((name) => !holdersOf(name).includes('key')))(
    'refuses %s to a key with every scope',
    async (name) => {
      const { status } = await ask(name, { key: site.shop.key })
      expect([302, 303, 401]).toContain(status)
    },
  )

  const session = (of: Site['shop']) =>
    `${MEMBER_COOKIE}=${makeMemberSession(site.deps.sessionKey, { shop: of.id, member }, site.clock.now(), testRandom)}`

  it.each(
    closed.filter(
      (name) => !holdersOf(name).some((holder) => holder === 'member' || holder === 'this machine'),
    ),
  )('refuses %s to a member', async (name) => {
    const { status } = await ask(name, { headers: { cookie: session(site.shop), origin: site.url } })
    expect([302, 401]).toContain(status)
  })

  it.each(closed.filter((name) => holdersOf(name).includes('member')))(
    'shows nothing of the first shop through %s to a statement about another',
    async (name) => {
      const { status, text } = await ask(name, { headers: { cookie: session(site.other), origin: site.url } })
      expect([302, 303, 401]).toContain(status)
      expect(text).not.toMatch(/P-[12]/)
    },
  )

  it.each(names.filter((name) => holdersOf(name).includes('link')))(
    'refuses %s without a genuine link',
    async (name) => {
      expect((await ask(name)).status).toBe(404)
    },
  )

  it.each(names.filter((name) => holdersOf(name).includes('secret path')))(
    'refuses %s on an unknown path',
    async (name) => {
      const answer = await ask(name)
      expect([answer.status, answer.json.error.code]).toEqual([404, 'ROUTE_UNKNOWN'])
    },
  )

  it('opens each closed route to a key with its scope alone', async () => {
    for (const name of closed.filter((each) => holdersOf(each).includes('key'))) {
      if (name === 'POST /v1/keys/:id/revoke' || name === 'POST /v1/keys') continue
      const key = await site.keyWith(site.shop, [ROUTES[name]])
      const { status, text } = await ask(name, { key })
      if (status >= 500) throw new Error(text + site.logged())
      expect([name, status < 400 || status === 404]).toEqual([name, true])
    }
  })
})

describe('keys', () => {
  it('tells a typo from an unknown and from a revoked key', async () => {
    const { key } = site.shop
    const typo = `${key.slice(0, -1)}${key.endsWith('a') ? 'b' : 'a'}`
    const code = async (text: string) =>
      (await site.call('GET', '/v1/orders/P-1', { key: text })).json.error.code
    expect(await code(typo)).toBe('KEY_TYPO')
    expect(await code('hello')).toBe('KEY_TYPO')
    const basic = await site.call('GET', '/v1/orders/P-1', { headers: { authorization: `Basic ${key}` } })
    expect(basic.json.error.code).toBe('KEY_NOT_BEARER')
    expect(basic.text).not.toContain(key)
    expect((await site.call('GET', '/v1/orders/P-1')).json.error.code).toBe('KEY_MISSING')
    const made = await site.call('POST', '/v1/keys', {
      key,
      json: { name: 'short', scopes: ['orders:read', 'orders:read'] },
    })
    expect(made.status).toBe(201)
    expect((await site.call('GET', '/v1/orders/P-1', { key: made.json.secret })).status).toBe(200)
    expect((await site.call('POST', `/v1/keys/${made.json.key}/revoke`, { key })).status).toBe(200)
    expect(await code(made.json.secret)).toBe('KEY_REVOKED')
  })

  it('a key cannot grant what it does not hold', async () => {
    const key = await site.keyWith(site.shop, ['keys:manage', 'orders:read'])
    const refused = await site.call('POST', '/v1/keys', {
      key,
      json: { name: 'x', scopes: ['orders:read', 'shop:kill'] },
    })
    expect([refused.status, refused.json.error.code]).toEqual([403, 'SCOPE_NOT_YOURS'])
  })

  it('a key revoked by another process stops within five seconds', async () => {
    const key = await site.keyWith(site.shop, ['orders:read'])
    expect((await site.call('GET', '/v1/orders/P-1', { key })).status).toBe(200)
    await site.engine.database.db.query(
      'update api_key set revoked_at = $1 where scopes = $2 and revoked_at is null',
      [site.clock.now(), ['orders:read']],
    )
    site.clock.set(site.clock.now() + 5_000)
    const answer = await site.call('GET', '/v1/orders/P-1', { key })
    expect([answer.status, answer.json.error.code]).toEqual([401, 'KEY_REVOKED'])
  })
})
