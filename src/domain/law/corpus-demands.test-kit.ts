import { type CorpusCase, cases } from './corpus-case.test-kit.ts'

/** Plain demands for money, coupons under other characters, and price cuts: as people write them, and to slip through. */
export const DEMANDS_BAD: readonly CorpusCase[] = cases(`
  tencent | service | 请在30分钟内付款
  aliyun | service | 请在30分钟内支付
  huawei | service | 请在30分钟内完成付款
  cn | service | 请于30分钟内支付
  tencent | service | 请半小时内付款
  tencent | service | 请您于今日内付款
  aliyun | service | 请您及时付款
  huawei | service | 请速付款
  tencent | service | 请先付清
  cn | service | 记得付款
  tencent | service | 别忘记付款
  aliyun | service | 您还没给钱呢
  huawei | service | 订单等您付钱
  tencent | service | 订单等您买单
  cn | service | 等待您的支付
  tencent | service | 请您完成支付
  aliyun | service | 请把钱打过来
  huawei | service | 待付订单提醒
  tencent | service | 付款未成功，请重试
  cn | service | Do not forget to pay
  tencent | service | 您的订单{订单号}待处理，请在30分钟内完成支付，否则订单取消
  aliyun | service | 您的订单{订单号}待处理，请在30分钟内完成支付，否则订单取消
  tencent | service | 请 在 3 0 分 钟 内 付 款
  tencent | service | 请在三十分钟内付·款
  tencent | service | 请于24小時內付款
  aliyun | service | 请您务必在今晚24:00前支付订单
  tencent | service | 请您今日内把订单付清
  huawei | service | 麻烦您尽早把尾款付了
  tencent | service | 麻烦您付一下款
  cn | service | 请您付一下尾款
  tencent | service | 请付款，结果会通知您
  aliyun | service | 请您买单，车已备好
  tencent | service | 烦请于2小时之内完成付款
  tencent | service | 请在30分钟内亻寸款
  tencent | service | 请在30分钟内负款
  tencent | service | 请在30分钟内fukuan
  tencent | service | 请{{ order.no }}在30分钟内付款
  cn | service | 记得去支付哦
  tencent | service | 记 得 付 款 哦
  aliyun | service | 别忘了支付呀
  tencent | service | 勿忘付款
  tencent | service | 速付款，过时不候
  tencent | service | 请速速结账
  huawei | service | 请快速支付
  tencent | service | 店家在等您的付款
  tencent | service | 订单一直在等你结账
  aliyun | service | 您还没交钱
  tencent | service | 请把货款转过来
  tencent | service | 请将款项打过来
  tencent | service | 支付没成功，请您再试一次
  tencent | service | 请再付一次
  tencent | service | 30分钟内未付清将取消，请付清
  tencent | service | 限今日内完成支付
  tencent | service | 请尽快支付宝贝的尾款
  tencent | service | 请在付款页完成支付
  cn | service | Remember to pay for your order
  tencent | service | We are waiting for your payment
  tencent | service | Please complete payment within 30 minutes
  aliyun | service | Please make your payment today
  tencent | service | 未支付，请支付，已取消的订单不能恢复
  aliyun | service | 由于未支付，请尽快付款，否则订单已关闭
  tencent | service | 订单请付款，未付款已取消
  huawei | service | 您的订单未支付，即将自动取消
  tencent | service | 订单超时未付款将自动关闭
  cn | service | 未支付已取消的订单，请重新支付
  tencent | service | 代金卷已到账
  aliyun | service | 抵扣卷已到账
  huawei | service | 现金卷已到账
  cn | service | 领卷请到店铺
  tencent | service | 消费卷已到账
  tencent | service | 又惠券已到账
  tencent | service | 游惠券已到账
  aliyun | service | 有惠券已到账
  huawei | service | イ尤惠券已到账
  tencent | service | 优慧券已到账
  tencent | service | 忧惠券已到账
  tencent | service | 您的ｲ尤惠券已到账
  tencent | service | 您的优汇券已到账
  tencent | service | 您的优惠圈已到账
  tencent | service | 您的优惠捲已到账
  tencent | service | 满减卷已放入账户
  tencent | service | 折 扣 卷 已到账
  aliyun | service | 您有一张代金劵未使用
  tencent | service | 您有一张抵用卷未使用
  cn | service | 您有一张无门槛卷
  tencent | service | 卡卷已放入您的账户
  tencent | service | 购物返禾リ已到账，请查看
  tencent | service | 限时8折
  aliyun | service | 8.8折优惠
  huawei | service | 五折
  tencent | service | 免单
  cn | service | 全部商品八点五折
  tencent | service | 会员日 9 折
  tencent | service | 今日下单 ７ 折
  tencent | service | 五折叠加满减
  tencent | service | 今日下单即可免单
  aliyun | service | 抽一位免 单
  huawei | service | 第二件5折
  cn | service | 请打开 shop%2Eexample%2Ecn 查看
  tencent | service | 请打开 shop example cn 查看
  cn | service | 请打开 payshop%2ecom 查看
  cn | service | 请打开 payshop%252Ecom 查看
  cn | service | 请打开 payshop&#46;com 查看
  cn | service | 请打开 payshop com 查看
  cn | service | 请打开 my　shop　cn 查看
  aliyun | service | 请打开 ｓｈｏｐ ｅｘａｍｐｌｅ ｃｎ 查看
`)

/** Notices beside them that ask for nothing and offer nothing. */
export const DEMANDS_GOOD: readonly CorpusCase[] = cases(`
  tencent | service | 您的订单因超时未支付已取消
  aliyun | service | 由于未支付，订单已关闭
  huawei | service | 订单超时未付款，已自动关闭
  cn | service | 您的订单因逾期未付款已被系统自动取消
  tencent | service | 因超时未支付，您的订单已取消，如有疑问请联系客服
  qiniu | service | 订单 {订单号} 超时未支付，系统已自动关闭
  tencent | service | 订单30分钟内未付款，已自动取消
  aliyun | service | 由于超时未完成支付，该订单已自动取消
  tencent | service | 支付成功，我们正在备货
  aliyun | service | 您的订单支付成功，短码 {订单短码}
  huawei | service | 付款已收到，预计明天发货
  tencent | service | 您已完成支付，请留意发货通知
  cn | service | 您已在30分钟内完成支付，订单已确认
  tencent | service | 请勿重复支付，您的订单已付款成功
  aliyun | service | 请不要重复付款，第一笔已到账
  tencent | service | 您的付款正在确认，请稍候
  tencent | service | 正在等待付款结果，请稍候查看
  huawei | service | 请在付款后7天内申请发票
  cn | service | 请您在支付宝查看退款进度
  tencent | service | 您的支付密码已修改，如非本人操作请联系客服
  tencent | service | 请保管好支付凭证，取货时出示
  aliyun | service | 您的快速支付功能已开通
  tencent | service | 请以此短信作为支付凭证
  tencent | service | 国内支付渠道维护至今晚 23:00
  huawei | service | 请记得带付款凭证到店取货
  tencent | service | 我们已把退款打到您的卡上，请留意
  cn | service | 退款已转回您的账户，请查收
  tencent | service | 请把收货地址发给客服
  tencent | service | 请到缴费处领取发票
  cn | service | 您的现金全额退回
  tencent | service | 会员优惠权益已更新
  tencent | service | 已结清付款，发票随货寄出
  tencent | service | 等待您的签收，快递员已到楼下
  aliyun | service | 您买的单车已到店，请来取
  tencent | service | 您的问卷已收到，感谢填写
  aliyun | service | 模拟试卷已寄出，请注意查收
  huawei | service | 您订的卷纸已出库
  tencent | service | 消费卷宗已归档，可到窗口查阅
  tencent | service | 您购买的卷尺和卷发棒已发货
  cn | service | 请到服务台领卷纸一提
  tencent | service | 您订的翻领卷边衬衫已发货
  aliyun | service | 打印机卡卷纸的问题已修好
  tencent | service | 您的三折叠手机已发货
  aliyun | service | 您订的折叠桌已出库
  huawei | service | 您的五折伞已发货，请注意查收
  tencent | service | 您订的四折屏风已送达
  cn | service | 您的订单 12345 折叠床已出库
  tencent | service | 免单独预约，直接到店即可
  aliyun | service | 为避免单号填错，请核对后寄回
  huawei | service | 检验已免，单据随货寄出
  tencent | service | 一波三折，您的包裹终于到站
  cn | service | 您的优惠已生效
  tencent | service | 您的圈层活动报名成功
  tencent | service | 又会有新的包裹送达，请留意
  cn | service | Ships with YTO EXPRESS CN. It should arrive tomorrow.
  cn | service | Your parcel left the US and is on its way to CN.
  cn | service | Net weight 3 kg. Gross and net are on the label.
  cn | service | Your payment is complete. Thank you.
`)
