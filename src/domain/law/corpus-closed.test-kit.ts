import { type CorpusCase, cases, inTurn, LAWS, lines, under } from './corpus-case.test-kit.ts'

/** That an order is closed already: innocent, as long as nothing is asked for. */
const NOTICES = lines(`
  由于未支付，订单已关闭
  您的订单因超时未支付已取消
  订单超时未付款，已自动关闭
  您的订单未付款已取消
  因未付款，订单已取消
`)

/** What asks for the money all the same, behind such a notice or alone. */
const TAILS = lines(`
  点此付款
  付款即恢复
  可重新付款
  付款后恢复
  现在付款可恢复
  回来付款
  补付即可
  再付款一次
  还可付款
  付款入口仍开放
  打开小程序付款
  您仍可付款
  付款后即可发货
  登录付款
  可继续支付
  支付后恢复
  等您回来支付
  点击支付
`)

const NOTICES_EN = lines(`
  Your order was cancelled because it was not paid in time
  Your order was not paid and has been closed
  Order closed: payment was not received
`)

const TAILS_EN = lines(`
  Tap here to pay
  Click to pay
  Log in to pay
  Open the app to pay
  Come back and pay
  You can still pay
  It can still be paid
  Pay again to restore it
  Pay to restore it
  Paying now restores it
  Once you pay, it is restored
  Payment restores the order
`)

/** The same under characters that read alike, and in other words. */
const DISGUISED = lines(`
  您的订单因超时未支付已取消，点 此 付·款
  您的订单因超时未支付已取消，现在负款可恢复
  您的订单因超时未支付已取消，点此fukuan
  您的订单因超时未支付已取消，点此亻寸款
  您的订单因超时未支付已取消，回来付k即恢复
  您的订单因超时未支付已取消，現在付款可恢復
  您的订单因超时未支付已取消，转账给店主可恢复
  您的订单因超时未支付已取消，想要的话把钱打过来
  您的订单因超时未支付已取消，结账入口还开着
  您的订单因超时未支付已取消，补交货款即可发货
  您的订单因超时未支付已取消，点击恢复订单
  您的订单因超时未支付已取消，登录即可恢复订单
  您的订单因超时未支付已取消，换个支付方式可恢复
  您的订单因超时未支付已取消，用支付宝付款可恢复
  您的订单因超时未支付已取消，打开支付宝支付
  点此付款，您的订单因超时未支付已取消
  付款可恢复：您的订单因超时未支付已取消
  您的订单{% if order.no %} {{ order.no }} {% endif %}因超时未支付已取消，点此付款
  您的订单因超时未支付已取消{% if order.no %}，点此付款{% endif %}
  您的订单超过支付时间未付款已取消，现在付款可恢复
  请打开支付宝支付
  打开支付宝付款
  点击下方链接支付
  点开小程序完成付款
  进入商城支付
  回到订单页付款
  您现在可以付款
  订单依然可以支付
  补付差额后恢复
  付清即恢复发货
  支付通道仍然有效
  付款链接依旧可用
`)

/** And what else people write behind it. */
const FURTHER = lines(`
  您的订单因超时未支付已取消，想继续就付一下
  您的订单因超时未支付已取消，付了就恢复
  您的订单因超时未支付已取消，款到即恢复
  您的订单因超时未支付已取消，点此续付
  您的订单因超时未支付已取消，您还来得及付款
  您的订单因超时未支付已取消，扫码支付
  您的订单因超时未支付已取消，复制链接付款
  您的订单因超时未支付已取消，可用花呗付款
  您的订单因超时未支付已取消，订单恢复入口已打开
  您的订单因超时未支付已取消，一键恢复
  支付后订单将为您恢复
  付完款就恢复
  刷卡即可恢复
  去小程序付款
  重新下单并付款
  只需付款
  付款还来得及
  现在支付宝付款
  点此支付宝贝的货款
  Go to the app and pay
  Complete the payment to restore it
  Finish paying in the app
  Pay in the app to get it back
  Restore it by paying today
  Pay and we restore it
  Order expired. Pay again
`)

export const CLOSED_BAD: readonly CorpusCase[] = [
  ...inTurn(NOTICES.flatMap((notice) => TAILS.map((tail) => `${notice}，${tail}`))),
  ...under(
    ['cn'],
    NOTICES_EN.flatMap((notice) => TAILS_EN.map((tail) => `${notice}. ${tail}.`)),
  ),
  ...under(LAWS, TAILS),
  ...inTurn([...TAILS_EN, ...DISGUISED, ...FURTHER]),
]

/** Notices of closing that ask for nothing, and words beside that name payment as something else. */
export const CLOSED_GOOD: readonly CorpusCase[] = [
  ...under(LAWS, NOTICES),
  ...under(['cn'], NOTICES_EN),
  ...cases(`
  tencent | service | 您的订单因超时未支付已取消，库存已释放
  aliyun | service | 您的订单因超时未支付已取消，如有疑问请联系客服
  huawei | service | 订单超时未付款，已自动关闭，感谢您的关注
  qiniu | service | 因未付款，订单已取消，您无需操作
  volcengine | service | 您的订单未付款已取消，无需再付款
  cn | service | 由于未支付，订单已关闭，请勿重复付款
  tencent | service | 您的订单因超时未支付已取消，如已付款请联系客服
  aliyun | service | 您的订单因超时未支付已取消，若您已支付，款项将原路退回
  huawei | service | 由于未支付，订单已关闭，已付款项会退回您的支付宝
  cn | service | 您的订单因超时未支付已取消，优惠资格已退回账户
  tencent | service | 订单超时未付款，已自动关闭，如对支付有疑问请联系客服
  qiniu | service | 您的订单超过支付时间未付款已取消
  tencent | service | 由于超过付款期限未支付，订单已自动关闭
  aliyun | service | 您的订单因逾期未支付已失效
  cn | service | 您的支付宝退款已到账，可登录支付宝查看
  tencent | service | 请打开支付宝查看退款进度
  aliyun | service | 点击支付记录可查看明细
  huawei | service | 现在支付系统已恢复，给您带来不便请谅解
  tencent | service | 系统维护期间不可支付，维护结束后另行通知
  cn | service | 今晚维护期间不能付款，请谅解
  tencent | service | 您可在付款后7天内申请发票
  aliyun | service | 您可以在支付记录里下载电子发票
  huawei | service | 预售商品将在付款后15天内发货
  qiniu | service | 您选择了货到付款，送货员会提前联系您
  tencent | service | 您选择到店支付，门店已为您登记
  volcengine | service | 您在小程序支付的订单已发货，请注意查收
  cn | service | 您登录的支付密码已修改，如非本人操作请联系客服
  tencent | service | 支付通道已恢复，感谢您的耐心
  aliyun | service | 快递公司已为您补付运费，您无需操作
  huawei | service | 打开小程序可查看物流，付款记录在订单页
  tencent | service | 恢复发货通知：您的订单已付款，今日出库
  cn | service | 系统已恢复，您的订单支付成功
  cn | service | 您登录网站支付的订单已发货，请注意查收
  tencent | service | 感谢您登录小程序完成付款，我们正在备货
  aliyun | service | 现在付款人数较多，发货可能延迟
  huawei | service | 您可对付款提出异议，客服会在一天内答复
  qiniu | service | 您的订单因超时未支付已取消，已付款的订单不受影响
  cn | service | 现在您的付款已收到，正在备货
  cn | service | We still pay the postage for you.
  cn | service | We take Apple Pay here. It is quick and safe.
  cn | service | Payment restored: our system works as before.
  cn | service | Your payment was received. The order is restored.
  cn | service | You do not need to pay again. The order is complete.
  tencent | service | Thank you for paying in our app. It ships today.
  aliyun | service | Your order is closed. There is nothing to pay.
  cn | service | You can still return the goods. Open the app to see how.
`),
]
