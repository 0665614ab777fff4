import type * as z from 'zod'
import type { Role } from '../domain/flow/words.ts'
import type { ShopConfig } from '../pipeline/shop-config.ts'
import type { Language } from './language.ts'
import type { SeenOrder } from './order-seen.ts'
import type { messageStoryShape } from './timeline-shape.ts'

type Told = z.output<typeof messageStoryShape>

/** What else there is to know about a message, beside its verdict: what the shop has not set up yet, as a rule. */
export function messageNotes(
  order: SeenOrder,
  config: ShopConfig,
  message: Told,
  language: Language,
): readonly string[] {
  const role = roleOfNobody(config, message)
  return [
    ...(asksInVain(order, config, message) ? [NO_PAY_PAGE[language]] : []),
    ...(role === null ? [] : [nobodyIs(role)[language]]),
  ]
}

/** A message to the buyer that asks for a payment that nobody knows a page for. */
function asksInVain({ view }: SeenOrder, { templates }: ShopConfig, message: Told): boolean {
  if (message.audience !== 'buyer' || message.state === 'dropped') return false
  // The shop's own page of the order is where its button leads then, and may well take the money.
  if (view.payUrl !== null || view.pageUrl !== null || view.paidAt !== null) return false
  return templates.get(message.template)?.variants.some(({ asksToPay }) => asksToPay === true) ?? false
}

const NO_PAY_PAGE: Readonly<Record<Language, string>> = {
  zh: '这个订单没有已知的支付页面，按钮只能打开订单页，买家无法付款：请设置 payUrlTemplate（dingdong shop set），或在事件里写 order.payUrl。',
  en: 'No payment page of this order is known, so its button opens the order, where nobody can pay: set payUrlTemplate (dingdong shop set), or send order.payUrl with the events.',
}

/** The role to whose people this message was, where the shop has nobody in it to this day. */
function roleOfNobody({ flows, members }: ShopConfig, message: Told): Role | null {
  if (message.audience !== 'member' || message.contact !== null || message.step === null) return null
  const flow = flows.find(({ key }) => key === message.flow)
  const step = flow?.compiled.steps.get(message.step)?.step as { readonly to?: { readonly role?: Role } }
  const role = step?.to?.role
  return role === undefined || members.some(({ roles }) => roles.includes(role)) ? null : role
}

const nobodyIs = (role: Role): Readonly<Record<Language, string>> => ({
  zh: `店铺里还没有人担任 ${role}，这类消息没有收件人：请运行 dingdong member add 姓名 --role ${role} --email 地址。`,
  en: `Nobody is ${role} of the shop yet, so such messages have no receiver: dingdong member add NAME --role ${role} --email ADDRESS.`,
})
