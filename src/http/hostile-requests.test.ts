import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSite, orderEvent, type Site } from '../../test/kit/site.ts'

// What anybody, or a key of one shop, may send: the answer stays small, and nothing breaks.

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site?.close())

const nested = (levels: number, inside: string) => `${'['.repeat(levels)}${inside}${']'.repeat(levels)}`
const NULS = Array(6_000).fill('"\\u0000"').join(',')
const NAMES = Array.from({ length: 4_000 }, (_, at) => `name-${at}`)
const json = { 'content-type': 'application/json' }

const PAGES = ['/login', '/member', '/member/code', '/member/logout', '/o', '/o/keys'] as const

it('a mail says nothing that a stranger has put in the place of a name', async () => {
  const paid = (no: string, name: string) =>
    orderEvent(no, 'order.paid', no, {
      order: { no, title: 'x', total: { minor: 100, currency: 'CNY' } },
      customer: { email: `${no}@example.org`, name },
    })
  await site.keep(site.shop, paid('N-1', 'Claim your refund at https://evil.example/x'), paid('N-2', '小林'))
  await site.engine.worker.drain()
  const texts = new Map(
    site.lab.smtp.received.list().map(({ to, content }) => [to, `${content?.text} ${content?.html}`]),
  )
  expect([...texts.keys()].toSorted()).toEqual(['N-1@example.org', 'N-2@example.org'])
  expect(texts.get('N-1@example.org')).not.toContain('evil')
  expect(texts.get('N-2@example.org')).toContain('小林')
})

it.each(PAGES)('%s takes forms and no JSON, whatever is in it', async (path) => {
  const headers = { ...json, origin: site.url }
  for (const body of [
    nested(30_000, ''),
    nested(1_000, NULS),
    '{"email":{"toString":1}}',
    '{"secret":[{}]}',
  ]) {
    const answer = await site.call('POST', path, { body, headers })
    expect(answer.status).toBe(415)
    expect(answer.text.length).toBeLessThan(20_000)
    expect(answer.text).toContain('application/x-www-form-urlencoded')
  }
})

it('an empty body that calls itself JSON is still none', async () => {
  const answer = await site.call('POST', '/member/logout', {
    body: '',
    headers: { ...json, origin: site.url },
  })
  expect(answer.status).toBe(200)
})

it.each([
  ['body', nested(30_000, '')],
  ['body with text that cannot be kept', nested(1_000, NULS)],
])('a %s that goes deeper than anything we ask for is not read', async (_what, body) => {
  const answer = await site.call('POST', '/v1/law/check', { key: site.shop.key, body, headers: json })
  expect(answer.status).toBe(400)
  expect(answer.json.error.code).toBe('BODY_NOT_JSON')
  expect(answer.json.error.message).toContain('64')
  expect(answer.text.length).toBeLessThan(1_000)
})

it.each([
  ['breaks off', '{"text":', json, 400, 'it breaks at character|expected valid JSON'],
  ['is in another encoding', Buffer.from('{"text":"\xff"}', 'latin1'), json, 400, 'UTF-8'],
  ['reaches for a prototype', '{"text":"a","__proto__":{"a":1}}', json, 400, '__proto__'],
  ['is compressed', 'x', { ...json, 'content-encoding': 'gzip' }, 415, 'gzip'],
  ['is plain text', '{"text":"a"}', { 'content-type': 'text/plain' }, 415, 'text/plain'],
  ['is XML', '<a/>', { 'content-type': 'application/xml' }, 415, 'application/xml'],
] as const)('of a body that %s it says so, by what came', async (_what, body, headers, status, said) => {
  const answer = await site.call('POST', '/v1/law/check', { key: site.shop.key, body, headers })
  expect(answer.status).toBe(status)
  expect(answer.json.error.message).toMatch(new RegExp(said))
})

it.each(['application/json', 'text/plain'])('an empty body of the type %s is none', async (type) => {
  const answer = await site.call('POST', '/v1/flows/order-paid/kill', {
    key: site.shop.key,
    body: '',
    headers: { 'content-type': type },
  })
  expect(answer.status).toBe(200)
})

it.each([
  [
    'POST',
    '/v1/law/check',
    { text: 'x', country: 'China' },
    /两个大写字母的国家代码，例如 CN，收到的是"China"/,
  ],
  ['PUT', '/v1/failure-codes/mine/%20E1', { class: 'other' }, /应为前后没有空白的文字/],
  ['POST', '/v1/rules/large-order/set', { params: {} }, /应为 params 中的参数，或 version/],
  ['POST', '/v1/rules/large-order/set', {}, /应为 params 中的参数，或 version/],
] as const)('%s %s says in the language asked for what was expected', async (method, path, json, said) => {
  const headers = { 'accept-language': 'zh' }
  const answer = await site.call(method, path, { key: site.shop.key, json, headers })
  expect(answer.status).toBe(422)
  expect(answer.json.error.fields[0].problem).toMatch(said)
  expect((await site.call('GET', '/v1/rules', { key: site.shop.key })).text).not.toContain('"version":2')
})

it.each([
  ['/v1/reviews?sate=all', 'querystring.sate', 'did you mean state?'],
  ['/v1/messages?stat=failed', 'querystring.stat', 'there are before, limit, shop, lang'],
  ['/v1/flows?limit=5', 'querystring.limit', 'there are lang, shop'],
])('%s names what it does not know, and answers nothing', async (path, field, said) => {
  const answer = await site.call('GET', path, { key: site.shop.key })
  expect(answer.status).toBe(422)
  expect(answer.json.error.fields).toEqual([{ path: field, problem: expect.stringContaining(said) }])
})

it('a key that names another shop gets nothing of its own instead', async () => {
  const asked = (shop: number) => site.call('GET', `/v1/messages?shop=${shop}`, { key: site.shop.key })
  expect((await asked(site.shop.id)).status).toBe(200)
  const { status, json } = await asked(site.other.id)
  expect(status).toBe(422)
  expect(json.error.fields[0].problem).toContain(`belongs to shop ${site.shop.id}`)
})

it('says the depth in the language asked for', async () => {
  const body = nested(65, '')
  const answer = await site.call('POST', '/v1/law/check?lang=zh', { key: site.shop.key, body, headers: json })
  expect(answer.json.error.message).toContain('嵌套最多 64 层')
})

it.each([
  ['text that cannot be kept', `{"text":${nested(60, NULS)}}`],
  ['text that cannot be kept under a long name', `{"${'n'.repeat(20_000)}":[${NULS.slice(0, 36_000 - 1)}]}`],
  ['values that do not fit', JSON.stringify({ params: Object.fromEntries(NAMES.map((name) => [name, []])) })],
])('names no more than a hundred places of %s', async (_what, body) => {
  const path = body.includes('params') ? '/v1/rules/large-order/set' : '/v1/law/check'
  const answer = await site.call('POST', path, { key: site.shop.key, body, headers: json })
  expect(answer.status).toBe(422)
  expect(answer.json.error.fields).toHaveLength(100)
  expect(answer.text.length).toBeLessThan(60_000)
})

it.each([
  ['unknown names', Array.from({ length: 6_000 }, (_, at) => `{a${at}}`).join('')],
  ['unknown variables', Array.from({ length: 4_000 }, (_, at) => `{{ a${at} }}`).join('')],
])('a template with thousands of %s is refused with the first hundred of them', async (_what, text) => {
  const file = { purpose: 'service', title: { en: 'x' }, variants: { en: { inbox: { title: 'x', text } } } }
  const answer = await site.call('PUT', '/v1/templates/hostile', {
    key: site.shop.key,
    json: { basedOn: 0, source: JSON.stringify(file) },
  })
  expect(answer.status).toBe(422)
  expect(answer.json.error.fields).toHaveLength(100)
  expect(answer.json.error.fields[0].problem).toContain('`a0`')
})

it.each([
  ['//evil.example', '/evil.example?lang=zh'],
  ['//evil.example//other.example/x', '/evil.example//other.example/x?lang=zh'],
  ['///evil.example?a=1&lang=en', '/evil.example?a=1&amp;lang=zh'],
  ['//[', '/[?lang=zh'],
  ['//a:999999/', '/a:999999/?lang=zh'],
])('leads nowhere else from the page at %s, which is no address of ours', async (path, switched) => {
  const { status, text } = await site.call('GET', path, {
    headers: { accept: 'text/html', 'accept-language': 'en' },
  })
  expect(status).toBe(404)
  expect(/<a class="lang"[^>]* href="([^"]*)"/.exec(text)?.[1]).toBe(switched)
})
