import type { ConditionPart } from './condition-parts.ts'
import type { WhyNot } from './why-not.ts'

type Words = Readonly<Record<'zh' | 'en', string>>
const words = (zh: string, en: string): Words => ({ zh, en })

/** Why no run started. */
export const WHY_NOT_TEXTS: Readonly<Record<WhyNot['reason'], Words>> = {
  not_there_yet: words('当时还没有这个流程。', 'The flow was not there yet.'),
  disabled: words('当时这个流程已停用。', 'The flow was disabled then.'),
  untrusted: words(
    '浏览器说的话可能有误，不会启动流程。',
    'A browser may be wrong or lying: what it says starts no flow.',
  ),
  wrong_subject: words('这个流程处理的不是订单。', 'The flow is about something other than an order.'),
  ran_already: words(
    '这个流程对这个订单只运行一次，之前已运行过。',
    'It had run for this already, and does so only once.',
  ),
  event_not_in_trigger: words(
    '当时的版本不由这种事件启动。',
    'The version of then does not start on this event.',
  ),
  too_old: words(
    '这件事发生得太久，超过了流程的 startWithin（不写时：必要通知 7 天，其他 1 天），再提起只会让买家困惑。如仍需发送，请在流程中调大 startWithin。',
    'It had happened too long ago: longer than the flow’s startWithin (left out: 7 days for what is essential, else 1 day). To speak of older things raise startWithin in the flow.',
  ),
  condition_false: words('触发条件不成立。', 'Its condition was not true.'),
  condition_failed: words(
    '触发条件无法判断（缺少所需信息），按不成立处理。',
    'Its condition could not be worked out, as something it reads was missing; that counts as false.',
  ),
  no_order: words('没有对应的订单。', 'There was no order.'),
  already_running: words('这个流程正在为这个订单运行。', 'It was already running for this order.'),
  resting: words('距离上一次运行太近，还在间隔期内。', 'It had run a short while ago and was resting.'),
  refund_told: words(
    '这笔退款之前已由另一个系统或另一条通知告知过。',
    'This refund had been told before, by another system or another notice.',
  ),
  paid: words('订单已付款。', 'The order was paid.'),
  closed: words('订单已结束。', 'The order was closed.'),
  cancelled: words('订单已取消。', 'The order was cancelled.'),
  expired: words('订单已过期。', 'The order had expired.'),
  refunded: words('订单已退款。', 'The order was refunded.'),
  delivered: words('订单已交付。', 'The order was delivered.'),
}

/** What could be otherwise the next time such an event comes; `{flow}` is filled in. */
export const WHY_NOT_CHANGES: Readonly<Partial<Record<WhyNot['reason'], Words>>> = {
  disabled: words(
    '启用它，以后的事件才会启动：dingdong flow on {flow}。',
    'Switch it on, and later events start it: dingdong flow on {flow}.',
  ),
  untrusted: words(
    '由支付渠道的签名回调或店铺系统告知同样的事。',
    'The payment provider’s signed callback or the shop’s own system would have to tell the same.',
  ),
  ran_already: words(
    '可以运行几次由流程的 once 决定：dingdong flow show {flow}。',
    'How often it may run is its "once": dingdong flow show {flow}.',
  ),
  resting: words(
    '间隔期由流程的 once.rest 决定：dingdong flow show {flow}。',
    'How long it rests is its "once.rest": dingdong flow show {flow}.',
  ),
  cancelled: words('店铺需要重新开放订单。', 'The shop would have to reopen the order.'),
  expired: words('店铺需要重新开放订单。', 'The shop would have to reopen the order.'),
  closed: words('店铺需要重新开放订单。', 'The shop would have to reopen the order.'),
}
const ON_AGAIN = words('现在已启用，以后的事件会启动它。', 'It is switched on by now: later events start it.')

/** What would have to change for a run to start; none where nothing can be changed, or the condition says it. */
export function whatWouldStart(
  reason: WhyNot['reason'],
  { flow, enabled }: { readonly flow: string; readonly enabled: boolean },
  language: 'zh' | 'en',
): readonly string[] {
  const change = reason === 'disabled' && enabled ? ON_AGAIN : WHY_NOT_CHANGES[reason]
  return change === undefined ? [] : [change[language].replaceAll('{flow}', flow)]
}

/** Why no run started, in a sentence; then one for each part of the condition that was not true. */
export function explainWhyNot({ reason, parts }: WhyNot, language: 'zh' | 'en'): readonly string[] {
  return [WHY_NOT_TEXTS[reason][language], ...parts.map((part) => partText(part, language))]
}

export function partText({ source, detail }: ConditionPart, language: 'zh' | 'en'): string {
  if (language === 'zh') return detail === null ? `不成立：${source}` : `无法判断：${source}（${detail}）`
  return detail === null ? `Not true: ${source}` : `Could not be worked out: ${source} (${detail})`
}
