import type { Text } from './text.ts'

/** Words of `classify` and `code …`. */
export const CODES = {
  classify: {
    zh: '解释一个支付失败码：类别、第一步、建议、依据',
    en: 'explain a failure code: class, first move, advice, and why',
  },
  rail: {
    zh: '支付渠道或代码表，如 stripe、wechat、mastercard_mac',
    en: 'rail or list, e.g. stripe, wechat, mastercard_mac',
  },
  code: { zh: '渠道返回的代码', en: 'the code the rail gave' },
  advice: { zh: '发卡行或渠道的建议码（advice_code）', en: 'the issuer’s or provider’s advice code' },
  network: { zh: '卡组织应答码（network_decline_code）', en: 'the network’s decline code' },
  networkAdvice: {
    zh: '卡组织建议码（如 Mastercard MAC）',
    en: 'the scheme’s advice code (e.g. Mastercard MAC)',
  },
  scheme: { zh: '卡组织，如 visa、mastercard', en: 'the card’s scheme, e.g. visa, mastercard' },
  at: {
    zh: '按哪一天判断（默认现在），如 2026-10-25',
    en: 'as of which day (default: now), e.g. 2026-10-25',
  },
  withShop: {
    zh: '按该店铺自己的设定（或环境变量 DINGDONG_SHOP；只有一个店铺时可省略）',
    en: 'by what this shop has decided (or DINGDONG_SHOP; the only one, when left out)',
  },
  tableAlone: {
    zh: '没有查看店铺自己的设定，只按程序自带的代码表：{detail}',
    en: 'By the program’s table alone, without what a shop has decided: {detail}',
  },
  noDatabase: { zh: '{place} 里还没有数据库', en: 'there is no database yet in {place}' },
  noShop: { zh: '还没有店铺', en: 'there is no shop yet' },
  severalShops: {
    zh: '有多个店铺（{known}），可用 --shop 指定',
    en: 'there are several shops ({known}); name one with --shop',
  },
  dayWanted: {
    zh: '--at 应为日期（如 2026-10-25）或带时区的时间，收到的是“{got}”。',
    en: '--at expects a day such as 2026-10-25 or a time with its zone; got "{got}".',
  },
  noRail: {
    zh: '没有名为“{rail}”的渠道{near}以下按没有专用代码表的渠道解释。现有：{known}',
    en: 'There is no rail "{rail}"{near} What follows holds for a rail without codes of its own. There are: {known}',
  },
  unknownCode: {
    zh: '代码表未收录“{code}”（{rail}）{near}付款带来这样的代码时，按最稳妥的方式处理，并计入未知代码（见 code list）。',
    en: 'Nobody knows the code "{code}" of {rail}{near} A payment that comes with it is treated in the safest way, and the code is counted as unknown (see code list).',
  },
  class: { zh: '类别', en: 'Class' },
  move: { zh: '第一步', en: 'First move' },
  retry: { zh: '重试建议', en: 'Advice' },
  buyer: { zh: '买家', en: 'Buyer' },
  told: { zh: '会看到与此类别对应的说法', en: 'is told what fits this class' },
  toldLater: {
    zh: '查询结果和自动重试期间不提醒；确定失败后会看到与此类别对应的说法',
    en: 'hears nothing while it is asked about or tried again; once it has failed, what fits this class',
  },
  notTold: { zh: '看不到原因，只有中性说法（按 other）', en: 'is not told why; neutral words, as for other' },
  because: { zh: '依据', en: 'Because' },
  adviceBecause: { zh: '建议依据', en: 'Advice from' },
  also: { zh: '另见', en: 'Also' },
  since: { zh: '有效期', en: 'Valid' },
  always: { zh: '一直', en: 'always' },
  from: { zh: '自 {from}', en: 'since {from}' },
  until: { zh: '至 {to}', en: 'until {to}' },
  source: { zh: '来源', en: 'Source' },
  asOf: { zh: '{source}（{asOf} 时的内容）', en: '{source} (as of {asOf})' },
  unverified: { zh: '未核实：没有找到公开文档', en: 'unverified: no public document was found' },
  byShop: { zh: '本店设定', en: 'this shop’s own decision' },
  noCode: { zh: '没有给出代码，取默认值', en: 'no code was given; the default' },
  byNobody: { zh: '未收录，取默认值', en: 'nobody knows it; the default' },
  generic: { zh: '只说失败，没说原因', en: 'says that it failed, not why' },

  list: {
    zh: '列出店铺自己的设定，以及出现过的未知代码',
    en: 'list the shop’s own decisions, and unknown codes that came',
  },
  set: { zh: '为本店设定一个代码的类别和建议', en: 'decide the class and advice of a code for the shop' },
  unset: { zh: '恢复使用程序自带的代码表', en: 'let the program’s table decide again' },
  setClass: { zh: '类别，如 insufficient_funds', en: 'the class, e.g. insufficient_funds' },
  setAdvice: { zh: '重试建议（默认 NEW_METHOD）', en: 'advice about the next try (default: NEW_METHOD)' },
  setOwn: {
    zh: '这是店铺自己的渠道名（事件里的 payment.rail），不检查拼写',
    en: 'the rail is the shop’s own, as its events say in payment.rail; its spelling is not questioned',
  },
  railUnknown: {
    zh: '没有名为“{rail}”的渠道{near}现有：{known}。如果这是店铺自己的渠道（事件里的 payment.rail），请加 --own。',
    en: 'There is no rail "{rail}"{near} There are: {known}. If it is the shop’s own, as its events say in payment.rail, add --own.',
  },
  ownRail: {
    zh: '注意：没有名为“{rail}”的渠道，它的代码也从未出现过；只有事件里 payment.rail 正好是它时，这个设定才有作用。现有：{known}',
    en: 'Mind: there is no rail "{rail}", and no code of it has come. The decision counts only for events whose payment.rail says exactly that. There are: {known}',
  },
  nearCode: {
    zh: '注意：代码表未收录 {rail}/{code}；是否想写 {near}？只有付款带来的代码正好是它时，这个设定才有作用。撤回：dingdong code unset {rail} {code}',
    en: 'Mind: the table does not know {rail}/{code}; did you mean {near}? The decision counts only for payments that come with exactly that code. To take it back: dingdong code unset {rail} {code}',
  },
  hardReplaced: {
    zh: '注意：代码表里 {rail}/{code} 是 {class}、{was}（不再重试；{source}）。本店现在的建议是 {advice}，这张卡可能再次被扣款；卡组织的“不要再试”仍然有效。撤回：dingdong code unset {rail} {code}',
    en: 'Mind: the table calls {rail}/{code} {class}, {was}: a hard decline ({source}). By {advice} the card may be tried again; a scheme’s "never again" still holds. To take it back: dingdong code unset {rail} {code}',
  },
  none: { zh: '本店没有自己的设定。', en: 'The shop has decided nothing of its own.' },
  noneUnknown: { zh: '没有出现过未知代码。', en: 'No unknown codes have come.' },
  unknowns: { zh: '未知代码（次数，最近一次）：', en: 'Unknown codes (how often, last time):' },
  done: { zh: '{rail}/{code} 现在是 {class}，{advice}。', en: '{rail}/{code} now is {class}, {advice}.' },
  undone: { zh: '{rail}/{code} 恢复使用程序自带的代码表。', en: '{rail}/{code} is left to the table again.' },
  notSet: { zh: '本店没有设定过 {rail}/{code}。', en: 'The shop has decided nothing about {rail}/{code}.' },
  oneOf: {
    zh: '“{what}”应为以下之一：{known}；收到的是“{got}”{near}',
    en: '{what}: expected one of {known}; got "{got}"{near}',
  },
} as const satisfies Record<string, Text>
