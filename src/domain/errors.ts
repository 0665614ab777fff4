/** What a fault means for the one who caused it; `http/errors.ts` alone turns it into a status code. */
export type FaultKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
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
  BODY_NOT_JSON: {
    kind: 'invalid',
    en: 'The body must be JSON; it could not be read: {detail}. Send valid JSON in UTF-8.',
    zh: '请求体必须是 JSON，但无法解析：{detail}。请发送 UTF-8 编码的合法 JSON。',
  },
  BODY_TOO_LARGE: {
    kind: 'too_large',
    en: 'The body may have at most {limit} bytes. Send fewer events at a time.',
    zh: '请求体最多 {limit} 字节。请减少每次发送的事件数。',
  },
  EMAIL_INVALID: {
    kind: 'unprocessable',
    en: 'A mail address such as name@example.com was expected. The address was left out; correct it at the sender.',
    zh: '应为邮箱地址，例如 name@example.com。该地址已忽略，请在来源系统中更正。',
  },
  PHONE_INVALID: {
    kind: 'unprocessable',
    en: 'A phone number that exists was expected, such as +8613800138000. It was left out; send it with its country code, or set the country of the shop.',
    zh: '应为真实存在的手机号，例如 +8613800138000。该号码已忽略；请带上国家区号，或设置店铺所在国家。',
  },
  PHONE_NO_SMS: {
    kind: 'unprocessable',
    en: 'A mobile number was expected; this is a landline, toll-free or premium number, which gets no SMS. It was left out; ask the buyer for a mobile number.',
    zh: '应为手机号；该号码是座机、免费或付费热线，无法接收短信，已忽略。请向买家索取手机号。',
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
  INTERNAL: {
    kind: 'operator',
    en: 'Something broke inside Dingdong ({detail}). Nothing was accepted; try again, and look at the log for this request id.',
    zh: 'Dingdong 内部出错（{detail}）。本次请求未被接受；请重试，并用请求编号查看日志。',
  },
} as const satisfies Record<string, FaultEntry>

export type FaultCode = keyof typeof CATALOGUE

/** A foreseen error. `fields` names what is wrong where: `[{ path: 'events[3].data.refs', problem: '…' }]`. */
export class Fault extends Error {
  readonly code: FaultCode
  readonly params: Readonly<Record<string, string | number>>
  readonly fields: readonly FieldProblem[]

  constructor(
    code: FaultCode,
    params: Readonly<Record<string, string | number>> = {},
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

export interface FieldProblem {
  readonly path: string
  readonly problem: string
}

/** The catalogue's sentence with its parameters filled in. */
export function faultText(
  code: FaultCode,
  params: Readonly<Record<string, string | number>>,
  language: 'en' | 'zh',
): string {
  return CATALOGUE[code][language].replace(/\{(\w+)\}/g, (_, name: string) => String(params[name] ?? '?'))
}

/** The one place where an error is swallowed on purpose: says why, keeps it visible in the log. */
export function ignoring(
  error: unknown,
  why: string,
  log: { debug(fields: object, text: string): void },
): void {
  log.debug({ err: error }, `ignored: ${why}`)
}
