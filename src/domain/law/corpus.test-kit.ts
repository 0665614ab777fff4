import { ASKING_BAD, ASKING_GOOD } from './corpus-asking.test-kit.ts'
import { type CorpusCase, cases } from './corpus-case.test-kit.ts'
import { CLOSED_BAD, CLOSED_GOOD } from './corpus-closed.test-kit.ts'
import { DEMANDS_BAD, DEMANDS_GOOD } from './corpus-demands.test-kit.ts'
import { NOTICES_BAD, NOTICES_GOOD } from './corpus-notices.test-kit.ts'

export type { CorpusCase }

/** What must not pass: plain, and in every disguise. */
export const BAD: readonly CorpusCase[] = [
  ...ASKING_BAD,
  ...CLOSED_BAD,
  ...DEMANDS_BAD,
  ...NOTICES_BAD,
  ...cases(String.raw`
  cn | service | 您的订单已更新，请打开 https://pay.example.com/o/8fK2 查看
  cn | service | 您的订单已更新，请打开 {订单链接} 查看
  cn | service | 您的订单已更新，请打开 {{ links.pay }} 查看
  cn | service | 请到 {{ links.order | remove: 'https://' }} 查看您的订单
  cn | service | {% assign u = links.order %}请到 {{ u }} 查看您的订单
  cn | service | 您的订单已更新，{{ extra.note }} 请查看
  cn | service | 您的订单已更新，请打开 {{ order.pay_url }} 查看
  cn | service | 请打开 {{ 'pay.example' | append: '.com' }} 查看您的订单
  cn | service | 请打开 {{ 'ht' | append: 'tps' }} 查看您的订单
  cn | service | 请打开 h t t p s : / / pay . example . com 查看
  cn | service | 请打开 ｈｔｔｐｓ：／／ｐａｙ．ｅｘａｍｐｌｅ．ｃｏｍ 查看
  cn | service | 请打开 pay.exam\u200bple.c\u200bom 查看您的订单
  cn | service | 请打开 pay\u200b.\u200bcom 查看您的订单
  cn | service | 请打开 payshop。com 查看您的订单
  cn | service | 请打开 payshop点com 查看您的订单
  cn | service | 请打开 payshop 点 cn 查看您的订单
  cn | service | 请打开 payshop點com 查看您的订单
  cn | service | 请打开 payshop·com 查看您的订单
  cn | service | 请打开 payshop•cn 查看您的订单
  cn | service | 请打开 payshop(dot)com 查看您的订单
  cn | service | 请打开 payshop dot com 查看您的订单
  cn | service | 请打开 payshop【点】com 查看您的订单
  cn | service | 请打开 payshop🔴com 查看您的订单
  cn | service | 请打开 payshop。c o m 查看您的订单
  cn | service | 请打开 p a y s h o p . c o m 查看您的订单
  cn | service | 请打开 payshop.c0m 查看您的订单
  cn | service | 请打开 раyshор.соm 查看您的订单
  cn | service | 请打开 ⓟⓐⓨⓢⓗⓞⓟ.ⓒⓞⓜ 查看您的订单
  cn | service | 请打开 𝐩𝐚𝐲.𝐬𝐡𝐨𝐩 查看您的订单
  cn | service | 请打开 www payshop com 查看您的订单
  cn | service | 请打开 hxxp payshop 查看您的订单
  cn | service | 请打开 t.cn/A6xyz 查看您的订单
  cn | service | 请打开 203.0.113.9 查看您的订单
  cn | service | 请打开 商城.中国 查看您的订单
  cn | service | 请打开 payshop,com 查看您的订单
  cn | service | 请打开 payshop、com 查看您的订单
  cn | service | 请打开 payshop丶com 查看您的订单
  cn | service | 请打开 payshop.vip/8k2 查看您的订单
  cn | service | 请打开 https://shop.example.cn/d/8fK2 查看您的订单
  cn | service | 请打开 https://shop.example.cn.evil.com 查看
  cn | service | 请打开 {{ links.registered }}/{{ order.no }} 查看
  cn | service | 请打开 {{ links.registered }}?n={{ order.short_code }} 查看
  cn | service | 请打开 payshop{{ order.no }}com 查看您的订单
  cn | service | 请打开 shopdotcom 查看您的订单
  cn | service | 请打开 店铺点com 查看您的订单
  cn | service | 请打开 shop.xn--fiqs8s 查看您的订单
  cn | service | 请打开 s-h-o-p-.-c-o-m 查看您的订单
  cn | service | 请打开 shop@com 查看您的订单
  cn | service | 请打开 https：shop 查看您的订单
  cn | service | 您的遊、戯已到账
  cn | service | 您的y0uxi道具已到账
  cn | service | 您的優恵券到账，请查看
  cn | service | 您的咔蜜已生成，请查看
  cn | service | 您的虚拟货帀已到账
  cn | service | 您的P0S机已激活
  cn | service | 您的赌愽账户已更新
  cn | service | 您的召迴活动已开始
  cn | service | 您的游戏道具已到账
  cn | service | 您的游 戏道具已到账
  cn | service | 您的游·戏道具已到账
  cn | service | 您的游😀戏道具已到账
  cn | service | 您的游\u200b戏道具已到账
  cn | service | 您的遊戲道具已到账
  cn | service | 您的遊戏道具已到账
  cn | service | 您的youxi道具已到账
  cn | service | 您的Y-O-U-X-I道具已到账
  cn | service | 您的ｙｏｕｘｉ道具已到账
  cn | service | 您的yóuxì道具已到账
  cn | service | 您的游xi道具已到账
  cn | service | 您的you戏道具已到账
  cn | service | 您的氵斿戏道具已到账
  cn | service | 您的氵字戏道具已到账
  cn | service | 您的游又戈道具已到账
  cn | service | 您的由戏道具已到账
  cn | service | 您的游系道具已到账
  cn | service | 您的游1戏道具已到账
  cn | service | 您的游{{ order.no }}戏道具已到账
  cn | service | 您的{{ '游' | append: '戏' }}道具已到账
  cn | service | 您的游{% comment %}一二三四{% endcomment %}戏道具已到账
  cn | service | 您的手.游账号已更新
  cn | service | 送您一张优惠券，请到店铺查看
  cn | service | 送您一张優惠券，请到店铺查看
  cn | service | 送您一张优惠劵，请到店铺查看
  cn | service | 送您一张优会券，请到店铺查看
  cn | service | 送您一张优 惠 券，请到店铺查看
  cn | service | 送您一张优hui券，请到店铺查看
  cn | service | 送您一张youhuiquan，请到店铺查看
  cn | service | 送您一张亻尤惠券，请到店铺查看
  cn | service | 送您一张YHQ，请到店铺查看
  cn | service | 送您一张悠惠券，请到店铺查看
  cn | service | 送您一张优★惠★券，请到店铺查看
  cn | service | 您的卡密已生成，请到店铺查看
  cn | service | 您的卡蜜已生成，请到店铺查看
  cn | service | 您的卡-密已生成，请到店铺查看
  cn | service | 您的kami已生成，请到店铺查看
  cn | service | 您的咔密已生成，请到店铺查看
  cn | service | 您的上卜密已生成，请到店铺查看
  cn | service | 【催款】请处理您的订单
  cn | service | 摧款通知：请处理您的订单
  cn | service | 催 款 通 知：请处理您的订单
  cn | service | cuikuan通知：请处理您的订单
  cn | service | 亻崔款通知：请处理您的订单
  cn | service | 催kuan通知：请处理您的订单
  cn | service | 您有一笔欠款，请尽快处理
  cn | service | 老朋友召回活动，请到店铺查看
  cn | service | 老朋友罩回活动，请到店铺查看
  cn | service | 用户召-回：请到店铺查看
  cn | service | 好久不见，请到店铺查看
  cn | service | 虚拟货币到账通知
  cn | service | 虚 拟 币到账通知
  cn | service | 虚拟貨幣到账通知
  cn | service | xunihuobi到账通知
  cn | service | U.S.D.T 到账通知，请查看
  cn | service | 您的POS机已激活
  cn | service | 您的ＰＯＳ机已激活
  cn | service | 您的P.O.S.机已激活
  cn | service | 您的POS機已激活
  cn | service | 您的POSji已激活
  cn | service | 购物返利已到账，请查看
  cn | service | 购物反利已到账，请查看
  cn | service | 购物返|利已到账，请查看
  cn | service | 购物fanli已到账，请查看
  cn | service | 购物返禾刂已到账，请查看
  cn | service | 请加微信领取您的订单
  cn | service | 请加 V 信领取您的订单，加V信 shop88
  cn | service | 请加薇信领取您的订单
  cn | service | 您的订单实付¥128，请查看
  cn | service | 您的订单实付￥128，请查看
  cn | service | ★您的订单已更新，请查看
  cn | service | 【星河】您的订单已更新，请查看
  cn | service | {{ order.no }}
  cn | service | {{ order.no }}，{{ order.short_code }}。
  tencent | service | 请 付 款
  aliyun | service | 请 付 款
  tencent | service | 还差一步付款哦
  aliyun | service | 还差一步付款哦
  tencent | service | 您有未结清款项
  aliyun | service | 您有未结清款项，请到店铺查看
  tencent | service | 请尽快交费
  aliyun | service | 请尽快交費
  cn | service | 您的订单请尽快缴 费，请到店铺查看
  cn | service | 您的订单就差付·款了
  huawei | essential | 您的订单等待您付款
  qiniu | service | 您的订单请及时支付，逾期取消
  cn | service | 请加微信支付群领取您的订单
  cn | service | 请打开 淘宝点康姆 查看
  cn | service | 请打开 店铺 點 康姆 查看
  cn | service | 请打开 shop.例子 查看
  cn | service | 请打开 shop.網站 查看
  cn | service | 请打开 shop.香港 查看
  cn | service | 请打开 shop/example/cn 查看
  cn | service | 请打开 ｓｈｏｐ／example／cn 查看
  cn | service | 请打开 payshop/com 查看
  cn | service | 请打开 asp.net/x 查看
  cn | service | 请打开 asp.net 查看
  cn | service | 您的订单已付款 {{ "优惠" }}券
  cn | service | 您的订单已付款 {{ "优惠券" }}，请到店铺查看
  cn | service | 您的订单已付款 {{ "\\u4f18惠" }}券
  cn | service | 您的订单已付款 优{{- " 惠" -}} 券
  cn | service | 您的订单已付款 {% assign a = "优惠" %}{{ a }}券
  cn | service | {% assign a="优惠券" %}您的订单已付款，请查看 {{ a }}
  cn | service | {% assign a = "优惠" %}{% assign b = a %}您的订单已付款，请查看 {{ b }}券
  cn | service | {% if code %}{% assign a = "手机" %}{% else %}{% assign a = "优惠" %}{% endif %}您的订单已付款 {{ a }}券
  cn | service | 您的订单已付款 {% if code %}优惠{% else %}收货{% endif %}券已更新
  cn | service | 您的订单已付款 优惠{% if code %}码放整齐{% else %}券{% endif %}，请查看
  cn | service | 您的订单已付款 优{% case order.no %}{% when "1" %}质{% when "2" %}惠{% endcase %}券
  cn | service | 您的订单已付款 优{% unless code %}质服务{% endunless %}惠券
  cn | service | 您的订单已付款 {{ order.status | default: "优惠" }}券
  cn | service | 您的订单已付款 {{ stock.left | plural: one: "# 优惠", other: "#" }}券
  cn | service | {% assign links = "优惠券" %}您的订单已付款，请查看 {{ links }}
  cn | service | {% assign a = "优惠" %}{% assign a = "手机" | replace: "手机", "优惠" %}您的订单已付款，请查看 {{ a }}券
  cn | service | 您的订单已付款 {{ "券惠优" | split: "" | reverse | join: "" }}
  cn | service | 您的订单已付款 {{ "券惠优" | slice: 1, 2 }}
  cn | service | 您的订单已付款 {{ order.no | replace: "1", "优惠券" }}
  cn | service | 您的订单已付款 {{ order.no | truncate: 1, "优惠券" }}
  cn | service | 您的订单已付款 {{ order.no | default: links.order }}
  cn | service | 您的订单已付款 {% for i in (1..1) %}优{% endfor %}惠券
  cn | service | 您的订单已付款 {% echo "优惠" %}券
  cn | service | {% capture a %}优惠{% endcapture %}您的订单已付款 {{ a }}券
  cn | service | 您的订单已付款 {% liquid assign a = "优惠券" %}
  cn | service | 您的订单已付款 {% tablerow i in order.items %}优惠券{% endtablerow %}
  cn | service | 您的订单已付款 {% raw %}优惠{% endraw %}券
  cn | service | {% assign a = "a." %}您的订单已付款，请打开 {{ a }}cn/x
  cn | service | 您的订单已付款，请打开 a.{% assign x="cn" %}{{ x }}
  cn | service | 您的订单已付款，请打开 a.{%- assign x = 1 %} cn/x
  cn | service | 您的订单已付款，请打开 {{ order.no | append: ".cn" }}
  cn | service | 您的订单已付款，请打开 {{ ".cn" | prepend: order.no }}
  cn | service | 您的订单已付款，请打开 {{ order.no }}.cn/x
  cn | service | 您的订单已付款，请打开 {{ order.no }}shop.cn
  cn | service | 您的订单已付款，请打开 shop.{{ order.no }}
  cn | service | 您的订单已付款，请打开 shop.c{{ order.no }}n
  us | service | Your order has news: {{ "bit" | append: ".ly" }}/3abc
  us | service | Your order has news: {% assign a = "bit." %}{{ a }}ly/3abc
  us | promotion | New things are in our shop. {% if code %}Reply STOP to opt out{% endif %}
  template | service | 您的订单已更新，送您一张{{ "优惠" }}券
  cn | pay | 您的订单还没有付款，请到店铺继续
  cn | pay | 您的订单待支付，请到店铺查看
  cn | pay | 您的订单待 支 付，请到店铺查看
  cn | promotion | 本店上新，欢迎到店铺看看
  tencent | pay | 您的订单有更新，请到店铺查看
  tencent | service | 您的订单{{ order.no }}{{ order.short_code }}已更新
  tencent | service | 您的订单：{{ order.no }} {{ order.short_code }}
  tencent | service | 订单已更新 & 请到店铺查看
  tencent | service | 贷款额度已更新，请到店铺查看
  tencent | service | 您的理财订单已更新
  tencent | service | 全场打折，请到店铺查看
  tencent | service | 订单已更新，促 销 进行中
  tencent | promotion | 本店有新消息，欢迎到店铺看看，回T退订
  aliyun | pay | 您的订单有更新，请到店铺查看
  aliyun | service | 您的订单已更新，请到店铺查看，拒收请回复R
  aliyun | service | 您的订单已更新，请到店铺查看，回T退订
  aliyun | promotion | 本店有新消息，欢迎到店铺看看，回T退订
  huawei | pay | 您的订单有更新，请到店铺查看
  huawei | promotion | 会员{{ order.no }}，本店有新消息，拒收请回复R
  huawei | service | 您的法律维权订单已更新
  qiniu | pay | 您的订单有更新，请到店铺查看
  qiniu | promotion | 回TD退订，本店有新消息，欢迎到店铺看看
  volcengine | pay | 您的订单状态有更新，请在 {备案链接} 输入短码 {订单短码} 查看
  volcengine | service | 您的手游订单已更新
  volcengine | essential | 您的彩票验证码为 {验证码}，请尽快使用
  volcengine | service | 您的贷款订单已更新，请到店铺查看
  volcengine | service | 您的订单已更新 √ 请到店铺查看
  volcengine | promotion | 会员{{ order.no }}，本店有新消息，拒收请回复R
  us | promotion | New things are in our shop. See shop.example
  us | service | Your order has news: https://bit.ly/3abc
  us | service | Your order has news: b i t . l y / 3 a b c
  template | promotion | 本店有新消息，欢迎到店铺看看
  template | service | 您的订单已更新，送您一张优惠券
  template | service | 您的订单已更新，会员充值卡到账
`),
]

/** Real-looking notices that must pass. */
export const GOOD: readonly CorpusCase[] = [
  ...ASKING_GOOD,
  ...CLOSED_GOOD,
  ...DEMANDS_GOOD,
  ...NOTICES_GOOD,
  ...cases(`
  cn | service | 您的订单 {订单号} 已发货，请注意查收
  cn | service | 您的订单状态有更新，请在 https://shop.example.cn/d 输入短码 {订单短码} 查看
  cn | service | 您的订单状态有更新，请在 {备案链接} 输入短码 {订单短码} 查看
  cn | service | 您的订单有更新，短码 {{ order.short_code }}，请在 shop.example.cn/d 查看
  cn | pay | 您的订单状态有更新，请在 {备案链接} 输入短码 {订单短码} 查看
  cn | essential | 验证码 {验证码}，用于查看您的订单，请尽快使用，勿告诉他人
  cn | essential | 您的订单已付款成功，可在 {备案链接} 输入短码 {订单短码} 查看
  cn | service | 您的包裹已到达菜鸟驿站，请凭取件码 {订单短码} 领取
  cn | service | 您预约的安装服务已改到 11 月 26 日 14:30，如需调整请联系客服
  cn | service | 您的退款已原路退回，预计 1 至 3 个工作日到账
  cn | service | 订单 {订单号} 的发票已开具，请到店铺网站下载
  cn | service | 您的会员将在 7 天后到期，如需帮助请联系客服
  cn | service | 您好，您在本店购买的课程已开通，请登录网站学习
  cn | service | 您的旅游系列产品订单已确认，出行前请携带证件
  cn | service | 请按照回执上的时间到店取货
  cn | service | 问题现已解决，给您带来的不便我们深表歉意
  cn | service | 您下单时选择的往返线路已确认
  cn | service | 请等待款项原路退回，无需操作
  cn | service | 您的订单已关闭，款项将退还给您，退还款项以银行到账为准
  cn | service | 页面有点卡时，请刷新后再试
  cn | service | 您留下注册手机号后四位即可取货
  cn | service | 您反馈的问题我们已收到，客服会在 24 小时内联系您
  cn | service | 您有新的客服回复，请登录网站查看
  cn | service | 您购买的空包装箱已出库
  cn | service | 您的头发卡子订单已签收
  cn | service | 订单 {订单号} 已取消，如有疑问请致电 400-800-1234
  cn | service | 您的快递由邮政承运，单号 {订单号}，请注意查收
  cn | service | 您的银行卡尾号 1234 退款成功，请留意
  cn | service | 增加群众体验活动场次，时间改到周六 10:00
  cn | service | 版本 2.3.1 已更新，请升级后继续使用
  cn | service | 您的订单重 3.5 公斤，共 2 件，已交承运商
  cn | service | 取件时间：9:00-18:00；地址：人民路 8 号
  cn | service | 您预订的手机金色款已到货，请到店自提
  cn | service | 保险起见，请在签收前开箱检查
  cn | service | 您的订单编号 20261125.0815，请保存好
  cn | service | 您的订单已完成，感谢您的支持。如需售后，请在 7 天内联系客服
  cn | service | 您申请的换货已通过，请在 3 日内寄回
  cn | promotion | 本店有新消息，欢迎到店铺网站看看，拒收请回复R
  cn | promotion | 会员日就在本周六，欢迎到店，回T退订
  tencent | service | 您的订单 {订单号} 已发货，预计明天送达
  tencent | service | 您的订单状态有更新，请在 {备案链接} 输入短码 {订单短码} 查看
  tencent | service | 您的订单 {订单号} 已签收，短码 {订单短码} 可在网站查询
  tencent | essential | {验证码} 为您的登录验证码，请于 5 分钟内填写，如非本人操作，请忽略本短信
  tencent | service | 尊敬的用户，您的售后申请已受理，客服将在一个工作日内联系您
  tencent | service | 您的快件已由门卫代收，请及时领取
  tencent | service | 您购买的季度会员已开通，有效期到 2027 年 2 月 25 日
  tencent | service | 您的订单因库存不足无法发货，款项已原路退回
  tencent | service | 系统将于今晚 23:00 到次日 1:00 维护，期间无法下单
  tencent | service | 您预约的上门维修时间为 11 月 27 日上午，师傅会提前联系您
  tencent | promotion | 本周六店庆，欢迎到店参观，拒收请回复R
  aliyun | service | 您的订单 {订单号} 已确认，请耐心等待发货
  aliyun | service | 您的快递已放入自提柜，取件码 {订单短码}，请于 24 小时内领取
  aliyun | essential | 您的验证码为 {验证码}，5 分钟内有效，请勿泄露
  aliyun | service | 您的订单状态有更新，请在 {备案链接} 输入短码 {订单短码} 查看
  aliyun | service | 您报修的设备已修好，请凭短码 {订单短码} 到店领取
  aliyun | promotion | 新一季的课程表已经公布，欢迎登录网站查看，拒收请回复R
  huawei | service | 您的订单 {订单号} 已出库，请保持电话畅通
  huawei | essential | 验证码：{验证码}，10 分钟内有效
  huawei | service | 您的设备已激活，保修期自今日起计算
  huawei | promotion | 尊敬的会员，本周六店庆，欢迎到店，拒收请回复R
  qiniu | service | 您的订单 {订单号} 已发货，请注意查收
  qiniu | essential | 您的验证码是 {验证码}，请在页面中输入
  qiniu | promotion | 尊敬的会员，本周六店庆，欢迎到店，回T退订
  volcengine | service | 您的订单 {订单号} 已完成，感谢您的信任
  volcengine | essential | 您的验证码为 {验证码}，5 分钟内有效，请勿泄露
  volcengine | promotion | 尊敬的会员，本周六店庆，欢迎到店，拒收请回复R
  volcengine | service | 您的订单状态有更新，请在 {备案链接} 输入短码 {订单短码} 查看
  cn | service | Your order {order.no} has shipped. It should arrive tomorrow.
  cn | service | Your order is ready. Please bring your ID. Top quality is what we aim for.
  cn | service | Hi, your repair is done. Come by any time. Info at our desk.
  cn | service | Your appointment moved to 2:30 p.m. on Nov. 26, e.g. right after lunch.
  cn | essential | {code} is the code for your order page. Do not share it.
  cn | service | Refund sent. It takes 1-3 days. Me and the team say sorry.
  cn | service | Version 1.2.3 is out. Net weight 3.5 kg. To track it, ask us.
  cn | service | 您的微信支付已成功
  tencent | service | 您的微信支付已成功，订单已确认
  aliyun | service | 您已通过微信支付完成付款，感谢惠顾
  cn | service | 您的支付宝付款已收到，正在备货
  cn | service | 您报名的 ASP.NET 课程已开课，请按时参加
  cn | service | 您的退款申请支付宝已受理，请留意到账通知
  cn | service | 您的款项已结清，发票随货寄出
  cn | service | 您申请付款给供应商的单据已通过
  cn | service | 线路 US/CN/HK 的包裹已到港
  cn | service | 尺码 S/M/L 均已补齐，您可到店试穿
  cn | service | Your order is ready.请到店领取
  cn | service | 您的订单还差一步确认，请到店铺网站查看
  cn | service | 您的订单 {{ order.no | default: "（无编号）" }} 已发货，请注意查收
  cn | service | {% assign no = order.no | upcase %}您的订单 {{ no }} 已发货，请注意查收
  cn | service | 您的订单{% if order.no %} {{ order.no }} {% endif %}已发货，{% if stock.left > 3 %}其余商品随后发出{% else %}请注意查收{% endif %}
  cn | service | 您的订单 {{ order.no }} 请在 {{ order.expires_at | date: "short" }} 前到店领取
  cn | service | {%- comment -%} 只写编号 {%- endcomment -%} 您的订单尾号 {{ order.no | slice: -4, 4 }}，请注意查收
  cn | service | Your parcel no.{{ order.no }} is out for delivery. {{ stock.left | plural: one: "# box", other: "# boxes" }} left.
  us | service | Your order {order.no} has shipped: {links.order}
  us | pay | Your payment is not complete yet. Continue on your order page: {links.order}
  us | service | Your refund of order {order.no} is on its way. Questions? Reply here.
  us | essential | {code} is your code. Do not share it.
  us | promotion | New arrivals are here: {links.order}. Reply STOP to opt out
  us | service | Your table is booked for 7 p.m. on Friday. See you then!
  us | service | Heads up: your parcel is with your neighbour at no. 12.
  eu | service | Your order {order.no} has shipped: {links.order}
  eu | promotion | Our autumn catalogue is out. Reply STOP to opt out
  uk | service | Your order {order.no} is ready to collect from 9 a.m.
  uk | promotion | Our autumn catalogue is out. Reply STOP to opt out
  template | service | 您的订单 {订单号} 已发货，请注意查收
  template | service | 您预约的服务已确认，时间为 11 月 26 日 14:30
  subscribe-once | service | 您的订单状态有更新，点击查看
  cn | service | 您的订单已由专人跟进，请放心
  cn | service | 您的预约号是 A0815，请提前 10 分钟到场
  cn | service | 由于天气原因，您的订单可能晚到一天，请谅解
  cn | service | 您上传的资料已通过审核，可以继续下一步
  cn | service | 您的订单里有一件商品缺货，其余已发出
  cn | service | 温馨提示：门店营业时间改为 10:00 至 21:00
  cn | service | 您的密码已修改，如非本人操作请联系客服
  cn | service | 您的收货地址已更新，新地址从下一单起生效
  cn | service | 电梯维修期间请走楼梯，配送可能稍晚
  cn | service | 您的照片已冲印完成，请到店领取
  cn | service | 您订的蛋糕今天 16:00 后可取，请带好取货单
  cn | service | 您的自行车保养已完成，欢迎来取
  cn | service | 讲座改到 3 号会议室，请互相转告
  cn | service | 您的快件正在派送，派件员电话 0571-88888888
  cn | service | 您已成功预约 11月28日 10:30-11:00 的体检，请携带本人身份证
  cn | service | 您的航班 CA1831 起飞时间改为 15:40，登机口 C12
  cn | service | 手机卡槽已为您更换，可取机
  tencent | service | 您的订单已拆成 2 个包裹发出，单号 SF1234567890123、YT9876543210
  aliyun | service | 设备 SN: 7K3M-9QXW 已登记，保修 2 年
  huawei | service | 请在 12 月 1 日前补齐材料，逾期将自动取消
  cn | service | Your parcel no. 1Z999 is out for delivery. Be home by 6 p.m.
  cn | service | Your order is confirmed. Net total in the app. Do not reply.
  cn | service | We moved: 12 High St. In case of questions call 555 0100.
`),
]
