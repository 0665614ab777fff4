import { describe, expect, it, test } from 'vitest'
import { ENDLESS, endless } from '../../../../test/kit/endless.ts'
import { processorTime } from '../../../../test/kit/processor.ts'
import type { TemplateSource } from '../template.ts'
import { lintWords } from './lint.ts'

const base: TemplateSource = { channel: 'email', purpose: 'reminder', locale: 'zh-CN', asksToPay: true }
const codes = (source: Partial<TemplateSource>) =>
  lintWords({ ...base, ...source } as TemplateSource, 'en').map(({ code, path }) => `${code} ${path}`)
const words = (text: string, more: Partial<TemplateSource> = {}) => codes({ text, ...more })

describe('words that blame', () => {
  it.each([
    '您输错了卡号，请重试。',
    '您 输 错 了卡号',
    '您输\u200b错了卡号',
    '卡号输入有误，请检查。',
    '您的余额不足，请充值。',
    '因您的操作不当导致付款失败',
    '您未能在规定时间内付款，后果自负。',
    '您忘记付款了',
    'You entered the wrong card number.',
    'YOU ENTERED AN INVALID code',
    'Looks like you mistyped the date.',
    'Your mistake: the code is wrong.',
    'You forgot to pay.',
    'You don’t have enough money on the card.',
    'You still haven’t paid.',
    'You provided an incorrect security code.',
    'You {{ customer.name }}forgot to pay',
    'You entered your card wrong.',
    'It is the wrong card number you typed.',
    'You typed your security code incorrectly.',
    'You filled in the date wrong, so we could not continue.',
    'You used an invalid card.',
    'An incorrect code you entered stopped this.',
    'You got the number wrong.',
    'The payment failed due to your error.',
    'There was a mistake on your part.',
    'It failed because you did not confirm it.',
    'You should have paid yesterday.',
    'You didn’t finish your payment.',
    'Please be more careful next time.',
    '您输入有误，请重试。',
    '您输入的卡号不正确。',
    '你填写的有效期有误',
    '您提供的信息无效',
    '因您填写的信息错误，付款没有完成',
    '由于您没有验证，付款失败',
    '因为你的操作，订单没有完成',
    '您忘了付款',
    '是您的卡有问题',
    '这是您的疏忽',
    '您不小心选错了方式',
  ])('%s', (text) => expect(words(text)).toEqual(['BLAME text']))

  it.each([
    '卡号里可能有一位没对上，再填一次就好。',
    '余额或额度可能差了一点。',
    '付款还没有完成。',
    '这不是您的操作问题。',
    'One digit may not match; it happens to all of us.',
    'The balance may have been a little short.',
    'If you have changed your mind, just leave it.',
    'This was no fault of yours.',
    'The card number does not match.',
    'It was not your mistake; our bank was slow.',
    'This is not your fault: the bank did not answer.',
    'If you entered another number, check it once more.',
    'If you did not ask for this, no action on your part is needed.',
    'You can use the card you used last time.',
    'The code you entered last time has run out.',
    'Is something wrong? You can answer this mail.',
    'Your card number may be one digit off.',
    '卡号没有对上，再填一次就好。',
    '这是您的取件码，请保存好',
    '因您所在地区今天下雪，配送会晚一天',
    '由于您是会员，这次不收运费',
    '这不是您的错，是银行没有应答',
    '您的问题我们已收到，今天会回复您',
    '您输入的卡号可以随时更换',
    '您填写的地址已更新',
  ])('and kind ones pass: %s', (text) => expect(words(text)).toEqual([]))

  it('are told with better ones, in the author’s language', () => {
    const [problem] = lintWords({ ...base, text: '您输错了卡号' }, 'zh')
    expect(problem?.problem).toBe(
      '“输错”是在责怪对方。请说发生了什么、怎么办就好，例如“卡号里可能有一位没对上”。',
    )
    const [english] = lintWords({ ...base, text: 'You forgot to pay' }, 'en')
    expect(english?.problem).toContain('“one step is left”')
  })
})

describe('words of a risk decision', () => {
  it.each([
    '您的付款被风控拦截。',
    '风 险 交易',
    '该卡已挂失',
    '疑似盗刷，付款失败',
    'This payment looks suspicious.',
    'Your card was reported stolen.',
    'It was declined for FRAUD.',
    'Payment flagged as high-risk.',
    '您的交易存在异常。',
    '账户状态异常，付款没有完成。',
    'Your bank thinks this might not be you.',
    'We saw unusual activity on your card.',
  ])('%s', (text) => expect(words(text)).toEqual(['RISK_WORD text']))

  it.each([
    'Returns are risk-free for 14 days.',
    '这次付款没有完成，换一种方式就能接着付。',
    'An asterisk',
    '支付系统异常，已经恢复。',
    'Maybe this is not for you.',
    '冷冻',
  ])('and harmless ones pass: %s', (text) => expect(words(text)).toEqual([]))

  it('are for the shop’s own people, and for security notices', () => {
    expect(words('Suspected fraud: please look at the order.', { audience: 'shop' })).toEqual([])
    expect(words('A suspicious log-in was stopped.', { purpose: 'essential', asksToPay: false })).toEqual([])
  })

  it('do not hide behind a branch, nor in another part', () => {
    const branch = "{% if failure.class == 'risk_block' %}请联系我们{% else %}再试一次{% endif %}"
    expect(words(branch)).toEqual(['RISK_BRANCH text'])
    expect(words('{% if 失败类型 == "risk_block" %}x{% endif %}')).toEqual(['RISK_BRANCH text'])
    expect(codes({ subject: '付款被风控拦截', text: '…', mjml: '<mj-text>fr<b>aud</b></mj-text>' })).toEqual([
      'RISK_WORD subject',
      'RISK_WORD mjml',
    ])
  })

  it('are no class either: a code is not printed', () => {
    expect(words('Reason: {{ failure.class }}')).toEqual(['RAW_CLASS text'])
    expect(words('原因：{失败类型}')).toEqual(['RAW_CLASS text'])
    expect(words("{% if failure.class == 'wrong_details' %}再看一眼{% endif %}")).toEqual([])
  })
})

describe('“kept for you”', () => {
  it.each([
    '商品已为您保留。',
    '已经给您留着了',
    'We are holding it for you.',
    'It is reserved for you until tonight.',
    'We kept it for you.',
    'We have saved it for you',
    'We are holding your order for you',
    'We set it aside for you',
    'We put your blue jacket aside for you.',
    '名额帮您留好了',
    '替你留了一份',
    '这件给您占着位',
    '为您先锁住了',
    '名额还留着',
    '{% if order.expires_at %}为您保留到 {支付期限}{% endif %}',
    '{% if order.reserved_until %}好{% else %}为您保留{% endif %}',
    '{% if order.reserved_until or order.no %}为您保留{% endif %}',
    '{% unless order.reserved_until %}为您保留{% endunless %}',
    '{% if order.reserved_until %}好{% endif %}为您保留',
    '不用担心，已为您保留',
    'Do not worry, we keep it for you.',
    '暂时无货，已为您预留下一批',
    'You cannot lose it: it is kept for you.',
  ])('needs a confirmed reservation: %s', (text) => expect(words(text)).toEqual(['KEPT text']))

  it.each([
    "{% if order.reserved_until %}商品已为您保留到 {{ order.reserved_until | date: 'short' }}。{% endif %}",
    '{% if 保留至 %}为您保留{% endif %}',
    '{% if order.reserved_until and order.no %}kept for you{% endif %}',
    '{% if order.no %}{% if order.reserved_until %}kept for you{% endif %}{% endif %}',
    '{% if order.title %}好{% elsif order.reserved_until %}kept for you{% endif %}',
    '客服给您留言了',
    '我们会为您留意到货',
    '已发到给您预留的手机号',
    '帮您解锁账号',
    'We save your time, and this is for you.',
    'We keep things simple for you.',
    'A new letter is set up for you.',
    'We cannot keep it for you.',
    'We can not hold it for you any longer.',
    'Your order is not kept for you.',
    "We can't reserve it for you.",
    "It isn't on hold for you.",
    'We are unable to hold your order for you.',
    'We will no longer set it aside for you.',
    '订单无法为您保留',
    '名额不能为您保留',
    '我们没法给您预留',
    '商品不会再为您保留',
    '未为您保留座位',
    '名额不再留着',
  ])('and is true where it is asked for, or not said: %s', (text) => expect(words(text)).toEqual([]))
})

describe('“little is left”', () => {
  it.each([
    'Only 2 left in stock, hurry!',
    'Just a few items left.',
    '只剩2件，手慢无',
    '最后三件',
    '库存即将售罄',
    'Get it before it is gone.',
    '{% if order.no %}Only two left{% endif %}',
    '{% if stock.left or order.no %}Hurry{% endif %}',
    '仅剩3件',
    '只剩最后一件',
    '就剩2份了',
    '库存只有三件',
    '仅有2件现货',
    '只有3件了',
    '只有2张票了',
    '全场仅有5台',
    '现在只有 2 个名额',
    'Do not wait, hurry!',
    'Please hurry: only 2 left',
    'Not many: last chance',
  ])('needs news of the stock: %s', (text) => expect(words(text)).toEqual(['SCARCE text']))

  it.each([
    '{% if stock.left %}Only {{ stock.left }} left, hurry{% endif %}',
    '还剩 {剩余库存} 件',
    '库存不多了',
    'Only one step is left.',
    '还差最后一步',
    'You have 2 days left.',
    'There is no hurry-up here.',
    '退款仅有3个工作日到账',
    '注册只有三个步骤',
    '只有一张发票',
    '只有1件签收了',
    '只有 2 件商品到了',
    '就有2份发票',
    '订单只有一个包裹',
    '您只有 1 件商品已发货',
    'Do not hurry',
    "There is no need to hurry; don't hurry.",
    'No hurry at all.',
    'You need not hurry.',
    '不必担心手慢无',
    '不是先到先得',
  ])('and is told then, or not at all: %s', (text) => expect(words(text)).toEqual([]))
})

describe('one action', () => {
  const button = (href: string) => `<mj-button href="${href}">Go</mj-button>`
  const pay = button('{{ links.pay }}')
  it.each([
    ['two buttons', pay + button('{{ links.order }}')],
    ['two buttons to one place', pay + pay],
    ['a further link', `${pay}<mj-text><a href="https://shop.example/sale">Sale</a></mj-text>`],
  ])('%s is one too many', (_, mjml) => expect(codes({ mjml })).toEqual(['ACTIONS mjml']))

  it('may be repeated as a link, and service links and other ways to pay are none', () => {
    const links = [
      '{{ links.pay }}',
      '{{ links.order }}',
      '{{ links.preferences }}',
      '{{ each.link }}',
      'mailto:a@b.c',
    ]
    const text = links.map((link) => `<a href="${link}">x</a>`).join(' ')
    expect(codes({ mjml: `${pay}<mj-text>${text}</mj-text>` })).toEqual([])
  })

  it('is paying, in a message that asks for payment', () => {
    expect(codes({ mjml: button('https://shop.example/help') })).toEqual(['BUTTON mjml'])
    expect(codes({ mjml: button('{支付链接}') })).toEqual([])
    expect(codes({ mjml: button('https://shop.example'), asksToPay: false })).toEqual([])
    expect(codes({ channel: 'inbox', title: 'a', text: 'b', link: '{{ links.order }}' })).toEqual([
      'BUTTON link',
    ])
  })

  it('is counted in plain words, too', () => {
    expect(words('Pay {{ links.pay }} or see https://shop.example/sale')).toEqual(['ACTIONS text'])
    expect(words('付款 {支付链接}，订单 {订单链接}，不再提醒 {不再提醒链接}')).toEqual([])
    expect(codes({ channel: 'sms', text: 'https://a.example https://b.example' })).toEqual(['ACTIONS text'])
  })
})

test('more than three emoji are too many, wherever they stand', () => {
  expect(words('🎉🎉🎉', { subject: '🎉' })).toEqual(['EMOJI text'])
  expect(words('🎉🎉', { subject: '🎉' })).toEqual([])
})

describe('no text takes long to be read, however it is made', () => {
  it.each(ENDLESS)('%j, then %j over and over', (...made) => {
    const text = endless(made)
    for (const field of ['text', 'mjml'] as const) {
      const started = processorTime()
      lintWords({ ...base, purpose: 'service', [field]: text } as TemplateSource, 'en')
      expect(processorTime() - started, field).toBeLessThan(1_000)
    }
  })
})
