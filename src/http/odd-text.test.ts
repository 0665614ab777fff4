import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { testRandom } from '../../test/kit/fixed.ts'
import { openSite, type Site } from '../../test/kit/site.ts'
import { signStandard } from '../app/demo-sign.ts'
import { addConnection } from '../db/connections.ts'
import { newId } from '../domain/ids.ts'
import { normaliseRef } from '../domain/order/refs.ts'
import { hashSecret } from '../domain/seal.ts'
import { mendText } from '../domain/storable-text.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site?.close())

const isStorable = (text: string) => text.isWellFormed() && !text.includes('\0')

/** Any text at all, and texts of which several differ only in what cannot be kept. */
const oddText = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
  fc
    .array(fc.constantFrom('S', '\0', '\ud800', '\ud801', '\udfff', '\uFFFD', '0000', '😀', 'N'), {
      minLength: 1,
      maxLength: 4,
    })
    .map((parts) => parts.join('')),
)
const samples = () => [...new Set(fc.sample(oddText, 400).map((text) => text.trim()))].filter(Boolean)

/** The names of orders that these numbers are, each once: numbers are compared in one spelling. */
const namesOf = (texts: readonly string[]) =>
  [...new Set(texts.map((text) => normaliseRef('order_no', text).value))].filter(Boolean).toSorted()

const event = (id: string, text: string) => ({
  id,
  type: 'payment.failed',
  subject: text,
  data: {
    order: { no: text, title: text, payUrl: 'https://shop.example/pay' },
    payment: { id, failure: { code: text, message: text } },
    customer: { name: text },
    note: { [text]: text },
  },
})

const send = (json: unknown) => site.call('POST', '/v1/events', { key: site.shop.key, json })

const orders = async (): Promise<readonly string[]> =>
  (
    await site.deps.db.query<{ no: string }>(
      `select value as no from order_ref where shop_id = $1 and kind = 'order_no'`,
      [site.shop.id],
    )
  ).rows.map(({ no }) => no)

async function nothingIsLeft() {
  await site.engine.worker.drain()
  expect((await site.call('GET', '/v1/stuck', { key: site.shop.key })).json.items).toEqual([])
  const { rows } = await site.deps.db.query('select event_id from todo where shop_id = $1', [site.shop.id])
  expect(rows).toEqual([])
}

it('applies whatever it has acknowledged over the API, and refuses text that cannot be kept', async () => {
  const texts = samples()
  const answers = await Promise.all(texts.map((text, at) => send(event(`api-${at}`, text))))
  for (const [at, { status, json }] of answers.entries()) {
    expect([texts[at], status]).toEqual([texts[at], isStorable(texts[at]!) ? 202 : 422])
    if (status !== 422) continue
    const fields = json.error.fields as { path: string; problem: string }[]
    expect(fields.map(({ path }) => path)).toContain('events[0].data.order.no')
    expect(fields[0]!.problem).toMatch(
      /^expected well-formed text, got (a NUL character|half a surrogate pair)/,
    )
  }
  await nothingIsLeft()
  expect((await orders()).toSorted()).toEqual(namesOf(texts.filter(isStorable)))
}, 60_000)

it('says so in the language asked for', async () => {
  const answer = await site.call('POST', '/v1/events?lang=zh', {
    key: site.shop.key,
    json: event('n4', 'S\ud800'),
  })
  expect(answer.json.error.fields[0].problem).toContain('半个代理对')
})

it('applies all that sources send, and never makes one order of two', async () => {
  const secret = `whsec_${Buffer.alloc(24, 5).toString('base64')}`
  const token = 'c'.repeat(40)
  const { db, keyring, clock } = site.deps
  const { id: shop } = site.shop
  const id = newId('conn', clock.now(), testRandom)
  const settings = (await keyring.open(shop)).sealer.seal(JSON.stringify({ secrets: [secret] }), {
    shop,
    column: 'connection.settings',
    row: id,
  })
  const row = { id, source: 'standard-webhooks', name: 'shop', path_hash: hashSecret(token), settings }
  await addConnection(db, shop, { ...row, created_at: clock.now() })
  const before = (await orders()).length
  const texts = samples().map((text) => `W${text}`)
  const body = JSON.stringify(texts.map((text, at) => event(`hook-${at}`, text)))
  const headers = signStandard(secret, 'msg_1', clock.now() / 1000, body)
  const answer = await site.call('POST', `/in/${shop}/${token}`, { body, headers })
  expect(answer.status).toBe(200)
  await nothingIsLeft()
  expect((await orders()).length - before).toBe(namesOf(texts.map(mendText)).length)
}, 60_000)

it('keeps apart what anybody else tells it', async () => {
  const kept = ['X\ud800', 'X\ud801', 'X\0', 'X'].map((no) => ({
    id: `own-${no}`,
    type: 'order.paid',
    source: 'test',
    time: site.clock.now(),
    subject: no,
    data: { refs: [], order: { no } },
  }))
  await site.keep(site.shop, ...kept)
  await nothingIsLeft()
  expect((await orders()).filter((no) => no.startsWith('X')).toSorted()).toEqual(
    ['X', 'X\uFFFD0000', 'X\uFFFDd800', 'X\uFFFDd801'].toSorted(),
  )
})

it.each([
  ['/v1/orders/NUL%00X', 422, 'FIELD_INVALID'],
  ['/v1/orders/NUL%00X/timeline', 422, 'FIELD_INVALID'],
  ['/v1/messages?before=%00', 422, 'FIELD_INVALID'],
  ['/v1/orders/%', 400, 'ADDRESS_UNREADABLE'],
  ['/v1/orders/S%ED%A0%80', 400, 'ADDRESS_UNREADABLE'],
  [`/v1/orders/${'x'.repeat(1_001)}`, 404, 'ROUTE_UNKNOWN'],
])('answers %s with an error of the catalogue', async (path, status, code) => {
  const answer = await site.call('GET', path, { key: site.shop.key })
  expect([answer.status, answer.json.error.code]).toEqual([status, code])
  expect(answer.headers.get('x-request-id')).toMatch(/^req_/)
})
