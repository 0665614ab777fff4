import type { ConditionPart } from './condition-parts.ts'
import type { WhyNot } from './why-not.ts'

type Words = Readonly<Record<'zh' | 'en', string>>
const words = (zh: string, en: string): Words => ({ zh, en })

const TEXTS: Readonly<Record<WhyNot['reason'], Words>> = {
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
  paid: words('订单已付款。', 'The order was paid.'),
  closed: words('订单已结束。', 'The order was closed.'),
  cancelled: words('订单已取消。', 'The order was cancelled.'),
  expired: words('订单已过期。', 'The order had expired.'),
  refunded: words('订单已退款。', 'The order was refunded.'),
  delivered: words('订单已交付。', 'The order was delivered.'),
}

/** Why no run started, in a sentence; then one for each part of the condition that was not true. */
export function explainWhyNot({ reason, parts }: WhyNot, language: 'zh' | 'en'): readonly string[] {
  return [TEXTS[reason][language], ...parts.map((part) => partText(part, language))]
}

function partText({ source, detail }: ConditionPart, language: 'zh' | 'en'): string {
  if (language === 'zh') return detail === null ? `不成立：${source}` : `无法判断：${source}（${detail}）`
  return detail === null ? `Not true: ${source}` : `Could not be worked out: ${source} (${detail})`
}
