import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testRandom } from '../../test/kit/engine.ts'
import { openSite, orderEvent, type Site, type TestShop } from '../../test/kit/site.ts'
import { removeMember } from '../db/accounts.ts'
import type { Id } from '../domain/ids.ts'
import { DAY, HOUR, MINUTE } from '../domain/time.ts'
import { hireMember } from './reviews.test-kit.ts'
import { MEMBER_COOKIE, makeMemberSession } from './session.ts'

let site: Site
const people = new Map<string, Id<'mem'>>()
let review: string

beforeAll(async () => {
  site = await openSite()
  await hire(site.shop, 'Finn', 'finance', 'finn@shop.example')
  await hire(site.shop, 'Sue', 'support', 'sue@shop.example')
  await hire(site.other, 'Mallory', 'finance', 'mallory@other.example')
  await placeLarge('R-1')
  review = (await waiting())[0]!.review
}, 60_000)
afterAll(() => site?.close())

async function hire(shop: TestShop, name: string, role: string, mail: string): Promise<void> {
  people.set(name, await hireMember(site, shop, { name, roles: [role], mail }))
}

const placeLarge = (no: string, daysAgo = 0) =>
  site.keep(site.shop, {
    ...orderEvent(`large-${no}`, 'order.created', no, {
      order: { no, total: { minor: 880_000, currency: 'CNY' }, title: '年度会员' },
      customer: { email: 'buyer@example.org', name: '林小姐' },
      client: { ip: '203.0.113.42', userAgent: 'Mozilla/5.0 (buyer)' },
      payment: { id: `p-${no}`, card: 'card-of-buyer' },
    }),
    time: site.clock.now() - (daysAgo * DAY || MINUTE),
  })

const api = (method: string, path: string, options: object = {}) =>
  site.call(method, path, { key: site.shop.key, ...options })
/** Large orders that wait: these alike orders are told as duplicates, too. */
const waiting = async (): Promise<readonly { review: string; no: string }[]> =>
  (await api('GET', '/v1/reviews')).json.items.filter((each: { rule: string }) => each.rule === 'large-order')
const reviewOf = async (no: string) => (await waiting()).find((each) => each.no === no)!.review
const mails = (to: string) => site.lab.smtp.received.list().filter((mail) => mail.to === to)

/** The review's page, as a browser with this cookie opens or sends it. */
const open = (id = review, cookie?: string, query = '') =>
  site.call('GET', `/review/${site.shop.id}/${id}${query}`, cookie ? { headers: { cookie } } : {})
const send = (id: string, cookie: string, form: Record<string, string>, origin = site.url) =>
  site.call('POST', `/review/${site.shop.id}/${id}`, { form, headers: { cookie, origin } })

/** A whole log-in, by the code in the mail. */
async function login(email: string): Promise<string> {
  const form = { shop: String(site.shop.id), email, next: '' }
  const planned = site.background()
  const asked = await site.call('POST', '/member', { form, headers: { origin: site.url } })
  const cookie = asked.headers.get('set-cookie')!.split(';')[0]!
  await planned
  await site.engine.worker.drain()
  const code = /\b(\d{6})\b/.exec(mails(email).at(-1)!.content!.subject)![1]!
  const answer = await site.call('POST', '/member/code', {
    form: { ...form, code },
    headers: { origin: site.url, cookie },
  })
  return answer.headers.get('set-cookie')!.split(';')[0]!
}

/** The cookie such a log-in leaves: codes are rationed. */
function sessionOf(name: string, shop: TestShop = site.shop): string {
  const who = { shop: shop.id, member: people.get(name)! }
  return `${MEMBER_COOKIE}=${makeMemberSession(site.deps.sessionKey, who, site.clock.now(), testRandom)}`
}

describe('those who decide', () => {
  it('are mailed everything they need, the buyer masked, and the buyer nothing of it', async () => {
    const [mail] = mails('finn@shop.example')
    const text = mail!.content!.text
    expect(mail!.content!.subject).toContain('Large order')
    for (const part of ['R-1', '¥8,800', 'order 8,800 CNY, above the limit of 5,000 CNY', 'b***@example.org'])
      expect(text).toContain(part)
    expect(text).toMatch(new RegExp(`/review/${site.shop.id}/${review}`))
    expect(text).not.toContain('buyer@example.org')
    for (const toBuyer of mails('buyer@example.org'))
      expect(JSON.stringify(toBuyer.content)).not.toMatch(/复核|大额|review|large|risk|风险|限额/i)
    expect(mails('sue@shop.example')).toEqual([])
  })

  it('are not shown where the buyer’s request came from, nor their card, by any route', async () => {
    const timeline = await api('GET', '/v1/orders/R-1/timeline')
    const event = timeline.json.entries.find((entry: { kind: string }) => entry.kind === 'event').event
    const seen = [
      (await api('GET', `/v1/events/${event}`)).text,
      (await api('GET', `/v1/reviews/${review}`)).text,
      timeline.text,
    ].join()
    expect(seen).not.toMatch(/203\.0\.113|Mozilla|card-of-buyer|4242/)
    expect(site.logged()).not.toMatch(/203\.0\.113\.42|card-of-buyer/)
  })
})

describe('the link in the message', () => {
  it('asks for a log-in first and leads back; a code on its own shop’s address opens it', async () => {
    const answer = await open()
    expect(answer.status).toBe(302)
    const to = answer.headers.get('location')!
    expect(to).toContain(encodeURIComponent(`/review/${site.shop.id}/${review}`))
    expect((await site.call('GET', to)).text).toContain(`value="/review/${site.shop.id}/${review}"`)
    const cookie = await login('finn@shop.example')
    const page = await open(review, cookie)
    expect(page.status).toBe(200)
    for (const part of [
      '大额订单',
      'R-1',
      '订单金额 8,800 CNY，超过限额 5,000 CNY',
      'b***@example.org',
      '林***',
    ])
      expect(page.text).toContain(part)
    expect(page.text).not.toContain('buyer@example.org')
    expect(Buffer.byteLength(page.text)).toBeLessThan(30_000)
    const english = await open(review, cookie, '?lang=en')
    expect(english.text).toContain('Large order')
    expect(Buffer.byteLength(english.text)).toBeLessThan(30_000)
  })

  it('changes nothing when it is opened, by whomever and however often', async () => {
    const cookie = sessionOf('Finn')
    const before = await api('GET', `/v1/reviews/${review}`)
    for (let times = 0; times < 3; times++) await open(review, cookie)
    await site.call('HEAD', `/review/${site.shop.id}/${review}`, { headers: { cookie } })
    expect((await api('GET', `/v1/reviews/${review}`)).json).toEqual(before.json)
  })

  it('shows nothing to another shop’s people, nor to a wrong or stolen statement', async () => {
    const mallory = sessionOf('Mallory', site.other)
    expect((await open(review, mallory)).status).toBe(404)
    expect((await site.call('GET', `/v1/reviews/${review}`, { headers: { cookie: mallory } })).status).toBe(
      404,
    )
    const finn = sessionOf('Finn')
    const forged = finn.replace(people.get('Finn')!, people.get('Sue')!)
    expect(forged).not.toBe(finn)
    expect((await open(review, forged)).status).toBe(302)
    expect((await open('rev_00000000000000000000000000', finn)).status).toBe(404)
    expect((await open('nonsense', finn)).status).toBe(404)
  })

  it('is decided by those it is for only, from our own page only, and the second hears who was first', async () => {
    const finn = sessionOf('Finn')
    const sue = sessionOf('Sue')
    expect((await open(review, sue)).text).toContain('没有处理这条复核的角色')
    expect((await send(review, sue, { change: 'approve' })).status).toBe(403)
    const elsewhere = await send(review, finn, { change: 'reject' }, 'https://evil.example')
    expect(elsewhere.status).toBe(403)
    const done = await send(review, finn, { change: 'approve', note: '电话已核实 <b>' })
    expect(done.status).toBe(200)
    expect(done.text).toContain('已通过')
    expect(done.text).toContain('电话已核实 &lt;b&gt;')
    expect((await send(review, finn, { change: 'approve' })).status).toBe(200)
    const late = await api('POST', `/v1/reviews/${review}/reject`, { json: {} })
    expect([late.status, late.json.error.code]).toEqual([409, 'REVIEW_DECIDED'])
    expect(late.json.error.message).toContain('Finn')
    const page = await send(review, finn, { change: 'reject' })
    expect(page.status).toBe(409)
    expect(page.text).toContain('Finn')
    const audit = (await api('GET', '/v1/audit')).json.items.filter((each: { action: string }) =>
      each.action.startsWith('review.'),
    )
    expect(audit).toHaveLength(1)
    expect(audit[0].actor).toMatch(/^member:mem_/)
  })

  it('can be taken back on the same page', async () => {
    const finn = sessionOf('Finn')
    expect((await open(review, finn)).text).toContain('撤回这次决定')
    expect((await send(review, finn, { change: 'reopen' })).text).toContain('待处理')
    expect((await api('POST', `/v1/reviews/${review}/approve`, { json: {} })).json.state).toBe('approved')
  })

  it('no longer opens to somebody who has left', async () => {
    await hire(site.shop, 'Leo', 'finance', 'leo@shop.example')
    const leo = sessionOf('Leo')
    expect((await open(review, leo)).status).toBe(200)
    await removeMember(site.engine.database.db, site.shop.id, people.get('Leo')!, site.clock.now())
    expect((await open(review, leo)).status).toBe(302)
    expect((await site.call('GET', '/v1/reviews', { headers: { cookie: leo } })).status).toBe(401)
  })

  it('opens for twelve hours after a log-in', async () => {
    const finn = sessionOf('Finn')
    site.clock.set(site.clock.now() + 12 * HOUR)
    expect((await open(review, finn)).status).toBe(302)
  })
})

describe('a member’s log-in', () => {
  const ask = (form: Record<string, string>, path = '/member') =>
    site.call('POST', path, { form: { shop: String(site.shop.id), ...form }, headers: { origin: site.url } })
  const bare = (text: string) =>
    text
      .replaceAll(/nonce="[^"]+"/g, '')
      .replaceAll(/name="asker" value="[^"]+"/g, '')
      .replaceAll(/[a-z]+@[a-z.]+/g, 'name@example')

  it('answers the same to an address nobody has, and sends nothing there', async () => {
    const known = await ask({ email: 'finn@shop.example' })
    const unknown = await ask({ email: 'nobody@shop.example' })
    const buyer = await ask({ email: 'buyer@example.org' })
    expect([unknown.status, buyer.status]).toEqual([known.status, known.status])
    expect(bare(unknown.text)).toBe(bare(known.text))
    const wrong = await ask({ email: 'finn@shop.example', code: '000000' }, '/member/code')
    const nobody = await ask({ email: 'nobody@shop.example', code: '000000' }, '/member/code')
    expect([wrong.status, bare(nobody.text)]).toEqual([422, bare(wrong.text)])
    await site.engine.worker.drain()
    expect(mails('nobody@shop.example')).toEqual([])
    expect(mails('buyer@example.org').some(({ content }) => /\d{6}/.test(content!.subject))).toBe(false)
  })

  it('takes five tries a code, each code once, and leads nowhere but to a review', async () => {
    site.clock.set(site.clock.now() + DAY)
    const planned = site.background()
    const asked = await ask({ email: 'sue@shop.example', next: 'https://evil.example/' })
    const asker = /name="asker" value="([\w-]{22})"/.exec(asked.text)![1]!
    await planned
    await site.engine.worker.drain()
    const code = /\b(\d{6})\b/.exec(mails('sue@shop.example').at(-1)!.content!.subject)![1]!
    const other = code === '111111' ? '222222' : '111111'
    const form = { email: 'sue@shop.example', next: 'https://evil.example/', asker }
    for (let times = 0; times < 4; times++)
      expect((await ask({ ...form, code: other }, '/member/code')).status).toBe(422)
    const right = await ask({ ...form, code }, '/member/code')
    expect([right.status, right.headers.get('location')]).toEqual([200, null])
    expect(right.headers.get('set-cookie')).toMatch(/HttpOnly.*SameSite=Lax/)
    expect((await ask({ ...form, code }, '/member/code')).status).toBe(422)
  })

  it('asks which shop where there are several, and takes its slug; one that is not there is said to be so', async () => {
    const asked = await site.call('GET', '/member?lang=en')
    expect(asked.text).toMatch(/<input id="shop" name="shop" type="text"/)
    expect(asked.text).not.toContain('inputmode="numeric"')
    const form = await site.call('GET', '/member?lang=en&shop=first')
    expect(form.text).toContain(`name="shop" value="${site.shop.id}"`)
    const sent = await ask({ shop: 'first', email: 'finn@shop.example' }, '/member?lang=en')
    expect(sent.text).toContain(`name="shop" value="${site.shop.id}"`)
    const unknown = await ask({ shop: 'frist', email: 'finn@shop.example' }, '/member?lang=en')
    expect([unknown.status, unknown.text.includes('There is no shop “frist” here')]).toEqual([404, true])
  })

  it('is refused to a page of another site', async () => {
    for (const path of ['/member', '/member/code', '/member/logout']) {
      const answer = await site.call('POST', path, {
        form: { shop: String(site.shop.id), email: 'finn@shop.example', code: '1' },
        headers: { origin: 'https://evil.example' },
      })
      expect([path, answer.status]).toEqual([path, 403])
    }
  })
})

describe('the API', () => {
  it('refuses nonsense with what was expected', async () => {
    const code = async (path: string, json: unknown = {}) => {
      const { status, json: body } = await api('POST', path, { json })
      return [status, body.error.code]
    }
    await placeLarge('R-2')
    const id = await reviewOf('R-2')
    expect(await code(`/v1/reviews/${id}/bless`)).toEqual([422, 'FIELD_INVALID'])
    expect(await code(`/v1/reviews/${id}/approve`, { note: 7 })).toEqual([422, 'FIELD_INVALID'])
    expect(await code(`/v1/reviews/${id}/approve`, { note: 'x'.repeat(1_001) })).toEqual([
      422,
      'FIELD_INVALID',
    ])
    expect(await code('/v1/reviews/rev_x/approve')).toEqual([404, 'NOT_FOUND'])
    expect(await code(`/v1/reviews/${id}/reopen`)).toEqual([409, 'REVIEW_TOO_LATE'])
    expect((await api('GET', `/v1/reviews?before=7`)).status).toBe(422)
  })

  it('passes a review on, lists it, and rejects it for good', async () => {
    await hire(site.shop, 'Olga', 'operator', 'olga@shop.example')
    await placeLarge('R-3')
    const id = await reviewOf('R-3')
    const passed = await api('POST', `/v1/reviews/${id}/escalate`, { json: {} })
    expect(passed.json).toMatchObject({ state: 'escalated', escalations: 1 })
    const rejected = await api('POST', `/v1/reviews/${id}/reject`, { json: { note: 'fake' } })
    expect(rejected.json).toMatchObject({ state: 'rejected', note: 'fake' })
    expect((await waiting()).map((each) => each.review)).not.toContain(id)
    const all = (await api('GET', '/v1/reviews?state=all')).json.items
    expect(all.map((each: { review: string }) => each.review)).toContain(id)
    await site.engine.worker.drain()
    const timeline = await api('GET', '/v1/orders/R-3/timeline')
    expect(timeline.text).toContain('cancel_order')
  })
})

describe('a rule', () => {
  it('is seen, switched off and on, and set; every version stays and comes back', async () => {
    const list = async () =>
      (await api('GET', '/v1/rules')).json.items.find((each: { rule: string }) => each.rule === 'large-order')
    expect(await list()).toMatchObject({
      version: 1,
      enabled: true,
      does: 'hold',
      params: { limit: { value: { CNY: 5000, JPY: 100_000 } } },
    })
    expect((await api('POST', '/v1/rules/large-order/off')).json).toEqual({
      rule: 'large-order',
      enabled: false,
    })
    await placeLarge('S-1')
    expect((await waiting()).map(({ no }) => no)).not.toContain('S-1')
    await api('POST', '/v1/rules/large-order/on')
    const set = await api('POST', '/v1/rules/large-order/set', { json: { params: { limit: 10_000 } } })
    expect(set.json).toMatchObject({
      version: 2,
      enabled: true,
      params: { limit: { value: { CNY: 10_000, JPY: 100_000 } } },
    })
    await placeLarge('S-2')
    expect((await waiting()).map(({ no }) => no)).not.toContain('S-2')
    const back = await api('POST', '/v1/rules/large-order/set', { json: { version: 1 } })
    expect(back.json).toMatchObject({ version: 3, params: { limit: { value: { CNY: 5000 } } } })
    await placeLarge('S-3')
    expect((await waiting()).map(({ no }) => no)).toContain('S-3')
  })

  it('refuses what does not fit, naming the nearest, and stays as it was', async () => {
    const set = async (key: string, json: unknown) => {
      const { status, json: body } = await api('POST', `/v1/rules/${key}/set`, { json })
      return [status, JSON.stringify(body.error)]
    }
    expect(await set('large-order', { params: { limt: 1 } })).toEqual([
      422,
      expect.stringContaining('did you mean limit?'),
    ])
    expect(await set('large-order', { params: { limit: { RMB: 5 } } })).toEqual([
      422,
      expect.stringContaining('came RMB, did you mean CNY?'),
    ])
    expect(await set('large-order', { params: { limit: 'many' } })).toEqual([
      422,
      expect.stringContaining('number'),
    ])
    expect(await set('same-ip', { params: { window: 'soon' } })).toEqual([
      422,
      expect.stringContaining('30m'),
    ])
    expect(await set('same-ip', { params: { orders: 1_000 } })).toEqual([422, expect.stringContaining('64')])
    expect((await set('large-order', { version: 99 }))[0]).toBe(404)
    expect((await set('nothing', {}))[0]).toBe(404)
    expect((await api('POST', '/v1/rules/nothing/on')).status).toBe(404)
  })

  it('is tried on a past order, also as if it were set otherwise, and nothing changes', async () => {
    const before = (await waiting()).length
    const tried = async (json: object) => (await api('POST', '/v1/rules/large-order/test', { json })).json
    expect((await tried({ order: 'R-1' })).items).toMatchObject([
      {
        type: 'order.created',
        matches: true,
        would: 'hold',
        what: { en: 'order 8,800 CNY, above the limit of 5,000 CNY' },
      },
    ])
    expect((await tried({ order: 'R-1', params: { limit: 9_000 } })).items).toMatchObject([
      {
        matches: false,
        why: 'condition',
        parts: {
          en: ['order 8,800 CNY, below 9,000 CNY'],
          zh: ['订单金额 8,800 CNY，低于 9,000 CNY'],
        },
      },
    ])
    await placeLarge('R-OLD', 3)
    expect((await waiting()).map(({ no }) => no)).not.toContain('R-OLD')
    expect((await tried({ order: 'R-OLD' })).items).toMatchObject([{ matches: false, why: 'too_old' }])
    expect((await tried({ order: 'R-OLD', params: { startWithin: '4d' } })).items).toMatchObject([
      { matches: true, would: 'hold' },
    ])
    const byAddress = await api('POST', '/v1/rules/same-ip/test', {
      json: { order: 'S-3', params: { orders: 2 } },
    })
    expect(byAddress.json.items[0]).toMatchObject({ matches: true, would: 'flag' })
    expect((await api('POST', '/v1/rules/large-order/test', { json: { order: 'none' } })).status).toBe(404)
    expect((await api('POST', '/v1/rules/large-order/test', { json: {} })).status).toBe(422)
    expect((await waiting()).length).toBe(before)
  })
})
