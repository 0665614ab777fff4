import { STATUS_WORDS } from '../../domain/order/status-words.ts'
import type { OrderStatus } from '../../domain/order/view.ts'
import type { Language } from '../language.ts'

const zh = {
  title: '我的订单',
  order: '订单号',
  amount: '金额',
  item: '商品',
  placed: '下单',
  paid: '付款',
  delivered: '发货',
  keysReady: '可领取',
  refunded: '退款',
  closed: '已结束',
  expires: '支付期限',
  pay: '立即支付',
  payAgain: '重新支付',
  underWay: '款项在途',
  underWayText: '款项正在路上（例如银行扣款、转账、货到付款），您现在不用再付。',
  otherWay: '改用其他方式支付',
  keysTitle: '卡密 / 购买内容',
  keysText: '为了安全，查看前需要一个验证码，发送到下单时留下的联系方式。',
  sendTo: '发送到',
  sendCode: '发送验证码',
  sendAgain: '重新发送验证码',
  codeSent: '验证码已发送，10 分钟内有效。没收到的话，看看垃圾邮件，或过一分钟重新发送。',
  codeLabel: '6 位验证码',
  show: '查看卡密',
  wrong: '验证码不对或已失效。请使用在这个浏览器里获取的最新验证码（最多试 5 次），或重新获取一个。',
  tooSoon: (seconds: number) =>
    seconds > 90
      ? `验证码发送得太频繁，请在 ${Math.ceil(seconds / 60)} 分钟后再试。`
      : `请在 ${seconds} 秒后再获取验证码。`,
  noContact: '这笔订单没有可以接收验证码的邮箱或手机，请联系店铺。',
  copy: '复制',
  copied: '已复制',
  keysShown: '请妥善保存。刷新页面后需要新的验证码才能再次查看。',
  keysLeftOut: (count: number) => `还有 ${count} 个卡密数量过多，无法在此显示，请联系店铺。`,
  noKeysYet: '付款已收到，正在为您准备，完成后会通知您。',
  someCame: '已收到款项',
  otherSum: (came: string, total: string) => `已收到 ${came}，订单金额是 ${total}。有疑问请联系店铺。`,
  help: '需要帮助？',
  support: '客服：',
  helpPage: '帮助页面',
  shopPage: '在店铺查看',
  preferences: '消息设置',
  find: '查询订单',
  findText: '输入订单号和下单时留下的邮箱或手机号，我们会向它发送一个验证码。',
  findNo: '订单号',
  findContact: '邮箱或手机号',
  next: '下一步',
  ifMatches: '如果订单号和联系方式相符，验证码已经发出，10 分钟内有效。没收到的话，请检查是否填写正确。',
  back: '返回修改',
  fillBoth: '请填写订单号和邮箱或手机号。',
}

type OrderTexts = typeof zh

const en: OrderTexts = {
  title: 'Your order',
  order: 'Order',
  amount: 'Total',
  item: 'Item',
  placed: 'Placed',
  paid: 'Paid',
  delivered: 'Delivered',
  keysReady: 'Ready',
  refunded: 'Refunded',
  closed: 'Closed',
  expires: 'Pay before',
  pay: 'Pay now',
  payAgain: 'Pay again',
  underWay: 'Payment on its way',
  underWayText:
    'The money is on its way (a bank debit, a transfer, cash on delivery). There is nothing for you to pay now.',
  otherWay: 'Pay another way',
  keysTitle: 'What you bought',
  keysText: 'To keep it safe, we show it after a code that goes to the address you gave with the order.',
  sendTo: 'Send it to',
  sendCode: 'Send me a code',
  sendAgain: 'Send a new code',
  codeSent:
    'The code is on its way and works for 10 minutes. Nothing there? Look into spam, or send a new one in a minute.',
  codeLabel: '6-digit code',
  show: 'Show my keys',
  wrong:
    'That code is wrong or no longer works. Use the newest one asked for in this browser (5 tries), or get a new one.',
  tooSoon: (seconds) =>
    seconds > 90
      ? `Too many codes were sent. Try again in ${Math.ceil(seconds / 60)} minutes.`
      : `You can get the next code in ${seconds} second${seconds === 1 ? '' : 's'}.`,
  noContact: 'This order has no mail address or phone that a code could go to. Please ask the shop.',
  copy: 'Copy',
  copied: 'Copied',
  keysShown: 'Keep them safe. After a reload it takes a new code to see them again.',
  keysLeftOut: (count) =>
    `${count === 1 ? '1 more key was' : `${count} more keys were`} too much to show here. Please ask the shop.`,
  someCame: 'Payment received',
  otherSum: (came, total) =>
    `${came} has arrived; the order’s total is ${total}. If that looks wrong to you, please ask the shop.`,
  noKeysYet: 'Your payment has arrived. We are preparing what you bought and will tell you when it is ready.',
  help: 'Need help?',
  support: 'Support: ',
  helpPage: 'Help page',
  shopPage: 'See in the shop',
  preferences: 'Message settings',
  find: 'Find your order',
  findText: 'Enter the order number and the mail address or phone you gave with it. We send a code there.',
  findNo: 'Order number',
  findContact: 'Mail address or phone',
  next: 'Continue',
  ifMatches:
    'If number and address belong together, a code is on its way and works for 10 minutes. Nothing there? Check what you entered.',
  back: 'Change it',
  fillBoth: 'Please fill in the order number and the mail address or phone.',
}

export const ORDER_TEXTS: Readonly<Record<Language, OrderTexts>> = { zh, en }

/** What the buyer reads, and how it is coloured. */
export const STATUS_TEXTS: Readonly<
  Record<
    OrderStatus,
    { readonly tone: '' | 'good' | 'warn' | 'bad'; readonly zh: string; readonly en: string }
  >
> = {
  open: { tone: 'warn', ...STATUS_WORDS.open },
  payment_failed: { tone: 'bad', ...STATUS_WORDS.payment_failed },
  paid: { tone: 'good', ...STATUS_WORDS.paid },
  partly_delivered: { tone: 'good', ...STATUS_WORDS.partly_delivered },
  delivered: { tone: 'good', ...STATUS_WORDS.delivered },
  cancelled: { tone: '', ...STATUS_WORDS.cancelled },
  expired: { tone: '', ...STATUS_WORDS.expired },
  partly_refunded: { tone: '', ...STATUS_WORDS.partly_refunded },
  refunded: { tone: '', ...STATUS_WORDS.refunded },
}
