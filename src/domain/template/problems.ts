import type { FieldProblem } from '../errors.ts'

/** What can be wrong with a template. `{name}` is filled from the parameters. */
const PROBLEMS = {
  MISSING: {
    en: 'A {channel} template needs `{field}`; it is empty. Write it.',
    zh: '{channel} 模板需要填写 `{field}`，目前为空。请补上。',
  },
  NO_VARIANTS: {
    en: 'There are no words in it. Write at least one language with one channel.',
    zh: '里面没有任何文字。请至少写一种语言的一个渠道。',
  },
  TOO_LONG: {
    en: 'It has {length} characters; at most {limit} are possible. Shorten it.',
    zh: '共 {length} 个字符，最多 {limit} 个。请精简。',
  },
  LOCALE: {
    en: '`{locale}` is not a language tag. Write one such as zh-CN or en.',
    zh: '`{locale}` 不是有效的语言标签。请填写如 zh-CN 或 en。',
  },
  UNKNOWN_NAME: {
    en: 'There is no variable `{name}`. Pick one from the list of variables.',
    zh: '没有名为 `{name}` 的变量。请从变量列表中选择。',
  },
  UNKNOWN_NAME_NEAR: {
    en: 'There is no variable `{name}`. Did you mean `{near}`?',
    zh: '没有名为 `{name}` 的变量。是不是想用 `{near}`？',
  },
  COMPUTED_NAME: {
    en: '`{name}[…]` picks a value by a computed name, so nobody can check what it shows. Write the name out.',
    zh: '`{name}[…]` 用计算出来的名字取值，无法检查会显示什么。请直接写出变量名。',
  },
  HIDDEN: {
    en: '`{name}` is private and must not be in {channel} of this purpose: others can read it there. Leave it out and link to the order page.',
    zh: '`{name}` 属于隐私，不能出现在这类 {channel} 消息里（别人可能看到）。请去掉，用订单链接代替。',
  },
  SYNTAX: {
    en: 'Liquid does not understand this: {detail}.',
    zh: 'Liquid 语法有误：{detail}。',
  },
  MJML: { en: 'MJML does not understand this: {detail}', zh: 'MJML 有误：{detail}' },
  NO_LAYOUT: {
    en: 'There is no layout to put this into. Write a whole document from <mjml> to </mjml>.',
    zh: '没有可用的邮件版式。请写完整的 <mjml> … </mjml> 文档。',
  },
  RAW_INSTANT: {
    en: '`{name}` is a moment and would appear as a number. Write {{ {name} | date: "short" }}.',
    zh: '`{name}` 是时间，直接输出会变成一串数字。请写成 {{ {name} | date: "short" }}。',
  },
  DATE_STYLE: {
    en: '`{style}` is not a date style; there are {styles}.',
    zh: '没有 `{style}` 这种日期样式，可用：{styles}。',
  },
  EMOJI: {
    en: 'There are {count} emoji; at most {limit} read as human. Take some out.',
    zh: '用了 {count} 个表情，最多 {limit} 个才像真人说话。请删掉一些。',
  },
  BLAME: {
    en: '“{found}” blames the reader. Say what happened and what helps, such as “{better}”.',
    zh: '“{found}”是在责怪对方。请说发生了什么、怎么办就好，例如“{better}”。',
  },
  RISK_WORD: {
    en: '“{found}” tells the buyer of a risk decision, which the payment rails forbid. Stay neutral, such as “{better}”.',
    zh: '“{found}”向买家透露了风控判断，支付渠道不允许这样做。请保持中性，例如“{better}”。',
  },
  RISK_BRANCH: {
    en: 'Words for buyers may not depend on `risk_block`: whoever compares two messages would learn of it. Let it fall into the words for everything else.',
    zh: '给买家的文字不能按 `risk_block` 分支：对比两条消息就能看出来。请让它与“其他”使用同样的文字。',
  },
  RAW_CLASS: {
    en: '`failure.class` is a code and would appear as one. Ask for it in {% if failure.class == "wrong_details" %} and write words.',
    zh: '`failure.class` 是代码，直接输出会原样显示。请用 {% if failure.class == "wrong_details" %} 判断后写成文字。',
  },
  KEPT: {
    en: '“{found}” may be said only while the shop has confirmed a reservation. Put it inside {% if order.reserved_until %} … {% endif %}.',
    zh: '“{found}”只有在店铺确认了保留期间才能说。请放进 {% if order.reserved_until %} … {% endif %} 里。',
  },
  SCARCE: {
    en: '“{found}” may be said only on news of the stock. Put it inside {% if stock.left %} … {% endif %} and write the number as {{ stock.left }}.',
    zh: '“{found}”只有在收到库存消息时才能说。请放进 {% if stock.left %} … {% endif %} 里，数量写 {剩余库存}。',
  },
  ACTIONS: {
    en: 'There are {count} things to do here ({links}). One message asks for one action: keep one button or link; links to the order, help, preferences and other ways to pay do not count.',
    zh: '这里有 {count} 个要对方做的动作（{links}）。一条消息只请对方做一件事：保留一个按钮或链接；订单、帮助、偏好设置和其他付款方式的链接不算。',
  },
  BUTTON: {
    en: 'The button of a message that asks for payment leads to payment; this one leads to `{link}`. Use {{ links.pay }}.',
    zh: '提醒付款的消息，按钮要通向付款；这里通向 `{link}`。请用 {{ links.pay }}。',
  },
  NO_PAY_LINK: {
    en: 'A message that asks for payment must lead there in one tap. Put {names} in it.',
    zh: '提醒付款的消息必须能一键到达付款页。请加入 {names}。',
  },
  NO_PREFERENCES_LINK: {
    en: 'Mail that is not essential must offer “no more reminders”. Put {{ links.preferences }} in it.',
    zh: '非必要邮件必须提供“不再提醒”。请加入 {不再提醒链接}。',
  },
  LINK: {
    en: 'A link here begins with `{link}`, which need not be a web address. Use a variable from `links` or write https://…',
    zh: '这里的链接以 `{link}` 开头，不一定是网址。请用 links 里的变量，或直接写 https://…',
  },
  SUBJECT_LINES: { en: 'It must be one line. Take the line break out.', zh: '只能有一行。请去掉换行。' },
  NO_PAY_LINK_HERE: {
    en: 'Through the account “{account}” this text asks for payment and leads nowhere. Put {names} in it.',
    zh: '经账号“{account}”发送时，这段文字提醒付款却没有可用的入口。请加入 {names}。',
  },
  NO_REGISTERED_LINK: {
    en: 'The account “{account}” has no registered link, and this text needs it: the carrier allows one address on file and no other, so only that address and the order’s short code can lead the buyer on. Have an address filed (ICP), write registeredLink: { url: "https://…", icp: "…" } into a file, and run: dingdong account set {id} --settings FILE',
    zh: '账号“{account}”没有登记备案链接，而这段文字需要它：运营商只放行一个已报备的固定网址，买家只能凭它和订单短码找到订单。请先报备网址（ICP 备案），在文件里写 registeredLink: { url: "https://…", icp: "…" }，再运行：dingdong account set {id} --settings 文件',
  },
  LAW: {
    en: 'Through the account “{account}”, {what}breaks the rule {rule}: {says}. Instead: {instead}. Source: {source}',
    zh: '经账号“{account}”发送时，{what}违反规则 {rule}：{says}。可以这样：{instead}。来源：{source}',
  },
  TRIAL: {
    en: 'A trial with sample values did not work: {detail}. Simplify the template.',
    zh: '用示例数据试渲染失败：{detail}。请简化模板。',
  },
} as const satisfies Readonly<Record<string, { readonly en: string; readonly zh: string }>>

export type TemplateProblemCode = keyof typeof PROBLEMS

export interface TemplateProblem extends FieldProblem {
  readonly code: TemplateProblemCode
}

/** The problem `code` with the field at `path`, in the operator's language. */
export function templateProblem(
  code: TemplateProblemCode,
  path: string,
  language: 'en' | 'zh',
  params: Readonly<Record<string, string | number>> = {},
): TemplateProblem {
  const problem = PROBLEMS[code][language].replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(params, name) ? String(params[name]) : whole,
  )
  return { code, path, problem }
}
