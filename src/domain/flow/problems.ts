import { nearest } from '../template/nearest.ts'

/** Every sentence a flow's author can get about a flow. Schema messages are codes of this table. */
const PROBLEMS = {
  step_id: {
    en: 'expected an id such as first_mail: a small letter, then a-z 0-9 _, at most 40 characters',
    zh: '应为类似 first_mail 的标识：小写字母开头，只含 a-z 0-9 _，最多 40 个字符',
  },
  key: {
    en: 'expected a key such as payment-failed: a small letter, then a-z 0-9 -, at most 48 characters',
    zh: '应为类似 payment-failed 的键：小写字母开头，只含 a-z 0-9 -，最多 48 个字符',
  },
  how_long: {
    en: 'expected a length of time such as 90s, 30m, 1h30m or 7d, at most 400d',
    zh: '应为时长，例如 90s、30m、1h30m、7d，最长 400d',
  },
  how_long_or_param: {
    en: 'expected a length of time such as 30m, 1h30m or 7d (at most 400d), or params.<name> of one',
    zh: '应为时长，例如 30m、1h30m、7d（最长 400d），或引用时长参数 params.<名称>',
  },
  how_many: {
    en: 'expected a whole number from 1 to 64, or params.<name> of one',
    zh: '应为 1 到 64 的整数，或引用这样的参数 params.<名称>',
  },
  param_ref: {
    en: 'expected params.<name>',
    zh: '应为 params.<名称>',
  },
  param_not_count: {
    en: 'the parameter "{name}" is used as a number; its value must be a whole number from 1 to 64',
    zh: '参数“{name}”被用作数量；取值应为 1 到 64 的整数',
  },
  param_not_switch: {
    en: 'the parameter "{name}" is used as a switch; its value must be true or false',
    zh: '参数“{name}”被用作开关；取值应为 true 或 false',
  },
  rule_needs_test: {
    en: 'without a condition and without a count the rule would match every event; add trigger.totalFrom, trigger.when or counts',
    zh: '没有条件也没有计数的规则会命中所有事件；请添加 trigger.totalFrom、trigger.when 或 counts',
  },
  rule_counts_what: {
    en: 'counting orders or payments needs by and within; failures of the order itself need neither',
    zh: '统计订单或支付需要 by 和 within；统计订单自身的失败次数则两者都不要',
  },
  rule_row_needs_when: {
    en: 'inARow needs trigger.totalFrom or trigger.when: what does not meet it breaks the row',
    zh: 'inARow 需要 trigger.totalFrom 或 trigger.when：不满足者会中断连续',
  },
  param_not_table: {
    en: 'the parameter "{name}" is one value ({came}); expected a table by currency such as { CNY: 200, USD: 30 }, or write money(params.{name}, "CNY") here',
    zh: '参数“{name}”只有一个取值（{came}）；应为按货币的表，例如 { CNY: 200, USD: 30 }，或在此写 money(params.{name}, "CNY")',
  },
  param_not_amount: {
    en: 'the parameter "{name}" is used as an amount; it needs a number above 0 for each currency, with no more decimals than that has, such as CNY: 5000',
    zh: '参数“{name}”被用作金额；每种货币应有一个大于 0 的数字，小数位不超过该货币，例如 CNY: 5000',
  },
  amounts: {
    en: 'expected an amount above 0 for at least one currency, with no more decimals than that has, such as CNY: 5000; came {came}',
    zh: '至少一种货币应有大于 0 的金额，小数位不超过该货币，例如 CNY: 5000；实际为{came}',
  },
  no_currency: {
    en: 'expected a currency of ISO 4217 such as CNY; came {name}',
    zh: '应为 ISO 4217 货币代码，例如 CNY；实际为 {name}',
  },
  no_currency_near: {
    en: 'expected a currency of ISO 4217; came {name}, did you mean {near}?',
    zh: '应为 ISO 4217 货币代码；实际为 {name}，是否想写 {near}？',
  },
  param_value: {
    en: 'expected a number, a text, true or false, or an amount for each currency such as CNY: 5000; came {came}',
    zh: '应为数字、文字、true 或 false，或每种货币的金额，例如 CNY: 5000；实际为{came}',
  },
  rule_on_review: {
    en: 'a rule cannot start on {name}: it would watch itself',
    zh: '规则不能由 {name} 触发：那会监视自己',
  },
  rule_answer_short: {
    en: 'nobody can answer within less than a minute; use 1m or more',
    zh: '一分钟内无人能够答复；请使用 1m 或更长',
  },
  event_type: {
    en: 'expected an event type such as order.paid',
    zh: '应为事件类型，例如 order.paid',
  },
  event_misspelt: {
    en: 'no event is called "{name}"; did you mean "{near}"? (An event type of your own needs a name that differs by more than two letters)',
    zh: '没有名为“{name}”的事件；是否想写“{near}”？（自定义的事件类型请与它相差两个字母以上）',
  },
  recipient: {
    en: 'expected buyer, or {role: operator}, {role: finance} or {role: support}',
    zh: '应为 buyer，或 {role: operator}、{role: finance}、{role: support}',
  },
  unknown_key: { en: 'unknown key "{name}"; known here: {known}', zh: '未知的键“{name}”；此处可用：{known}' },
  unknown_key_near: {
    en: 'unknown key "{name}"; did you mean "{near}"?',
    zh: '未知的键“{name}”；是否想写“{near}”？',
  },
  unknown_value: { en: 'expected one of {known}; came {name}', zh: '应为 {known} 之一；实际为 {name}' },
  unknown_value_near: {
    en: 'expected one of {known}; came {name}: did you mean "{near}"?',
    zh: '应为 {known} 之一；实际为 {name}：是否想写“{near}”？',
  },
  wrong_type: { en: 'expected {known}; came {name}', zh: '应为{known}；实际为{name}' },
  missing: { en: 'missing; expected {known}', zh: '缺少此项；应为 {known}' },
  twice: {
    en: 'the id "{name}" is used by two steps; give each its own',
    zh: '两个步骤使用了同一标识“{name}”；请分别命名',
  },
  no_step: { en: 'there is no step "{name}"; steps: {known}', zh: '没有步骤“{name}”；已有步骤：{known}' },
  no_step_near: {
    en: 'there is no step "{name}"; did you mean "{near}"?',
    zh: '没有步骤“{name}”；是否想写“{near}”？',
  },
  no_param: {
    en: 'there is no parameter "{name}"; add it under params',
    zh: '没有参数“{name}”；请在 params 中添加',
  },
  no_param_near: {
    en: 'there is no parameter "{name}"; did you mean "{near}"?',
    zh: '没有参数“{name}”；是否想写“{near}”？',
  },
  param_not_duration: {
    en: 'the parameter "{name}" is used as a length of time; expected such as 30m or 1h, at most 400d; came {came}',
    zh: '参数“{name}”被用作时长；应类似 30m 或 1h，最长 400d；实际为 {came}',
  },
  timeout_zero: { en: 'the timeout must be longer than nothing', zh: '等待时限必须大于零' },
  outlives_orders: {
    en: 'no unpaid order lives that long; a reminder about one may wait at most {known}',
    zh: '没有待付款订单能存活这么久；与订单有关的提醒最多等待 {known}',
  },
  unreachable: {
    en: 'no step leads here; point an arm, a next, then, else, acted, onTimeout or ifTooLate at it, or remove it',
    zh: '没有任何步骤通向这里；请用分组、next、then、else、acted、onTimeout 或 ifTooLate 指向它，或删除它',
  },
  unreachable_more: {
    en: 'no step leads here, nor to {known} further steps; point a next, then, else, acted, onTimeout or ifTooLate at them, or remove them (a stop before them may stand too early)',
    zh: '没有任何步骤通向这里，另有 {known} 个步骤也是如此；请用 next、then、else、acted、onTimeout 或 ifTooLate 指向它们，或删除它们（可能是前面的 stop 写得太早）',
  },
  healing_short: {
    en: 'a payment that is being healed is waited for {known} at least; with less the buyer is reminded, and what was reminded is not tried any more; came {came}',
    zh: '等待正在自行修复的付款至少要 {known}；再短就会先提醒买家，而提醒过的付款不再重试；实际为 {came}',
  },
  news_lapses: {
    en: 'news of goods is kept for {known}; what may be told only later would never be; expected at most {known}, came {came}',
    zh: '商品消息最多保留 {known}，再晚就不会告诉买家；最多为 {known}，实际为 {came}',
  },
  circle: {
    en: 'the steps {name} run in a circle without a pause; put a wait with a length of time into it',
    zh: '步骤 {name} 构成没有停顿的循环；请在其中加入带时长的等待',
  },
  timeout_or_until: {
    en: 'expected exactly one of timeout and until',
    zh: 'timeout 与 until 必须且只能写一个',
  },
  at_least_needs_until: {
    en: 'atLeast belongs to until only; with for it would change nothing',
    zh: 'atLeast 只能与 until 一起使用；与 for 一起没有意义',
  },
  from_needs_for: {
    en: 'from belongs to for only; until names its moment itself',
    zh: 'from 只能与 for 一起使用；until 本身已写明时刻',
  },
  for_or_until: { en: 'expected exactly one of for and until', zh: 'for 与 until 必须且只能写一个' },
  cel_syntax: {
    en: 'not a valid CEL expression, at character {at}: {detail}',
    zh: 'CEL 表达式在第 {at} 个字符处有误：{detail}',
  },
  cel_name: {
    en: 'unknown name "{name}" at character {at}; known: {known}',
    zh: '第 {at} 个字符处的名称“{name}”未知；可用：{known}',
  },
  cel_name_near: {
    en: 'unknown name "{name}" at character {at}; did you mean "{near}"?',
    zh: '第 {at} 个字符处的名称“{name}”未知；是否想写“{near}”？',
  },
  cel_value: {
    en: '{field} is never "{name}", at character {at}; it is one of {known}',
    zh: '第 {at} 个字符处：{field} 不会是“{name}”；可能的值：{known}',
  },
  cel_value_near: {
    en: '{field} is never "{name}", at character {at}; did you mean "{near}"?',
    zh: '第 {at} 个字符处：{field} 不会是“{name}”；是否想写“{near}”？',
  },
  cel_types: {
    en: 'the types do not fit, at character {at}: {detail}',
    zh: '第 {at} 个字符处类型不匹配：{detail}',
  },
  cel_table: {
    en: 'the types do not fit, at character {at}: {detail}. params.{name} is a table by currency: it reads as the money in the order’s own, so compare it with order.total, or write it as it stands in smsFrom',
    zh: '第 {at} 个字符处类型不匹配：{detail}。params.{name} 是按货币的表，读出来就是订单所用货币的金额：可与 order.total 比较，或直接写在 smsFrom 里',
  },
  cel_null: {
    en: 'the types do not fit, at character {at}: {detail}. To ask whether something is known write has(order.total)',
    zh: '第 {at} 个字符处类型不匹配：{detail}。判断某项是否已知请写 has(order.total)',
  },
  cel_result: {
    en: 'expected an expression that gives {known}; this one gives {name}',
    zh: '表达式应得到 {known}；实际得到 {name}',
  },
  cel_pattern: {
    en: 'matches() is not offered, because a pattern can take unbounded time; use contains, startsWith or endsWith',
    zh: '不提供 matches()，因为正则可能耗时无限；请用 contains、startsWith 或 endsWith',
  },
  cel_growing: {
    en: '{name}() is not offered, because what it makes can grow without bound; use exists, all or filter',
    zh: '不提供 {name}()，因为其结果可能无限增长；请用 exists、all 或 filter',
  },
  cel_nested: {
    en: 'a list macro inside another is not offered, because its cost multiplies; split the condition',
    zh: '不支持嵌套列表宏，因为其开销会相乘；请拆分条件',
  },
  cel_too_big: { en: 'the expression is too large: {detail}', zh: '表达式过大：{detail}' },
  shares_sum: {
    en: 'the shares of the arms must sum to 100; these sum to {came}',
    zh: '各组的份额（share）之和应为 100；实际为 {came}',
  },
  share: {
    en: 'expected a whole number from 1 to 99; all shares together are 100',
    zh: '应为 1 到 99 的整数；所有份额之和为 100',
  },
  arm_twice: {
    en: 'two arms are called "{name}"; give each its own name',
    zh: '两组都叫“{name}”；请分别命名',
  },
  experiment_twice: {
    en: 'the experiment "{name}" has a split already; give this one its own name',
    zh: '实验“{name}”已经有一个分组步骤；请为这个另取名称',
  },
  holdout_is_taken: {
    en: '"holdout" is the name of those who are kept without reminders; choose another',
    zh: '“holdout”是对照组的名称；请换一个',
  },
  reminder_needs_paid: {
    en: 'a flow with reminders or promotions about an order must stop when it is paid; add paid to stopWhen',
    zh: '与订单有关的提醒或促销流程必须在付款后停止；请在 stopWhen 中加入 paid',
  },
  holdout_needs_reminder: {
    en: 'a holdout keeps people without reminders and promotions; this flow has neither, so use 0',
    zh: '对照组只对提醒和促销有意义；此流程没有这两类消息，请设为 0',
  },
  event_subject_stop: {
    en: 'a flow about an event has no order to stop on; leave stopWhen empty',
    zh: '以事件为主体的流程没有订单可供停止判断；请留空 stopWhen',
  },
  event_subject_once: {
    en: 'a flow about an event runs per event or per burst',
    zh: '以事件为主体的流程只能按 event 或 burst 运行',
  },
  event_subject_cascade: {
    en: 'a cascade waits for what the buyer does about an order; this flow is about an event',
    zh: '逐级触达要看买家对订单的反应；此流程以事件为主体',
  },
  event_subject_act: {
    en: 'a command needs an order; this flow is about an event',
    zh: '指令需要订单；此流程以事件为主体',
  },
  rest_needs_burst: { en: 'rest belongs to per: burst only', zh: 'rest 只能与 per: burst 一起使用' },
  template_unknown: {
    en: 'the shop has no template "{name}"; publish it first',
    zh: '店铺没有模板“{name}”；请先发布它',
  },
  template_unknown_near: {
    en: 'the shop has no template "{name}"; did you mean {near}?',
    zh: '店铺没有模板“{name}”；是否想写“{near}”？',
  },
  other_key: {
    en: 'the file is about the flow "{name}", not "{known}"',
    zh: '文件写的是流程“{name}”，不是“{known}”',
  },
  not_yaml: { en: 'not valid YAML: {detail}', zh: '不是合法的 YAML：{detail}' },
  and_more: { en: '… and {known} more', zh: '…… 还有 {known} 处' },
  too_long: {
    en: 'a file may have at most {known} characters; this one has {name}',
    zh: '文件最多 {known} 个字符；实际 {name} 个',
  },
  where: { en: '{detail} (line {line}, column {column})', zh: '{detail}（第 {line} 行，第 {column} 列）' },
} as const satisfies Record<string, { readonly en: string; readonly zh: string }>

export type ProblemCode = keyof typeof PROBLEMS
export type Language = 'en' | 'zh'
export type ProblemParams = Readonly<Record<string, string | number>>

/** The sentence of a problem in `language` with its parameters filled in. */
export function say(code: ProblemCode, params: ProblemParams, language: Language): string {
  return PROBLEMS[code][language].replace(/\{(\w+)\}/g, (_, name: string) => String(params[name] ?? '?'))
}

export function isProblemCode(text: string): text is ProblemCode {
  return Object.hasOwn(PROBLEMS, text)
}

/** A problem before it is put into words. */
export interface RawProblem {
  readonly path: readonly (string | number)[]
  readonly code: ProblemCode
  readonly params: ProblemParams
}

/** Adds a name's nearest known neighbour, or the list of known names, to a problem about that name. */
export function unknownName(
  path: readonly (string | number)[],
  code:
    | 'unknown_key'
    | 'unknown_value'
    | 'no_step'
    | 'no_param'
    | 'cel_name'
    | 'cel_value'
    | 'template_unknown',
  name: string,
  known: readonly string[],
  more: ProblemParams = {},
): RawProblem {
  const near = nearest(name, known)
  const params = { ...more, name, known: known.join(', ') }
  return near === null ? { path, code, params } : { path, code: `${code}_near`, params: { ...params, near } }
}
