import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { checkTemplate, refuses } from '../domain/law/check.ts'
import { sceneFor } from '../domain/law/law.test-kit.ts'
import type { Content } from '../domain/message.ts'
import { countEmoji, MAX_EMOJI } from '../domain/template/emoji.ts'
import { compileNames } from '../domain/template/names.ts'
import { smsSegments } from '../domain/template/sms-segments.ts'
import type { TemplateSource } from '../domain/template/template.ts'
import { sampleVars } from '../domain/template/variables.ts'
import { systemClock } from '../domain/time.ts'
import { compileFast } from './fast.ts'
import { loadTemplates } from './load.ts'
import { createMjmlCompiler } from './mjml.ts'
import { publishTemplate } from './publish.ts'
import { createRenderer } from './renderer.ts'

const directory = new URL('../../flows/templates/', import.meta.url)
const set = loadTemplates(
  Object.fromEntries(
    readdirSync(directory).map((file) => [file, readFileSync(new URL(file, directory), 'utf8')]),
  ),
)
const clock = systemClock()
const mjml = createMjmlCompiler(clock)
const renderer = createRenderer({ clock })
afterAll(async () => {
  await mjml.close()
  await renderer.close()
})

const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  member_code: ['email'],
  membership_expiring: ['email', 'inbox'],
  order_cancelled_unpaid: ['email', 'inbox'],
  order_code: ['email', 'sms'],
  order_delivered: ['email', 'sms', 'inbox'],
  order_not_accepted: ['email', 'inbox'],
  order_paid: ['email', 'sms', 'inbox'],
  order_partly_delivered: ['email', 'inbox'],
  order_received: ['email', 'inbox'],
  order_refunded: ['email', 'inbox'],
  payment_failed_authentication: ['email', 'sms', 'inbox'],
  payment_failed_day: ['email', 'sms', 'inbox'],
  payment_failed_details: ['email', 'sms', 'inbox'],
  payment_failed_expired_card: ['email', 'sms', 'inbox'],
  payment_failed_funds: ['email', 'sms', 'inbox'],
  payment_failed_last: ['email', 'sms', 'inbox'],
  payment_failed_other: ['email', 'sms', 'inbox'],
  payment_failed_risk: ['email', 'sms', 'inbox'],
  payment_failed_stock_back: ['email', 'sms', 'inbox'],
  payment_failed_stock_low: ['email', 'sms', 'inbox'],
  payment_failed_timeout: ['email', 'sms', 'inbox'],
  payment_healed: ['email', 'inbox'],
  shop_new_order: ['email', 'inbox'],
  shop_review_decided: ['email', 'inbox'],
  shop_review_escalated: ['email', 'inbox'],
  shop_review_opened: ['email', 'inbox'],
  shop_stock_low: ['email', 'sms', 'inbox'],
}
const variants = set.templates.flatMap((template) =>
  template.sources.map((source) => ({
    name: template.name,
    locale: source.locale,
    channel: source.channel,
    source,
  })),
)

it('has every template in both languages on its channels', () => {
  expect(set.problems).toEqual([])
  expect(set.layout).not.toBeNull()
  const found = Object.fromEntries(
    set.templates.map(({ name, sources }) => [
      name,
      ['zh-CN', 'en'].map((locale) =>
        sources.filter((each) => each.locale === locale).map((each) => each.channel),
      ),
    ]),
  )
  expect(found).toEqual(
    Object.fromEntries(Object.entries(EXPECTED).map(([name, list]) => [name, [list, list]])),
  )
})

async function render(name: string, source: TemplateSource, vars: object): Promise<Content> {
  const published = await publishTemplate(source, {
    compileMjml: mjml.compile,
    layout: set.layout!,
    renderer,
  })
  expect('problems' in published ? published.problems : []).toEqual([])
  if (!('ok' in published)) throw new Error('not published')
  expect(compileFast(published.ok), 'rendered without a worker').not.toBeNull()
  const job = { key: name, template: published.ok, vars: vars as never, timeZone: 'Asia/Shanghai' }
  const [result] = await createRenderer({ clock }).render([job])
  if (!result || 'failed' in result) throw new Error(JSON.stringify(result))
  return result.ok
}

describe.each(variants)('$name, $locale, $channel', ({ name, source }) => {
  it('says what it should with everything known', async () => {
    const content = await render(name, source, sampleVars())
    for (const words of textsOf(content)) {
      expect(words).not.toMatch(/undefined|null|NaN|\[object|\{[{%]|[%}]\}|[{}]订单|Lq\d/)
      expect(words.trim()).not.toBe('')
    }
    check(content, source.purpose)
    if (content.kind === 'email') tellsAsMuch(content)
    // An inbox item stands alone: nothing follows its words.
    else expect(textsOf(content).join()).not.toMatch(/下面是|here is what/)
  })

  it('stays whole when only the shop’s name and the links are known', async () => {
    const { links } = sampleVars()
    const content = await render(name, source, { shop: { name: 'S' }, links, code: '1', order: { no: '7' } })
    for (const words of textsOf(content)) {
      expect(words).not.toMatch(/undefined|null|NaN|\[object|，，|，。| ,|^，|Hi ,/)
      // Words made for a title or an end that is not there: "订单 7库存", "the order for order 7", "after that".
      expect(words).not.toMatch(
        /7\p{Script=Han}|order for order|(?:low on|stock:) order 7|It cannot be paid after that/u,
      )
      expect(words.trim()).not.toBe('')
    }
  })
})

it.each(variants.filter(({ source }) => JSON.stringify(source).includes('links.console')))(
  'leads to the shop’s console only where it has one: $name, $locale, $channel',
  async ({ name, source }) => {
    const vars = sampleVars()
    const { console: place, ...links } = vars.links!
    const there = JSON.stringify(await render(name, source, vars))
    const absent = JSON.stringify(await render(name, source, { ...vars, links }))
    expect([there.includes(place!), absent.includes(place!)]).toEqual([true, false])
    expect(absent).not.toMatch(/打开后台|console|href=\\"\\"/i)
  },
)

describe('a mail that asks to pay', () => {
  const mails = variants.filter(({ source }) => source.asksToPay === true && source.channel === 'email')

  it.each(mails)('says pay only where a page takes the payment: $name, $locale', async ({ name, source }) => {
    const vars = sampleVars()
    const content = await render(name, source, { ...vars, order: { ...vars.order, payable: false } })
    if (content.kind !== 'email') throw new Error(content.kind)
    const [see, colon] = source.locale === 'en' ? ['See the order', ': '] : ['查看订单', '：']
    const link = vars.links!.pay!
    expect(content.text).toContain(`${see}${colon}${link}`)
    const button = content.html.slice(content.html.indexOf(`href="${link}"`))
    expect(/>\s*([^<]*?)\s*</.exec(button)?.[1]).toBe(see)
    expect(content.html + content.text).not.toMatch(/点一下|从这里接着付|right here|one tap/i)
  })
})

describe('a mail to members', () => {
  const mails = variants.filter(({ source }) => source.audience === 'shop' && source.channel === 'email')

  it.each(mails)('offers nothing to unsubscribe from: $name, $locale', async ({ name, source }) => {
    const vars = sampleVars()
    const { preferences: _, ...links } = vars.links!
    const content = await render(name, source, { ...vars, links })
    if (content.kind !== 'email') throw new Error(content.kind)
    expect(content.html + content.text).not.toMatch(/href=""|不再提醒|No more reminders/)
  })
})

describe('under the law', () => {
  const sms = set.templates.flatMap(({ name, sources }) =>
    sources.filter(({ channel }) => channel === 'sms').map((source) => ({ name, source })),
  )
  const broken = (law: string, source: TemplateSource) =>
    checkTemplate(sceneFor(law), {
      purpose: source.purpose,
      asksToPay: source.asksToPay ?? false,
      parts: [{ place: 'text', liquid: compileNames(source.text ?? '').liquid }],
    })
      .filter(refuses)
      .map(({ rule }) => rule.id)
  const chinese = sms.filter(({ source }) => source.locale === 'zh-CN')

  it('every Chinese SMS may go in China', () => {
    expect(chinese.length).toBeGreaterThan(5)
    for (const { name, source } of chinese) expect([name, broken('cn', source)]).toEqual([name, []])
  })

  it.each(['tencent', 'aliyun', 'huawei', 'qiniu', 'volcengine'])(
    'through %s all but the reminders to pay, which it bans',
    (law) => {
      for (const { name, source } of chinese)
        expect([name, broken(law, source)]).toEqual([name, source.asksToPay ? [`${law}-no-dunning`] : []])
    },
  )

  it('every English SMS may go in the United States, the European Union and the United Kingdom', () => {
    for (const { name, source } of sms.filter(({ source }) => source.locale === 'en'))
      for (const law of ['us', 'eu', 'uk']) expect([name, broken(law, source)]).toEqual([name, []])
  })
})

function textsOf(content: Content): readonly string[] {
  switch (content.kind) {
    case 'email':
      return [content.subject, content.text, visible(content.html)]
    case 'sms':
      return [content.text]
    case 'inbox':
      return [content.title, content.text]
    case 'webhook':
      return []
  }
}

/** Who reads mail as plain text learns which order it is about, and of which sum, as others do. */
function tellsAsMuch({ subject, text, html }: Extract<Content, { kind: 'email' }>): void {
  for (const part of ['20261122-0815', '128.00'])
    expect([part, `${subject} ${text}`.includes(part)]).toEqual([part, visible(html).includes(part)])
}

function visible(html: string): string {
  return html.replace(/<style[\s\S]*?<\/style>|<!--[\s\S]*?-->|<[^>]+>/g, ' ').replace(/\s+/g, ' ')
}

function check(content: Content, purpose: string): void {
  if (content.kind === 'email') {
    expect(countEmoji(content.subject + visible(content.html))).toBeLessThanOrEqual(MAX_EMOJI)
    expect(content.html.length).toBeLessThan(30_000)
    expect(content.html).not.toMatch(/<script|googleapis|href=""|src=""/)
    expect((content.html.match(/class="[^"]*\bgo\b/g) ?? []).length, 'one action').toBeLessThanOrEqual(1)
    const stop = 'https://shop.example/u/2bT5'
    expect([content.html.includes(stop), content.text.includes(stop)]).toEqual(
      purpose === 'essential' ? [false, false] : [true, true],
    )
  }
  if (content.kind === 'sms') {
    expect(content.text).not.toMatch(/季度|128|小林|¥/)
    expect(countEmoji(content.text)).toBe(0)
    // A signature in 【】 makes any text UCS-2; abroad there is none.
    const signature = /\p{Script=Han}/u.test(content.text) ? '星河小店' : undefined
    expect(smsSegments(content.text, signature).segments).toBe(1)
  }
  if (content.kind === 'inbox') expect(content.link).toMatch(/^https:/)
}
