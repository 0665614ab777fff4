import type { Text } from './text.ts'

export const REVIEWS = {
  list: { zh: '列出等待人工处理的复核', en: 'list what waits for a person' },
  all: { zh: '包括已处理的', en: 'also what is decided' },
  show: { zh: '查看一条复核的全部信息', en: 'show everything needed to decide about one' },
  approve: { zh: '通过：订单继续', en: 'approve: the order goes on' },
  reject: { zh: '拒绝：请商店取消订单', en: 'reject: the shop is asked to cancel the order' },
  escalate: { zh: '转交下一级', en: 'pass it on to the next role' },
  reopen: { zh: '撤回一天内的决定', en: 'take a decision of the last day back' },
  id: { zh: 'rev_… 编号，见 review list', en: 'its id rev_…, see review list' },
  note: { zh: '备注（加密保存，仅内部可见）', en: 'a note for the team; kept sealed' },
  none: { zh: '没有等待处理的复核。', en: 'Nothing waits for a person.' },
  isApproved: { zh: '{id}：已通过。', en: '{id} is approved.' },
  isRejected: {
    zh: '{id}：已拒绝，已请商店系统取消订单。',
    en: '{id} is rejected; the shop’s system is asked to cancel the order.',
  },
  isPassedOn: { zh: '{id}：已转交。', en: '{id} was passed on.' },
  isReopened: { zh: '{id}：决定已撤回。', en: 'The decision about {id} is taken back.' },
  matched: { zh: '命中', en: 'matched' },
  buyer: { zh: '买家', en: 'buyer' },
  others: { zh: '相关订单', en: 'other orders' },
  history: { zh: '订单经过', en: 'so far' },
  waits: { zh: '等待{role}', en: 'waits for {role}' },
  note_: { zh: '备注', en: 'note' },
} as const satisfies Record<string, Text>

/** What became of a review, in an order's timeline; `{role}`: whose turn it is. */
export const REVIEW_NEWS = {
  opened: { zh: '需要人工复核', en: 'waits for a person' },
  escalated: { zh: '已转交{role}', en: 'put to {role}' },
  approved: { zh: '已通过', en: 'approved' },
  rejected: { zh: '已拒绝', en: 'rejected' },
  expired: { zh: '已结束，无需处理', en: 'over, nothing to decide' },
  reopened: { zh: '决定已撤回，等待{role}', en: 'decision taken back, waits for {role}' },
  escalates: { zh: '等待{role}，到时转交下一级', en: 'waits for {role}, then goes further' },
  toldAgain: {
    zh: '等待{role}，之后没有下一级，到时再次提醒',
    en: 'waits for {role}; nobody comes after them, they are told again',
  },
  putAway: { zh: '到时自动收起', en: 'is put away then' },
} as const satisfies Record<string, Text>

/** Why something about a review came of itself. */
export const REVIEW_CAUSES: Readonly<Record<string, Text>> = {
  time: { zh: '无人处理', en: 'nobody answered in time' },
  paid: { zh: '订单已付款', en: 'the order was paid' },
  paid_in_full: { zh: '订单已付清', en: 'the order was paid in full' },
  closed: { zh: '订单已关闭', en: 'the order was closed' },
  merged: { zh: '订单已合并', en: 'the order became part of another' },
}

export const RULES = {
  list: { zh: '列出异常规则及其设置', en: 'list the rules for anomalies and what they are set to' },
  on: { zh: '启用规则', en: 'switch a rule on' },
  off: { zh: '停用规则（已打开的复核保留）', en: 'switch a rule off; what it has opened stays open' },
  set: {
    zh: '修改规则参数，或恢复旧版本',
    en: 'change a rule’s parameters, or bring an earlier version back',
  },
  test: {
    zh: '用过去的订单或事件试运行规则（不改变任何东西）',
    en: 'try a rule on a past order or event; changes nothing',
  },
  add: {
    zh: '把预设规则及其流程、模板加入旧店铺（新规则默认停用）',
    en: 'give a shop that is older than the rules the preset ones, switched off, with their flows and words',
  },
  key: { zh: '规则键名，见 rule list', en: 'key of the rule, see rule list' },
  values: {
    zh: '参数=值，如 limit=8000（店铺货币）、limit.JPY=150000；limit.JPY=none 表示不判断',
    en: 'name=value, e.g. limit=8000 (in the shop’s currency), limit.JPY=150000; limit.JPY=none judges none',
  },
  version: { zh: '恢复到这个版本的内容', en: 'take this version’s text' },
  order: { zh: '订单号', en: 'number of the order' },
  event: { zh: '事件编号 evt_…', en: 'id of the event, evt_…' },
  none: {
    zh: '这家店还没有规则；可用 rule add 加入预设规则。',
    en: 'This shop has no rules yet; rule add brings the preset ones.',
  },
  unknown: {
    zh: '没有规则“{rule}”{near} 用 dingdong rule list 查看。',
    en: 'There is no rule "{rule}"{near} See "dingdong rule list".',
  },
  isOn: { zh: '启用', en: 'on' },
  isOff: { zh: '停用', en: 'off' },
  hold: { zh: '暂停并复核', en: 'hold' },
  flag: { zh: '提示', en: 'flag' },
  changed: { zh: '{rule}：第 {version} 版', en: '{rule}: version {version}' },
  matches: { zh: '命中 → {would}', en: 'matches → {would}' },
  again: { zh: '（同一波，已提示过）', en: ' (one more of a burst that was told)' },
  misses: { zh: '不命中：{why}', en: 'does not match: {why}' },
  noEvents: {
    zh: '这笔订单没有可供试运行的事件。',
    en: 'This order has no events the rule could be tried on.',
  },
  why_other_event: { zh: '规则不看这类事件', en: 'the rule does not look at this kind of event' },
  why_condition: { zh: '条件不成立', en: 'its condition is false' },
  why_currency: {
    zh: '规则没有 {detail} 的金额，因此不判断；可用 rule set 设置，如 limit.{detail}=金额',
    en: 'the rule has no amount in {detail} and judges none; rule set gives it one, as in limit.{detail}=AMOUNT',
  },
  why_unknown: { zh: '事件没有说明 {detail}', en: 'the event does not say its {detail}' },
  why_browser: { zh: '来自浏览器，不采信', en: 'a browser said it, which proves nothing' },
  why_ended: { zh: '订单已无需复核', en: 'the order leaves nothing to decide' },
  why_too_few: { zh: '次数未达到', en: 'too few so far' },
  why_too_old: {
    zh: '收到时已发生太久，超过规则的 startWithin；如仍需复核，请用 rule set 调大',
    en: 'when it came it had happened too long ago, longer than the rule’s startWithin; rule set raises that',
  },
  nothing: {
    zh: '没有要改的内容：请给出 参数=值 或 --version-of。',
    en: 'Nothing to change: give name=value or --version-of.',
  },
  badValue: {
    zh: '“{text}”应写成 名称=值，例如 {example}。',
    en: '"{text}" must look like name=value, e.g. {example}.',
  },
  needTarget: {
    zh: '请用 --order 或 --event 指定试运行的对象。',
    en: 'Say with --order or --event what to try it on.',
  },
  added: {
    zh: '已加入 {count} 条规则；用 rule on 启用。',
    en: '{count} rules added; switch them on with rule on.',
  },
} as const satisfies Record<string, Text>
