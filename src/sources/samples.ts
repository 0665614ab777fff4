/**
 * Callbacks as the outside systems send them, written from their documentation. Every name, address and
 * number is made up.
 */

/** A Stripe event around `object` (docs.stripe.com/api/events/object). */
export function stripeEvent(type: string, object: object, more: object = {}): object {
  return {
    id: 'evt_1SampleDingdong0001',
    object: 'event',
    api_version: '2026-05-27.dahlia',
    created: 1_795_334_400,
    data: { object },
    livemode: true,
    pending_webhooks: 1,
    request: { id: 'req_sample', idempotency_key: null },
    type,
    ...more,
  }
}

export function stripeIntent(more: object = {}): object {
  return {
    id: 'pi_3SampleIntent0001',
    object: 'payment_intent',
    amount: 1999,
    amount_capturable: 0,
    amount_received: 0,
    canceled_at: null,
    cancellation_reason: null,
    created: 1_795_334_300,
    currency: 'usd',
    customer: null,
    description: 'Annual membership',
    last_payment_error: null,
    latest_charge: null,
    livemode: true,
    metadata: { order_no: 'D20261122-17' },
    payment_method_types: ['card'],
    receipt_email: 'buyer@example.com',
    shipping: null,
    status: 'requires_payment_method',
    ...more,
  }
}

/** A declined card, as `payment_intent.payment_failed` tells it. */
export function stripeDeclined(error: object = {}): object {
  return stripeIntent({
    latest_charge: 'ch_3SampleCharge0001',
    last_payment_error: {
      advice_code: 'try_again_later',
      charge: 'ch_3SampleCharge0001',
      code: 'card_declined',
      decline_code: 'insufficient_funds',
      doc_url: 'https://stripe.com/docs/error-codes/card-declined',
      message: 'Your card has insufficient funds.',
      network_advice_code: '24',
      network_decline_code: '51',
      payment_method: {
        id: 'pm_1Sample',
        object: 'payment_method',
        billing_details: {
          address: { country: 'CN' },
          email: 'card@example.com',
          name: 'Li Lei',
          phone: '138 0013 8000',
        },
        type: 'card',
      },
      type: 'card_error',
      ...error,
    },
  })
}

export function stripeWarning(more: object = {}): object {
  return {
    id: 'issfr_1SampleWarning0001',
    object: 'radar.early_fraud_warning',
    actionable: true,
    charge: 'ch_3SampleCharge0001',
    created: 1_795_334_400,
    fraud_type: 'unauthorized_use_of_card',
    livemode: true,
    payment_intent: 'pi_3SampleIntent0001',
    ...more,
  }
}

export function stripeDispute(more: object = {}): object {
  return {
    id: 'du_1SampleDispute0001',
    object: 'dispute',
    amount: 1999,
    charge: 'ch_3SampleCharge0001',
    created: 1_795_334_400,
    currency: 'usd',
    is_charge_refundable: false,
    livemode: true,
    metadata: {},
    payment_intent: 'pi_3SampleIntent0001',
    reason: 'fraudulent',
    status: 'needs_response',
    ...more,
  }
}

export function stripeSession(more: object = {}): object {
  return {
    id: 'cs_live_a1SampleSession0001',
    object: 'checkout.session',
    after_expiration: null,
    amount_subtotal: 1999,
    amount_total: 1999,
    client_reference_id: 'customer-42',
    created: 1_795_334_200,
    currency: 'usd',
    customer: null,
    customer_details: { address: null, email: 'buyer@example.com', name: 'Li Lei', phone: '+8613800138000' },
    customer_email: null,
    expires_at: 1_795_420_600,
    livemode: true,
    locale: 'zh',
    metadata: {},
    mode: 'payment',
    payment_intent: 'pi_3SampleIntent0001',
    payment_method_types: ['card', 'alipay'],
    payment_status: 'paid',
    status: 'complete',
    url: null,
    ...more,
  }
}

/** An order as WooCommerce's REST API v3 shows it (woocommerce.github.io/woocommerce-rest-api-docs). */
export function wooOrder(more: object = {}): object {
  return {
    id: 727,
    parent_id: 0,
    number: 'W-727',
    order_key: 'wc_order_58d2d042d1d',
    created_via: 'checkout',
    version: '10.9.0',
    status: 'pending',
    currency: 'CNY',
    date_created: '2026-11-22T16:28:02',
    date_created_gmt: '2026-11-22T08:28:02',
    date_modified: '2026-11-22T16:28:08',
    date_modified_gmt: '2026-11-22T08:28:08',
    total: '29.35',
    customer_id: 26,
    billing: {
      first_name: '雷',
      last_name: '李',
      country: 'CN',
      email: 'buyer@example.com',
      phone: '138 0013 8000',
    },
    payment_method: 'alipay',
    payment_method_title: '支付宝',
    transaction_id: '',
    date_paid: null,
    date_paid_gmt: null,
    date_completed: null,
    date_completed_gmt: null,
    meta_data: [{ id: 13106, key: '_download_permissions_granted', value: 'yes' }],
    line_items: [
      { id: 315, name: '年度会员', product_id: 93, quantity: 2, total: '6.00', sku: 'VIP-1Y' },
      { id: 316, name: '礼品卡', product_id: 22, quantity: 1, total: '23.35', sku: '' },
    ],
    refunds: [],
    payment_url: 'https://shop.example/checkout/order-pay/727/?pay_for_order=true&key=wc_order_58d2d042d1d',
    _links: { self: [{ href: 'https://shop.example/wp-json/wc/v3/orders/727' }] },
    ...more,
  }
}

/** What 独角数卡's api_hook posts after payment of an automatically delivered product. */
export function dujiaokaOrder(more: object = {}): object {
  return {
    title: '月卡 x 2',
    order_sn: 'K7XQ2M9PZ4TB1WVC',
    email: 'buyer@example.com',
    actual_price: '19.90',
    order_info: 'AAAA-BBBB-CCCC-0001\nAAAA-BBBB-CCCC-0002',
    good_id: 5,
    gd_name: '月卡',
    ...more,
  }
}

/** What WeChat Pay's TRANSACTION.SUCCESS holds once it is opened (pay.weixin.qq.com/doc/v3, 支付成功回调通知). */
export function wechatTransaction(more: object = {}): object {
  return {
    mchid: '1900000109',
    appid: 'wx8888888888888888',
    out_trade_no: 'D20261122-17',
    transaction_id: '4200000000202611220000000001',
    trade_type: 'JSAPI',
    trade_state: 'SUCCESS',
    trade_state_desc: '支付成功',
    bank_type: 'CMC',
    attach: '',
    success_time: '2026-11-22T15:59:40+08:00',
    payer: { openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' },
    amount: { total: 1999, payer_total: 1899, currency: 'CNY', payer_currency: 'CNY' },
    ...more,
  }
}

/** What its REFUND.SUCCESS holds. */
export function wechatRefund(more: object = {}): object {
  return {
    mchid: '1900000109',
    out_trade_no: 'D20261122-17',
    transaction_id: '4200000000202611220000000001',
    out_refund_no: 'R-1',
    refund_id: '50300000012026112200000001',
    refund_status: 'SUCCESS',
    success_time: '2026-11-22T16:30:00+08:00',
    user_received_account: '招商银行信用卡0403',
    amount: { total: 1999, refund: 500, payer_total: 1899, payer_refund: 475 },
    ...more,
  }
}

/** The fields of one of Alipay's notifications, before they are signed (opendocs.alipay.com, 异步通知). */
export function alipayTrade(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    notify_time: '2026-11-22 15:59:45',
    notify_type: 'trade_status_sync',
    notify_id: '2026112200222155945010181400000001',
    app_id: '2014072300007148',
    charset: 'utf-8',
    version: '1.0',
    auth_app_id: '2014072300007148',
    trade_no: '2026112222001010181400000001',
    out_trade_no: 'D20261122-17',
    buyer_id: '2088102122524333',
    seller_id: '2088101106499364',
    trade_status: 'TRADE_SUCCESS',
    total_amount: '19.99',
    receipt_amount: '19.99',
    buyer_pay_amount: '18.99',
    subject: '年度会员 + 礼品/100%',
    gmt_create: '2026-11-22 15:58:10',
    gmt_payment: '2026-11-22 15:59:40',
    fund_bill_list: '[{"amount":"19.99","fundChannel":"ALIPAYACCOUNT"}]',
    ...more,
  }
}

/** The fields of one of 易支付's notifications, before they are signed. */
export function epayTrade(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    pid: '1001',
    trade_no: '2026112215594034021',
    out_trade_no: 'D20261122-17',
    type: 'alipay',
    name: '年度会员 & 礼品',
    money: '19.99',
    trade_status: 'TRADE_SUCCESS',
    param: '',
    ...more,
  }
}

/** One of our own events, as a shop's program sends it. */
export function plainEvent(more: object = {}): object {
  return {
    id: 'shop-1001',
    type: 'order.created',
    time: '2026-11-22T08:00:00Z',
    subject: 'D20261122-17',
    data: {
      order: { no: 'D20261122-17', total: { minor: 1999, currency: 'CNY' }, title: '年度会员' },
      customer: { email: 'buyer@example.com', locale: 'zh-CN' },
    },
    ...more,
  }
}

export function cloudEvent(more: object = {}): object {
  return {
    specversion: '1.0',
    source: '/shop/orders',
    datacontenttype: 'application/json',
    ...plainEvent(more),
  }
}
