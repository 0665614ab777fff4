import type { Text } from './text.ts'

/** Words for connections, accounts and members: what a shop needs before it can hear and speak. */
export const SETTINGS = {
  file: {
    zh: '设置文件（YAML 或 JSON），或 - 读标准输入；内容加密保存',
    en: 'its settings, a YAML or JSON file, or - for standard input; they are sealed',
  },
  wrong: { zh: '{file} 中的设置不对：', en: 'The settings in {file} are not right:' },
  needed: {
    zh: '请用 --settings 指定设置文件（YAML 或 JSON），现在缺少：',
    en: 'Its settings are needed: name a YAML or JSON file with --settings. What is lacking:',
  },
  inQuotes: { zh: '；请加上引号', en: '; write it in quotes' },
  example: { zh: '例如 {file}：', en: 'For example {file}:' },
  unreadable: {
    zh: '{file} 不是可读的 YAML（第 {line} 行）：{detail}',
    en: '{file} is not readable as YAML, line {line}: {detail}',
  },
  notAMap: {
    zh: '{file} 应为“名称: 值”的列表，收到的是 {got}。',
    en: '{file} should hold lines of "name: value", but holds {got}.',
  },
  gotNothing: { zh: '空文件', en: 'nothing' },
  gotList: { zh: '一个列表', en: 'a list' },
  gotValue: { zh: '单个值', en: 'a single value' },
  missing: { zh: '缺少，必须填写', en: 'is missing' },
  over: {
    zh: '应为仍在有效期内的证书，这一张已于 {date} 到期：请重新下载后填写（正在更换时去掉旧的）',
    en: 'expected a certificate that is still good, this one ran out on {date}: download a new one (or leave the old one out, where the new one stands beside it)',
  },
  noCategory: {
    zh: '店铺的消息没有种类“{name}”{near}种类是流程的 category，没有写则是 family，现有：{known}',
    en: 'no message of the shop has the category "{name}"{near} A category is what a flow says in `category`, else in `family`. There are: {known}',
  },
  noTemplate: {
    zh: '店铺没有模板“{name}”{near}现有：{known}',
    en: 'the shop has no template "{name}"{near} There are: {known}',
  },
  noLength: {
    zh: '时段不能为空：from 和 to 都是 {at}。不要免打扰请写空列表 []；什么都不发，请停用流程（dingdong flow off）或暂停账号（dingdong account pause）。',
    en: 'expected quiet hours that last: from and to are both {at}. For none write an empty list []; to send nothing switch the flow off (dingdong flow off) or pause the account (dingdong account pause)',
  },
  neverEnds: {
    zh: '这些时段合起来覆盖全天，{channel} 的提醒会永远发不出去。请留出可以发送的时间；什么都不发，请停用流程（dingdong flow off）或暂停账号（dingdong account pause）。',
    en: 'these quiet hours cover the whole day, so nothing could ever go by {channel}. Leave hours in which it may; to send nothing switch the flow off (dingdong flow off) or pause the account (dingdong account pause)',
  },
  unknown: { zh: '没有这个设置{near}', en: 'there is no such setting{near}' },
  lawUnknown: {
    zh: '没有这套规则{near}可用：{known}',
    en: 'there are no such rules{near} There are: {known}',
  },
} as const satisfies Record<string, Text>

export const CONNECTIONS = {
  add: {
    zh: '连接一个外部系统，显示它要回调的地址',
    en: 'connect an outside system; shows the address it should call',
  },
  set: {
    zh: '更改连接的设置并启用；未写的设置保持不变，写 null 则去掉该项',
    en: 'change a connection’s settings and switch it on; what is not named stays, null takes a setting out',
  },
  list: { zh: '列出连接', en: 'list connections' },
  turnOn: { zh: '启用连接', en: 'switch a connection on' },
  turnOff: {
    zh: '停用连接（最多 5 秒内生效，之后回调得到 410）',
    en: 'switch a connection off, within 5 seconds; its callbacks are then answered with 410',
  },
  source: { zh: '来源：{sources}', en: 'source: {sources}' },
  id: { zh: 'conn_… 编号，见 connection list', en: 'its id conn_…, see connection list' },
  name: { zh: '名称（默认同来源）', en: 'its name (default: the source’s)' },
  address: {
    zh: '回调地址（其中含密钥，只显示这一次）：',
    en: 'Its callback address. It holds a secret and is shown this once:',
  },
  secret: { zh: '签名密钥（只显示这一次）：', en: 'Its signing secret, shown this once:' },
  unreachable: {
    zh: '还没有设置 publicUrl：上面的地址只在本机有效，外部系统可能无法访问。',
    en: 'publicUrl is not set: this address may not be reachable from outside.',
  },
  paste: {
    zh: '把 {source} 显示的签名密钥粘贴到这里（不回显），回车；直接回车稍后再设：',
    en: 'Paste the signing secret that {source} shows (it stays invisible), then Enter; Enter alone to do it later: ',
  },
  waiting: {
    zh: '连接还没有签名密钥，暂时停用。写一个文件 secrets.yaml（secrets: [whsec_…]），然后运行 dingdong connection set {id}{of} --settings secrets.yaml',
    en: 'The connection has no signing secret yet and is off. Write a file secrets.yaml (secrets: [whsec_…]), then run: dingdong connection set {id}{of} --settings secrets.yaml',
  },
  waitingForKeys: {
    zh: '连接还缺少密钥，暂时停用。把设置写进一个文件（各项见 docs/guides/connect-{source}.md），然后运行 dingdong connection set {id}{of} --settings 文件',
    en: 'The connection lacks its keys and is off. Write its settings into a file (see docs/guides/connect-{source}.md), then run: dingdong connection set {id}{of} --settings FILE',
  },
  relayFails: {
    zh: '自 {since}Z 起回调转发不到店铺（{why}）：请检查 relayTo 的地址',
    en: 'callbacks do not get through to the shop since {since}Z ({why}): look at the address in relayTo',
  },
  asksPaused: {
    zh: '查询已暂停（{why}）：修正后运行 connection set 或 connection on',
    en: 'questions wait ({why}): put it right, then connection set or connection on',
  },
  ready: { zh: '{id} 已就绪。', en: '{id} is ready.' },
  remove: {
    zh: '删除连接，连同其地址、设置与密钥',
    en: 'take a connection away for good, with its address, settings and secrets',
  },
  isRemoved: {
    zh: '{id}（{name}）已删除，它的地址、设置和密钥也已清除。请在对方系统里也去掉这个回调地址。',
    en: '{id} ({name}) is taken away, its address, settings and secrets with it. Take the address out of the other system, too.',
  },
  demoKeeps: {
    zh: '演示店的连接由模拟器使用，随程序一起存在，不能删除。',
    en: 'The connections of the demo shop belong to its simulators and cannot be taken away.',
  },
  passedOn: {
    zh: '还在查询的 {count} 项由另一个连接接着查询。',
    en: 'Questions that are asked through another from now on: {count}.',
  },
  stillAsked: {
    zh: '还在通过它查询 {count} 笔订单的付款结果，而没有同一账户下其他能查询的 {source} 连接。请先添加另一个（dingdong connection add {source}{of}），由它接着查询；或先停用它（dingdong connection off {id}{of}），这些查询一般在 7 天之内自行结束，之后再删除。',
    en: 'Orders still asked about through it: {count}, and no other {source} connection to the same account can be asked. Add another first (dingdong connection add {source}{of}), which takes them over, or switch this one off (dingdong connection off {id}{of}): its questions mostly end by themselves within 7 days, and then it can go.',
  },
  wasAsked: {
    zh: '它已停用，但还有 {count} 笔订单在等它查询付款结果，而没有同一账户下其他能查询的 {source} 连接。请先添加另一个（dingdong connection add {source}{of}），由它接着查询；或者等待，这些查询一般会在 7 天之内自行结束。',
    en: 'It is off, but orders still wait to be asked about through it: {count}. No other {source} connection to the same account can be asked: add one first (dingdong connection add {source}{of}), which takes them over, or wait: these questions mostly end by themselves within 7 days.',
  },
  stillRelays: {
    zh: '店铺的回调仍经由它转发到 {host}；删除后店铺将收不到付款通知。请先在对方系统里改回店铺自己的回调地址，再用 dingdong connection set {id}{of} --settings 文件 去掉转发（relayTo: null）。',
    en: 'Callbacks still reach the shop at {host} through it, and the shop would hear of no payment any more. Give the other system the shop’s own address first, then take relayTo out (relayTo: null) with: dingdong connection set {id}{of} --settings FILE',
  },
  on: { zh: '启用', en: 'on' },
  off: { zh: '停用', en: 'off' },
  isOn: { zh: '{id} 已启用。', en: '{id} is on.' },
  isOff: { zh: '{id} 已停用。', en: '{id} is off.' },
  none: {
    zh: '还没有连接。用 dingdong connection add 添加一个。',
    en: 'There are no connections yet. Make one with "dingdong connection add".',
  },
  unknown: {
    zh: '没有这个连接：{id}。用 dingdong connection list 查看。',
    en: 'There is no connection {id}. See "dingdong connection list".',
  },
  sourceUnknown: {
    zh: '没有来源“{source}”{near}可用：{known}',
    en: 'There is no source "{source}"{near} There are: {known}',
  },
} as const satisfies Record<string, Text>

/** Addresses in settings that would not be called. */
export const ADDRESSES = {
  private: {
    zh: '{where} 在内网或本机，叮咚不会访问。确要访问时，请只放行这一个来源：在设置文件里写 allowOrigins: [{origins}]，或设环境变量 DINGDONG_ALLOW_ORIGINS={origins}（每个叮咚进程和本命令都要有）；重启叮咚，再运行一次。',
    en: '{where} lies in a private network or on this machine, where nothing is called. If it is meant, allow this one origin, with allowOrigins: [{origins}] in the settings file or DINGDONG_ALLOW_ORIGINS={origins} in the environment of every Dingdong process and of this command; restart Dingdong, then run this again.',
  },
  never: {
    zh: '{where} 是主机读取自身密钥等信息的地址（链路本地或云元数据），永远不会访问，也不能放行。请填写你自己的系统的地址。',
    en: '{where} is where a machine is told its own secrets (link-local, cloud metadata). Nothing is ever called there, and nothing can allow it. Give the address of a system of yours.',
  },
  nowhere: {
    zh: '注意：{setting} 的主机 {host} 现在解析不到任何地址；在能解析之前无法访问。',
    en: 'Mind: {setting} names {host}, which has no address now; it cannot be called until it has.',
  },
  allowedLater: {
    zh: '注意：{origin} 是在叮咚启动之后才放行的。请重启叮咚，否则仍不会访问。',
    en: 'Mind: {origin} was allowed after the running Dingdong had started. Restart it, or it is not called.',
  },
} as const satisfies Record<string, Text>

/** Why questions through a connection wait, where the code alone says little. */
export const ASKS_WAIT: Readonly<Record<string, Text>> = {
  http_blocked_address: {
    zh: 'http_blocked_address：设置里的地址指向内网或本机，不是公网地址，不会访问，除非写进 allowOrigins（DINGDONG_ALLOW_ORIGINS）',
    en: 'http_blocked_address: the address in its settings leads into a private network or to this machine, where nothing is called but what allowOrigins (DINGDONG_ALLOW_ORIGINS) names',
  },
  http_bad_request: {
    zh: 'http_bad_request：设置里的地址无法使用',
    en: 'http_bad_request: the address in its settings cannot be used',
  },
  http_tls_untrusted: {
    zh: 'http_tls_untrusted：该地址的 TLS 证书不受信任',
    en: 'http_tls_untrusted: the certificate of that address is not trusted',
  },
  connection_off: {
    zh: '连接已停用，或它的查询已暂停',
    en: 'its connection is off, or its questions are paused',
  },
  connection_removed: { zh: '连接已删除', en: 'its connection was taken away' },
}

export const ACCOUNTS = {
  add: { zh: '添加发送账号', en: 'add an account to send through' },
  set: {
    zh: '修改发送账号：设置、次序、限速；没给出的保持不变',
    en: 'change an account: settings, place, pace; what is not given stays',
  },
  nothingGiven: {
    zh: '没有给出要修改的内容：请用 --settings、--rate、--concurrency、--name 或 --position。',
    en: 'Nothing was given to change: use --settings, --rate, --concurrency, --name or --position.',
  },
  rateOrNone: {
    zh: '每秒最多发送数；none 表示不限',
    en: 'most sends a second, shared by all workers; none: no limit',
  },
  changed: { zh: '{id} 已修改：{settings}。', en: '{id} is changed: {settings}.' },
  list: { zh: '列出发送账号及其状态', en: 'list the accounts, which are paused and why' },
  pause: { zh: '暂停发送账号', en: 'pause an account' },
  resume: {
    zh: '恢复发送账号；因它而等待的消息随即重新判断',
    en: 'let an account send again; what waited for it is looked at anew',
  },
  provider: {
    zh: '服务商：smtp、sms-http、webhook、command、inbox',
    en: 'provider: smtp, sms-http, webhook, command, inbox',
  },
  id: { zh: 'acct_… 编号，见 account list', en: 'its id acct_…, see account list' },
  name: { zh: '名称（默认同服务商）', en: 'its name (default: the provider’s)' },
  rate: { zh: '每秒最多发送数，由所有进程共享', en: 'most sends a second, shared by all workers' },
  concurrency: { zh: '同时进行的发送数（默认 4）', en: 'sends at the same time (default: 4)' },
  position: {
    zh: '同一渠道有多个账号时的次序，小的优先（默认 1）',
    en: 'order among a channel’s accounts, smaller first (default: 1)',
  },
  made: { zh: '账号已添加：{id}（{channel}）', en: 'Account added: {id} ({channel})' },
  receipts: {
    zh: '回执和回复的回调地址，请填到服务商处：',
    en: 'The address for receipts and replies; enter it at your vendor:',
  },
  ok: { zh: '正常', en: 'ok' },
  paused: { zh: '已暂停', en: 'paused' },
  isPaused: { zh: '{id} 已暂停。', en: '{id} is paused.' },
  remove: {
    zh: '删除发送账号，连同其设置与密钥',
    en: 'take an account away for good, with its settings and secrets',
  },
  isRemoved: {
    zh: '{id}（{name}）已删除，它的设置和密钥也已清除。',
    en: '{id} ({name}) is taken away, its settings and secrets with it.',
  },
  demoKeeps: {
    zh: '演示店的账号由模拟器提供，随程序一起存在，不能删除。',
    en: 'The accounts of the demo shop belong to its simulators and cannot be taken away.',
  },
  stillReached: {
    zh: '还有 {count} 条 {channel} 消息在等待，它们的收件人所在国家只有这个账号能送达。请先添加或修改另一个账号（dingdong account add、account set），或只是暂停它（dingdong account pause {id}{of}）。',
    en: 'Waiting to go by {channel} to countries that no other account reaches: {count}. Add or change another first (dingdong account add, account set), or only pause this one (dingdong account pause {id}{of}).',
  },
  stillNeeded: {
    zh: '还有 {count} 条 {channel} 消息在等待，而没有别的账号发送 {channel}。请先添加另一个账号（dingdong account add），或只是暂停它（dingdong account pause {id}{of}）。',
    en: 'Waiting to go by {channel}: {count}, and no other account sends there. Add another first (dingdong account add), or only pause this one (dingdong account pause {id}{of}).',
  },
  stillPaused: {
    zh: '这个账号仍处于暂停状态。恢复发送：dingdong account resume {id}{of}',
    en: 'It is still paused. To let it send again: dingdong account resume {id}{of}',
  },
  isResumed: {
    zh: '{id} 已恢复，{count} 条等待的消息将重新判断。',
    en: '{id} may send again; {count} waiting messages will be looked at anew.',
  },
  already: { zh: '{id} 本来就是这样，没有改变。', en: '{id} was so already; nothing changed.' },
  none: {
    zh: '还没有发送账号。用 dingdong account add 添加一个。',
    en: 'There are no accounts yet. Make one with "dingdong account add".',
  },
  unknown: {
    zh: '没有这个账号：{id}。用 dingdong account list 查看。',
    en: 'There is no account {id}. See "dingdong account list".',
  },
  providerUnknown: {
    zh: '没有服务商“{provider}”{near}可用：{known}',
    en: 'There is no provider "{provider}"{near} There are: {known}',
  },
} as const satisfies Record<string, Text>

export const MEMBERS = {
  remove: { zh: '移除不再为本店工作的人', en: 'remove somebody who no longer works for the shop' },
  id: { zh: 'mem_… 编号，见 member list', en: 'their id mem_…, see member list' },
  removed: {
    zh: '{id} 已移除：不再收到消息，登录立即失效。',
    en: '{id} is removed: no more messages, and their log-in has ended.',
  },
  unknown: {
    zh: '没有这个人：{id}。用 dingdong member list 查看。',
    en: 'There is nobody called {id}. See "dingdong member list".',
  },
  add: {
    zh: '添加店员：按角色收到内部通知',
    en: 'add a person who works for the shop and is told things by role',
  },
  list: { zh: '列出店员', en: 'list the people who work for the shop' },
  name: { zh: '姓名', en: 'the person’s name' },
  role: {
    zh: '角色：operator、finance、support，可用逗号分隔多个',
    en: 'operator, finance or support; several separated by commas',
  },
  email: { zh: '邮箱', en: 'mail address' },
  phone: { zh: '手机号', en: 'phone number' },
  locale: { zh: '语言（默认同店铺）', en: 'language (default: the shop’s)' },
  made: { zh: '店员已添加：{id}', en: 'Member added: {id}' },
  none: {
    zh: '还没有店员。用 dingdong member add 添加。',
    en: 'There are no members yet. Add one with "dingdong member add".',
  },
  needContact: {
    zh: '请用 --email 或 --phone 给出联系方式。',
    en: 'Give an address with --email or --phone.',
  },
  needRole: {
    zh: '请用 --role 写明此人收到哪些通知，可用：{known}',
    en: 'Say with --role what this person is told. There are: {known}',
  },
  roleUnknown: {
    zh: '没有角色“{role}”{near}可用：{known}',
    en: 'There is no role "{role}"{near} There are: {known}',
  },
} as const satisfies Record<string, Text>
