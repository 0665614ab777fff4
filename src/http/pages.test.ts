import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSite, orderEvent, type Site } from '../../test/kit/site.ts'
import { contactsOfCustomers, readCustomers } from '../db/contacts.ts'
import { messagesOfOrder } from '../db/messages.ts'
import { findOrder } from '../db/orders.ts'
import { saveShopSettings } from '../db/shops.ts'
import { type CustomerId, formatId, type OrderId } from '../domain/ids.ts'
import { HOUR, MINUTE } from '../domain/time.ts'

let site: Site
let order: OrderId
let paid: OrderId
beforeAll(async () => {
  site = await openSite()
  const customer = { email: 'buyer@example.org', name: '小林', phone: '+8613800138000', locale: 'zh-CN' }
  await site.keep(
    site.shop,
    orderEvent('e1', 'payment.failed', 'A-1', {
      order: {
        no: 'A-1',
        title: '季度<b>会员',
        total: { minor: 12_800, currency: 'CNY' },
        payUrl: 'https://shop.example/pay/A-1?a=1&b=2',
      },
      customer,
      payment: { id: 'pay_1', failure: { code: 'incorrect_cvc' } },
    }),
    orderEvent('e2', 'order.paid', 'B-1', {
      customer,
      order: { no: 'B-1', title: '游戏点卡', total: { minor: 5_000, currency: 'CNY' } },
    }),
    orderEvent('e3', 'order.delivered', 'B-1', {
      delivery: { id: 'd1', keys: ['KEY-AAAA-1111', 'KEY-BBBB-2222'] },
    }),
  )
  order = (await findOrder(site.deps.db, site.shop.id, { kind: 'order_no', value: 'A-1' }))!
  paid = (await findOrder(site.deps.db, site.shop.id, { kind: 'order_no', value: 'B-1' }))!
}, 60_000)
afterAll(() => site?.close())

const get = (path: string, headers: Record<string, string> = {}) => site.call('GET', path, { headers })
const post = (path: string, form: Record<string, string> = {}, cookie = '') =>
  site.call('POST', path, { form, headers: cookie === '' ? {} : { cookie } })
const cookieOf = (answer: { readonly headers: Headers }) => answer.headers.get('set-cookie')!.split(';')[0]!
const anyBut = (code: string) => (code === '000000' ? '000001' : '000000')
const firstMessage = async (id: OrderId) => (await messagesOfOrder(site.deps.db, site.shop.id, id))[0]!
const codeMails = () =>
  site.lab.smtp.received.list().filter(({ content }) => /\b\d{6}\b/.test(content!.subject))
const lastCode = () => /\b(\d{6})\b/.exec(codeMails().at(-1)!.content!.subject)![1]!
const clicks = async () =>
  (
    await site.deps.db.query<{ n: number }>(
      `select count(*)::int as n from event where type = 'link.clicked'`,
    )
  ).rows[0]!.n

describe('every page', () => {
  it('is small, brings nothing from elsewhere, is kept nowhere, and tells no address on', async () => {
    const paths = [
      '/o',
      '/o?shop=first',
      '/login',
      `/o/${await site.link(site.shop, 'order', order)}`,
      `/l/${await site.link(site.shop, 'pay', (await firstMessage(order)).id)}`,
      '/o/rubbish',
    ]
    for (const path of paths) {
      const page = await get(path)
      expect(Buffer.byteLength(page.text)).toBeLessThan(30_000)
      expect(page.text).not.toMatch(/<(script|img|link|iframe)[^>]+(src|href)="?(https?:)?\/\//)
      expect(page.text).not.toMatch(/ on\w+=|style="/)
      const policy = page.headers.get('content-security-policy')!
      const nonce = /script-src 'nonce-([^']+)'/.exec(policy)![1]!
      for (const [, used] of page.text.matchAll(/<(?:script|style) nonce="([^"]+)"/g))
        expect(used).toBe(nonce)
      expect(policy).toContain("default-src 'none'")
      expect(page.headers.get('cache-control')).toBe('no-store')
      expect(page.headers.get('referrer-policy')).toBe('no-referrer')
    }
    const [a, b] = [await get('/o'), await get('/o')]
    expect(a.headers.get('content-security-policy')).not.toBe(b.headers.get('content-security-policy'))
  })

  it('speaks the buyer’s language, and the other one at a tap', async () => {
    const link = `/o/${await site.link(site.shop, 'order', order)}`
    expect((await get(link, { 'accept-language': 'en' })).text).toContain('支付未成功')
    const page = await get(`${link}?lang=en`)
    expect(page.text).toContain('Payment did not go through')
    expect(page.text).toContain(`href="${link}?lang=zh"`)
    expect((await get('/o', { 'accept-language': 'en' })).text).toContain('Find your order')
  })

  it('explains every error in words, without the places that an answer fills in', async () => {
    for (const lang of ['zh', 'en']) {
      const { text } = await get(`/errors?lang=${lang}`)
      expect(text).toContain('SIGNATURE_INVALID')
      expect(text.replace(/<(style|script).*?<\/\1>/gs, '')).not.toMatch(/\{\w+\}|undefined/)
      // Each has a word of its own: none shows the parameter's bare name.
      const bare = [...text.matchAll(/<i class="soft">[(（](\w+)[)）]<\/i>/g)].map(([, word]) => word!)
      expect(bare.filter((word) => /^[a-z]+[A-Z]|^(at|by|why|got|detail)$/.test(word))).toEqual([])
    }
  })

  it('gives a browser at a wrong address a page, and a program the catalogue’s JSON', async () => {
    const page = await get('/nowhere', { accept: 'text/html,application/xhtml+xml', 'accept-language': 'zh' })
    expect([page.status, page.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8'])
    expect(page.text).toContain('这里没有页面')
    expect((await get('/nowhere', { accept: '*/*' })).json.error.code).toBe('ROUTE_UNKNOWN')
  })

  it('calls an order with card keys ready, not shipped', async () => {
    const { text } = await get(`/o/${await site.link(site.shop, 'order', paid)}?lang=zh`)
    expect(text).toContain('>可领取</span>')
    expect(text).not.toContain('发货')
  })

  it('says what to do about a link that ran out, is broken, or is for something else', async () => {
    const old = await site.link(site.shop, 'order', order, MINUTE)
    site.clock.set(site.clock.now() + 2 * MINUTE)
    expect((await get(`/o/${old}`)).status).toBe(410)
    expect((await get(`/o/${old.slice(0, -1)}`)).status).toBe(404)
    const unsubscribe = await site.link(site.shop, 'unsubscribe', order)
    expect((await get(`/o/${unsubscribe}`)).status).toBe(404)
    expect((await get(`/l/${await site.link(site.shop, 'order', order)}`)).status).toBe(404)
  })
})

describe('a pay link', () => {
  it('counts no click by GET, however often scanners come, and one by POST, however often it is sent', async () => {
    const message = await firstMessage(order)
    const link = `/l/${await site.link(site.shop, 'pay', message.id)}`
    const page = await get(link)
    expect(page.status).toBe(200)
    expect(page.text).toContain('href="https://shop.example/pay/A-1?a=1&amp;b=2"')
    await site.call('HEAD', link)
    await site.engine.worker.drain()
    expect(await clicks()).toBe(0)
    expect((await post(link)).status).toBe(204)
    expect((await post(link)).status).toBe(204)
    await site.engine.worker.drain()
    expect(await clicks()).toBe(1)
    expect((await firstMessage(order)).clicked_at).toBe(site.clock.now())
    const timeline = await site.call('GET', '/v1/orders/A-1/timeline', { key: site.shop.key })
    expect(
      timeline.json.entries.some(
        (entry: { kind: string; message?: string }) =>
          entry.kind === 'click' && entry.message === formatId('msg', message.id),
      ),
    ).toBe(true)
  })

  it('of another way to pay lands on that way, says so in the log, and is in the mail', async () => {
    const alternatives = [
      { key: 'card', url: 'https://shop.example/pay/ALT?m=card' },
      { key: 'paypal', names: { zh: '贝宝', en: 'PayPal' }, url: 'https://shop.example/pay/ALT?m=paypal' },
    ]
    await site.keep(
      site.shop,
      orderEvent('alt', 'payment.failed', 'ALT', {
        order: { no: 'ALT', payUrl: 'https://shop.example/pay/ALT' },
        customer: { email: 'alt@example.org', locale: 'zh-CN' },
        payment: { id: 'pay_alt', method: 'visa', alternatives, failure: { code: 'expired_card' } },
      }),
    )
    const id = (await findOrder(site.deps.db, site.shop.id, { kind: 'order_no', value: 'ALT' }))!
    const mail = site.lab.smtp.received.list().find(({ to }) => to === 'alt@example.org')!.content!
    const link = new URL(/贝宝 (https?:\S+)/.exec(mail.text)![1]!).pathname
    expect(mail.text).not.toContain('/card')
    expect((await get(link)).text).toContain('href="https://shop.example/pay/ALT?m=paypal"')
    const token = link.split('/')[2]
    for (const other of ['card', 'nobody-offers-this', 'JAVASCRIPT:'])
      expect((await get(`/l/${token}/${other}`)).text).toContain('href="https://shop.example/pay/ALT"')
    const before = await clicks()
    expect((await post(link)).status).toBe(204)
    expect((await post(link)).status).toBe(204)
    await site.engine.worker.drain()
    expect((await clicks()) - before).toBe(1)
    expect((await firstMessage(id)).clicked_at).not.toBeNull()
  })

  it('of an order whose events name no payment page leads to the shop’s usual one', async () => {
    const { db, configs } = site.deps
    const settings = (await configs.get(site.shop.id)).row.settings as object
    const template = 'https://shop.example/checkout?order={no}'
    await saveShopSettings(db, site.shop.id, { ...settings, payUrlTemplate: template })
    await site.keep(
      site.shop,
      orderEvent('usual', 'payment.failed', 'pi_9', {
        refs: [{ kind: 'order_no', value: 'USUAL 1' }],
        order: { no: undefined, total: { minor: 100, currency: 'CNY' } },
        customer: { email: 'usual@example.org', locale: 'zh-CN' },
        payment: { id: 'pay_usual', failure: { code: 'incorrect_cvc' } },
      }),
    )
    const mail = site.lab.smtp.received.list().find(({ to }) => to === 'usual@example.org')!.content!
    expect(mail.subject).toContain('USUAL 1')
    const link = new URL(/继续付款：(https?:\S+)/.exec(mail.text)![1]!).pathname
    expect((await get(link)).text).toContain('href="https://shop.example/checkout?order=USUAL%201"')
    await saveShopSettings(db, site.shop.id, settings)
  })

  it('of a paid order leads to the order, not to a second payment', async () => {
    const page = await get(`/l/${await site.link(site.shop, 'pay', (await firstMessage(paid)).id)}`)
    expect(page.text).toContain('订单已付款')
    expect(page.text).not.toContain('id="go"')
    const [, path] = /href="(\/o\/[^"]+)"/.exec(page.text)!
    expect((await get(path!)).text).toContain('B-1')
  })
})

describe('the order page', () => {
  it('shows state, items and amount, escaped, and leads to the payment', async () => {
    const { text } = await get(`/o/${await site.link(site.shop, 'order', order)}`)
    expect(text).toContain('季度&lt;b&gt;会员')
    expect(text).toContain('¥128.00')
    expect(text).toContain('重新支付')
    expect(text).not.toMatch(/buyer@|小林|13800138000/)
  })

  it('shows card keys only after the code that went to the address on file, and logs it', async () => {
    const link = `/o/${await site.link(site.shop, 'order', paid)}`
    const page = await get(link)
    expect(page.text).not.toContain('KEY-AAAA')
    const contact = /value="(con_\w+)"[^>]*>\s*<span>b\*\*\*@example.org/.exec(page.text)![1]!
    const asked = await post(`${link}/code`, { contact })
    expect(asked.text).toContain('验证码已发送')
    const cookie = cookieOf(asked)
    await site.engine.worker.drain()
    const code = lastCode()
    const wrong = await post(`${link}/keys`, { code: anyBut(code), contact }, cookie)
    expect([wrong.status, wrong.text.includes('KEY-AAAA')]).toEqual([422, false])
    const typed = ` ${code.slice(0, 3)} ${code.slice(3)} `
    const shown = await post(`${link}/keys`, { code: typed, contact }, cookie)
    expect(shown.text).toContain('KEY-AAAA-1111')
    expect(shown.text).toContain('KEY-BBBB-2222')
    const audit = await site.call('GET', '/v1/audit', { key: site.shop.key })
    expect(audit.json.items[0]).toMatchObject({
      actor: 'buyer',
      action: 'keys.reveal',
      target: formatId('ord', paid),
      detail: { keys: 2 },
    })
    expect((await post(`${link}/keys`, { code, contact }, cookie)).status).toBe(422)
    const { rows } = await site.deps.db.query<{ hash: string }>(
      'select encode(code_hash, $1) as hash from code_ask',
      ['escape'],
    )
    expect(JSON.stringify(rows)).not.toContain(code)
  })

  it('sends no code to an address that is not the order’s own', async () => {
    const link = `/o/${await site.link(site.shop, 'order', paid, 200 * HOUR)}`
    const mails = codeMails().length
    site.clock.set(site.clock.now() + 24 * HOUR)
    await post(`${link}/code`, { contact: 'con_01h455vb4pex5vsknk084sn02q' })
    await site.engine.worker.drain()
    expect(codeMails()).toHaveLength(mails)
  })
})

describe('finding an order without a link', () => {
  const shop = () => String(site.shop.id)

  it('answers the same whether the order exists or not, and opens it by the code', async () => {
    const form = (no: string, contact: string) => ({ no, contact, shop: shop() })
    const planned = site.background()
    const known = await post('/o?lang=en', form('B-1', 'Buyer@Example.org'))
    const unknown = await post('/o?lang=en', form('B-9', 'buyer@example.org'))
    const others = await post('/o?lang=en', form('B-1', 'stranger@example.org'))
    const strip = (text: string) =>
      text
        .replace(/nonce="[^"]+"/g, '')
        .replace(/name="asker" value="[^"]+"/g, '')
        .replace(/B-\d/g, '')
        .replace(/value="[^"]*@example\.org"/gi, '')
    expect(strip(unknown.text)).toBe(strip(known.text))
    expect(strip(others.text)).toBe(strip(known.text))
    await planned
    await site.engine.worker.drain()
    const code = lastCode()
    const cookie = cookieOf(known)
    const wrong = await post('/o/keys?lang=en', { ...form('B-9', 'buyer@example.org'), code }, cookie)
    expect([wrong.status, wrong.text.includes('KEY-AAAA')]).toEqual([422, false])
    const right = await post('/o/keys?lang=en', { ...form('B-1', 'buyer@example.org'), code }, cookie)
    expect(right.text).toContain('KEY-AAAA-1111')
  })

  it('asks again for what was left out', async () => {
    expect((await post('/o', { no: '', contact: '', shop: shop() })).status).toBe(422)
  })
})

describe('preferences', () => {
  const customerOf = async () => {
    const { rows } = await site.deps.db.query<{ customer_id: CustomerId }>(
      'select customer_id from orders where id = $1',
      [order],
    )
    return rows[0]!.customer_id
  }
  const link = async () => {
    const contacts = await contactsOfCustomers(site.deps.db, site.shop.id, [await customerOf()])
    return `/p/${await site.link(site.shop, 'preferences', contacts.find((each) => each.channel === 'email')!.id, 1_000 * HOUR)}`
  }
  const preferences = async () =>
    (await readCustomers(site.deps.db, site.shop.id, [await customerOf()]))[0]!.preferences

  it('are shown by category and channel, changed without a log-in, and obeyed', async () => {
    const path = await link()
    const page = await get(path)
    expect(page.text).toContain('付款提醒')
    expect(page.text).toContain('name="on:sms" value="1" checked')
    await post(path, { action: 'choose', 'on:orders': '1', 'on:email': '1' })
    expect(new Set((await preferences()).off)).toEqual(
      new Set(
        ['payment-recovery', 'payments', 'membership', 'sms'].filter((word) =>
          page.text.includes(`on:${word}`),
        ),
      ),
    )
    expect((await get(path)).text).toContain('name="on:sms" value="1">')
    const mails = site.lab.smtp.received.list().length
    await site.keep(site.shop, {
      ...orderEvent('pf', 'payment.failed', 'PF-1', {
        customer: { email: 'buyer@example.org' },
        order: { no: 'PF-1', title: 'x', payUrl: 'https://shop.example/p' },
        payment: { id: 'pf', failure: { code: 'incorrect_cvc' } },
      }),
      time: site.clock.now(),
    })
    expect(site.lab.smtp.received.list()).toHaveLength(mails)
    const { json } = await site.call('GET', '/v1/orders/PF-1/timeline?lang=en', { key: site.shop.key })
    const about = json.entries.find(
      (entry: { message?: { category: string } }) => entry.message?.category === 'payment-recovery',
    ).message
    expect(about.why.join(' ')).toContain('turned off this kind of message')
  })

  it('stay as they are after a form that the page does not have, which is said', async () => {
    const path = await link()
    const before = await preferences()
    for (const form of [{ action: 'everything' }, { other: '1' }] as Record<string, string>[]) {
      const answer = await post(path, form)
      expect(answer.status).toBe(422)
      expect(answer.text).toContain('没有更改')
      expect(answer.text).not.toContain('已保存')
    }
    expect(await preferences()).toEqual(before)
    const { status, text } = await post(`${path}?lang=en`, { action: 'everything' })
    expect([status, text.includes('Nothing was changed')]).toEqual([422, true])
  })

  it('can be paused, resumed, and switched off altogether', async () => {
    const path = await link()
    await post(path, { action: 'pause_7' })
    expect((await preferences()).pausedUntil).toBe(site.clock.now() + 7 * 24 * HOUR)
    // By the buyer's clock or the shop's, whatever the server's is.
    expect((await get(`${path}?lang=en`)).text).toContain('paused until Dec 1, 10:02.')
    await post(path, { action: 'resume' })
    expect((await preferences()).pausedUntil).toBeNull()
    await post(path, { action: 'nothing' })
    expect((await preferences()).off).toContain('everything')
    expect((await get(path)).text).toContain('重新接收消息')
    await post(path, { action: 'something' })
    expect((await preferences()).off).not.toContain('everything')
  })

  it('change nothing by GET', async () => {
    const before = await preferences()
    await get(`${await link()}?action=nothing`)
    expect(await preferences()).toEqual(before)
  })
})

describe('the outbox', () => {
  it('shows each message as its receiver sees it, to the administrator only', async () => {
    expect((await get('/outbox')).headers.get('location')).toBe('/login?next=%2Foutbox')
    const cookie = await site.login()
    const page = await get('/outbox?lang=en', { cookie })
    expect(page.text).toContain('buyer@example.org')
    const mail = site.lab.smtp.received.list().at(-1)!
    const detail = await get(`/outbox?item=email-${mail.sequence}`, { cookie })
    expect(detail.text).toContain(`src="/outbox/mail/${mail.sequence}"`)
    const framed = await get(`/outbox/mail/${mail.sequence}`, { cookie })
    expect(framed.headers.get('content-security-policy')).toMatch(/^sandbox allow-popups/)
    expect(framed.text).toContain(mail.content!.html.slice(0, 50))
    const sms = site.lab.sms.received.list().at(-1)
    const bubble = await get(`/outbox?kind=sms&lang=en&item=sms-${sms!.sequence}`, { cookie })
    expect(bubble.text).toMatch(/\d segments? · \d+ characters/)
    expect((await get('/outbox?q=no-such-thing&lang=en', { cookie })).text).toContain('Nothing matches')
  })

  it('sends its list again only when something came', async () => {
    const cookie = await site.login()
    const first = await get('/outbox/list', { cookie })
    const tag = first.headers.get('etag')!
    expect((await get('/outbox/list', { cookie, 'if-none-match': tag })).status).toBe(304)
  })
})
