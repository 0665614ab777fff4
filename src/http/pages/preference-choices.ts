import type { CustomerRow } from '../../db/contacts.ts'
import type { Channel } from '../../domain/message.ts'
import { DAY, type Instant } from '../../domain/time.ts'
import type { ShopConfig } from '../../pipeline/shop-config.ts'
import type { Language } from '../language.ts'

type Preferences = CustomerRow['preferences']
type Words = Readonly<Record<Language, string>>

/** Categories of our own presets; another flow's category goes by the flow's title. */
const KNOWN: Readonly<Record<string, Words>> = {
  orders: { zh: '订单进度', en: 'Order updates' },
  'payment-recovery': { zh: '付款提醒', en: 'Payment reminders' },
  membership: { zh: '会员到期提醒', en: 'Membership reminders' },
}

/** What this shop may write to a buyer about, beyond what is essential. */
export function categoriesOf(config: ShopConfig): readonly { readonly key: string; readonly label: Words }[] {
  const found = new Map<string, Words>()
  for (const { compiled, enabled } of config.flows) {
    const { flow } = compiled
    if (!enabled || flow.audience !== 'buyer' || flow.purpose === 'essential') continue
    const key = flow.category ?? flow.family
    if (!found.has(key)) found.set(key, KNOWN[key] ?? flow.title)
  }
  return [...found].map(([key, label]) => ({ key, label }))
}

/** Whether a category, a channel or `everything` is still wanted. */
export function isOn(preferences: Preferences, what: string): boolean {
  return !(preferences.off ?? []).includes(what)
}

/** What holds after a form of the page, `null` of one it does not have; words that the page does not show are left as they are. */
export function changed(
  before: Preferences,
  form: ReadonlyMap<string, string>,
  categories: readonly string[],
  channels: readonly string[],
  now: Instant,
): Preferences | null {
  const off = new Set(before.off ?? [])
  const pausedUntil = before.pausedUntil ?? null
  switch (form.get('action')) {
    case 'nothing':
      return { off: [...off.add('everything')], pausedUntil }
    case 'something':
      off.delete('everything')
      return { off: [...off], pausedUntil }
    case 'pause_7':
    case 'pause_30':
      return { off: [...off], pausedUntil: now + (form.get('action') === 'pause_7' ? 7 : 30) * DAY }
    case 'resume':
      return { off: [...off], pausedUntil: null }
    case 'choose':
      for (const what of [...categories, ...channels]) {
        if (form.has(`on:${what}`)) off.delete(what)
        else off.add(what)
      }
      return { off: [...off], pausedUntil }
    default:
      return null
  }
}

const zh = {
  title: '消息设置',
  intro: (address: string) => `选择 ${address} 想收到哪些消息。`,
  saved: '已保存。',
  refused: '没有更改：页面上没有这个操作。请用下面的按钮。',
  what: '想收到哪些消息',
  where: '通过哪些方式',
  channels: { email: '邮件', sms: '短信', inbox: '站内信', webhook: 'Webhook', command: '' } as Readonly<
    Record<Channel, string>
  >,
  save: '保存',
  pause: '暂停一段时间',
  pauseFor: (days: number) => `${days} 天`,
  pausedUntil: (date: string) => `消息已暂停到 ${date}。`,
  resume: '立即恢复',
  stop: '不再提醒',
  stopText: '关闭所有提醒和通知，包括以后新增的种类。',
  nothing: '不再提醒',
  everythingOff: '您已关闭所有提醒和通知。',
  something: '重新接收消息',
  unsubscribed: '这个地址已退订，不会再收到提醒和通知。',
  resumeAddress: '重新使用这个地址',
  always: '付款凭证、购买内容和验证码等必要消息不受这些设置影响。',
}

const en: typeof zh = {
  title: 'Message settings',
  intro: (address) => `Choose what the owner of ${address} gets from us.`,
  saved: 'Saved.',
  refused: 'Nothing was changed: this page has no such action. Use the buttons below.',
  what: 'What you would like to hear',
  where: 'How we may reach you',
  channels: {
    email: 'Email',
    sms: 'Text messages',
    inbox: 'Inbox in the shop',
    webhook: 'Webhook',
    command: '',
  },
  save: 'Save',
  pause: 'Take a break',
  pauseFor: (days) => `${days} days`,
  pausedUntil: (date) => `Messages are paused until ${date}.`,
  resume: 'Resume now',
  stop: 'No more reminders',
  stopText: 'Turns off every reminder and notice, also kinds that come later.',
  nothing: 'Stop all reminders',
  everythingOff: 'You have turned off all reminders and notices.',
  something: 'Get messages again',
  unsubscribed: 'This address is unsubscribed and gets no reminders or notices.',
  resumeAddress: 'Use this address again',
  always: 'Receipts, what you bought and one-time codes always come, whatever you choose here.',
}

export const PREFERENCE_TEXTS: Readonly<Record<Language, typeof zh>> = { zh, en }
