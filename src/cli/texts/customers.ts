import type { Text } from './text.ts'

export const CUSTOMERS = {
  show: {
    zh: '按邮箱、手机号或店铺自己的编号查找买家：联系方式能否使用、其选择、订单',
    en: 'find a buyer by mail address, phone number or your own id: what may be used, what they chose, their orders',
  },
  address: {
    zh: '邮箱、手机号，或事件里的 customer.externalId',
    en: 'mail address, phone number, or the customer.externalId of your events',
  },
  unknown: {
    zh: '店铺“{shop}”中没有买家使用这个地址（按{tried}查找）。地址须与事件中写的是同一个；没有国家代码的手机号按 {country} 理解。',
    en: 'No buyer of the shop "{shop}" has this address (looked for as {tried}). It must be the one that events gave; a phone number without a country code is read as one of {country}.',
  },
  member: {
    zh: '这是店员的地址，见 dingdong member list。',
    en: 'This is the address of somebody who works for the shop, see "dingdong member list".',
  },
  unblock: {
    zh: '让被服务商退回过的地址重新可用（买家自己的退订不受影响）',
    en: 'let an address be used again that a provider has rejected; what its owner has said stays',
  },
  unblocked: {
    zh: '这个地址（{channel}）重新可用。之前没有发出的消息不会补发，需要时用 dingdong message resend。',
    en: 'This address ({channel}) may be used again. What was not sent meanwhile stays so; "dingdong message resend" sends what is still wanted.',
  },
  notBlocked: {
    zh: '这个地址（{channel}）本来就可用，没有改动。',
    en: 'This address ({channel}) may be used already; nothing was changed.',
  },
  theirWish: {
    zh: '这个地址（{channel}）已退订，没有改动。只有本人可以恢复：在任一封邮件的“不再提醒”页面上。',
    en: 'The owner of this address ({channel}) has unsubscribed, so nothing was changed. Only they take that back, on the page behind "No more reminders" in any of their mails.',
  },
  off: { zh: '不接收：{off}', en: 'Wants none of: {off}' },
  paused: { zh: '暂停到 {until}', en: 'Paused until {until}' },
  segment: { zh: '人群：{segment}', en: 'Segment: {segment}' },
  orders: { zh: '订单（最新在前）：', en: 'Orders, newest first:' },
  more: { zh: '只列出最新的 {most} 个。', en: 'Only the newest {most} are listed.' },
  noOrders: { zh: '没有订单。', en: 'There are no orders.' },
  whole: { zh: '某个订单的全部经过：{command}', en: 'Everything about one: {command}' },
} as const satisfies Record<string, Text>

/** Whether messages may go to an address. */
export const CONTACT_STATES: Readonly<Record<string, Text>> = {
  ok: { zh: '可以使用', en: 'may be used' },
  suppressed: {
    zh: '不再使用：服务商说这个地址不存在',
    en: 'not used any more: a provider said that it does not exist',
  },
  unsubscribed: { zh: '已退订', en: 'unsubscribed' },
}

/** Who vouches for an address. */
export const VERIFICATIONS: Readonly<Record<string, Text>> = {
  none: { zh: '无人证实，只在浏览器里填写过', en: 'vouched for by nobody, typed in a browser' },
  sender: { zh: '由发来事件的系统给出', en: 'given by the system that sent events' },
  reply: { zh: '从这个地址收到过回复', en: 'a reply came from it' },
  code: { zh: '收到并输入过验证码', en: 'a code that was sent there was entered' },
}
