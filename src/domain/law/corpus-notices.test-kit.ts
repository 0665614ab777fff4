import { type CorpusCase, inTurn, lines } from './corpus-case.test-kit.ts'

/** A demand is none the less one for what begins the next sentence. */
export const NOTICES_BAD: readonly CorpusCase[] = inTurn(
  lines(`
  点此付款，安全快捷
  点此付款。安全无忧，马上发货
  点此付款安全快捷
  现在付款，系统今天就发货
  打开小程序付款，服务到家
  点击支付！平台保障
  登录付款，结果立等可见
  您仍可付款，账户里查看
  还可付款，详情见订单
  您还可付款，明细见页面
  打开链接付款，业务员为您发货
  订单已取消，现在付款。正在打包
  您的订单因超时未支付已取消，点此付款，安全快捷
  您的订单因超时未支付已取消，登录付款，详情问客服
  打开支付页面付款
  打开支付页面完成支付
  点击支付账单付款
  打开支付页面查看订单并付款
  现在支付方式任选，点此付款
  到货后再付款即可恢复
  付款后保留订单
  支付后重新发货
  付款后订单自动保留
  付款成功后立即激活
  付款后自动保留名额
  我们不会让您点击链接付款，请打开小程序付款
  您的订单因超时未支付已取消，付费即可恢复
  您的订单因超时未支付已取消，请交付尾款
  您的订单因超时未支付已取消，付款即可
  订单因超过 30 分钟未付款已自动取消，点此付款
  您提交的订单因未在 30 分钟内支付已自动取消，付款即恢复
  您的订单未在 30 分钟内支付将自动取消
  Click here to pay. Attention: it ends today
  You can still pay us today
  Open the app to pay us
  We never ask twice. Click here to pay
  可以付款啦
  付款通道已为您打开
  立刻下单付款
  麻烦您付一下订单
  去结算
  您的购物车还没结算
  尾款请今天补上
  尾款未付
  您忘记付款了
  Retry your payment
  Make your payment today
  Your order awaits payment
  Your order needs payment
  Finish your purchase
  You forgot to pay
  Your order is unpaid
  Kindly pay for the order
`),
)

/** Notices that name payment, its pages and its papers, and ask for nothing. */
export const NOTICES_GOOD: readonly CorpusCase[] = inTurn(
  lines(`
  现在支付方式新增数字人民币
  您可在支付页查看配送进度
  您可在付款页面下载发票
  打开支付页面可查看发票
  进入支付中心可查看账单
  打开微信支付账单可查看退款
  点击支付通知查看详情
  您可在支付之日起 7 日内申请退货
  现在支付已恢复正常
  货到付款即可签收
  取货时付款即可
  您的快递为到付件，签收时付款即可
  到货后再付款即可
  货到付款即可，无需提前支付
  验收后付款即可
  付款后保留发票
  支付后保留凭证以便售后
  支付后重新开具发票
  会员付款成功后自动激活，您已激活
  支付成功后自动保留订单记录 30 天
  登录付款时用的账号查看订单
  打开支付页面时如有异常请联系客服
  现在支付页面已恢复
  您可在付款方式中选择云闪付
  您可在支付完成页领取小票
  您能在付款日起 7 天内退货
  工作人员不会要求您点击链接付款，谨防诈骗
  谨防诈骗：我们不会让您点击链接付款
  您的订单因超时未支付已取消，付费会员权益不受影响
  您的订单因超时未支付已取消，未交付的商品已回库
  您的订单因超时未支付已取消，转账的款项已退回
  您的订单因超时未支付已取消，买单的金额已退回
  订单因超过 30 分钟未付款已自动取消
  您提交的订单因未在 30 分钟内支付已自动取消
  We never ask you to click here to pay
  You can still pay us a visit until Sunday
  Open the app to pay attention to new notices
  Come back and pay us a visit
  It is time to pay us a visit
  您的维修费可以到店结算，发票随后寄出
  您申请结算的佣金已到账
  结算已完成，感谢您的配合
  系统故障期间不可以支付了，修复后另行通知
  您的尾款已付清，商品已出库
  货款已结清，谢谢
  忘记支付密码可在网站重置
  支付通道已升级，服务更稳定
  您下单付款的商品已出库
  您选择的商品可以支付宝退款
  Your order no longer awaits payment. It ships today.
  We could not complete your purchase. Nothing was charged.
  Thank you for your purchase. Your payment is complete.
  You forgot your card at the counter. Come by any time.
  Do not forget to pay attention to the opening hours
  Your order is paid. It does not need payment at the door.
  There is no need to retry your payment. It went through.
  您的佣金尚未结算，结算后会通知您
`),
)
