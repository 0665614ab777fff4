import type { NeverReason } from '../failure/ceilings.ts'

/** What stands in the way of healing a failure; of a ceiling the name of its rule in `rails/ceilings.yaml`. */
export type Obstacle =
  | 'paid'
  | 'closed'
  | 'untrusted'
  /** Nobody asks the connection that told it; then, where that is known, why. */
  | 'sender_unasked'
  | 'sender_off'
  | 'sender_removed'
  | 'asks_paused'
  | 'asks_off'
  | 'healed_before'
  | 'too_old'
  | 'switched_off'
  | 'no_command_account'
  | 'nobody_can'
  | 'restored'
  | 'card_unnamed'
  | 'tries_untold'
  | 'too_many_tries'
  /** Nothing does, as the shop is set up by now. */
  | 'otherwise_then'
  | NeverReason
  | (string & {})

interface Words {
  readonly zh: string
  readonly en: string
}
interface Told {
  readonly why: Words
  readonly change?: Words
}
const told = (why: readonly [string, string], change?: readonly [string, string]): Told => ({
  why: { zh: why[0], en: why[1] },
  ...(change === undefined ? {} : { change: { zh: change[0], en: change[1] } }),
})

const BY_SHOP = 'retries: { byShop: ask }'

const OBSTACLES: Readonly<Record<string, Told>> = {
  paid: told(['订单已付款。', 'The order was paid.']),
  closed: told(['订单已结束或已退款。', 'The order was closed, or its money had gone back.']),
  untrusted: told(
    [
      '浏览器说的或推断出的失败不足以重试，只会促使叮咚去查询。',
      'What a browser says or what is inferred is no ground to try again; at most it is asked about.',
    ],
    [
      '支付渠道的签名回调或店铺系统需要告知同样的失败。',
      'The rail’s signed callback or the shop’s own system would have to tell the same failure.',
    ],
  ),
  sender_unasked: told(
    [
      '失败由 {sender} 告知，叮咚无法向它查询付款结果；不先查询就重试，可能重复扣款。',
      'The failure was told by {sender}, which cannot be asked how the payment stands; to try again unasked could charge twice.',
    ],
    [
      '接入支付渠道本身，让失败由它告知，例如带 apiKey 的 Stripe：dingdong connection add stripe --settings 文件。',
      'Connect the rail itself so that it tells the failures, such as Stripe with an apiKey: dingdong connection add stripe --settings FILE.',
    ],
  ),
  sender_off: told(
    ['告知失败的连接（{sender}）已停用。', 'The connection that told it ({sender}) is off.'],
    ['启用它：dingdong connection on {id}。', 'Switch it on: dingdong connection on {id}.'],
  ),
  sender_removed: told(
    ['告知失败的连接（{sender}）已删除。', 'The connection that told it ({sender}) was taken away.'],
    ['重新连接：dingdong connection add {sender}。', 'Connect it again: dingdong connection add {sender}.'],
  ),
  asks_paused: told(
    [
      '{sender} 的查询已暂停（{paused}），不先查询就不会重试。',
      'Questions to {sender} wait ({paused}), and nothing is tried unasked.',
    ],
    [
      '修正它的密钥或地址：dingdong connection set {id} --settings 文件。',
      'Put its key or address right: dingdong connection set {id} --settings FILE.',
    ],
  ),
  asks_off: told(
    [
      '{sender} 的设置没有写可以询问的对象，不先查询就不会重试。',
      'The settings of {sender} do not let it be asked, and nothing is tried unasked.',
    ],
    [
      '补上 apiKey（Stripe）或 queryThrough（微信支付、支付宝、易支付）：dingdong connection set {id} --settings 文件。',
      'Add apiKey (Stripe) or queryThrough (WeChat Pay, Alipay, 易支付): dingdong connection set {id} --settings FILE.',
    ],
  ),
  healed_before: told([
    '每个订单只自动修复一次，之前已为另一次失败做过。',
    'An order is healed once, and it had been for another failure.',
  ]),
  too_old: told([
    '叮咚得知时，失败已过去一天以上；买家可能早已另行付款。',
    'It was over a day old when it was told; the buyer may have paid elsewhere.',
  ]),
  switched_off: told(
    ['自动重试已关闭（retries.byUs: never）。', 'Trying again is switched off (retries.byUs: never).'],
    [
      '在店铺设置中写 retries: { byUs: once }：dingdong shop set {shop} --settings 文件。',
      'Set retries: { byUs: once }: dingdong shop set {shop} --settings FILE.',
    ],
  ),
  no_command_account: told(
    [
      `设置了 ${BY_SHOP}，但没有 command 渠道的账号，无法请店铺重试。`,
      `${BY_SHOP} is set, but there is no account on the channel command to ask the shop by.`,
    ],
    [
      '添加一个：dingdong account add command，见 docs/guides/commands-to-your-shop.md。',
      'Add one: dingdong account add command, see docs/guides/commands-to-your-shop.md.',
    ],
  ),
  nobody_can: told(
    [
      '{sender} 不能代为重试，店铺也没有声明愿意被请求重试。',
      '{sender} cannot be told to try again, and the shop has not said that it wants to be asked.',
    ],
    [
      `如果没有别的系统会自动重试，可在店铺设置中写 ${BY_SHOP}，并添加 command 渠道的账号。`,
      `Where nobody else tries again by himself, set ${BY_SHOP}, with an account on the channel command.`,
    ],
  ),
  restored: told([
    '失败早于最近一次从备份恢复：原来的系统可能已重试过。',
    'It is older than the latest restore from a backup: the system of then may have tried it already.',
  ]),
  card_unnamed: told(
    [
      '失败没有写明是哪张卡，无法计算卡组织允许的重试次数。',
      'The failure names no card, so the tries that its scheme allows cannot be counted.',
    ],
    [
      '由 Stripe 的回调告知的卡支付自带 payment.card；钱包从不提供。',
      'Card payments told by Stripe’s callbacks carry payment.card; wallets never give one.',
    ],
  ),
  tries_untold: told(
    [
      '{sender} 不会告知每一次失败的尝试，无法计算卡组织允许的重试次数。',
      '{sender} does not tell every failed try, so the tries that a card’s scheme allows cannot be counted.',
    ],
    ['目前只有 Stripe 会告知每一次。', 'So far Stripe alone tells every one.'],
  ),
  too_many_tries: told([
    '订单或卡的失败次数已超过记录上限，次数不再可知。',
    'The order or the card has had more failures than are kept, so their number is not known.',
  ]),
  otherwise_then: told([
    '按现在的设置没有什么阻碍；当时不是这样（例如连接还没有、已停用或查询已暂停）。',
    'Nothing stands in the way as things are set up now; it was otherwise then (no such connection yet, off, or its questions waiting).',
  ]),
  provider_retries: told(
    [
      '不知道 {sender} 或别的系统是否会自行重试，再试可能超过卡组织的次数。',
      'Nobody knows whether {sender} or another system tries again by itself; one more could be one too many.',
    ],
    [
      `如果没有别的系统会自动重试，请在店铺设置中写 ${BY_SHOP}。`,
      `Where nobody else tries again by himself, declare it: ${BY_SHOP}.`,
    ],
  ),
  elsewhere_unknown: told([
    '不知道这张卡在别处试过几次。',
    'How often the card was tried elsewhere is not known.',
  ]),
  nothing_to_retry: told(['没有可以重试的失败记录。', 'There is no failed try to make again.']),
  hard_decline: told(
    ['这张卡曾被明确拒绝，不会再试。', 'The card was refused for good.'],
    ['买家需要换一张卡。', 'The buyer needs another card.'],
  ),
  needs_the_buyer: told([
    '最近一次尝试的结果需要买家处理。',
    'What the latest try met is the buyer’s to repair.',
  ]),
}

const CEILING = told([
  '卡组织的规则不允许再试：{rule}（rails/ceilings.yaml）。',
  'The card scheme’s rules forbid another try: {rule} (rails/ceilings.yaml).',
])

export interface Sender {
  /** The source's name, such as `stripe`. */
  readonly source: string
  /** `conn_…` */
  readonly id: string
  readonly paused: string | null
  readonly shop: string
}

const KEYS: Words = { zh: 'API 密钥', en: 'an API key' }

/** Why a failure was not healed, and what would have to change for the next one of its kind. */
export function explainNotHealed(
  obstacles: readonly Obstacle[],
  { source, id, paused, shop }: Sender,
  language: 'zh' | 'en',
): { readonly why: readonly string[]; readonly wouldHelp: readonly string[] } {
  const sender = source === 'api' ? KEYS[language] : source
  const fill = (text: string, rule: string) =>
    text
      .replaceAll('{sender}', sender)
      .replaceAll('{id}', id)
      .replaceAll('{paused}', paused ?? '')
      .replaceAll('{shop}', shop)
      .replaceAll('{rule}', rule)
  const all = obstacles.map((code) => ({ code, text: OBSTACLES[code] ?? CEILING }))
  return {
    why: all.map(({ code, text }) => fill(text.why[language], code)),
    wouldHelp: all.flatMap(({ code, text }) => (text.change ? fill(text.change[language], code) : [])),
  }
}
