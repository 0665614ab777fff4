import type { FailureClass } from '../failure-class.ts'
import type { Purpose } from '../message.ts'
import type { Money } from '../money.ts'
import type { Instant } from '../time.ts'
import type { TemplateChannel } from './template.ts'

/**
 * The values a template may read. The pipeline builds one per message; what is not known stays `undefined`
 * and renders as nothing. Plain JSON only. Card keys are never in here.
 */
export interface TemplateVars {
  readonly shop: {
    readonly name: string
    /** `#rrggbb`. */
    readonly colour?: string
    /** https address of the logo. */
    readonly logo?: string
    /** How a buyer reaches the shop: a mail address, phone number or account name. */
    readonly support?: string
  }
  readonly order?: {
    readonly no?: string
    readonly title?: string
    readonly total?: Money
    /** What came for it, where that is one sum; it need not be the total. */
    readonly paid_total?: Money
    /** What its total still lacks, where that is more than a few cents; see `toldShort`. */
    readonly missing?: Money
    readonly items?: readonly { readonly name: string; readonly quantity: number }[]
    readonly expires_at?: Instant
    /** Only while the shop's confirmed reservation lasts. */
    readonly reserved_until?: Instant
    readonly status?: string
    /** Whether a page is known where it can be paid: `links.pay` leads there, else to the order. */
    readonly payable?: boolean
    /** Leads to the order when typed on the page of `links.registered`. */
    readonly short_code?: string
  }
  readonly refund?: { readonly amount?: Money }
  readonly customer?: { readonly name?: string }
  readonly links?: {
    readonly pay?: string
    readonly order?: string
    readonly preferences?: string
    readonly help?: string
    /** The account's one fixed address, where carriers allow no other. */
    readonly registered?: string
    /** Shop side: this order, product or setting in the console. */
    readonly console?: string
    /** Shop side: the page that decides about this review, after log-in. */
    readonly review?: string
    /** Where a membership is renewed: the shop's own page, as its event names it. */
    readonly renew?: string
  }
  /** What the buyer can do about it depends on the class; `risk_block` is `other` in words for buyers. */
  readonly failure?: { readonly class?: FailureClass }
  /** Other ways to pay this order, each with a link that lands on it; absent when there are none. */
  readonly alternatives?: readonly { readonly name: string; readonly link: string }[]
  readonly stock?: { readonly name?: string; readonly left?: number }
  readonly membership?: { readonly name?: string; readonly expires_at?: Instant }
  /** Shop side: what a person has to decide, with its words in both languages. */
  readonly review?: ReviewVars
  /** The one-time code that opens the order page, or logs a member in. Not a card key. */
  readonly code?: string
  /** Whatever else the event said. */
  readonly extra?: Readonly<Record<string, unknown>>
}

/** What those who decide about an order are told. */
export interface ReviewVars {
  readonly id?: string
  readonly buyer?: string
  readonly outcome?: string
  /** Of the times in the words. */
  readonly zone?: string
  readonly zh?: ReviewWords
  readonly en?: ReviewWords
}

interface ReviewWords {
  readonly rule: string
  readonly what: string
  readonly history: readonly string[]
  /** The other orders the rule saw; absent when there are none. */
  readonly others?: readonly string[]
  /** What is held up meanwhile, and whose turn it is until when. */
  readonly wait: string
}

export type VariableType =
  | 'text'
  | 'number'
  | 'flag'
  | 'money'
  | 'instant'
  | 'url'
  | 'colour'
  | 'list'
  | 'any'

export interface Variable {
  readonly path: string
  /** Names in `{…}`; the first is the one suggested. */
  readonly zh: readonly string[]
  readonly type: VariableType
  readonly sample: unknown
  /** Channels other people may read over a shoulder or that pass through carriers: not there. */
  readonly hiddenOn?: readonly TemplateChannel[]
  /** …except for these purposes (a receipt may show the amount). */
  readonly unless?: readonly Purpose[]
  /** Fields of one element, for lists. */
  readonly fields?: readonly string[]
}

const SMS: readonly TemplateChannel[] = ['sms']
const SAMPLE_END = 1_790_000_000_000

/** Every name a template may use. The console's pick list, the docs table and the check at publishing read it. */
export const VARIABLES: readonly Variable[] = [
  { path: 'shop.name', zh: ['店铺', '店铺名'], type: 'text', sample: '星河小店' },
  { path: 'shop.colour', zh: ['店铺颜色'], type: 'colour', sample: '#0f766e' },
  { path: 'shop.logo', zh: ['店铺标志'], type: 'url', sample: 'https://shop.example/logo.png' },
  { path: 'shop.support', zh: ['客服'], type: 'text', sample: 'help@shop.example' },
  { path: 'order.no', zh: ['订单号', '订单编号'], type: 'text', sample: '20261122-0815' },
  { path: 'order.title', zh: ['商品', '商品名'], type: 'text', sample: '季度会员 · 3 个月', hiddenOn: SMS },
  {
    path: 'order.total',
    zh: ['金额', '订单金额'],
    type: 'money',
    sample: { minor: 12_800, currency: 'CNY' },
    hiddenOn: SMS,
    unless: ['essential'],
  },
  {
    path: 'order.paid_total',
    zh: ['实付金额'],
    type: 'money',
    sample: { minor: 12_800, currency: 'CNY' },
    hiddenOn: SMS,
    unless: ['essential'],
  },
  {
    path: 'order.missing',
    zh: ['未付金额'],
    type: 'money',
    sample: { minor: 200, currency: 'CNY' },
    hiddenOn: SMS,
    unless: ['essential'],
  },
  {
    path: 'order.items',
    zh: ['商品清单'],
    type: 'list',
    sample: [{ name: '季度会员 · 3 个月', quantity: 1 }],
    hiddenOn: SMS,
    fields: ['name', 'quantity'],
  },
  { path: 'order.expires_at', zh: ['支付期限', '过期时间'], type: 'instant', sample: SAMPLE_END },
  { path: 'order.reserved_until', zh: ['保留至'], type: 'instant', sample: SAMPLE_END },
  { path: 'order.status', zh: ['订单状态'], type: 'text', sample: 'paid' },
  { path: 'order.payable', zh: ['有支付页面'], type: 'flag', sample: true },
  { path: 'order.short_code', zh: ['订单短码', '短码'], type: 'text', sample: '7K3M9QZR' },
  {
    path: 'refund.amount',
    zh: ['退款金额'],
    type: 'money',
    sample: { minor: 12_800, currency: 'CNY' },
    hiddenOn: SMS,
    unless: ['essential'],
  },
  { path: 'customer.name', zh: ['买家', '买家称呼'], type: 'text', sample: '小林', hiddenOn: SMS },
  { path: 'links.pay', zh: ['支付链接'], type: 'url', sample: 'https://shop.example/p/4fK2' },
  { path: 'links.order', zh: ['订单链接'], type: 'url', sample: 'https://shop.example/o/9xQ7' },
  { path: 'links.preferences', zh: ['不再提醒链接'], type: 'url', sample: 'https://shop.example/u/2bT5' },
  { path: 'links.registered', zh: ['备案链接'], type: 'url', sample: 'https://shop.example/d' },
  { path: 'links.help', zh: ['帮助链接'], type: 'url', sample: 'https://shop.example/h/7mW3' },
  { path: 'links.renew', zh: ['续费链接'], type: 'url', sample: 'https://shop.example/renew' },
  { path: 'links.console', zh: ['后台链接'], type: 'url', sample: 'https://shop.example/console/orders/1' },
  {
    path: 'failure.class',
    zh: ['失败类型'],
    type: 'text',
    sample: 'insufficient_funds',
    hiddenOn: SMS,
  },
  {
    path: 'alternatives',
    zh: ['其他付款方式'],
    type: 'list',
    sample: [
      { name: '账户余额', link: 'https://shop.example/p/4fK2/balance' },
      { name: '微信支付', link: 'https://shop.example/p/4fK2/wechat' },
    ],
    hiddenOn: SMS,
    fields: ['name', 'link'],
  },
  { path: 'links.review', zh: ['复核链接'], type: 'url', sample: 'https://shop.example/review/1/rev_1' },
  {
    path: 'review',
    zh: ['复核'],
    type: 'any',
    sample: {
      id: 'rev_01',
      buyer: '小*** · l***@example.com',
      outcome: 'approved',
      zone: 'Asia/Shanghai, UTC+8',
      zh: {
        rule: '大额订单',
        what: '订单金额 6,480 CNY，超过限额 5,000 CNY',
        history: ['11-22 08:15 下单'],
        others: ['20261122-0814 · 128 CNY · 已付款'],
        wait: '处理前，不会再提醒买家付款。由财务处理；11-22 12:15（Asia/Shanghai, UTC+8）仍未处理则转交运营。',
      },
      en: {
        rule: 'Large order',
        what: 'order 6,480 CNY, above the limit of 5,000 CNY',
        history: ['11-22 08:15 placed'],
        others: ['20261122-0814 · 128 CNY · Paid'],
        wait: 'Until somebody decides, the buyer is not reminded to pay. It is with finance until 11-22 12:15 (Asia/Shanghai, UTC+8). Then it goes to the operators.',
      },
    },
    hiddenOn: SMS,
  },
  { path: 'stock.name', zh: ['缺货商品'], type: 'text', sample: '季度会员 · 3 个月', hiddenOn: SMS },
  { path: 'stock.left', zh: ['剩余库存', '库存'], type: 'number', sample: 3 },
  { path: 'membership.name', zh: ['会员', '会员名'], type: 'text', sample: '银河会员', hiddenOn: SMS },
  { path: 'membership.expires_at', zh: ['会员到期'], type: 'instant', sample: SAMPLE_END },
  { path: 'code', zh: ['验证码'], type: 'text', sample: '493027' },
  { path: 'extra', zh: [], type: 'any', sample: {}, hiddenOn: SMS },
]

/** Properties Liquid adds to lists and texts. */
const BUILT_IN = new Set(['size', 'first', 'last'])

/**
 * The variable that a path read by a template means: `['order','items',0,'name']` → `order.items`,
 * `['extra','colour']` → `extra`; `null` when there is no such name.
 */
export function findVariable(segments: readonly (string | number)[]): Variable | null {
  for (const variable of VARIABLES) {
    const own = variable.path.split('.')
    if (!own.every((part, at) => segments[at] === part)) continue
    const rest = segments.slice(own.length).filter((part) => typeof part === 'string' && !BUILT_IN.has(part))
    if (rest.length === 0 || variable.type === 'any') return variable
    if (variable.type === 'list' && rest.length === 1 && variable.fields?.includes(String(rest[0])))
      return variable
    if (variable.type === 'money' && rest.length === 1 && /^(minor|currency)$/.test(String(rest[0])))
      return variable
  }
  return null
}

/** True when `variable` must not appear in a message of this purpose on this channel. */
export function isHidden(variable: Variable, channel: TemplateChannel, purpose: Purpose): boolean {
  return (variable.hiddenOn ?? []).includes(channel) && !(variable.unless ?? []).includes(purpose)
}

/** Values for previews and for the trial run of a template. */
export function sampleVars(): TemplateVars {
  const vars: Record<string, Record<string, unknown> | unknown> = {}
  for (const { path, sample } of VARIABLES) {
    const [root, leaf] = path.split('.') as [string, string | undefined]
    if (leaf === undefined) vars[root] = sample
    else vars[root] = { ...(vars[root] as object | undefined), [leaf]: sample }
  }
  return vars as unknown as TemplateVars
}
