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
`),
)
