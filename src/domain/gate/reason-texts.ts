import type { ReasonCode } from './verdict.ts'

export type Language = 'zh' | 'en'

/** Why it is so, and what would have to change for the message to be sent; `null` where it was sent or only time helps. */
export interface ReasonText {
  readonly why: Readonly<Record<Language, string>>
  readonly change: Readonly<Record<Language, string>> | null
}

function text(zh: string, en: string, change: readonly [zh: string, en: string] | null = null): ReasonText {
  return { why: { zh, en }, change: change === null ? null : { zh: change[0], en: change[1] } }
}

const BUYER_ONLY = [
  '只有收件人自己重新开启，才会再发送。',
  'Only the receiver can turn it on again.',
] as const

/** What people read about each reason code. `in_session` and `essential` explain why a message could go in spite of a rule. */
export const REASON_TEXTS: Readonly<Record<ReasonCode, ReasonText>> = {
  killed_all: text('所有发送都已被总开关停止。', 'The main switch has stopped all sending.', [
    '打开总开关后，重新发送这条消息。',
    'Turn the main switch back on, then resend the message.',
  ]),
  killed_shop: text('本店的发送已被停止。', 'Sending is stopped for this shop.', [
    '恢复本店发送后，重新发送这条消息。',
    'Let the shop send again, then resend the message.',
  ]),
  killed_flow: text('这个流程已被停止。', 'This flow is stopped.', [
    '恢复这个流程后，重新发送这条消息。',
    'Start the flow again, then resend the message.',
  ]),
  paid: text('订单已付款，不再催促。', 'The order is paid, so nobody is asked to pay again.', [
    '无需处理：只有未付款的订单才会收到提醒。',
    'Nothing to do: only an unpaid order is reminded.',
  ]),
  order_cancelled: text('订单已取消。', 'The order was cancelled.', [
    '店铺重新开放订单后才会发送。',
    'The shop would have to reopen the order.',
  ]),
  order_expired: text('订单已过期。', 'The order has expired.', [
    '店铺重新开放订单后才会发送。',
    'The shop would have to reopen the order.',
  ]),
  order_refunded: text('订单已退款。', 'The order was refunded.', [
    '退款后的订单不再发送这类消息。',
    'A refunded order gets no more messages of this kind.',
  ]),
  order_life_over: text('到那时订单的付款期限已过。', 'By then the order can no longer be paid.', [
    '延长订单有效期、重新开放订单，或把这一步提前。',
    'Give the order more time, reopen it, or move this step earlier.',
  ]),
  under_review: text(
    '订单正在人工复核，期间不提醒买家。',
    'A person has to decide about this order; its buyer is not reminded meanwhile.',
    [
      '复核通过后即可发送：dingdong review list。',
      'It may go once the review is approved: dingdong review list.',
    ],
  ),
  no_contact: text('没有这个渠道的联系方式。', 'There is no address for this channel.', [
    '补充收件人在这个渠道的联系方式。',
    'Add an address of the receiver for this channel.',
  ]),
  suppressed: text(
    '这个地址已停用：曾被退回或投诉。',
    'The address is blocked: messages bounced or were complained about.',
    [
      '请收件人提供新的地址；确认原地址可用后也可解除停用：dingdong customer unblock 地址。',
      'Ask the receiver for a new address, or unblock this one once it is known to work: dingdong customer unblock ADDRESS.',
    ],
  ),
  unsubscribed: text('收件人已在这个地址退订。', 'The receiver unsubscribed this address.', BUYER_ONLY),
  unverified: text(
    '这个地址还没有得到确认。',
    'Nobody has confirmed that this address belongs to the receiver.',
    [
      '收件人用验证码确认，或由店铺系统提供这个地址后即可发送。',
      'The receiver confirms it with a code, or the shop’s own system supplies it.',
    ],
  ),
  no_consent: text('收件人没有同意接收这类消息。', 'The receiver has not agreed to messages of this kind.', [
    '需要收件人明确同意。',
    'The receiver has to agree.',
  ]),
  turned_off: text(
    '收件人关闭了这类消息或这个渠道。',
    'The receiver turned off this kind of message or this channel.',
    BUYER_ONLY,
  ),
  pref_paused: text('收件人暂停了消息。', 'The receiver has paused messages.', [
    '暂停结束后，或收件人提前恢复时发送。',
    'It may go once the pause ends or the receiver lifts it.',
  ]),
  account_missing: text('这个渠道没有可用的发送账号。', 'No account is set up for this channel.', [
    '在这个渠道添加发送账号。',
    'Add an account for this channel.',
  ]),
  account_paused: text('发送账号目前不可用。', 'The sending account is paused.', [
    '检查账号的凭据和额度，然后恢复它。',
    'Check the account’s credentials and quota, then resume it.',
  ]),
  account_country: text(
    '没有发送账号能发到收件人所在的国家或地区。',
    'No sending account reaches the receiver’s country.',
    [
      '添加能发到那里的账号，或在账号的 countries 中加入这个国家或地区（dingdong account set），然后重新发送。',
      'Add an account that does, or name the country in an account’s countries (dingdong account set), then resend the message.',
    ],
  ),
  account_busy: text(
    '发送账号此刻已满负荷，消息排队等候。',
    'The sending account has all it can send just now; the message waits for its turn.',
    ['等轮到它，或请服务商提高速率。', 'Wait for its turn, or have the vendor raise the account’s rate.'],
  ),
  not_due: text('还没到计划的时间。', 'It is not due yet.'),
  cap_reached: text('收件人当天的消息数已满。', 'The receiver has already had the day’s share of messages.', [
    '等到收件人当地的第二天，或提高每日上限。',
    'Wait for the receiver’s next day, or raise the daily limit.',
  ]),
  cap_zero: text('每日上限设为 0。', 'The daily limit is set to 0.', [
    '把每日上限设为 1 或更多。',
    'Set the daily limit to 1 or more.',
  ]),
  cap_purpose: text(
    '收件人当天收到的这类消息已达上限。',
    'The receiver has had the day’s share of this kind of message.',
    ['等到收件人当地的第二天，或放宽这条频次规则。', 'Wait for the receiver’s next day, or widen this cap.'],
  ),
  cap_category: text(
    '收件人当天收到的这一种消息已达上限。',
    'The receiver has had the day’s share of this very message.',
    ['等到收件人当地的第二天，或放宽这条频次规则。', 'Wait for the receiver’s next day, or widen this cap.'],
  ),
  cap_channel: text(
    '这个渠道当天发给收件人的消息已达上限。',
    'The day’s share of this channel is used up for the receiver.',
    [
      '等到收件人当地的第二天，换一个渠道，或放宽这条频次规则。',
      'Wait for the receiver’s next day, use another channel, or widen this cap.',
    ],
  ),
  cap_address: text('这个地址当天收到的消息已达上限。', 'This address has had its share of the day.', [
    '等到第二天，或放宽这条频次规则。',
    'Wait for the next day, or widen this cap.',
  ]),
  cap_window: text(
    '最近一段时间内，收件人收到的这类消息已达上限。',
    'The receiver has had as many of these as the last hours or days allow.',
    [
      '等最早的一条移出这段时间，或放宽这条频次规则。',
      'Wait until the oldest of them is long enough ago, or widen this cap.',
    ],
  ),
  other_order_told: text(
    '收件人另一个订单的同类消息先发，这一条稍后再发，以免接连打扰。',
    'A message of this kind about another order of the receiver’s goes first; this one waits for its turn.',
    [
      '间隔由 ordersApart 设定（dingdong policy set；never 表示互不等待）。',
      'How far they are kept apart is ordersApart (dingdong policy set; never lets none wait for another).',
    ],
  ),
  quiet_hours: text('收件人所在地正处于免打扰时段。', 'It is quiet time where the receiver lives.', [
    '等免打扰时段结束，或调整这个渠道的免打扰时段。',
    'Wait until it ends, or change this channel’s quiet hours.',
  ]),
  quiet_all_day: text('免打扰时段占满了全天。', 'The quiet hours cover the whole day.', [
    '给这个渠道留出可以发送的时间。',
    'Leave this channel some hours in which it may send.',
  ]),
  quiet_unreadable: text(
    '免打扰时段的写法无法识别，应为 22:00 这样的格式。',
    'The quiet hours cannot be read; they must look like 22:00.',
    ['改正这个渠道的免打扰时段。', 'Correct this channel’s quiet hours.'],
  ),
  expired: text('消息已过有效期。', 'The message’s time has passed.', [
    '如仍有必要，请重新发送一条。',
    'Send a new one if it still matters.',
  ]),
  expires_first: text(
    '等到可以发送时，消息已过有效期。',
    'By the time it could go, its time would have passed.',
    ['延长有效期，或改用没有这些限制的渠道。', 'Let it live longer, or use a channel without these limits.'],
  ),
  unsettled: text('各项规则之间找不到共同允许的时间。', 'The rules never agreed on a moment.', [
    '检查免打扰时段与每日上限是否互相冲突。',
    'Check whether quiet hours and daily limit leave any time open.',
  ]),
  low_priority: text(
    '店铺设定不发送这种重要性较低的消息。',
    'The shop does not send messages that matter this little.',
    [
      '提高这一种消息的重要性，或调低“不发送”的界线。',
      'Raise this category’s level, or lower the line below which nothing is sent.',
    ],
  ),
  send_window: text(
    '等收件人习惯阅读的时段再发送。',
    'It waits for the hours in which the receiver likes to read.',
    [
      '等到这个时段开始，或调整这一人群的发送时段。',
      'Wait until they begin, or change the send window of this segment.',
    ],
  ),
  window_skipped: text(
    '等到合适的阅读时段，消息或订单就过期了，所以不再等待。',
    'By the receiver’s reading hours it, or its order, would have expired, so it does not wait for them.',
  ),
  essential: text(
    '这是必要消息，不受次数、免打扰和偏好设置限制。',
    'It is an essential message, which caps, night and preferences do not stop.',
  ),
  in_session: text(
    '这是对买家十分钟内操作的答复，夜间也可以发送。',
    'It answers something the buyer did within the last ten minutes, so it may go at night.',
  ),
  law: text(
    '按账号所在服务商或国家的规则，这个模板没有可以发送的文字。',
    'Under the rules of the account’s vendor or country no text of its template may go.',
    [
      '换一种写法（可先用 dingdong law check 检查），或改用其他渠道；催付短信在中国大陆还需要账号的 registeredLink（dingdong account set）。',
      'Say it otherwise (try it with "dingdong law check"), or use another channel; in mainland China a reminder also needs the account’s registeredLink (dingdong account set).',
    ],
  ),
  law_consent: text(
    '法律要求事先明确同意，收件人没有同意。',
    'The law asks for an explicit consent that the receiver has not given.',
    ['需要收件人明确同意。', 'The receiver has to agree.'],
  ),
  law_hours: text(
    '按规定，现在不是可以发送这类消息的时段。',
    'By law this kind of message may not be sent at this hour.',
    ['等到规定允许的时段。', 'It goes at the next hour that the law allows.'],
  ),
  law_no_hour: text(
    '规定的时段之内全是免打扰时段，没有可以发送的时间。',
    'The hours that the law allows are all quiet hours; no time is left.',
    ['缩短这个渠道的免打扰时段。', 'Make this channel’s quiet hours shorter.'],
  ),
}

/** Codes that no policy gives: what else ended a message. */
export const OTHER_ENDINGS: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  'drop:replaced': { zh: '已被更新的消息取代。', en: 'A newer message took its place.' },
  'drop:moved_on': {
    zh: '情况变了（例如失败原因不同了），这条消息已不合适，由新的流程接手。',
    en: 'Things changed (another reason for the failure, for example), so these words no longer fit; another flow took over.',
  },
  'drop:decision_undone': {
    zh: '拒绝的决定已撤回，不再请商店取消订单。',
    en: 'The rejection was taken back, so the shop is not asked to cancel any more.',
  },
  'drop:order_merged': {
    zh: '两个订单合并为一个，另一条相同的消息保留。',
    en: 'Two orders turned out to be one; the other copy of this message stands.',
  },
}
