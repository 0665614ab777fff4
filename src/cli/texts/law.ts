import type { Text } from './text.ts'

/** Words of `dingdong law check`. */
export const LAW = {
  check: {
    zh: '按服务商和国家的规则检查一段文字或一个模板，并给出可用的写法',
    en: 'hold a text or template against the rules of vendors and countries; shows what may be said instead',
  },
  template: {
    zh: '本店模板名，如 order_paid（没有数据库时为自带模板）',
    en: 'name of a template of the shop such as order_paid (without a database, of those that come along)',
  },
  text: { zh: '要检查的文字（{订单号} 或 Liquid）', en: 'a text to check, with {order.no} or Liquid' },
  channel: { zh: '渠道：sms、email、wechat（默认 sms）', en: 'channel: sms, email or wechat (default: sms)' },
  law: {
    zh: '按哪家的规则，如 tencent（默认：本店该渠道的各个账号）',
    en: 'whose rules, such as tencent (default: those of each of the shop’s accounts of the channel)',
  },
  provider: { zh: '同 --law', en: 'the same as --law' },
  country: {
    zh: '收件人所在国家，如 CN（默认同账号或店铺；没有数据库时为 CN）',
    en: 'where receivers are, such as CN (default: the account’s or shop’s; without a database CN)',
  },
  purpose: {
    zh: '用途：essential、service、reminder、promotion（默认 service）',
    en: 'purpose: essential, service, reminder or promotion (default: service)',
  },
  pay: { zh: '这段文字提醒买家付款', en: 'the text asks the buyer to pay' },
  needsOne: {
    zh: '请给出模板名，或用 --text 给出文字。',
    en: 'Give the name of a template, or a text with --text.',
  },
  templateUnknown: {
    zh: '没有模板“{name}”{near}可用：{known}',
    en: 'There is no template "{name}"{near} There are: {known}',
  },
  lawUnknown: {
    zh: '没有“{name}”的规则{near}可用：{known}',
    en: 'There are no rules called "{name}"{near} There are: {known}',
  },
  valueUnknown: {
    zh: '--{option} 没有“{name}”{near}可用：{known}',
    en: '--{option} knows no "{name}"{near} There are: {known}',
  },
  countryWrong: { zh: '--country 应为两个大写字母，如 CN。', en: '--country takes two capitals such as CN.' },
  lawful: { zh: '可以发送', en: 'may go' },
  refused: { zh: '不能发送', en: 'may not go' },
  warned: { zh: '可以发送，但请注意', en: 'may go; please note' },
  nameUnknown: { zh: '没有变量 {name}{near}', en: 'there is no variable {name}{near}' },
  uncheckedByNone: {
    zh: '未检查（none 表示由您自行负责）',
    en: 'nothing was checked (none: you take it upon yourself)',
  },
  uncheckedThere: { zh: '未检查（没有这里的规则）', en: 'nothing was checked (no rules are known there)' },
  everybody: { zh: '当地共同规则', en: 'what holds for everybody there' },
  instead: { zh: '可以这样：{text}', en: 'Instead: {text}' },
  source: { zh: '来源：{source}（核对于 {checked}）', en: 'Source: {source} (checked {checked})' },
  claim: { zh: '——未能核实', en: ', not verified' },
  no_way_to_pay: {
    zh: '提醒付款的短信必须有付款入口：加入 {{ links.order }}，在中国大陆则是 {{ links.registered }} 加 {{ order.short_code }}',
    en: 'A reminder must lead to payment: put {{ links.order }} in it, in mainland China {{ links.registered }} and {{ order.short_code }}',
  },
  no_registered_link: {
    zh: '账号没有登记备案链接：在文件里写 registeredLink，再运行 dingdong account set 账号 --settings 文件',
    en: 'The account has no registered link: write registeredLink into a file and run "dingdong account set ACCOUNT --settings FILE"',
  },
  nearest: { zh: '最接近的可用写法：', en: 'The nearest version that may go:' },
  segments: {
    zh: '约 {units} 字，按 {segments} 条计费（不知道签名，未计入）',
    en: 'About {units} units, billed as {segments} (without a signature, as none is known)',
  },
  segmentsSigned: {
    zh: '约 {units} 字，按 {segments} 条计费（含签名【{signature}】）',
    en: 'About {units} units, billed as {segments} (with the signature 【{signature}】)',
  },
  none: { zh: '这条渠道上没有可用的写法：', en: 'There is no version that may go on this road: ' },
  needs: {
    registered_link: {
      zh: '先给账号登记备案链接（registeredLink），它和订单短码是这里唯一能通向付款的写法。',
      en: 'first give the account its registered link (registeredLink); it and the short code are the only way to payment that may be written here.',
    },
    another_channel: {
      zh: '这家服务商禁止这类消息，换什么说法都不行；请改用邮件、站内信或聊天渠道。',
      en: 'the law bans such a message here, whatever the words; use mail, inbox or chat.',
    },
    other_words: {
      zh: '改掉上面指出的内容后，没有剩下可说的话；请换一种说法再检查。',
      en: 'without what is named above nothing is left to say; write it in other words and check again.',
    },
  },
  notAdvice: {
    zh: '这是工程检查，不是法律意见。',
    en: 'This is an engineering check, not legal advice.',
  },
  held: {
    zh: '按这个账号的规则，以下模板的短信不会发送：{templates}。用 dingdong law check 查看原因和可用的写法。',
    en: 'Under this account’s rules these templates will not go by SMS: {templates}. "dingdong law check" says why and what may go.',
  },
  linkless: {
    zh: '这个账号没有登记备案链接，因此以下模板的短信不会发送：{templates}。请先报备网址，在文件里写 registeredLink: { url: "https://…", icp: "…" }，再运行 dingdong account set {id}{of} --settings 文件。',
    en: 'This account has no registered link, so these templates will not go by SMS: {templates}. Have an address filed, write registeredLink: { url: "https://…", icp: "…" } into a file, and run "dingdong account set {id}{of} --settings FILE".',
  },
} as const satisfies Record<string, Text | Record<string, Text>>
