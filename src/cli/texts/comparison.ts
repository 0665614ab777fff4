import type { Text } from './text.ts'

export const COMPARISON = {
  summary: {
    zh: '比较流程实验的各组：付款率、区间与差异',
    en: 'compare the arms of a flow’s experiments: shares paid, intervals, differences',
  },
  experiment: {
    zh: '只看这个实验；holdout 为对照组（默认：全部）',
    en: 'only this experiment; holdout: those kept without reminders (default: all)',
  },
  since: {
    zh: '只计这一天（店铺时区）起开始的，如 2026-11-01',
    en: 'only runs begun from this day on, in the shop’s time zone, e.g. 2026-11-01',
  },
  unknown: {
    zh: '流程“{flow}”没有实验“{name}”；可用：{known}。',
    en: 'The flow "{flow}" has no experiment "{name}"; there are: {known}.',
  },
  head: { zh: '{flow} v{version} · 实验 {experiment}', en: '{flow} v{version} · experiment {experiment}' },
  holdout: { zh: '{flow} v{version} · 对照组与收到提醒的人', en: '{flow} v{version} · holdout and treated' },
  over: { zh: '现在的版本已不再分组', en: 'the version in force no longer draws its arms' },
  noArms: {
    zh: '{flow} v{version} 没有分组：既没有做实验的分流步骤（split），也没有对照组，因此没有可比较的。',
    en: '{flow} v{version} draws no arms: it has neither a split that is an experiment nor a holdout, so there is nothing to compare.',
  },
  noHoldout: {
    zh: '{flow} v{version} 没有对照组，因此没有可比较的。',
    en: '{flow} v{version} has no holdout, so there is nothing to compare.',
  },
  holdOut: {
    zh: '设对照组，让一部分人收不到它的提醒：dingdong flow set {flow}{of} --holdout 10',
    en: 'To keep some people without its reminders: dingdong flow set {flow}{of} --holdout 10',
  },
  nothingToHold: {
    zh: '它不发提醒也不发推广消息，所以不能设对照组。',
    en: 'It sends neither reminders nor promotions, so it can have no holdout.',
  },
  arm: { zh: '组', en: 'arm' },
  persons: { zh: '人', en: 'persons' },
  runs: { zh: '流程', en: 'runs' },
  running: { zh: '进行中', en: 'running' },
  sent: { zh: '已发送', en: 'sent' },
  orders: { zh: '之后付款的订单', en: 'orders paid after' },
  unsubscribed: { zh: '退订', en: 'unsubscribed' },
  of: { zh: '{n}/{all}', en: '{n} of {all}' },
  names: { zh: '{holdout}（不发提醒）', en: '{holdout} (no reminders)' },
  share: {
    zh: '{arm}：{paid}/{counted} 人付款，{value}%（95% 区间 {low}% 至 {high}%）',
    en: '{arm}: {paid} of {counted} persons paid, {value} % (95 % interval {low} to {high} %)',
  },
  few: {
    zh: '{arm}：尚不可知——已有结果的 {counted} 人，至少需要 {least} 人',
    en: '{arm}: not yet known: {counted} persons counted, at least {least} are needed',
  },
  difference: {
    zh: '  与 {first} 相差 {value} 个百分点（95% 区间 {low} 至 {high}）：{verdict}',
    en: '  against {first} {value} points (95 % interval {low} to {high}): {verdict}',
  },
  waits: { zh: '  与 {first} 相比：尚不可知', en: '  against {first}: not yet known' },
  open: { zh: '区间包含 0，看不出差异', en: 'holds 0, so no difference is shown' },
  higher: { zh: '高于 {first}', en: 'higher than {first}' },
  lower: { zh: '低于 {first}', en: 'lower than {first}' },
  counted: {
    zh: '分母：首次流程{when}的人，每人只算一次，归入其首次流程所在的组；“付款”指该次流程的订单在流程开始之后付款，且没有全额退款。表中其他数字包括所有人。',
    en: 'Counted: persons whose first run {when}. Each counts once, in the arm of that run; paid: the order of that run, after it began, and not wholly refunded since. The table is about everybody.',
  },
  ended: { zh: '已结束', en: 'has ended' },
  before: {
    zh: '开始于 {at} 之前（此后开始的仍有未结束的）',
    en: 'began before {at} (some that began later are still open)',
  },
  noOrder: {
    zh: '这个流程与订单无关，没有付款可比较。',
    en: 'This flow is about no order, so there is no payment to compare.',
  },
  moved: {
    zh: '{n} 人后来的流程在另一组（份额变更，或两个买家合并）；仍按首次的组计。',
    en: '{n} persons had later runs in another arm (shares changed, or two buyers became one); they count in their first.',
  },
  only: {
    zh: '这里只比较本店随机分出的各组，不说明其他任何事。区间只对事先定好的一次查看成立：看得多、组数多，总会偶然出现不含 0 的区间。',
    en: 'This compares the arms of this shop as they were drawn at random, and nothing more. An interval holds for one look at a time fixed beforehand: who looks often, or at many arms, finds some without 0 by chance.',
  },
} as const satisfies Record<string, Text>
