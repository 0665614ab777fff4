import { SEAL_FAULTS } from './seal/fault.ts'

/** What a fault means for the one who caused it; `http/errors.ts` alone turns it into a status code. */
export type FaultKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'wrong_method'
  | 'gone'
  | 'conflict'
  | 'too_large'
  | 'unsupported'
  | 'unprocessable'
  | 'limited'
  | 'unavailable'
  | 'operator'

export interface FaultEntry {
  readonly kind: FaultKind
  /** What was expected, what came, what to do. `{name}` is filled from the parameters. */
  readonly en: string
  readonly zh: string
}

/** Every error a person or a program can get from Dingdong. Documented one to one in docs/reference/errors.md. */
export const CATALOGUE = {
  ...SEAL_FAULTS,
  BODY_NOT_JSON: {
    kind: 'invalid',
    en: 'The body must be JSON; it could not be read: {detail}. Send valid JSON in UTF-8.',
    zh: '请求体必须是 JSON，但无法解析：{detail}。请发送 UTF-8 编码的合法 JSON。',
  },
  BODY_TOO_LARGE: {
    kind: 'too_large',
    en: 'The body may have at most {limit} bytes. Send fewer events at a time; of one that is larger by itself, leave out what is not needed (`data.extra`).',
    zh: '请求体最多 {limit} 字节。请减少每次发送的事件数；单个事件超限时，请去掉不需要的内容（`data.extra`）。',
  },
  EMAIL_INVALID: {
    kind: 'unprocessable',
    en: 'The mail address that this event gives cannot be read: one such as name@example.com was expected, {got} came. It was left out, so no mail goes there; correct it at the sender.',
    zh: '事件中的邮箱地址无法识别：应类似 name@example.com，收到的是{got}。该地址已忽略，不会向它发送邮件；请在来源系统中更正。',
  },
  PHONE_INVALID: {
    kind: 'unprocessable',
    en: 'The phone number that this event gives cannot be read as a number of {country}: {got} came. It was left out, so no SMS goes there; write it as {example}, with its country code.',
    zh: '事件中的电话号码无法识别为{country}的号码：收到的是{got}。该号码已忽略，不会向它发送短信；请带上国家区号，例如 {example}。',
  },
  PHONE_NO_SMS: {
    kind: 'unprocessable',
    en: 'A mobile number was expected; this is a landline, toll-free or premium number, which gets no SMS. It was left out; ask the buyer for a mobile number.',
    zh: '应为手机号；该号码是座机、免费或付费热线，无法接收短信，已忽略。请向买家索取手机号。',
  },
  FIELD_LEFT_OUT: {
    kind: 'unprocessable',
    en: 'What this event gives as {path} is too long or of another form, and was left out; the rest of it counts. Correct it at the sender.',
    zh: '事件中 {path} 的内容过长或格式不符，已忽略；其余内容照常处理。请在来源系统中更正。',
  },
  EVENT_UNREADABLE: {
    kind: 'unprocessable',
    en: 'Nothing of what this event says could be read; it is kept and has no effect. Correct it at the sender.',
    zh: '该事件的内容完全无法识别，仅保存，不起作用。请在来源系统中更正。',
  },
  TYPE_UNKNOWN: {
    kind: 'unprocessable',
    en: 'Nothing is done on events of type "{got}": this one is kept and shown, without effect{near}. Where the type is your own, let a flow of the shop start on it.',
    zh: '没有任何处理针对类型“{got}”：该事件仅保存并显示，不起作用{near}。如果这是您自己的类型，请让店铺的某个流程由它启动。',
  },
  FIELD_UNKNOWN: {
    kind: 'unprocessable',
    en: 'There is no field {path}, so nobody reads what stands there{near}. The rest of the event counts; what is your own belongs in data.extra.',
    zh: '没有 {path} 这个字段，其内容不会被读取{near}。事件的其余内容照常处理；自有内容请放在 data.extra 中。',
  },
  CURRENCY_UNKNOWN: {
    kind: 'unprocessable',
    en: 'A currency of ISO 4217 was expected, "{got}" came{near}. Amounts in it are kept as they are; rules with limits by currency do not judge them.',
    zh: '应为 ISO 4217 货币代码，收到的是“{got}”{near}。金额照原样保存，按货币设限的规则不会对其作出判断。',
  },
  ORDER_UNNAMED: {
    kind: 'unprocessable',
    en: 'This event names no order, so no order knows of it. Give the order’s number in data.order.no, or another system’s name of it in data.refs.',
    zh: '该事件没有指明订单，不会计入任何订单。请在 data.order.no 中给出订单号，或在 data.refs 中给出其他系统里的编号。',
  },
  LOCALE_INVALID: {
    kind: 'unprocessable',
    en: 'A language tag such as zh-CN or en was expected (BCP 47). It was left out; the phone or the shop decides the language.',
    zh: '应为语言标签，例如 zh-CN 或 en（BCP 47）。该值已忽略，将按手机号地区或店铺设置选择语言。',
  },
  TIME_ZONE_INVALID: {
    kind: 'unprocessable',
    en: 'A time zone name such as Asia/Shanghai was expected (IANA). It was left out; the phone or the shop decides the time zone.',
    zh: '应为时区名称，例如 Asia/Shanghai（IANA）。该值已忽略，将按手机号地区或店铺设置确定时区。',
  },
  OVERLOADED: {
    kind: 'unavailable',
    en: '{waiting} events are waiting to be written, which is all that fits. Nothing was accepted; send the same events again after Retry-After.',
    zh: '已有 {waiting} 个事件等待写入，暂时无法接收更多。本次请求未被接受；请在 Retry-After 之后重发相同事件。',
  },
  DATABASE_UNAVAILABLE: {
    kind: 'unavailable',
    en: 'The database cannot be written to at the moment. Nothing was accepted; send the same request again after Retry-After.',
    zh: '数据库暂时无法写入。本次请求未被接受；请在 Retry-After 之后重发相同请求。',
  },
  KEY_MISSING: {
    kind: 'unauthenticated',
    en: 'This address needs an API key that holds {permission}: send "Authorization: Bearer dk_…".',
    zh: '此地址需要拥有 {permission} 权限的 API 密钥：请发送 "Authorization: Bearer dk_…"。',
  },
  KEY_TYPO: {
    kind: 'unauthenticated',
    en: 'What came after "Bearer" is no whole API key: dk_ and all that follows it was expected, exactly as shown when the key was made; {length} characters came. Copy the key again.',
    zh: '"Bearer" 之后不是完整的 API 密钥：应为创建时显示的、以 dk_ 开头的完整内容，收到 {length} 个字符。请重新复制密钥。',
  },
  KEY_NOT_BEARER: {
    kind: 'unauthenticated',
    en: 'The header Authorization came, but not as "Bearer dk_…". Write the word Bearer and a space before the API key.',
    zh: '收到了 Authorization 请求头，但格式不是 "Bearer dk_…"。请在 API 密钥前写上 Bearer 和一个空格。',
  },
  KEY_UNKNOWN: {
    kind: 'unauthenticated',
    en: 'This API key is not known here. Create one with "dingdong key create", or check the address you are calling.',
    zh: '此处不认识这个 API 密钥。请用 "dingdong key create" 创建，或检查所调用的地址。',
  },
  KEY_REVOKED: {
    kind: 'unauthenticated',
    en: 'This API key was revoked at {at}. Use another one.',
    zh: '此 API 密钥已于 {at} 吊销，请使用其他密钥。',
  },
  SCOPE_MISSING: {
    kind: 'forbidden',
    en: 'This needs the permission {permission}, which the key does not hold. Create a key with it.',
    zh: '此操作需要 {permission} 权限，当前密钥没有。请创建拥有该权限的密钥。',
  },
  SCOPE_NOT_YOURS: {
    kind: 'forbidden',
    en: 'A key can only grant what it holds itself; it lacks {scopes}. Log in as the administrator to grant these.',
    zh: '密钥只能授予自己拥有的权限，它缺少 {scopes}。请以管理员身份登录后授予。',
  },
  LOGIN_NEEDED: {
    kind: 'unauthenticated',
    en: 'Only the administrator may do this. Log in at /login with the admin secret, which the first start showed; "dingdong admin secret" makes a new one.',
    zh: '仅管理员可以执行此操作。请在 /login 用管理员密钥登录；首次启动时已显示，也可运行 dingdong admin secret 重新生成。',
  },
  LOGIN_WRONG: {
    kind: 'unauthenticated',
    en: 'That is not the admin secret. Check for missing characters, or make a new one with "dingdong admin secret".',
    zh: '管理员密钥不对。请检查是否缺少字符，或运行 dingdong admin secret 重新生成。',
  },
  CROSS_SITE: {
    kind: 'forbidden',
    en: 'The request came from another site’s page and was refused. Do it from a page of Dingdong itself.',
    zh: '请求来自其他网站的页面，已拒绝。请在 Dingdong 自己的页面上操作。',
  },
  ORIGIN_MISSING: {
    kind: 'forbidden',
    en: 'The request does not say which page it comes from (it has neither Sec-Fetch-Site nor Origin), so it was refused. Browsers say it; if a proxy takes the headers away, let it pass them on. A log-in is for browsers: a program calls the API with a shop’s key, and runs "dingdong flow kill --everything" to stop every shop.',
    zh: '请求没有说明来自哪个页面（缺少 Sec-Fetch-Site 和 Origin），已拒绝。浏览器都会带上它们；如果是反向代理去掉了，请让它原样转发。登录只供浏览器使用：程序请用店铺密钥调用 API；要停发全部店铺，请运行 dingdong flow kill --everything。',
  },
  NOT_FOUND: {
    kind: 'not_found',
    en: 'Nothing in this shop has this id. Check the id, and that the key belongs to the same shop.',
    zh: '本店没有这个编号的内容。请检查编号，以及密钥是否属于同一店铺。',
  },
  ROUTE_UNKNOWN: {
    kind: 'not_found',
    en: 'There is nothing at this address. /openapi.json lists what there is.',
    zh: '此地址不存在。可用的地址见 /openapi.json。',
  },
  ADDRESS_UNREADABLE: {
    kind: 'invalid',
    en: 'The address holds a % sequence that is no text in UTF-8. Escape each part of it as encodeURIComponent does; a percent sign itself is written %25.',
    zh: '地址中有不是 UTF-8 文字的 % 转义。请像 encodeURIComponent 那样转义地址的每一部分；百分号本身写作 %25。',
  },
  METHOD_NOT_ALLOWED: {
    kind: 'wrong_method',
    en: 'This address takes {allowed}, not {method}.',
    zh: '此地址接受 {allowed}，不接受 {method}。',
  },
  CONTENT_TYPE_UNSUPPORTED: {
    kind: 'unsupported',
    en: 'Expected content type {expected}, got {got}.',
    zh: '内容类型应为 {expected}，收到的是 {got}。',
  },
  CONTENT_ENCODING_UNSUPPORTED: {
    kind: 'unsupported',
    en: 'The body must come uncompressed; {got} was used. Leave Content-Encoding out.',
    zh: '请求体不能压缩，收到的是 {got}。请去掉 Content-Encoding。',
  },
  EVENTS_INVALID: {
    kind: 'unprocessable',
    en: '{wrong} of {count} events cannot be read, so none was accepted. "fields" says which one and what is wrong; correct them and send all again.',
    zh: '{count} 个事件中有 {wrong} 个无法读取，因此全部未被接受。"fields" 说明了具体位置；请改正后重新发送全部事件。',
  },
  EVENTS_COUNT: {
    kind: 'unprocessable',
    en: 'One request carries 1 to {most} events; {got} came, and none was accepted. Send them in parts.',
    zh: '每次请求应有 1 到 {most} 个事件；收到 {got} 个，全部未被接受。请分批发送。',
  },
  FIELD_INVALID: {
    kind: 'unprocessable',
    en: 'The request was not understood; "fields" says what was expected where.',
    zh: '请求内容有误；"fields" 说明了哪里应当是什么。',
  },
  REQUEST_BROKEN: {
    kind: 'invalid',
    en: 'The request could not be read: {detail}.',
    zh: '请求无法读取：{detail}。',
  },
  SIGNATURE_INVALID: {
    kind: 'unauthenticated',
    en: 'The callback did not prove where it comes from: {why}. Compare the signing secret on both sides.',
    zh: '回调没有通过来源验证：{why}。请核对两边的签名密钥。',
  },
  SIGNATURE_STALE: {
    kind: 'unauthenticated',
    en: 'The callback’s signature is right, but its time is not: {why}. The secrets fit; set the clocks of this machine and of the sender (NTP). Or somebody sent an old callback again.',
    zh: '回调的签名正确，但时间不符：{why}。密钥没有问题，请校准本机和发送方的时钟（NTP）；也可能是有人重发了旧回调。',
  },
  CALLBACK_UNREADABLE: {
    kind: 'unprocessable',
    en: 'The callback is authentic, but could not be understood; "fields" says where.',
    zh: '回调来源可信，但内容无法理解；"fields" 说明了位置。',
  },
  CONNECTION_OFF: {
    kind: 'gone',
    en: 'This connection was switched off in Dingdong. Stop sending here, or switch it on again.',
    zh: '此接入已在 Dingdong 中停用。请停止发送，或重新启用。',
  },
  CONNECTION_UNFINISHED: {
    kind: 'unavailable',
    en: 'This connection still lacks its settings (the signing secret, as a rule). Nothing was accepted; enter them with `dingdong connection set`, and send the same again after Retry-After.',
    zh: '此接入还缺少设置（通常是签名密钥）。本次请求未被接受；请用 `dingdong connection set` 填好，之后重发相同请求。',
  },
  SOURCE_UNKNOWN: {
    kind: 'operator',
    en: 'This version of Dingdong has no usable source "{source}" for this connection. Nothing was accepted.',
    zh: '当前版本的 Dingdong 无法使用来源“{source}”。本次请求未被接受。',
  },
  RATE_LIMITED: {
    kind: 'limited',
    en: 'Too many tries; wait {seconds} seconds.',
    zh: '尝试过于频繁，请等待 {seconds} 秒。',
  },
  TRIAL_RUNNING: {
    kind: 'limited',
    en: 'Another trial of this shop is still running, and there is one at a time. Wait for its answer, then try again.',
    zh: '本店已有一次试运行正在进行，同一时间只能有一次。请等它结束后再试。',
  },
  MEMBER_LOGIN_NEEDED: {
    kind: 'unauthenticated',
    en: 'Only people who work for this shop may see this. Log in with your email address; a code is sent to it.',
    zh: '只有本店员工可以查看。请用您的邮箱登录，验证码会发到邮箱。',
  },
  REVIEW_DECIDED: {
    kind: 'conflict',
    en: 'This review is already {decided}, since {at}. Nothing was changed; a decision can be taken back within a day.',
    zh: '该复核已于 {at} {decided}。本次未作任何更改；处理结果可在一天内撤回。',
  },
  REVIEW_FURTHEST: {
    kind: 'conflict',
    en: 'This review was not passed on: it has been with {who} since {since}, and nobody else comes after them. They are told again at {until}. Decide it, or give somebody else one of the roles {roles} (member add).',
    zh: '未转交该复核：自 {since} 起由{who}处理，之后没有其他人；{until} 会再次提醒。请直接处理，或为其他人添加角色（{roles}）：member add。',
  },
  REVIEW_NOT_YOURS: {
    kind: 'forbidden',
    en: 'This review is for {roles}; you have none of these roles. Pass it on to them.',
    zh: '该复核由 {roles} 处理，您没有这些角色。请转交给他们。',
  },
  REVIEW_TOO_LATE: {
    kind: 'conflict',
    en: 'There is nothing to change here any more: a flag is not escalated, and a decision is taken back within a day while the order lives.',
    zh: '现在已无法更改：提示不能升级；处理结果只能在一天内、订单未结束时撤回。',
  },
  RULE_INVALID: {
    kind: 'unprocessable',
    en: 'The rule was not changed; "fields" says what was expected where.',
    zh: '规则未更改；"fields" 说明了哪里应当是什么。',
  },
  TEMPLATE_INVALID: {
    kind: 'unprocessable',
    en: 'The template was not published; "fields" says what was expected where, and which rule asks for it.',
    zh: '模板未发布；"fields" 说明了哪里应当是什么，以及是哪条规则的要求。',
  },
  FLOW_INVALID: {
    kind: 'unprocessable',
    en: 'The flow cannot be published as it is; "fields" says what was expected where.',
    zh: '流程有误，不能发布；"fields" 说明了哪里应当是什么。',
  },
  VERSION_MOVED: {
    kind: 'conflict',
    en: 'This was made from version {basedOn}, but version {current} is in force, published at {at} by {by}. Nothing was changed: read that version, make your change in it, and send it with basedOn {current}.',
    zh: '本次修改基于第 {basedOn} 版，但现在生效的是第 {current} 版（{by} 于 {at} 发布）。未作任何更改：请读取该版本，在其上修改，并以 basedOn {current} 重新提交。',
  },
  UNDO_NOTHING: {
    kind: 'conflict',
    en: 'There is nothing to bring back: version {version} is in force, and no other version there is, or none as asked for, says anything else.',
    zh: '没有可以恢复的内容：现在生效的是第 {version} 版，没有其他（或所指定的）版本写着不同的内容。',
  },
  RESEND_REPEATED: {
    kind: 'conflict',
    en: 'This message was already resent with the same Idempotency-Key, or within the last minute. Look for its "resend_of". Another copy all the same: a new Idempotency-Key, or --again on the command line.',
    zh: '这条消息已用相同的 Idempotency-Key 重发，或在一分钟内刚重发过。请查看带有 "resend_of" 的消息。确实要再发一份：换一个 Idempotency-Key，命令行用 --again。',
  },
  RESEND_POINTLESS: {
    kind: 'conflict',
    en: 'A one-time code is not sent again: it would no longer work. The buyer asks for a new one on the order page.',
    zh: '一次性验证码不会重发，因为旧码已失效。请让买家在订单页重新获取。',
  },
  INTERNAL: {
    kind: 'operator',
    en: 'Something broke inside Dingdong ({detail}). Nothing was accepted; try again, and look at the log for this request id.',
    zh: 'Dingdong 内部出错（{detail}）。本次请求未被接受；请重试，并用请求编号查看日志。',
  },
} as const satisfies Record<string, FaultEntry>

export type FaultCode = keyof typeof CATALOGUE

/** What goes into a sentence; words that differ by language come in both. */
export type FaultParams = Readonly<Record<string, string | number | Readonly<Record<'en' | 'zh', string>>>>

/** A foreseen error. `fields` names what is wrong where: `[{ path: 'events[3].data.refs', problem: '…' }]`. */
export class Fault extends Error {
  readonly code: FaultCode
  readonly params: FaultParams
  readonly fields: readonly FieldProblem[]

  constructor(
    code: FaultCode,
    params: FaultParams = {},
    more: { readonly cause?: unknown; readonly fields?: readonly FieldProblem[] } = {},
  ) {
    super(faultText(code, params, 'en'), more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'Fault'
    this.code = code
    this.params = params
    this.fields = more.fields ?? []
  }

  get kind(): FaultKind {
    return CATALOGUE[this.code].kind
  }
}

/** Faults of one body or file that are told: who has more to mend begins with them. */
export const MOST_FAULTS = 100

export interface FieldProblem {
  readonly path: string
  readonly problem: string
  /** Which check found it, where checks have names. */
  readonly code?: string
  /** The rule of the message law that it breaks, and where that rule is written. */
  readonly rule?: string
  readonly source?: string
}

/** The catalogue's sentence with its parameters filled in. */
export function faultText(code: FaultCode, params: FaultParams, language: 'en' | 'zh'): string {
  return CATALOGUE[code][language].replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name] ?? '?'
    return typeof value === 'object' ? value[language] : String(value)
  })
}

/** The one place where an error is swallowed on purpose: says why, keeps it visible in the log. */
export function ignoring(
  error: unknown,
  why: string,
  log: { debug(fields: object, text: string): void },
): void {
  log.debug({ err: error }, `ignored: ${why}`)
}
