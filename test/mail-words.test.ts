import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EventData, SourceEvent } from '../src/domain/event.ts'
import type { MailSeen } from '../src/http/deps.ts'
import { hireMember } from '../src/http/reviews.test-kit.ts'
import { openSite, type Site } from './kit/site.ts'

const LOCALES = ['zh', 'en'] as const

let site: Site
beforeAll(async () => {
  site = await openSite()
  for (const locale of LOCALES)
    await hireMember(site, site.shop, {
      name: locale,
      roles: ['operator'],
      mail: `${locale}@shop.example`,
      locale,
    })
})
afterAll(() => site?.close())

type Told = readonly [type: string, subject: string | null, data: Partial<EventData>]

let told = 0
/** Tells events about one thing and gives the mail that this address got of the last of them. */
async function mailAfter(to: string, ...events: readonly Told[]) {
  const all: SourceEvent[] = events.map(([type, subject, data]) => ({
    id: `told-${++told}`,
    type,
    source: 'test',
    time: site.clock.now(),
    subject,
    data: { refs: [], ...data },
  }))
  await site.keep(site.shop, ...all.slice(0, -1))
  const before = site.lab.smtp.received.list().at(-1)?.sequence ?? 0
  await site.keep(site.shop, all.at(-1)!)
  const mails = site.lab.smtp.received.list().filter((each) => each.sequence > before && each.to === to)
  expect(mails.map(({ content }) => content?.subject)).toHaveLength(1)
  return mails[0]!.content as MailSeen
}

/** All that a reader sees, and where its links lead. */
const wordsOf = ({ subject, text, html }: MailSeen) =>
  [subject, text, html.replace(/<style[\s\S]*?<\/style>|<!--[\s\S]*?-->/g, '').replace(/<[^>]+>/g, ' ')].join(
    '\n',
  )

/** A sentence with a hole in it, or a line that announces what does not come. */
const HOLES = /Your {2}|\bof {2}|(?:^|\n)\s*(?:is |快到期)|[:：] *(?:\n|$)|您的快|: \n|href=""/

describe.each(LOCALES)('in %s', (locale) => {
  const membership = (at: string, said: object) =>
    mailAfter(`${at}-${locale}@example.org`, [
      'membership.expiring',
      null,
      {
        customer: { email: `${at}-${locale}@example.org`, locale },
        extra: { membership: said as never },
      },
    ])

  it('a membership that ends is told with the page where it is renewed', async () => {
    const renewUrl = 'https://shop.example/renew?member=7'
    const mail = await membership('known', { name: 'VIP', expiresAt: '2027-02-03T04:00:00Z', renewUrl })
    expect(mail.html).toContain(`href="${renewUrl}"`)
    expect(mail.text).toContain(renewUrl)
    expect(mail.subject).toContain('VIP')
    expect(mail.text).toMatch(/2027/)
    expect(wordsOf(mail)).not.toMatch(HOLES)
  })

  it('and without a button where nobody has said one, whole though its name is not known', async () => {
    const mail = await membership('bare', { days_left: 3, renewUrl: 'javascript:alert(1)' })
    expect(mail.html).not.toMatch(/href=""|javascript/)
    expect(wordsOf(mail)).not.toMatch(HOLES)
    expect(wordsOf(mail)).not.toMatch(/查看订单|See the order|去续费|Renew:/)
  })

  it.each([
    ['by name and number', { name: 'Pass', left: 0 }, 'sku-1', /Pass/, /(?:还剩 0 件|0 left)/],
    ['by what else it is called', { item: 'Pass 7' }, 'sku-2', /Pass 7/, /Pass 7/],
    ['by the subject alone', undefined, 'sku-3', /sku-3/, /sku-3/],
    ['by nothing', { left: 4 }, null, /库存不多了$|A product is running low$/, /4/],
  ])('goods that run low are told %s', async (_, stock, subject, inSubject, inText) => {
    const own = subject && `${subject}-${locale}`
    const extra = stock === undefined ? {} : { extra: { stock } }
    const mail = await mailAfter(`${locale}@shop.example`, ['stock.low', own, extra])
    expect(mail.subject).toMatch(inSubject)
    expect(mail.text).toMatch(inText)
    expect(wordsOf(mail)).not.toMatch(HOLES)
  })

  const order = (no: string, minor: number) => ({
    order: { no, total: { minor, currency: 'CNY' } },
    customer: { email: `buyer-${locale}@example.org`, locale },
  })
  const paid = (no: string, ...sums: readonly (readonly [minor: number, currency: string])[]) =>
    mailAfter(
      `buyer-${locale}@example.org`,
      ['payment.started', no, order(no, 39_900)],
      ...sums.map(
        ([minor, currency], nth) =>
          [
            'order.paid',
            no,
            { order: { no }, payment: { id: `${no}-${nth}`, amount: { minor, currency }, byGateway: true } },
          ] as const,
      ),
    )

  it.each([
    ['all of it', 39_900, 'CNY', { zh: '¥399.00', en: 'CN¥399.00' }],
    ['a cent of it', 1, 'CNY', { zh: '¥0.01', en: 'CN¥0.01' }],
    ['another currency', 5_000, 'USD', { zh: 'US$50.00', en: '$50.00' }],
  ])('a receipt tells the sum that came: %s', async (what, minor, currency, sums) => {
    const told = sums[locale]
    const mail = await paid(`R-${what.length}-${locale}`, [minor, currency])
    expect(mail.text).toContain(locale === 'en' ? `Your payment of ${told} has` : `收到您的付款 ${told}，`)
    const short = minor === 1
    // It may be a discount: both sums are told, and nobody is called short.
    const total = locale === 'en' ? 'The order’s total is CN¥399.00' : '订单金额是 ¥399.00'
    expect(wordsOf(mail).includes(total)).toBe(short)
    expect(/接下来交给我们|the rest is on us/.test(wordsOf(mail))).toBe(!short)
    expect(mail.html.replace(/<[^>]+>|\s+/g, '')).toContain(`${locale === 'en' ? 'Paid' : '已付'}${told}`)
  })

  it.each([
    ['known', 'Europe/Berlin', { zh: /11月23日 06:00 前/, en: /Nov 23, 6:00\sAM\. / }],
    ['not known', undefined, { zh: /11月23日 13:00 前/, en: /Nov 23, 1:00\sPM \(UTC\+8\)\. / }],
  ])('a deadline says whose clock it is by, where the buyer’s zone is %s', async (what, timeZone, said) => {
    const no = `D-${what.length}-${locale}`
    const mail = await mailAfter(`${no}@example.org`.toLowerCase(), [
      'order.created',
      no,
      {
        order: { no, payUrl: 'https://shop.example/pay', expiresAt: Date.UTC(2026, 10, 23, 5) },
        customer: { email: `${no}@example.org`.toLowerCase(), locale, ...(timeZone ? { timeZone } : {}) },
      },
    ])
    expect(mail.text).toMatch(said[locale])
  })

  it('a part that goes back is not told as the whole order', async () => {
    const no = `P-${locale}`
    await paid(no, [39_900, 'CNY'])
    const refund = (minor: number): Told => [
      'order.refunded',
      no,
      { order: { no }, refund: { id: `${no}-${minor}`, amount: { minor, currency: 'CNY' } } },
    ]
    const first = await mailAfter(`buyer-${locale}@example.org`, refund(500))
    expect(first.text).toContain('¥5.00')
    expect(wordsOf(first)).not.toMatch(/已退款|was refunded/)
    expect((await mailAfter(`buyer-${locale}@example.org`, refund(700))).text).toContain('¥7.00')
  })
})
