import type { OrderStatus } from './view.ts'

/** How an order stands, for people. */
export const STATUS_WORDS: Readonly<Record<OrderStatus, { readonly zh: string; readonly en: string }>> = {
  open: { zh: '待付款', en: 'Waiting for payment' },
  payment_failed: { zh: '支付未成功', en: 'Payment did not go through' },
  paid: { zh: '已付款', en: 'Paid' },
  partly_delivered: { zh: '部分发货', en: 'Partly delivered' },
  delivered: { zh: '已发货', en: 'Delivered' },
  cancelled: { zh: '已取消', en: 'Cancelled' },
  expired: { zh: '已过期', en: 'Expired' },
  partly_refunded: { zh: '部分退款', en: 'Partly refunded' },
  refunded: { zh: '已退款', en: 'Refunded' },
}
