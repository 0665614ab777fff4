import type { Text } from './text.ts'

const OWN_SYSTEM: Text = {
  zh: '自己的系统：在事件里写 order.payUrl。',
  en: 'Your own system: send order.payUrl with the events.',
}
const RAIL: Text = {
  zh: '微信支付、支付宝和易支付的回调不带支付页面，只能用 payUrlTemplate，或由自己的系统发送 order.payUrl。',
  en: 'Callbacks of WeChat Pay, Alipay and 易支付 name no page: use payUrlTemplate, or send order.payUrl from your own system.',
}

/** By source, how its orders come to a payment page, beside a template for all of them. */
export const PAY_PAGES: Readonly<Record<string, Text>> = {
  api: OWN_SYSTEM,
  'standard-webhooks': OWN_SYSTEM,
  stripe: {
    zh: 'Stripe：在 PaymentIntent 的 metadata 里写 pay_url。',
    en: 'Stripe: put pay_url into the metadata of your payment intents.',
  },
  woocommerce: {
    zh: 'WooCommerce：请也发送 order.created 和 order.updated，未付款时其中带有 payment_url。',
    en: 'WooCommerce: send order.created and order.updated, too; while an order is unpaid they name its payment_url.',
  },
  dujiaoka: {
    zh: '独角数卡：支付页面是 https://你的店铺/bill/{no}。',
    en: '独角数卡: its payment page is https://your-shop.example/bill/{no}.',
  },
  'wechat-pay': RAIL,
  alipay: RAIL,
  epay: RAIL,
}

export const DOCTOR = {
  summary: {
    zh: '检查新手常见问题，并说明怎么办',
    en: 'check everything that commonly goes wrong, and say what to do',
  },
  allGood: { zh: '一切正常。', en: 'All is well.' },
  counted: { zh: '{fail} 个错误，{warn} 个提醒。', en: '{fail} to repair, {warn} to look at.' },

  node: { zh: 'Node 版本', en: 'Node version' },
  packages: { zh: 'npm 依赖', en: 'npm packages' },
  packagesMissing: {
    zh: '缺少 {name}。请在项目目录运行 npm ci。',
    en: '{name} is missing. Run "npm ci" in the project folder.',
  },
  files: { zh: '预设文件', en: 'preset files' },
  filesGood: {
    zh: '流程、模板、规则与代码表均可用',
    en: 'flows, templates, rules, laws and codes can be used',
  },
  settings: { zh: '设置', en: 'settings' },
  settingsFrom: { zh: '来自 {file}', en: 'from {file}' },
  settingsDefault: { zh: '默认值（没有设置文件）', en: 'defaults (no settings file)' },
  postgres: { zh: '内置 PostgreSQL', en: 'embedded PostgreSQL' },
  postgresUnused: { zh: '使用 DATABASE_URL，不需要', en: 'not needed: DATABASE_URL is set' },
  dataDir: { zh: '数据目录', en: 'data directory' },
  dataDirNew: { zh: '{dir}（首次启动时创建）', en: '{dir} (made by the first start)' },
  dataDirClosed: {
    zh: '{dir} 无法写入：{detail}。请把它交给当前用户（chown），或换 --data-dir。',
    en: '{dir} cannot be written: {detail}. Give it to this user (chown), or choose another with --data-dir.',
  },
  dataDirFull: {
    zh: '{dir} 所在的磁盘已满（{detail}）。请腾出空间（至少 2 GB），或换一个 --data-dir。',
    en: 'The disk that holds {dir} is full ({detail}). Make room (2 GB at least), or choose another place with --data-dir.',
  },
  dataDirReadOnly: {
    zh: '{dir} 所在的磁盘以只读方式挂载（{detail}）。请以可写方式重新挂载（硬件出错时系统也会改成只读，请看 dmesg），或换一个 --data-dir。',
    en: 'The disk that holds {dir} is mounted read-only ({detail}). Mount it writable (a disk that fails is made read-only, too: look at dmesg), or choose another place with --data-dir.',
  },
  disk: { zh: '磁盘空间', en: 'disk space' },
  diskFree: { zh: '剩余 {free} GB', en: '{free} GB free' },
  diskLow: {
    zh: '只剩 {free} GB。请至少腾出 2 GB：数据库写满磁盘后会停止接收事件。',
    en: 'Only {free} GB free. Make room for 2 GB at least: on a full disk no event can be taken.',
  },
  port: { zh: '端口', en: 'port' },
  portFree: { zh: '{port} 空闲', en: '{port} is free' },
  portOurs: { zh: '叮咚正在 {url} 运行', en: 'Dingdong is running at {url}' },
  portTaken: {
    zh: '{port} 被其他程序占用。请停掉它，或设置 port（DINGDONG_PORT）。',
    en: '{port} is used by another program. Stop that, or choose another: setting port (DINGDONG_PORT).',
  },
  portOther: {
    zh: '{url} 上运行的是另一套叮咚（数据目录不同），start 会因此失败。请停掉它，或设置别的 port（DINGDONG_PORT、--port）。',
    en: 'Another Dingdong, on other data, is running at {url}, so this one would not start. Stop that, or choose another: setting port (DINGDONG_PORT, --port).',
  },
  portNext: {
    zh: '{port} 已被占用，启动时会改用后面的空闲端口。要固定端口，请设置 port（DINGDONG_PORT）。',
    en: '{port} is in use; the start takes the next free one. To have a fixed one, set port (DINGDONG_PORT).',
  },
  masterKey: { zh: '主密钥', en: 'master key' },
  masterKeyEnv: { zh: '来自 DINGDONG_MASTER_KEY', en: 'from DINGDONG_MASTER_KEY' },
  masterKeyNew: { zh: '首次启动时生成于 {file}', en: 'the first start will make it at {file}' },
  masterKeyGone: {
    zh: '已有数据，但 {file} 不存在。请放回备份的密钥；没有它数据无法解密。',
    en: 'There is data, but no key at {file}. Put your copy back; without it the data cannot be read.',
  },
  masterKeyOpen: {
    zh: '{file} 可被其他用户读取。请运行 chmod 600 {file}',
    en: '{file} can be read by other users. Run: chmod 600 {file}',
  },
  masterKeyFits: { zh: '{file}，与数据匹配', en: '{file} fits the data' },
  masterKeyThere: {
    zh: '{file}（还没有店铺，或数据库未运行，未核对）',
    en: '{file} (not compared: there is no shop yet, or the database is not running)',
  },
  clock: { zh: '时钟', en: 'clock' },
  clockOff: {
    zh: '本机时间与 {host} 相差 {seconds} 秒。请开启 NTP 校时：签名和定时都依赖时间。',
    en: 'The clock differs from {host} by {seconds} s. Switch NTP on: signatures and timers rely on it.',
  },
  clockWrong: {
    zh: '本机时间 {now} 不可能正确。请校准时钟。',
    en: 'The clock says {now}, which cannot be. Set it.',
  },
  clockAlone: { zh: '{now}（无法联网核对）', en: '{now} (not compared: no network)' },
  clockGood: { zh: '与网络时间相差 {seconds} 秒', en: 'within {seconds} s of the network' },
  dns: { zh: '域名解析', en: 'DNS' },
  dnsGood: { zh: '正常', en: 'works' },
  dnsDead: {
    zh: '无法解析域名（{detail}）。请检查网络与 /etc/resolv.conf；发往外部的消息会失败。',
    en: 'Names cannot be looked up ({detail}). Check the network and /etc/resolv.conf; nothing can be sent outside.',
  },
  publicUrl: { zh: '公网地址', en: 'public address' },
  publicLoopback: {
    zh: '链接会指向 {url}，只有本机能打开。正式使用前请设置 publicUrl。',
    en: 'Links will point to {url}, which only this machine can open. Set publicUrl before real use.',
  },
  publicDead: {
    zh: '{url} 无法访问（{detail}）。请检查域名、反向代理和防火墙；买家的链接和支付回调都依赖它。',
    en: '{url} cannot be reached ({detail}). Check the name, the proxy and the firewall: buyers’ links and callbacks need it.',
  },
  publicStrange: {
    zh: '{url} 有应答，但不是叮咚。请检查反向代理指向 {address}。',
    en: 'Something answers at {url}, but it is not Dingdong. Check that the proxy points to {address}.',
  },
  publicPlain: {
    zh: '{url} 可访问，但不是 https：密钥和回调会明文传输。',
    en: '{url} can be reached, but without https: keys and callbacks travel in clear.',
  },
  user: { zh: '运行用户', en: 'user' },
  userRoot: {
    zh: '以 root 运行。可以，但建议建一个普通用户（PostgreSQL 会以用户 {other} 运行）。',
    en: 'This is root. It works (PostgreSQL then runs as {other}), but a user of its own is better.',
  },
  userFine: { zh: '普通用户', en: 'an ordinary user' },
  accounts: { zh: '邮件账号', en: 'mail accounts' },
  accountGood: {
    zh: '{shop} / {name}：{host}:{port} 可连接',
    en: '{shop} / {name}: {host}:{port} can be reached',
  },
  accountDead: {
    zh: '{shop} / {name}：连不上 {host}:{port}（{detail}）。请核对地址和端口，并确认服务商未封锁出站 25/465/587。',
    en: '{shop} / {name}: {host}:{port} cannot be reached ({detail}). Check address and port, and whether outgoing 25/465/587 is blocked here.',
  },
  accountSimulated: {
    zh: '{shop} / {name}：模拟邮箱，随叮咚一起运行（现在没有运行）',
    en: '{shop} / {name}: the simulated mailbox, which runs with Dingdong (not now)',
  },
  channels: { zh: '发送渠道', en: 'sending' },
  accountPaused: {
    zh: '{shop} / {name}（{channel}）：账号自 {since} 起暂停（{why}），消息在等待或不发送。修正后（dingdong account set {id}{of} --settings 文件）请运行 dingdong account resume {id}{of}',
    en: '{shop} / {name} ({channel}): paused since {since} ({why}), so its messages wait or are dropped. Put it right, where something is wrong, with "dingdong account set {id}{of} --settings FILE", then run: dingdong account resume {id}{of}',
  },
  accountIdle: {
    zh: '{shop} / {name}（{channel}）：账号自 {since} 起暂停（{why}），它的消息都由 {others} 代发。要恢复请运行 dingdong account resume {id}{of}；不再需要就运行 dingdong account remove {id}{of}',
    en: '{shop} / {name} ({channel}): paused since {since} ({why}); all its messages go through {others} instead. To use it again: dingdong account resume {id}{of}; where it is not needed any more: dingdong account remove {id}{of}',
  },
  accountStandsIn: {
    zh: '{shop} / {name}（{channel}）：账号自 {since} 起暂停（{why}），由 {others} 代发；只有它能送达的消息在等待或不发送。要恢复请运行 dingdong account resume {id}{of}',
    en: '{shop} / {name} ({channel}): paused since {since} ({why}); its messages go through {others} instead, and what only this one reaches waits or is dropped. To use it again: dingdong account resume {id}{of}',
  },
  channelUnserved: {
    zh: '{shop}：没有发送 {channel} 的账号，以下流程的消息会直接丢弃：{flows}。请运行 dingdong account add {provider}{of}{file}；不需要的流程用 dingdong flow off 关闭。',
    en: '{shop}: no account sends by {channel}, so what these flows say there is dropped at once: {flows}. Run: dingdong account add {provider}{of}{file} (or switch off what you do not need with "dingdong flow off")',
  },
  smsLaw: { zh: '短信合规', en: 'SMS rules' },
  smsLawUnknown: {
    zh: '{shop} / {name}：law 写的规则不存在，因此暂按当地所有服务商的规则从严处理，许多短信不会发送。可用：{known}。请写进文件，再运行 dingdong account set {id} --settings 文件。',
    en: '{shop} / {name}: its settings name a law that there is not, so it is held to those of every vendor there and much does not go by SMS. There are: {known}. Put it right with "dingdong account set {id} --settings FILE".',
  },
  smsLawMissing: {
    zh: '{shop} / {name}：没有写 law（服务商的规则，如 aliyun、tencent）。违反它的模板会被服务商退回。请写进文件，再运行 dingdong account set {id}{of} --settings 文件。',
    en: '{shop} / {name}: its settings name no law (the vendor’s rules, such as aliyun or tencent), so templates that break them are refused only by the vendor. Add law with "dingdong account set {id}{of} --settings FILE".',
  },
  smsLinkMissing: {
    zh: '{shop} / {name}：没有写 registeredLink（已报备的链接域名），运营商会拦截带其他链接的短信，催付短信因此不会发送。报备后写进文件，再运行 dingdong account set {id}{of} --settings 文件。',
    en: '{shop} / {name}: its settings name no registeredLink (the address on file with the carrier); texts with another link are blocked, so no reminder goes by SMS. Have one filed and add it with "dingdong account set {id}{of} --settings FILE".',
  },
  asking: { zh: '查询付款结果', en: 'asking about payments' },
  asksPaused: {
    zh: '{shop} / {id}（{source}）：查询已暂停（{why}）。请修正密钥或地址，再运行 dingdong connection set {id}{of} --settings 文件；无需修改时用 connection on {id}{of}。',
    en: '{shop} / {id} ({source}): questions wait ({why}). Put key or address right with "dingdong connection set {id}{of} --settings FILE", or "connection on {id}{of}" where nothing has to change.',
  },
  alipayCertificateChanged: {
    zh: '{shop} / {id}（{source}）：支付宝换用了新的公钥证书，设置里没有，查询已暂停（{why}）。请在支付宝开放平台控制台（应用 > 开发设置 > 接口加签方式）下载 alipayCertPublicKey_RSA2.crt，加进 alipayCertPublicKeys（可与旧的并列），再运行 dingdong connection set {id}{of} --settings 文件。',
    en: '{shop} / {id} ({source}): Alipay signs with a certificate that the settings do not have, so questions wait ({why}). Download alipayCertPublicKey_RSA2.crt in Alipay’s console (open.alipay.com: the app, 开发设置, 接口加签方式), put it into alipayCertPublicKeys (beside the old one), then "dingdong connection set {id}{of} --settings FILE".',
  },
  asksNobody: {
    zh: '{shop} / {id}（{source}）：该渠道不会通知失败，而设置里没有可询问的对象，支付失败将无人知晓。请设置 queryThrough（shop 或 rail），见 docs/guides/failures-nobody-announces.md。',
    en: '{shop} / {id} ({source}): this rail does not announce failures, and there is nobody to ask, so they stay unseen. Set queryThrough to shop or rail, see docs/guides/failures-nobody-announces.md.',
  },
  relaying: { zh: '转发回调', en: 'callbacks passed on' },
  relayFails: {
    zh: '{shop} / {id}（{source}）：自 {since} 起，回调转发不到店铺的 {host}（{why}）。叮咚已记下付款，但店铺没有收到，支付渠道会一再重发。请检查该地址能否从公网访问并返回 2xx；要改地址，运行 dingdong connection set {id}{of} --settings 文件。',
    en: '{shop} / {id} ({source}): since {since} callbacks do not get through to the shop at {host} ({why}). Dingdong has kept the payments, the shop has not heard of them, and the rail repeats. See that the address can be reached from the internet and answers 2xx; to change it: dingdong connection set {id}{of} --settings FILE.',
  },
  retries: { zh: '自动重试', en: 'trying again' },
  shopRetriesUnsent: {
    zh: '{shop}：设置了 retries.byShop: ask，但没有 command 渠道的账号，店铺收不到 payment.retry。请运行 dingdong account add command{of} --settings 文件，见 docs/guides/commands-to-your-shop.md。',
    en: '{shop}: retries.byShop is ask, but there is no account on the channel command, so the shop is never sent payment.retry. Run "dingdong account add command{of} --settings FILE", see docs/guides/commands-to-your-shop.md.',
  },
  shopRetriesUncounted: {
    zh: '{shop}：设置了 retries.byShop: ask，但没有既能查询、又会告知每次失败的连接，卡的重试次数无法计算，因此不会请店铺重试。请接入带 apiKey 的 Stripe（dingdong connection add stripe{of} --settings 文件），让失败由它告知。',
    en: '{shop}: retries.byShop is ask, but no connection can be asked and tells every failed try, so tries on a card cannot be counted and the shop is never asked. Connect Stripe with an apiKey (dingdong connection add stripe{of} --settings FILE) and let it tell the failures.',
  },
  certificates: { zh: '证书', en: 'certificates' },
  certificateEnds: {
    zh: '{shop} / {id}（{source}）：{setting} 的证书 {date} 到期，之后回调会被拒收，或无法查询。请提前申请并下载新证书，再运行 dingdong connection set {id}{of} --settings 文件。',
    en: '{shop} / {id} ({source}): the certificate in {setting} runs out on {date}; after that callbacks are refused, or nothing can be asked. Have a new one issued, download it, and set it with "dingdong connection set {id}{of} --settings FILE".',
  },
  certificateOver: {
    zh: '{shop} / {id}（{source}）：{setting} 的证书已于 {date} 到期。请下载新证书，再运行 dingdong connection set {id}{of} --settings 文件。',
    en: '{shop} / {id} ({source}): the certificate in {setting} ran out on {date}. Download a new one and set it with "dingdong connection set {id}{of} --settings FILE".',
  },
  codes: { zh: '失败代码', en: 'failure codes' },
  codesWait: {
    zh: '{shop}：{count} 个代码不认识，最近的是 {rail}/{code}。用 dingdong code list{of} 查看，用 dingdong code set{of} 决定含义。',
    en: '{shop}: unknown codes: {count}, the latest {rail}/{code}. See "dingdong code list{of}"; decide with "dingdong code set{of}".',
  },
  payPages: { zh: '支付页面', en: 'payment pages' },
  payPageMissing: {
    zh: '{shop}：最近 {looked} 个未付款订单中有 {count} 个不知道支付页面，提醒里的按钮只能打开订单页，买家无法付款。请在文件里写 payUrlTemplate: https://你的店铺/pay/{no}（{no} 会换成订单号），再运行 dingdong shop set {shop} --settings 文件。{how}',
    en: '{shop}: no payment page is known for {count} of the latest {looked} unpaid orders, so the button of their reminders opens the order, where nobody can pay. Write payUrlTemplate: https://your-shop.example/pay/{no} into a file ({no} becomes the order’s number), then: dingdong shop set {shop} --settings FILE. {how}',
  },
  reviews: { zh: '人工复核', en: 'reviews' },
  reviewsOverdue: {
    zh: '{shop}：{count} 条复核超时未处理。用 dingdong review list{of} 查看，再 approve 或 reject。',
    en: '{shop}: reviews nobody answered in time: {count}. See "dingdong review list{of}", then approve or reject.',
  },
  rulesTellNobody: {
    zh: '{shop}：规则 {keys} 要通知的角色没有人。请运行 dingdong member add 姓名{of} --role {role} --email 地址。',
    en: '{shop}: nobody has a role that these rules tell: {keys}. Run: dingdong member add NAME{of} --role {role} --email ADDRESS',
  },
  ruleSkipsCurrency: {
    zh: '{shop}：规则 {rule} 没有店铺货币 {currency} 的金额，因此不判断。请运行 dingdong rule set {rule} {param}.{currency}=金额。',
    en: '{shop}: the rule {rule} has no amount in the shop’s own currency {currency} and judges none. Run: dingdong rule set {rule} {param}.{currency}=AMOUNT',
  },
  flows: { zh: '流程', en: 'flows' },
  flowsSkipCurrency: {
    zh: '{shop}：流程 {flows} 没有店铺货币 {currency} 的短信金额下限，因此不发短信。请运行：{commands}。',
    en: '{shop}: these flows have no amount in the shop’s own currency {currency} from which on they send SMS, and send none: {flows}. Run: {commands}',
  },
  presets: { zh: '预设', en: 'presets' },
  presetsNewer: {
    zh: '{shop}：{count} 项预设（流程、模板、规则）有新版。用 dingdong preset list{of} 查看，用 dingdong preset take --all{of} 采用。',
    en: '{shop}: flows, templates and rules that this program has newer ones of: {count}. See "dingdong preset list{of}"; take them with "dingdong preset take --all{of}".',
  },
  stopped: { zh: '停发开关', en: 'kill switches' },
  stoppedAll: {
    zh: '全部店铺已停发，到期的消息都会被丢弃。问题解决后请运行 dingdong flow unkill --everything',
    en: 'Everything is stopped: every message that comes due is dropped. When the trouble is over, run: dingdong flow unkill --everything',
  },
  stoppedShop: {
    zh: '店铺 {shop} 已停发，到期的消息都会被丢弃。问题解决后请运行 dingdong flow unkill --whole-shop --shop {shop}',
    en: 'The shop {shop} is stopped: every message of it that comes due is dropped. When the trouble is over, run: dingdong flow unkill --whole-shop --shop {shop}',
  },
  stoppedFlow: {
    zh: '{shop} 的流程 {flow} 已停发，它到期的消息都会被丢弃。问题解决后请运行 dingdong flow unkill {flow} --shop {shop}',
    en: 'The flow {flow} of {shop} is stopped: its messages are dropped as they come due. When the trouble is over, run: dingdong flow unkill {flow} --shop {shop}',
  },
  database: { zh: '数据库', en: 'database' },
  databaseUp: { zh: 'PostgreSQL {version}，可写入', en: 'PostgreSQL {version}, takes writes' },
  databaseDown: { zh: '未运行（启动叮咚时会一起启动）', en: 'not running (it starts with Dingdong)' },
} as const satisfies Record<string, Text>
