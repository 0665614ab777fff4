import type { OrderStatus } from '../../domain/order/view.ts'
import type { Language } from '../language.ts'

const zh = {
  title: '查询订单',
  ask: '请输入短信里的 8 位短码。',
  label: '短码',
  look: '查看',
  wrong: '短码不对或已过期。请核对短信；也可以用订单号查询。',
  tooMany: '尝试次数过多，请过一会儿再试，或用订单号查询。',
  find: '用订单号查询',
  found: '找到您的订单',
  pay: '前往支付',
  underWay: '款项在途',
  details: '为了保护您的信息，查看订单内容前需要验证。验证码会发送到下单时留下的联系方式。',
  send: '发送验证码',
  noContact: '这笔订单没有可以接收验证码的联系方式，请联系店铺。',
  sent: '验证码已发送，10 分钟内有效。没收到的话，请过一分钟再试。',
  codeLabel: '6 位验证码',
  show: '查看订单',
  wrongCode: '验证码不对或已失效。请使用在这个浏览器里获取的最新验证码（最多试 5 次），或重新获取一个。',
  icp: '备案号：',
}

type Texts = typeof zh

const en: Texts = {
  title: 'Your order',
  ask: 'Type the 8 characters from your text message.',
  label: 'Short code',
  look: 'Look up',
  wrong: 'This code is not right or has run out. Check the message, or use your order number.',
  tooMany: 'Too many tries. Wait a little, or use your order number.',
  find: 'Use the order number',
  found: 'Here is your order',
  pay: 'Go to payment',
  underWay: 'payment on its way',
  details: 'To protect what you bought, we first send a code to the address given with the order.',
  send: 'Send a code',
  noContact: 'This order has no address that a code could go to. Please ask the shop.',
  sent: 'A code is on its way and works for 10 minutes. If it does not come, try again in a minute.',
  codeLabel: '6-digit code',
  show: 'Show the order',
  wrongCode:
    'The code is not right or no longer works. Use the newest one asked for in this browser (five tries), or get a new one.',
  icp: 'Filing number: ',
}

export const SHORT_CODE_TEXTS: Readonly<Record<Language, Texts>> = { zh, en }

/** How an order stands, in words that name nobody and nothing. */
export const STANDS: Readonly<Record<OrderStatus, Readonly<Record<Language, string>>>> = {
  open: { zh: '等待您确认', en: 'waiting for you' },
  payment_failed: { zh: '等待您确认', en: 'waiting for you' },
  paid: { zh: '已付款', en: 'paid' },
  delivered: { zh: '已发货', en: 'delivered' },
  partly_delivered: { zh: '部分发货', en: 'partly delivered' },
  partly_refunded: { zh: '部分退款', en: 'partly refunded' },
  cancelled: { zh: '已关闭', en: 'closed' },
  expired: { zh: '已关闭', en: 'closed' },
  refunded: { zh: '已退款', en: 'refunded' },
}
