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
