import { roleText } from '../flow/role-texts.ts'
import type { Instant } from '../time.ts'
import { localText } from './explain.ts'
import type { Language } from './reason-texts.ts'
import type { Help, Remedy, RemedyCode } from './remedies.ts'

type Words = Readonly<Record<Language, string>>

const words = (zh: string, en: string): Words => ({ zh, en })

/** `{about}` is what the remedy is about: a channel, a purpose, a cap's name. */
const TEXTS: Readonly<Record<RemedyCode, Words>> = {
  unpaid: words('订单尚未付款（已付款的订单不再催促）', 'the order were unpaid'),
  not_refunded: words('订单没有退款', 'the order had not been refunded'),
  reopened: words('店铺重新开放订单', 'the shop reopened the order'),
  longer_life: words('订单的付款期限更长', 'the order could be paid for longer'),
  longer_expiry: words('消息的有效期更长，或重新发送一条', 'the message lived longer, or were sent anew'),
  switch_on: words('恢复发送（{about}）', 'sending were switched on again ({about})'),
  review_approved: words('有人复核并放行这笔订单', 'somebody approved the order'),
  lawful_words: words(
    '把{about}的文字改得合规（见 dingdong law check）',
    'its words for {about} were lawful (see dingdong law check)',
  ),
  law_lifted: words('规定允许在别的时间发送', 'the law allowed another hour'),
  account_added: words('为{about}添加发送账号', 'there were an account for {about}'),
  account_reaching: words(
    '有{about}的发送账号能发到收件人所在的国家或地区',
    'an account for {about} reached the receiver’s country',
  ),
  address_added: words('有收件人的{about}联系方式', 'the receiver had an address for {about}'),
  address_works: words('地址恢复可用，或换一个新地址', 'the address worked again, or there were a new one'),
  resubscribed: words('收件人在这个地址重新订阅', 'the receiver subscribed again at this address'),
  verified: words('收件人的{about}联系方式得到确认', 'the receiver’s address for {about} were verified'),
  consent: words('收件人同意接收{about}', 'the receiver consented to {about}'),
  turned_on: words('收件人重新开启这类消息', 'the receiver turned this kind of message on again'),
  unpaused: words('收件人结束暂停', 'the receiver ended the pause'),
  account_resumed: words('{about}的发送账号恢复', 'the account for {about} were resumed'),
  level_raised: words(
    '提高“{about}”的重要性，或放宽不发送的界线',
    'the level of {about} were raised, or the line below which nothing is sent lowered',
  ),
  quiet_lifted: words('取消{about}的免打扰时段', 'the quiet hours of {about} were lifted'),
  window_lifted: words('取消这一人群的发送时段', 'the send window of this segment were lifted'),
  day_cap_raised: words('提高每人每日上限', 'the cap of a person’s day were raised'),
  cap_raised: words('放宽频次规则“{about}”', 'the cap “{about}” were widened'),
  told_apart: words(
    '不让同一买家几个订单的同类消息互相等待（ordersApart）',
    'messages about a buyer’s several orders did not wait for each other (ordersApart)',
  ),
  due_now: words('不等到计划的时间', 'it need not wait for its planned time'),
}

const ABOUT: Readonly<Record<string, Words>> = {
  email: words('邮件', 'email'),
  sms: words('短信', 'SMS'),
  inbox: words('站内信', 'the inbox'),
  webhook: words('Webhook', 'the webhook'),
  command: words('店铺指令', 'commands'),
  service: words('服务消息', 'service messages'),
  reminder: words('提醒', 'reminders'),
  promotion: words('促销消息', 'promotions'),
  all: words('总开关', 'the main switch'),
  shop: words('本店', 'this shop'),
  flow: words('这个流程', 'this flow'),
}

export function remedyText({ code, about }: Remedy, language: Language): string {
  const named = about === null ? '' : (ABOUT[about]?.[language] ?? about)
  return TEXTS[code][language].replace('{about}', named)
}

/** The review that a message waits for: `rev_…`, whose turn it is, and until when. */
export interface AwaitedReview {
  readonly id: string
  readonly role: string
  readonly until: Instant | null
  /** Nobody is asked after them. */
  readonly last: boolean
}

/** What would have to change for it to be sent, in a few sentences; none for what may go anyway. */
export function explainHelp(
  { verdict, changes, at }: Help,
  language: Language,
  timeZone: string,
  reviews: readonly AwaitedReview[] = [],
): readonly string[] {
  const when = at === null ? '' : localText(at, timeZone)
  const listed = changes.map((change) => remedyText(change, language))
  const all = listed.join(language === 'zh' ? '；' : ', and if ')
  switch (verdict) {
    case 'send':
      return []
    case 'hold':
      // At that instant it is only looked at again: time alone approves nothing.
      if (changes.some(({ code }) => code === 'review_approved'))
        return awaitsReview(reviews, { when, all, others: changes.length > 1 }, language, timeZone)
      if (language === 'zh') return [`${when} 会自动发送。`, `若要现在发送，需要：${all}。`]
      return [`It goes by itself at ${when}.`, `It would go now if ${all}.`]
    case 'drop': {
      // Nobody knows when somebody will decide.
      const timed = at !== null && !changes.some(({ code }) => code === 'review_approved')
      if (language === 'zh') return [`需要：${all}，才会发送。`, ...(timed ? [`届时于 ${when} 发送。`] : [])]
      return [`It would be sent if ${all}.`, ...(timed ? [`It would then go at ${when}.`] : [])]
    }
  }
}

function awaitsReview(
  reviews: readonly AwaitedReview[],
  { when, all, others }: { readonly when: string; readonly all: string; readonly others: boolean },
  language: Language,
  timeZone: string,
): readonly string[] {
  const zh = language === 'zh'
  const named = reviews.flatMap(({ id, role, until, last }) => {
    const who = roleText(role, language)
    const end = until === null ? null : localText(until, timeZone)
    const then = last
      ? zh
        ? `，之后没有下一级，到 ${end} 仍无人处理会再次提醒`
        : `; nobody comes after them, and at ${end} they are told again`
      : zh
        ? `，到 ${end} 仍无人处理则转交下一级`
        : `, and from ${end} on whoever is next`
    const turn = zh
      ? `等待人工复核 ${id}：由${who}处理${end === null ? '' : then}。`
      : `It waits for the review ${id}: ${who} ${role === 'operator' ? 'have' : 'has'} to decide${end === null ? '' : then}.`
    const how = zh
      ? `放行：dingdong review approve ${id}；拒绝：dingdong review reject ${id}。`
      : `To let it go: dingdong review approve ${id}; to refuse: dingdong review reject ${id}.`
    return [turn, how]
  })
  const unnamed = zh
    ? `等待人工复核，没有人决定就不会发送；${when} 再检查一次（dingdong review list）。`
    : `It waits for a person to decide about the order and does not go by itself; it is looked at again at ${when} (dingdong review list).`
  const more = zh ? `若要现在发送，需要：${all}。` : `It would go now if ${all}.`
  return [...(named.length > 0 ? named : [unnamed]), ...(others ? [more] : [])]
}
