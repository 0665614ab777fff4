import { afterAll, describe, expect, it } from 'vitest'
import { ENDLESS, endless } from '../../test/kit/endless.ts'
import { processorTime } from '../../test/kit/processor.ts'
import { sceneFor } from '../domain/law/law.test-kit.ts'
import type { TemplateSource } from '../domain/template/template.ts'
import { sampleVars } from '../domain/template/variables.ts'
import { systemClock } from '../domain/time.ts'
import { offeredSources, underLaw } from './law.ts'
import type { MailLayout } from './mail.ts'
import { createMjmlCompiler } from './mjml.ts'
import { publishTemplate } from './publish.ts'
import { createRenderer } from './renderer.ts'

const clock = systemClock()
const mjml = createMjmlCompiler(clock)
const renderer = createRenderer({ clock })
afterAll(async () => {
  await mjml.close()
  await renderer.close()
})

const layout: MailLayout = {
  mjml: '<mjml><mj-body><!-- content --><mj-section><mj-column><!-- footer --></mj-column></mj-section></mj-body></mjml>',
  footers: {
    'zh-CN': {
      essential: { text: '{店铺}', mjml: '<mj-text>{店铺}</mj-text>' },
      other: {
        text: '不再提醒 {不再提醒链接}',
        mjml: '<mj-text><a href="{不再提醒链接}">不再提醒</a></mj-text>',
      },
    },
  },
}

const sms = (text: string, more: Partial<TemplateSource> = {}): TemplateSource => ({
  channel: 'sms',
  purpose: 'service',
  locale: 'zh-CN',
  text,
  ...more,
})
const email = (more: Partial<TemplateSource> = {}): TemplateSource => ({
  channel: 'email',
  purpose: 'service',
  locale: 'zh-CN',
  subject: '订单 {订单号}',
  text: '您好',
  ...more,
})

const road = (law: string) => ({ id: 'acct_1', name: law, scene: sceneFor(law) })

const publish = (source: TemplateSource, language: 'en' | 'zh' = 'en') =>
  publishTemplate(source, { compileMjml: mjml.compile, layout, renderer, language })

async function problems(source: TemplateSource, language: 'en' | 'zh' = 'en') {
  const result = await publish(source, language)
  return 'problems' in result ? result.problems : []
}
const codes = async (source: TemplateSource) =>
  (await problems(source)).map((each) => `${each.path} ${each.code}`)

async function shown(source: TemplateSource, vars: object = sampleVars()) {
  const result = await publish(source)
  if ('problems' in result) throw new Error(JSON.stringify(result.problems))
  const job = {
    key: JSON.stringify(source),
    template: result.ok,
    vars: vars as never,
    timeZone: 'Asia/Shanghai',
  }
  const [rendered] = await renderer.render([job])
  if (!rendered || 'failed' in rendered) throw new Error(JSON.stringify(rendered))
  return rendered.ok as unknown as Record<string, string>
}

describe('publishing', () => {
  it('compiles what is in order and says which variables it reads', async () => {
    expect(await publish(sms('订单 {订单号} {% if code %}{{ code }}{% endif %}'))).toEqual({
      ok: {
        format: 1,
        channel: 'sms',
        purpose: 'service',
        locale: 'zh-CN',
        parts: [
          { at: 'text', liquid: '订单 {{ order.no }} {% if code %}{{ code }}{% endif %}', escape: 'plain' },
        ],
        variables: ['code', 'order.no'],
      },
    })
  })

  it('finds every problem at once', async () => {
    const source = email({
      locale: 'no locale',
      subject: '🎉🎉🎉🎉\n{订单好}',
      text: '{{ order.nr }} {{ x | upcaes }} {{ 1',
      mjml: '<mj-section><mj-column><mj-text>{金客}</mj-text></mj-column></mj-section>',
      asksToPay: true,
    })
    expect((await codes(source)).sort()).toEqual([
      'locale LOCALE',
      'mjml EMOJI',
      'mjml NO_PAY_LINK',
      'mjml UNKNOWN_NAME_NEAR',
      'subject SUBJECT_LINES',
      'subject UNKNOWN_NAME_NEAR',
      'text EMOJI',
      'text NO_PAY_LINK',
      'text NO_PREFERENCES_LINK',
      'text SYNTAX',
    ])
  })

  it('suggests the nearest name, in the operator’s language', async () => {
    expect(await problems(sms('{订单好}'), 'zh')).toEqual([
      { code: 'UNKNOWN_NAME_NEAR', path: 'text', problem: '没有名为 `订单好` 的变量。是不是想用 `订单号`？' },
    ])
    expect((await problems(sms('{{ ordr.no }}')))[0]?.problem).toBe(
      'There is no variable `ordr.no`. Did you mean `order.no`?',
    )
  })

  it('suggests filters and tags, too', async () => {
    expect((await problems(sms('{{ code | upcaes }}')))[0]?.problem).toContain('did you mean upcase?')
    expect((await problems(sms('{% iff code %}')))[0]?.problem).toContain('did you mean if?')
  })

  it('knows the names that a template makes for itself', async () => {
    const text = '{% assign n = order.no %}{{ n }}{% for i in (1..2) %}{{ i }}{{ forloop.index }}{% endfor %}'
    expect(await codes(sms(text))).toEqual([])
  })

  it('refuses names that are worked out while rendering', async () => {
    expect(await codes(sms('{% assign k = "title" %}{{ order[k] }}'))).toEqual(['text COMPUTED_NAME'])
    expect(await codes(sms('{% assign o = order %}{{ o.title }}'))).toEqual(['text UNKNOWN_NAME_NEAR'])
  })

  it('keeps product, amount and names out of SMS; a receipt may show the amount', async () => {
    const text = '{商品} {金额} {买家} {{ extra.x }} {% for i in order.items %}{{ i.name }}{% endfor %}'
    expect(await codes(sms(text))).toEqual(Array(5).fill('text HIDDEN'))
    expect(await codes(sms('付款 {金额}', { purpose: 'essential' }))).toEqual([])
    expect(await codes(sms('付款 {商品}', { purpose: 'essential' }))).toEqual(['text HIDDEN'])
  })

  it('refuses card keys: there is no such variable', async () => {
    expect(await codes(sms('{{ delivery.keys }}', { purpose: 'essential' }))).toEqual(['text UNKNOWN_NAME'])
  })

  it('wants the pay link in a message that asks for payment', async () => {
    expect(await codes(sms('请付款', { asksToPay: true }))).toEqual(['text NO_PAY_LINK'])
    expect(await codes(sms('请付款 {订单链接}', { asksToPay: true }))).toEqual([])
    expect(await codes(sms('到 https://p.example 输入 {订单号}', { asksToPay: true }))).toEqual([])
    const inbox = { channel: 'inbox', purpose: 'reminder', locale: 'en', title: 'Pay', text: 'Now' } as const
    expect(await codes({ ...inbox, asksToPay: true })).toEqual(['link NO_PAY_LINK'])
    expect(await codes({ ...inbox, asksToPay: true, link: '{links.pay}' })).toEqual([])
  })

  it('refuses what would break a rule of an account’s vendor, and names the rule, its source and what may be said', () => {
    const found = (source: TemplateSource, language: 'en' | 'zh' = 'en') =>
      underLaw(offeredSources([source]), [road('tencent'), road('us')], language).problems
    const [first] = found(sms('您的订单已更新，请打开 {订单链接} 查看'))
    expect(first).toMatchObject({ code: 'LAW', path: 'zh-CN.sms.text' })
    for (const part of ['{{ links.order }}', 'tencent-links', 'cloud.tencent.com', 'links.registered'])
      expect(first?.problem).toContain(part)
    expect(found(sms('您的优 惠 券已到账'), 'zh')[0]?.problem).toMatch(/优 惠 券.*优惠券推广.*违反规则/)
    const reminder = { purpose: 'reminder', asksToPay: true } as const
    const lawful = '您的订单状态有更新，请在 {备案链接} 输入短码 {订单短码} 查看'
    expect(
      found(sms(lawful, reminder))
        .map(({ problem }) => problem)
        .join(),
    ).toContain('tencent-no-dunning')
    expect(found(sms(lawful))).toEqual([])
  })

  it('wants a way to stop in mail that is not essential', async () => {
    const whole =
      '<mjml><mj-body><mj-section><mj-column><mj-text>x</mj-text></mj-column></mj-section></mj-body></mjml>'
    expect(await codes(email({ mjml: whole }))).toEqual(['mjml NO_PREFERENCES_LINK'])
    expect(await codes(email({ mjml: whole, purpose: 'essential' }))).toEqual([])
    expect(await codes(email())).toEqual([])
  })

  it('refuses a bare moment and a date pattern', async () => {
    expect(await codes(sms('{{ order.expires_at }}'))).toEqual(['text RAW_INSTANT'])
    expect(await codes(sms("{{ order.expires_at | date: '%9999999d' }}"))).toEqual(['text DATE_STYLE'])
  })

  it('refuses a link that need not be one', async () => {
    const link = (href: string) =>
      email({
        mjml: `<mj-section><mj-column><mj-text><a href="${href}">x</a></mj-text></mj-column></mj-section>`,
      })
    expect(await codes(link('{{ customer.name }}'))).toEqual(['mjml LINK'])
    expect(await codes(link('javascript:alert(1)'))).toEqual(['mjml LINK'])
    expect(await codes(link('{{ links.order }}'))).toEqual([])
    expect(await codes(link('https://a.example/?o={{ order.no | url_encode }}'))).toEqual([])
  })

  it('reports broken MJML with its place', async () => {
    const found = await problems(email({ mjml: '<mj-section><mj-colum></mj-colum></mj-section>' }))
    expect(found[0]).toMatchObject({ code: 'MJML', path: 'mjml', problem: expect.stringMatching(/mj-colum/) })
  })

  it('names the line of the author’s own text, whatever is put round it or in place of it', async () => {
    const tall = { ...layout, mjml: layout.mjml.replace('<mj-body>', `${'\n'.repeat(46)}<mj-body>`) }
    const detailOf = async (source: TemplateSource, within: MailLayout = tall) => {
      const result = await publishTemplate(source, { compileMjml: mjml.compile, layout: within, renderer })
      return 'problems' in result ? result.problems.map((each) => `${each.path}: ${each.problem}`) : []
    }
    const block = (broken: string) =>
      `\n<mj-section><mj-column>\n  <mj-text>{订单号} {{ 金额\n }}</mj-text>\n  ${broken}\n</mj-column></mj-section>\n`
    // Columns are the author's, too: {订单号} is shorter than what it stands for.
    expect(await detailOf(email({ mjml: block('<mj-text>{订单号} {% iff code %}</mj-text>') }))).toEqual([
      'mjml: Liquid does not understand this: tag "iff" not found, line:5, col:18 (did you mean if?).',
    ])
    expect(await detailOf(email({ mjml: block('<mj-foo>x</mj-foo>') }))).toEqual([
      expect.stringMatching(/^mjml: MJML does not understand this: line 5, <mj-foo>: /),
    ])
    expect(await detailOf(email({ mjml: '<mj-section><mj-foo></mj-foo></mj-section>' }))).toEqual([
      expect.stringContaining('line 1, <mj-foo>'),
    ])
    const whole = `\n<mjml><mj-body>${block('<mj-foo>x</mj-foo>')}</mj-body></mjml>`
    expect(await detailOf(email({ mjml: whole, purpose: 'essential' }))).toEqual([
      expect.stringContaining('line 6, <mj-foo>'),
    ])
    // Without MJML of its own the mail is made of the text, which is named once.
    expect(
      await detailOf(email({ text: '\n您好 {订单号} {{ code | upcaes }}', purpose: 'essential' })),
    ).toEqual([
      'text: Liquid does not understand this: undefined filter: upcaes, line:2, col:10 (did you mean upcase?).',
    ])
    const torn = {
      ...tall,
      mjml: tall.mjml.replace('<!-- content -->', '<!-- content -->\n\n<mj-foo></mj-foo>'),
    }
    expect((await detailOf(email({ mjml: block('') }), torn))[0]).toMatch(/this: <mj-foo>: /)
  })

  it('tries the template once and refuses one that does not end', async () => {
    const text = "{% assign l = 'a,b,c,d,e,f,g,h' | split: ',' %}"
    const loops = '{% for i in l %}'.repeat(12) + '{% endfor %}'.repeat(12)
    expect(await codes(sms(text + loops))).toEqual(['text TRIAL'])
  })
})

describe('what a published mail says', () => {
  it('has Liquid unharmed in colours, links, tables and conditions', async () => {
    const mjmlSource = `<mj-section background-color="{{ shop.colour | colour }}"><mj-column>
      <mj-text color="{{ shop.colour | ink }}">{% if order.items.size > 0 %}{金额}{% endif %}</mj-text>
      <mj-table>{% for item in order.items %}<tr><td>{{ item.name }}</td></tr>{% endfor %}</mj-table>
      <mj-button href="{支付链接}">付款</mj-button></mj-column></mj-section>`
    const { html } = await shown(email({ mjml: mjmlSource }))
    expect(html).toContain('background:#0f766e')
    expect(html).toContain('¥128.00')
    expect(html).toContain('<td>季度会员 · 3 个月</td>')
    expect(html).toContain('href="https://shop.example/p/4fK2"')
    expect(html).toContain('lang="zh-CN"')
    expect(html).not.toMatch(/\{[{%]|[%}]\}|Lq\d/)
    expect(html).not.toContain('fonts.googleapis.com')
  })

  it('escapes by where a value lands', async () => {
    const evil = '<img src=x onerror=alert(1)>"\r\nBcc: a@b.c'
    const vars = { ...sampleVars(), customer: { name: evil } }
    const mail = await shown(email({ subject: '{买家}', text: '{买家}' }), vars)
    expect(mail.subject).not.toMatch(/[\r\n]/)
    expect(mail.text).toContain('<img src=x onerror=alert(1)>"')
    expect(mail.html).toContain('&lt;img src=x onerror=alert(1)&gt;&#34;')
    expect(mail.html).not.toContain('<img')
  })

  it('makes HTML of the text when there is no MJML', async () => {
    const { html } = await shown(email({ text: 'a < b & c\nd\n\n查看 {订单链接}' }))
    expect(html).toMatch(/a &lt; b &amp; c<br ?\/?>d/)
    expect(html).toContain('<a href="https://shop.example/o/9xQ7">https://shop.example/o/9xQ7</a>')
  })

  it('fills a webhook’s strings without letting values change its structure', async () => {
    const body = { order: '{订单号}', list: ['{{ customer.name }}', 3], 'a/b': { kept: 'as is' } }
    const source = { channel: 'webhook', purpose: 'service', locale: 'en', type: 'order.paid', body } as const
    const content = await shown(source, { ...sampleVars(), customer: { name: '","evil":"' } })
    expect(content).toEqual({
      kind: 'webhook',
      type: 'order.paid',
      body: { order: '20261122-0815', list: ['","evil":"', 3], 'a/b': { kept: 'as is' } },
    })
  })

  it('gives the inbox only web addresses as links', async () => {
    const inbox = {
      channel: 'inbox',
      purpose: 'service',
      locale: 'en',
      title: 'T',
      text: 'x',
      link: '{links.order}',
    } as const
    expect(await shown(inbox)).toMatchObject({ link: 'https://shop.example/o/9xQ7' })
    expect(await shown(inbox, { ...sampleVars(), links: { order: 'javascript:alert(1)' } })).toMatchObject({
      link: null,
    })
    expect(await shown(inbox, { shop: { name: 's' } })).toMatchObject({ link: null })
  })
})

describe('no template takes long to be published or refused, however it is made', () => {
  // What MJML does takes place in a process of its own.
  const compileMjml = async (html: string) => ({ html, problems: [] })
  it.each(ENDLESS)('%j, then %j over and over', async (...made) => {
    const text = endless(made)
    for (const source of [email({ text }), email({ mjml: text }), email({ mjml: `<mjml>${text}` })]) {
      const started = processorTime()
      await publishTemplate(source, { compileMjml, layout })
      expect(processorTime() - started).toBeLessThan(1_000)
    }
  })
})
