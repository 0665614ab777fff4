import type { Text } from './text.ts'

/** Options that several commands have. */
export const OPTIONS = {
  shop: {
    zh: '店铺短名（或环境变量 DINGDONG_SHOP；只有一个店铺时可省略）',
    en: 'short name of the shop (or DINGDONG_SHOP; not needed when there is only one)',
  },
  key: {
    zh: 'API 密钥（或环境变量 DINGDONG_API_KEY；在服务器本机可省略）',
    en: 'API key (or DINGDONG_API_KEY; not needed on the server’s own machine)',
  },
  url: { zh: '服务器地址（或环境变量 DINGDONG_URL）', en: 'address of the server (or DINGDONG_URL)' },
  passphraseFile: { zh: '存放备份口令的文件', en: 'file that holds the passphrase of the backup' },
} as const satisfies Record<string, Text>

export const KEYS = {
  create: { zh: '创建 API 密钥（只显示一次）', en: 'create an API key; it is shown this once' },
  list: { zh: '列出 API 密钥', en: 'list API keys' },
  revoke: { zh: '吊销 API 密钥（最多 5 秒内生效）', en: 'revoke an API key; works within 5 seconds' },
  name: { zh: '名称，例如使用它的系统', en: 'its name, e.g. the system that uses it' },
  scope: {
    zh: '权限，逗号分隔（默认 events:write）',
    en: 'permissions, separated by commas (default: events:write)',
  },
  id: { zh: 'key_… 编号，见 key list', en: 'its id key_…, see key list' },
  made: { zh: 'API 密钥已创建，只显示这一次：', en: 'API key created; it is shown this once:' },
  revoked: { zh: '已吊销 {id}。', en: '{id} is revoked.' },
  already: {
    zh: '{id} 早已吊销（{at}），没有改变。',
    en: '{id} was revoked already ({at}); nothing changed.',
  },
  none: { zh: '还没有 API 密钥。', en: 'There are no API keys yet.' },
  active: { zh: '有效', en: 'active' },
  off: { zh: '已吊销', en: 'revoked' },
} as const satisfies Record<string, Text>

export const ADMIN = {
  summary: {
    zh: '重新生成管理员密钥（旧密钥和登录立即失效）',
    en: 'make a new admin secret; the old one and all logins end',
  },
  made: { zh: '新的管理员密钥，只显示这一次：', en: 'The new admin secret; it is shown this once:' },
} as const satisfies Record<string, Text>

export const SHOPS = {
  create: { zh: '创建店铺，附带预设流程和模板', en: 'create a shop with the preset flows and templates' },
  list: { zh: '列出店铺', en: 'list the shops' },
  set: {
    zh: '更改店铺的店名、语言、时区和设置；未写的保持不变，设置写 null 则去掉该项',
    en: 'change a shop’s name, language, time zone or settings; those not given stay, null takes a setting out',
  },
  file: {
    zh: '设置文件（YAML 或 JSON），或 - 读标准输入；照原样保存，不要写密钥',
    en: 'a YAML or JSON file with settings, or - for standard input; kept as it is, so no secrets in it',
  },
  changed: {
    zh: '店铺“{slug}”的设置已更新：{names}',
    en: 'The settings of the shop "{slug}" are changed: {names}',
  },
  namesLost: {
    zh: '注意：{setting} 是整体替换的，现在不再包含：{names}。要保留，请在文件中一并写上。',
    en: 'Note: {setting} is replaced as a whole and no longer has: {names}. To keep them, write them into the file as well.',
  },
  slug: { zh: '短名：小写字母、数字、连字符', en: 'short name: small letters, digits, hyphens' },
  name: { zh: '买家看到的店名', en: 'the name buyers see' },
  locale: { zh: '语言，如 zh-CN、en', en: 'language, e.g. zh-CN, en' },
  timeZone: { zh: '时区，如 Asia/Shanghai', en: 'time zone, e.g. Asia/Shanghai' },
  currencySet: {
    zh: '货币，如 CNY；有了订单就不能再改',
    en: 'currency, e.g. EUR; only before the first order',
  },
  countrySet: {
    zh: '国家代码，如 CN；有了订单就不能再改',
    en: 'country code, e.g. DE; only before the first order',
  },
  newLocale: { zh: '语言（默认 zh-CN）', en: 'language (default: zh-CN)' },
  newTimeZone: { zh: '时区（默认 Asia/Shanghai）', en: 'time zone (default: Asia/Shanghai)' },
  newCurrency: { zh: '货币（默认 CNY）', en: 'currency (default: CNY)' },
  newCountry: { zh: '国家代码（默认 CN）', en: 'country code (default: CN)' },
  is: {
    zh: '语言 {locale}，时区 {timeZone}，货币 {currency}，国家 {country}。要改：dingdong shop set {slug} --locale … --time-zone … --currency … --country …（货币和国家只能在第一个订单之前改）',
    en: 'Its language is {locale}, its time zone {timeZone}, its currency {currency}, its country {country}. To change them: dingdong shop set {slug} --locale … --time-zone … --currency … --country … (currency and country only before the first order)',
  },
  nothing: {
    zh: '请写明要改什么：--settings 文件或其他选项，见 --help。没有改动。',
    en: 'Say what to change: --settings FILE or another option, see --help. Nothing was changed.',
  },
  hasOrders: {
    zh: '店铺“{slug}”已有订单，货币和国家说明了它们的金额和号码是什么意思，不能再改。请另建店铺：dingdong shop create 短名 --currency … --country …',
    en: 'The shop "{slug}" has orders, and its currency and country say what their amounts and phone numbers mean, so these stay. Make another shop: dingdong shop create NAME --currency … --country …',
  },
  made: {
    zh: '店铺“{slug}”已创建，API 密钥（只显示这一次）：',
    en: 'The shop "{slug}" is there. Its API key, shown this once:',
  },
  keyMay: {
    zh: '它拥有这个店铺的全部权限，适合自己使用。给其他系统时，请另建只有所需权限的密钥：dingdong key create 名称 --scopes events:write{of}',
    en: 'It may do everything in this shop, so keep it for yourself. For another system make one with what that needs: dingdong key create NAME --scopes events:write{of}',
  },
  next: {
    zh: '接下来：先添加发送账号 dingdong account add smtp{of} --settings 文件（不写 --settings 会给出示例），再连接外部系统 dingdong connection add --help',
    en: 'Next: an account to send through, dingdong account add smtp{of} --settings FILE (without --settings it shows an example); then what the shop listens to: dingdong connection add --help',
  },
  killed: { zh: '已停发', en: 'stopped' },
  demo: { zh: '演示', en: 'demo' },
  none: { zh: '还没有店铺。', en: 'There are no shops yet.' },
} as const satisfies Record<string, Text>

export const SEAL = {
  summary: {
    zh: '更换店铺的数据密钥，并重新加密已有数据（可中断后继续）',
    en: 'give a shop a new data key and seal its data anew; can be broken off and continued',
  },
  resume: { zh: '不换新密钥，只继续未完成的重新加密', en: 'no new key: only go on with what is left' },
  rotated: { zh: '店铺“{shop}”的新密钥：第 {key} 号', en: 'New key of shop "{shop}": number {key}' },
  progress: { zh: '{column}：已重新加密 {count}', en: '{column}: {count} sealed anew' },
  done: {
    zh: '完成：{count} 个值由新密钥加密。旧密钥保留，用于读取备份。',
    en: 'Done: {count} values are sealed by the new key. Old keys stay, since backups need them.',
  },
  waiting: {
    zh: '等待运行中的进程读取新密钥…',
    en: 'Waiting until running processes have read the new key…',
  },
} as const satisfies Record<string, Text>

export const BACKUP = {
  backup: { zh: '备份到文件（运行中也可以）', en: 'back everything up into a file, also while it runs' },
  restore: { zh: '把备份恢复到空的数据库', en: 'read a backup into an empty database' },
  file: { zh: '备份文件', en: 'the backup file' },
  written: {
    zh: '已备份到 {file}：{tables} 张表，{rows} 行，{size}。主密钥不在备份中，请另行保存。',
    en: 'Backed up to {file}: {tables} tables, {rows} rows, {size}. The master key is not in it: keep that apart.',
  },
  encrypted: { zh: '它已用口令加密。', en: 'It is encrypted with the passphrase.' },
  plain: {
    zh: '它没有加密（--passphrase-file 可以加密）；其中的个人数据和卡密仍由主密钥密封。',
    en: 'It is not encrypted (--passphrase-file does that); personal data and card keys in it are sealed by the master key.',
  },
  restored: {
    zh: '已恢复 {rows} 行（备份时间 {at}）。请用当时的主密钥启动：{key}',
    en: '{rows} rows restored, as of {at}. Start with the master key of that time: {key}',
  },
  keyMissing: { zh: '（尚未放置）', en: '(not there yet)' },
} as const satisfies Record<string, Text>

export const MIGRATE = {
  summary: { zh: '把数据库结构更新到当前版本', en: 'bring the database up to this version' },
  done: { zh: '已执行：{files}', en: 'Applied: {files}' },
  nothing: { zh: '已是最新，无需更新。', en: 'Up to date; nothing to do.' },
} as const satisfies Record<string, Text>

export const EVENTS = {
  send: {
    zh: '发送事件（JSON 文件，或 - 读标准输入）',
    en: 'send events from a JSON file, or from standard input (-)',
  },
  file: { zh: '文件，或 -', en: 'file, or -' },
  tail: { zh: '实时显示进来的事件和发出的消息', en: 'show events coming in and messages going out, live' },
  since: { zh: '先显示最近 N 条（默认 10）', en: 'show the last N first (default 10)' },
  unknownType: {
    zh: '未知类型，只保存，不处理{near}',
    en: 'unknown type: kept, and nothing else{near}',
  },
  tailing: { zh: '实时显示“{shop}”，Ctrl-C 结束', en: 'Watching "{shop}"; Ctrl-C ends it' },
} as const satisfies Record<string, Text>

export const POLICIES = {
  show: { zh: '显示频次、免打扰、发送时段等规则', en: 'show caps, quiet hours, send windows and levels' },
  set: {
    zh: '从文件更改这些规则；未写的保持不变，写 null 则恢复默认',
    en: 'change them from a file; what it does not name stays, null brings the default back',
  },
} as const satisfies Record<string, Text>

export const REPLAY = {
  summary: {
    zh: '按记录重新作出决定，列出所有不同之处',
    en: 'give decisions again from what was recorded, and list every difference',
  },
  order: { zh: '订单号；不写则按 --since', en: 'order number; without one, by --since' },
  since: {
    zh: '最近多久计划的消息，例如 7d（默认 1d）',
    en: 'messages planned within this time, such as 7d (default 1d)',
  },
  policy: {
    zh: '改用这个文件里的规则：看看当时会有什么不同',
    en: 'under the rules of this file instead: what would have been otherwise',
  },
  sinceWrong: {
    zh: '--since 应为 7d、12h 这样的时长。',
    en: '--since should be a length of time such as 7d or 12h.',
  },
  unknown: { zh: '没有订单 {no}。', en: 'There is no order {no}.' },
  was: { zh: '当时：', en: 'then:' },
  now: { zh: '现在：', en: 'now: ' },
  sum: {
    zh: '重新作出 {verdicts} 个发送决定、{runs} 个流程运行；{n} 处不同，{unrecorded} 个没有记录。',
    en: '{verdicts} verdicts and {runs} runs given again: {n} differ, {unrecorded} were not recorded.',
  },
} as const satisfies Record<string, Text>

/** What an order was asked about: the question, which must not read as its answer. */
export const CLOCKS = {
  unpaid: { zh: '是否已付款', en: 'whether it is paid' },
  platform: { zh: '自动修复', en: 'healing' },
  unknown: { zh: '付款结果如何', en: 'how it ended' },
} as const satisfies Record<string, Text>

/** What was answered or done when it was asked. */
export const ANSWERS: Readonly<Record<string, Text>> = {
  paid: { zh: '已付款', en: 'paid' },
  failed: { zh: '支付失败', en: 'failed' },
  pending: { zh: '尚无结果', en: 'nothing decided yet' },
  stranger: { zh: '对方没有这笔订单', en: 'the other side does not know it' },
  later: { zh: '没有可用的答复，稍后再问', en: 'no answer to rely on, asked again later' },
  operator: { zh: '需要人工处理', en: 'a person has to set something right' },
  retry: { zh: '再试一次付款', en: 'payment tried once more' },
  retry_done: { zh: '重试已完成', en: 'the try was made' },
  retry_refused: { zh: '重试被拒绝', en: 'the try was refused' },
  retry_unknown: { zh: '重试结果不明', en: 'nobody knows whether the try was made' },
  retry_operator: { zh: '重试需要人工处理', en: 'the try needs a person' },
  concluded: { zh: '认定为支付失败', en: 'taken to have failed' },
  gave_up: { zh: '不再自动重试，改为提醒买家', en: 'not tried by itself any more, the buyer is reminded' },
  ended: { zh: '不再查询', en: 'asked no more' },
  next: { zh: '下次查询', en: 'next question' },
}

/** Why there is a next question at its time. */
export const ASKED_NEXT: Readonly<Record<string, Text>> = {
  waits: { zh: '等连接恢复', en: 'its connection waits for a person' },
  word: { zh: '有人说已付款', en: 'somebody said that it is paid' },
}

/** Why a failed payment was not healed, where the code alone does not say it. */
export const NOT_HEALED: Readonly<Record<string, Text>> = {
  too_late: {
    zh: '来不及在提醒买家之前重试：卡组织的间隔、停发开关、人工审核或对方未答复，等了太久',
    en: 'too late to try before the buyer is reminded: a ceiling of the card’s scheme, a kill switch, a review or a missing answer took too long',
  },
  reminded: { zh: '已提醒过买家，不再重试', en: 'the buyer has been reminded, so nothing is tried' },
  buyer_tried_again: { zh: '买家自己又付了一次', en: 'the buyer began another payment' },
  still_failing: { zh: '重试后仍然失败', en: 'it was tried and failed again' },
  undecided: { zh: '对方一直没有结果', en: 'the other side could not say how it ended' },
  paid_twice: {
    zh: '这笔订单收到了不止一次付款，请核对是否需要退还其中一笔',
    en: 'more than one payment of this order came through: see whether one must go back',
  },
  order_life: { zh: '订单在那之前就到期', en: 'the order ends before that' },
}

/** What one try to hand a message over came to. */
export const FATES: Readonly<Record<string, Text>> = {
  sent: { zh: '服务商已接收', en: 'taken by the provider' },
  retry: { zh: '暂时失败，稍后再试', en: 'did not go through for now, tried again later' },
  rejected: { zh: '被服务商拒绝', en: 'refused by the provider' },
  refresh: { zh: '凭据失效，换新后再试', en: 'the credential had lapsed, tried again with a new one' },
  operator: { zh: '账号需要人工处理', en: 'somebody must repair the account' },
  unknown: { zh: '结果不明', en: 'nobody knows whether it arrived' },
}

export const RUN_STATES = {
  active: { zh: '进行中', en: 'running' },
  done: { zh: '已完成', en: 'done' },
  stopped: { zh: '已停止', en: 'ended early' },
} as const satisfies Record<string, Text>

export const ORDERS = {
  summary: {
    zh: '查看订单的完整时间线，包括每条消息为什么发或没发',
    en: 'everything about an order, with the reason for each message sent or not',
  },
  no: { zh: '订单号', en: 'order number' },
  event: { zh: '事件', en: 'event' },
  run: { zh: '流程', en: 'flow' },
  message: { zh: '消息', en: 'message' },
  delivered: { zh: '已送达', en: 'delivered' },
  click: { zh: '点击链接', en: 'link clicked' },
  notStarted: { zh: '没有启动的流程', en: 'Flows that did not start' },
  folded: {
    zh: '×：因同一原因没有启动的流程并为一行（条件只差取值的也算）；--all 逐个显示。',
    en: '×: flows that one reason kept from starting, in one line (conditions may differ in a value); --all shows each.',
  },
  all: {
    zh: '没有启动的流程逐个显示，不合并',
    en: 'show each flow that did not start, none folded into one line',
  },
  held: { zh: '对照组：不发提醒', en: 'held back, to measure what reminders do' },
  attempt: { zh: '第 {n} 次：{fate}{code}', en: 'try {n}: {fate}{code}' },
  notHanded: { zh: '没有交给服务商', en: 'not handed to the provider' },
  review: { zh: '复核', en: 'review' },
  notHealed: { zh: '没有自动修复：{text}', en: 'Not healed: {text}' },
  inquiry: { zh: '查询', en: 'asked' },
  inquiryWords: { zh: '{source} · {clock}：{what}{code}', en: '{source} · {clock}: {what}{code}' },
  resent: {
    zh: '已重新排队 {id}，由规则决定是否发送。',
    en: '{id} is queued again; the gate decides whether it goes.',
  },
  resend: { zh: '重发一条消息', en: 'send a message again' },
  again: {
    zh: '一分钟内已经重发过，也再发一份',
    en: 'another copy, even within a minute of the last one',
  },
  messageId: { zh: 'msg_… 编号，见 order 或 tail', en: 'its id msg_…, see order or tail' },
} as const satisfies Record<string, Text>
