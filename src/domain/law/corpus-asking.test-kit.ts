import { type CorpusCase, cases } from './corpus-case.test-kit.ts'

/** What asks for money, custom or a return in other words, and what vendors take for a game. */
export const ASKING_BAD: readonly CorpusCase[] = cases(`
  tencent | service | 您的王者点券已发货
  tencent | service | 您的steam激活码已发货
  tencent | service | 您的 S t e a m 激活码已发货
  tencent | service | 您的蒸汽平台 CDKey 已发货
  tencent | service | 您的点-券已到账，请查收
  tencent | service | 您的diǎn券已到账，请查收
  tencent | service | 您的原神月卡已到账
  tencent | service | 您的英雄联盟皮肤已发货
  cn | service | 您的Q币已到账
  aliyun | service | 您的魔兽世界时长已到账
  qiniu | service | 您购买的 Xbox 会员已开通
  huawei | service | 您的段位代打已完成
  tencent | service | 您的订单等着您呢，记得回来看看
  tencent | service | 您的宝贝还在等着你，有空回来逛逛
  tencent | service | 很久没见到您了，欢迎回来
  tencent | service | 您已许久未登录，我们很惦记您
  tencent | service | 期待您的回归，有新消息在等您
  tencent | service | 好久没有光顾了，回来坐坐吧
  cn | service | 记得回 来 看 看 您的收藏
  aliyun | service | 您收藏的商品还在购物车里，别忘了它
  tencent | service | 您有未完成的订单，请尽快处理
  tencent | service | 您有未完成的订单，请登录查看
  tencent | service | 您的订单尚未完成，请登录网站查看
  tencent | service | 您的订单即将关闭，请及时处理
  tencent | service | 请您尽快到店铺完成您这一单的款项支付
  tencent | service | 请于今晚 20:00 前完成支付
  tencent | service | 我们尚未收到您的款项，请核对
  tencent | service | 您的账单已出，请按时还清
  tencent | service | 您的尾款还没付，请登录网站
  qiniu | service | 您的订单还差一笔没结，请尽快结账
  tencent | service | 请尽快f款
  tencent | service | 请尽快付k
  tencent | service | 请尽快 F K，谢谢
  tencent | service | 请尽快fu款
  tencent | service | 请尽快亻寸款
  tencent | service | 请尽快负款
  tencent | service | 请尽快打钱，订单为您留着
  tencent | service | 送您一张优h券，请查看
  tencent | service | 您的钱包余额不足，请充钱
  tencent | service | 您的账户余额已不足，请及时充值
  tencent | service | 您的话费余额仅剩 2 元，请尽快续上
  tencent | service | 自动续费扣款失败，请您尽快处理
  tencent | service | 您的会员即将到期，请尽快续费
  cn | service | 您的钱包余额不足，请冲值
  tencent | service | 送您10元，快来
  tencent | service | 送您十元，请到店铺领取
  tencent | service | 赠你 20 块，速来
  tencent | service | 今日下单立减30元
  tencent | service | 满100减20，先到先得
  tencent | service | 全场3折起，手慢无
  tencent | service | 会员日大礼等您拿
  tencent | service | 新人专享，第二件半价
  tencent | service | 送 您 1 0 元，快 来
  cn | service | 送您10元，快来
  template | service | 送您10元，快来
  tencent | service | 您的CSGO饰品已发货
  tencent | service | 您的购物车里还有宝贝哦
  tencent | service | 您还有一个订单没付
  tencent | service | 请您把剩下的款补上
  tencent | service | 余额告急，请充值后使用
  tencent | service | 注册即送20元
  tencent | service | 全场五折
  tencent | service | 买二送一，今天截止
`)

/** Notices that use nearly the same words. */
export const ASKING_GOOD: readonly CorpusCase[] = cases(`
  tencent | service | 您的软件激活码已发货，请在店铺网站查看
  tencent | service | 您的早点券商店订单已确认
  tencent | service | 您的蒸汽熨斗已发货，预计明天送达
  cn | service | Your steam iron has shipped. It should arrive tomorrow.
  tencent | service | 您订的舞台道具已发货，请注意查收
  tencent | service | 您关注的“我的世界杯”纪念册已到货，请到店自提
  tencent | service | 您的跆拳道段位证书已寄出，请注意查收
  tencent | service | 快递员已到楼下，正在等您，请下楼取件
  tencent | service | 师傅在门口等着您，请带好取货单
  tencent | service | 您的蛋糕已做好，等您来取
  tencent | service | 您有未接来电，请尽快回来电，谢谢
  tencent | service | 您的退款申请我们会尽快处理，请放心
  tencent | service | 您的订单已完成，发票随货寄出
  tencent | service | 您的订单正在处理，完成后会再通知您
  tencent | service | 我们会尽快核对您的付款，请稍候
  tencent | service | 已收到您的款项，正在备货
  tencent | service | 您的付款已收到，尾箱钥匙请到店领取
  tencent | service | F款手机壳已发货，K款预计明天发出
  tencent | service | 您订的 C款 T恤已发货，请注意查收
  tencent | service | 您的账户余额已更新，请登录网站查看
  tencent | service | 您的充值已到账，余额可在网站查看
  tencent | service | 您的充电宝已归还，感谢使用
  tencent | service | 您的会员已续费成功，有效期到 2027 年 2 月 25 日
  tencent | service | 包裹已派送到您小区 2 单元，请注意查收
  tencent | service | 配送费 10 元已原路退回，请留意到账
  tencent | service | 您的订单满 3 件，已合并为一个包裹发出
  tencent | service | 请尽快来取您的快件，驿站 21:00 关门
  tencent | service | 您订的三折页宣传册已印好，请到店领取
  tencent | service | 随单的小样已送到您的地址，请查收
  tencent | service | 您的礼盒已送达前台，请注意查收
  tencent | service | 您的资料还没有完成审核，审核后会通知您
  cn | service | 您的订单即将送达，请保持电话畅通
  cn | service | 订单已由您的邻居代收，请回来后领取
  tencent | service | 您的设备还没付运，付运后会通知您
  tencent | service | 您的还书已登记，还清单可在网站查看
  tencent | service | 您预订的房间在 20 元素酒店，请携带证件
  tencent | service | 退款款项尚未到账时，请耐心等待
  tencent | service | 您的快递在等您签收，请回来后领取
  tencent | service | 请转告家人签收，谢谢
  cn | service | Your after-sale request is done. Come by any time.
`)
