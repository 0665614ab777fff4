import type { Text } from './text.ts'

export const DEMO = {
  summary: {
    zh: '在演示店里演一天的生意（通过公开接口）',
    en: 'play a day of shop life in the demo shop, through the public API',
  },
  speed: {
    zh: '快放倍数，max 为不停顿（默认 1200）',
    en: 'times faster than life; max: without pauses (default: 1200)',
  },
  orders: {
    zh: '订单数（默认 40，最多 {most}）',
    en: 'orders in that day (default: 40, at most {most})',
  },
  opening: {
    zh: '演示店开门：{orders} 个订单，{speed} 倍速，至少 {seconds} 秒。发件箱：{url}/outbox',
    en: 'The shop opens: {orders} orders at {speed} times life, {seconds} s at least. Outbox: {url}/outbox',
  },
  openingMax: {
    zh: '演示店开门：{orders} 个订单，不停顿。发件箱：{url}/outbox',
    en: 'The shop opens: {orders} orders without pauses. Outbox: {url}/outbox',
  },
  capped: {
    zh: '一天最多 {most} 个订单，不是 {asked} 个。',
    en: 'A day has {most} orders at most, not {asked}.',
  },
  going: {
    zh: '已发送 {sent}/{of} 个事件，约还需 {left}',
    en: '{sent} of {of} events sent, about {left} to go',
  },
  brokenOff: {
    zh: '已中断：发送了 {sent}/{of} 个事件。这些事件会照常处理。',
    en: 'Broken off: {sent} of {of} events were sent. What they cause goes on.',
  },
  seconds: { zh: '{n} 秒', en: '{n} s' },
  minutes: { zh: '{n} 分钟', en: '{n} min' },
  closing: { zh: '打烊了，等最后几条消息…', en: 'Closing time; waiting for the last messages…' },
  summaryTitle: {
    zh: '这一天：{events} 个事件 → {messages} 条消息',
    en: 'That day: {events} events → {messages} messages',
  },
  sent: { zh: '已发 {count}', en: '{count} sent' },
  waiting: { zh: '稍后 {count}', en: '{count} later' },
  notSent: { zh: '未发 {count}', en: '{count} not sent' },
  why: { zh: '没有发出的原因：', en: 'Why some were not sent:' },
  refused: {
    zh: '服务器拒绝了 {count} 个请求，第一个：{detail}',
    en: 'The server refused {count} requests; the first: {detail}',
  },
  next: {
    zh: '看看某个订单的来龙去脉：npm run dingdong -- order {no}{of}',
    en: 'Everything about one order: npm run dingdong -- order {no}{of}',
  },
  reviews: {
    zh: '有订单等待人工处理：npm run dingdong -- review list{of}',
    en: 'Some orders wait for a person: npm run dingdong -- review list{of}',
  },
  created: { zh: '下单', en: 'order' },
  paid: { zh: '付款', en: 'paid' },
  failed: { zh: '支付失败', en: 'payment failed' },
  delivered: { zh: '发货', en: 'delivered' },
  refunded: { zh: '退款', en: 'refunded' },
  stock: { zh: '库存不足', en: 'stock low' },
  membership: { zh: '会员到期', en: 'membership ends' },
} as const satisfies Record<string, Text>
