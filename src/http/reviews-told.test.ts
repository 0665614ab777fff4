import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testRandom } from '../../test/kit/engine.ts'
import { openSite, orderEvent, type Site } from '../../test/kit/site.ts'
import { removeMember } from '../db/accounts.ts'
import type { SourceEvent } from '../domain/event.ts'
import { DAY, HOUR, MINUTE } from '../domain/time.ts'
import { hireMember } from './reviews.test-kit.ts'
import { MEMBER_COOKIE, makeMemberSession } from './session.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
  for (const [name, role, locale] of PEOPLE)
    await hireMember(site, site.shop, {
      name,
      roles: [role],
      mail: `${name.toLowerCase()}@shop.example`,
      locale,
    })
}, 60_000)
afterAll(() => site?.close())

const PEOPLE = [
  ['Finn', 'finance', 'en'],
  ['Sue', 'support', 'en'],
  ['Olga', 'operator', 'zh-CN'],
] as const

const api = (method: string, path: string, options: object = {}) =>
  site.call(method, path, { key: site.shop.key, ...options })

let placed = 0
/** Each a minute after the one before. */
const place = (no: string, minor: number, more: Partial<SourceEvent['data']> = {}) =>
  site.keep(site.shop, {
    ...orderEvent(`placed-${no}`, 'order.created', no, {
      order: { no, total: { minor, currency: 'CNY' }, title: no },
      customer: { email: 'buyer@example.org' },
      ...more,
    }),
    time: site.clock.now() - HOUR + ++placed * MINUTE,
  })

async function storyOf(no: string, rule: string, state = 'waiting') {
  const { items } = (await api('GET', `/v1/reviews?state=${state}`)).json
  const { review } = items.find((each: Record<string, string>) => each.no === no && each.rule === rule)
  return (await api('GET', `/v1/reviews/${review}`)).json
}

describe('what matched', () => {
  it('names the orders of a row and their amounts, in the words of the rule as it was set then', async () => {
    for (const [nth, minor] of [600_000, 720_000, 510_000].entries()) await place(`H-${nth + 1}`, minor)
    const said = {
      en: '3 orders of 2,000 CNY or more in a row within 1 d: H-1 6,000 CNY, H-2 7,200 CNY, H-3 5,100 CNY',
    }
    expect(await storyOf('H-3', 'high-value-row')).toMatchObject({ what: said })
    await api('POST', '/v1/rules/high-value-row/set', { json: { params: { amount: 3000 } } })
    expect(await storyOf('H-3', 'high-value-row')).toMatchObject({ what: said })
    const tried = await api('POST', '/v1/rules/high-value-row/test', { json: { order: 'H-3' } })
    expect(tried.json.items[0].what.en).toContain('of 3,000 CNY or more in a row')
  })

  it('says which payment is called unauthorised, and the order’s story has it, too', async () => {
    await place('U-1', 880_000)
    await site.keep(
      site.shop,
      orderEvent('fraud', 'payment.unauthorised', 'U-1', {
        payment: { id: 'pi_77', rail: 'stripe', amount: { minor: 880_000, currency: 'CNY' } },
      }),
    )
    const story = await storyOf('U-1', 'unauthorised')
    expect(story.what.en).toBe(
      'stripe reports that the cardholder did not agree to payment pi_77 of 8,800 CNY',
    )
    expect(story.history.en.join()).toContain('payment reported as unauthorised (pi_77, 8,800 CNY)')
    expect(story.history.zh.join()).toContain('付款被报告为未经授权（pi_77, 8,800 CNY）')
    expect((await api('GET', '/v1/orders/U-1/timeline')).text).toContain('payment.unauthorised')
  })
})

const mails = (to: string) => site.lab.smtp.received.list().filter((mail) => mail.to === to)

describe('the mail to those who decide', () => {
  const mailOf = (no: string, words: string) =>
    mails('finn@shop.example').find(
      ({ content }) => content!.subject.includes(words) && content!.subject.includes(no),
    )!.content!

  it('has the other orders as they stand, the zone of its times, and whose turn it is until when', () => {
    const { text } = mailOf('H-3', 'High-value')
    expect(text).toContain(
      'Other orders:\n- H-2 · 7,200 CNY · Waiting for payment\n- H-1 · 6,000 CNY · Waiting for payment',
    )
    expect(text).toMatch(/So far \(Asia\/Shanghai, UTC\+8\):\n- \d\d-\d\d \d\d:\d\d placed/)
    expect(text).toMatch(
      /This is a notice; this rule holds nothing up\. But the order is held until somebody decides about: Large order \(rev_\w+\)\./,
    )
    const held = mailOf('H-3', 'Large').text
    expect(held).toContain('the shop’s system holds the order')
    expect(held).toMatch(
      /It is with finance until \d\d-\d\d \d\d:\d\d \(Asia\/Shanghai, UTC\+8\)\. Then it goes to the operators\./,
    )
    expect(held).not.toContain('Other orders')
  })

  it('offers nothing to unsubscribe from, which would lead nowhere', () => {
    const { text, html } = mailOf('H-3', 'Large')
    expect(html).toContain('/review/')
    expect(html).not.toMatch(/href=""|No more reminders/)
    expect(text).not.toMatch(/No more reminders/)
  })
})

describe('an order in another currency', () => {
  const yen = (minor: number) => ({
    order: { no: `Y-${minor}`, total: { minor, currency: 'JPY' }, title: 'y' },
  })

  it('is judged by the limit of that currency, and not at all where there is none', async () => {
    await place('Y-6000', 0, yen(6_000))
    await place('Y-120000', 0, yen(120_000))
    const { items } = (await api('GET', '/v1/reviews')).json
    expect(items.map((each: { no: string }) => each.no)).not.toContain('Y-6000')
    expect((await storyOf('Y-120000', 'large-order')).what.en).toBe(
      'order 120,000 JPY, above the limit of 100,000 JPY',
    )
    const json = { order: 'Y-120000', params: { 'limit.JPY': 'none' } }
    const tried = await api('POST', '/v1/rules/large-order/test', { json })
    expect(tried.json.items[0]).toMatchObject({ matches: false, why: 'currency', detail: 'JPY' })
  })
})

describe('passing a review on', () => {
  it('says to whom it went and until when, and refuses to pass it on to the same people again', async () => {
    await place('E-1', 900_000)
    const { review } = await storyOf('E-1', 'large-order')
    const escalate = (language: string) =>
      api('POST', `/v1/reviews/${review}/escalate`, { json: {}, headers: { 'accept-language': language } })
    const passed = await escalate('en')
    const time = String.raw`\d\d-\d\d \d\d:\d\d`
    expect(passed.json.turn.en).toMatch(
      new RegExp(
        `^It is with the operators \\(Olga\\); nobody comes after them\\. At ${time} \\(Asia/Shanghai, UTC\\+8\\)`,
      ),
    )
    expect(passed.json.turn.zh).toMatch(
      new RegExp(`^由运营（Olga）处理，之后没有下一级；${time}（Asia/Shanghai, UTC\\+8）`),
    )
    const again = await escalate('en')
    expect([again.status, again.json.error.code]).toEqual([409, 'REVIEW_FURTHEST'])
    expect(again.json.error.message).toMatch(
      new RegExp(`it has been with the operators \\(Olga\\) since ${time} \\(Asia/Shanghai, UTC\\+8\\)`),
    )
    expect((await escalate('zh')).json.error.message).toMatch(new RegExp(`自 ${time} .*起由运营（Olga）处理`))
    expect((await api('GET', `/v1/reviews/${review}`)).json).toEqual(passed.json)
  })
})

describe('whoever comes second', () => {
  it('hears which key decided, by its name', async () => {
    await place('D-1', 900_000)
    const { review } = await storyOf('D-1', 'large-order')
    const decide = (change: string, language: string) =>
      api('POST', `/v1/reviews/${review}/${change}`, { json: {}, headers: { 'accept-language': language } })
    const { name, key: id } = (await api('GET', '/v1/keys')).json.items[0]
    await decide('approve', 'en')
    const { message } = (await decide('reject', 'en')).json.error
    expect(message).toContain(`This review is already approved by ${name} (${id}), since `)
    expect((await decide('reject', 'zh')).json.error.message).toContain(`由 ${name} (${id}) 通过`)
    expect((await storyOf('D-1', 'large-order', 'all')).decidedBy).toBe(`${name} (${id})`)
  })

  it('hears which person decided, also when they have left since', async () => {
    await place('D-3', 900_000)
    const { review } = await storyOf('D-3', 'large-order')
    const who = { name: 'Leo', roles: ['finance'], mail: 'leo@shop.example' }
    const member = await hireMember(site, site.shop, who)
    const now = site.clock.now()
    const session = makeMemberSession(site.deps.sessionKey, { shop: site.shop.id, member }, now, testRandom)
    const headers = { cookie: `${MEMBER_COOKIE}=${session}`, origin: site.url }
    await site.call('POST', `/review/${site.shop.id}/${review}`, { form: { change: 'approve' }, headers })
    await removeMember(site.deps.db, site.shop.id, member, now)
    const late = await api('POST', `/v1/reviews/${review}/reject`, { json: {} })
    expect(late.json.error.message).toContain('already approved by Leo, since ')
  })

  it('hears of an order that ended by itself why it did', async () => {
    await place('D-2', 900_000)
    const { review } = await storyOf('D-2', 'large-order')
    await site.keep(site.shop, orderEvent('gone', 'order.cancelled', 'D-2'))
    const late = await api('POST', `/v1/reviews/${review}/approve`, { json: {} })
    expect(late.json.error.message).toContain('already over: the order ended, since ')
  })
})

describe('failed payments in a burst', () => {
  const fail = (nth: number, { ip, card }: { readonly ip?: string; readonly card?: string }) =>
    site.keep(site.shop, {
      ...orderEvent(`burst-${nth}`, 'payment.failed', `B-${nth}`, {
        order: { no: `B-${nth}`, total: { minor: 12_800, currency: 'CNY' } },
        customer: { email: `burst-${nth}@example.org` },
        payment: { id: `burst-${nth}`, failure: { code: 'incorrect_cvc' }, ...(card && { card }) },
        ...(ip && { client: { ip } }),
      }),
      time: site.clock.now() - HOUR + nth * MINUTE,
    })
  /** Numbers of the orders that the rule has flagged. */
  const flagged = async (rule: string): Promise<readonly string[]> =>
    (await api('GET', '/v1/reviews')).json.items
      .filter((each: { rule: string }) => each.rule === rule)
      .map(({ no }: { no: string }) => no)
      .sort()
  const told = (words: string) =>
    mails('sue@shop.example').filter(({ content }) => content!.subject.includes(words))

  it('from one address, over orders of many buyers, are told to support once, the address to nobody', async () => {
    const client = { ip: '198.51.100.9' }
    for (let nth = 1; nth <= 7; nth++) await fail(nth, client)
    await fail(8, { ip: '198.51.100.10' })
    expect(await flagged('failed-burst-ip')).toEqual([])
    await fail(9, client)
    await fail(10, client)
    expect(await flagged('failed-burst-ip')).toEqual(['B-10', 'B-9'])
    const [mail, ...more] = told('from one network address')
    expect(more).toEqual([])
    expect(mail!.content!.text).toContain(
      'What matched: 8 failed payments from one network address within 10 min; the rule allows 7',
    )
    expect(mail!.content!.text).toContain('- B-7 · 128 CNY · Payment did not go through')
    expect(JSON.stringify(mails('sue@shop.example'))).not.toContain('198.51.100')
  })

  it('with one card, whoever uses it, are told to support once, the card to nobody', async () => {
    for (let nth = 21; nth <= 24; nth++) await fail(nth, { card: 'tok_4242' })
    expect(await flagged('failed-burst-card')).toEqual([])
    await fail(25, { card: 'tok_4242' })
    await fail(26, { card: 'tok_4242' })
    expect(await flagged('failed-burst-card')).toEqual(['B-25', 'B-26'])
    const [mail, ...more] = told('with one card')
    expect(more).toEqual([])
    expect(mail!.content!.text).toContain(
      'What matched: 5 failed payments with this card within 30 min; the rule allows 4',
    )
    expect(JSON.stringify(mails('sue@shop.example'))).not.toContain('tok_4242')
  })
})

describe('a review that nobody answers', () => {
  it('is told to the next role when its time is over, in their language, and again a day later', async () => {
    await place('T-1', 900_000)
    const { review } = await storyOf('T-1', 'large-order')
    const toOlga = () =>
      mails('olga@shop.example').filter(({ content }) => content!.subject.includes('仍未处理：订单 T-1'))
    expect(toOlga()).toHaveLength(0)
    site.clock.set(site.clock.now() + 4 * HOUR)
    await site.engine.worker.drain()
    const story = (await api('GET', `/v1/reviews/${review}`)).json
    expect(story).toMatchObject({ state: 'escalated', tell: 'operator', escalations: 1, next: null })
    const [mail] = toOlga()
    expect(mail!.content!.text).toContain('命中原因：订单金额 9,000 CNY，超过限额 5,000 CNY')
    expect(mail!.content!.text).toMatch(
      /由运营处理，之后没有下一级；\d\d-\d\d \d\d:\d\d（Asia\/Shanghai, UTC\+8）仍未处理会再次提醒。/,
    )
    expect(mail!.content!.html).not.toContain('href=""')
    site.clock.set(site.clock.now() + DAY)
    await site.engine.worker.drain()
    expect(toOlga()).toHaveLength(2)
  })
})
