import { type CountryCode, isSupportedCountry } from 'libphonenumber-js/max'
import * as z from 'zod'
import { nearest } from '../domain/template/nearest.ts'
import { SECOND } from '../domain/time.ts'
import { placeholders } from './placeholders.ts'
import { safePattern } from './safe-pattern.ts'

const template = z.string().max(4_000)
const headerName = z.string().regex(/^[A-Za-z0-9-]{1,64}$/)
/** `data.0.id`; the empty path is the whole answer. */
const jsonPath = z.string().max(200)
const scalar = z.union([z.string(), z.number(), z.boolean()])

/** A piece of an answer: the value at a JSON path, or the first group of a pattern. */
const piece = z.union([z.strictObject({ json: jsonPath }), z.strictObject({ pattern: safePattern })])
export type Piece = z.infer<typeof piece>

const success = z.union([
  /** Any 2xx. */
  z.strictObject({ status: z.literal(true) }),
  z.strictObject({ json: jsonPath, equals: scalar }),
  z.strictObject({ pattern: safePattern }),
])

const request = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT']).default('POST'),
  /** Placeholders are percent-encoded. */
  url: z
    .string()
    .max(4_000)
    .regex(/^https?:\/\/[^/?#{}\s]+([/?#]|$)/, 'expected http(s)://host/…, with no placeholder in the host'),
  headers: z.record(headerName, template).default({}),
  body: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('json'), value: z.json() }),
      z.strictObject({ kind: z.literal('form'), fields: z.record(z.string().min(1).max(100), template) }),
      z.strictObject({ kind: z.literal('none') }),
    ])
    .default({ kind: 'none' }),
})

/** Makes `{{signature}}`: an HMAC of `over` under one of the credentials, or a plain digest where `key` is absent. */
const sign = z.strictObject({
  over: template,
  hash: z.enum(['sha256', 'sha1', 'md5']),
  key: z.string().optional(),
  encoding: z.enum(['hex', 'HEX', 'base64']).default('hex'),
})
export type Sign = z.infer<typeof sign>

/** What an error code means: `retry`, `retry:60` (not before 60 s), or whom it blames. */
const outcome = z.string().regex(/^(retry(:\d{1,5})?|address|content|operator)$/)

const callback = z.strictObject({
  /** The vendor proves itself by a token we gave it, or by an HMAC-SHA256 of the body (or `<timestamp>.<body>`). */
  check: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('token'),
      in: z.enum(['query', 'header']),
      name: z.string().min(1).max(64),
    }),
    z.strictObject({
      kind: z.literal('hmac'),
      header: z.string().min(1).max(64).toLowerCase(),
      timestampHeader: z.string().min(1).max(64).toLowerCase().optional(),
      encoding: z.enum(['hex', 'base64']).default('hex'),
    }),
  ]),
  format: z.enum(['json', 'form', 'query']).default('json'),
  /** Where the list of items is; absent: the body is one item, or a list of them. */
  items: jsonPath.optional(),
  receipt: z
    .strictObject({
      ref: jsonPath.optional(),
      id: jsonPath.optional(),
      status: jsonPath,
      delivered: z.array(scalar).min(1),
      /** Statuses that are not final yet; any other one means failed. */
      pending: z.array(scalar).default([]),
      code: jsonPath.optional(),
      time: jsonPath.optional(),
    })
    .optional(),
  reply: z.strictObject({ from: jsonPath, text: jsonPath, time: jsonPath.optional() }).optional(),
  /** What the vendor wants to read back. */
  answer: z.string().max(500).default('ok'),
})

const shape = z.strictObject({
  request,
  /** Keys and passwords, each usable as `{{name}}`. */
  credentials: z.record(z.string().regex(/^[a-z][a-z0-9_]{0,31}$/), z.string().max(4_000)).default({}),
  sign: sign.optional(),
  /** `+8613800138000`, `8613800138000`, or `13800138000` (Chinese numbers only). */
  number: z.enum(['e164', 'digits', 'cn']).default('e164'),
  success,
  ref: piece.optional(),
  code: piece.optional(),
  codes: z.record(z.string(), outcome).default({}),
  /** The gateway drops repeats by `{{id}}`: only then is a message tried again after its connection broke. */
  dropsRepeats: z.boolean().default(false),
  timeout: z
    .int()
    .min(SECOND)
    .max(30 * SECOND)
    .default(15 * SECOND),
  callback: callback.optional(),
  callbackSecret: z.string().min(16).max(1_000).optional(),
  /** Whose rules its messages come under: a name of the law files (`tencent`, `aliyun`, …), or `none`. */
  law: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/)
    .optional(),
  /** Whose country's rules its messages come under, ISO 3166; else the one of `countries`, else the shop's. */
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'expected a country such as CN')
    .optional(),
  /** Countries that it reaches, ISO 3166; all when left out. A message goes through the first account that reaches its receiver. */
  countries: z
    .array(
      z.string().refine((code) => isSupportedCountry(code as CountryCode), 'expected a country such as CN'),
    )
    .min(1, 'expected at least one country')
    .optional(),
  /** The name that the vendor puts in 【】 before each text, without the brackets. */
  signature: z.string().min(1).max(30).optional(),
  /** What the vendor takes for one segment to receivers there, in thousandths of the shop's currency; else the shop's `costs.sms`. */
  segmentPrice: z.number().min(0).max(1_000_000).optional(),
  /** The one address the carrier has on file, and its filing number (ICP备案). It leads to `/c/<shop>`. */
  registeredLink: z
    .strictObject({
      url: z.url({ protocol: /^https?$/ }).max(100),
      icp: z.string().min(4).max(60).optional(),
    })
    .optional(),
})

export const smsSettings = shape.superRefine((settings, context) => {
  for (const { path, message } of problems(settings)) context.addIssue({ code: 'custom', path, message })
})
export type SmsSettings = z.infer<typeof smsSettings>
export type SmsCallbackSettings = z.infer<typeof callback>

/** Placeholders that are always there; credentials come on top. */
const BUILT_IN = ['to', 'text', 'id', 'timestamp', 'timestamp_ms', 'nonce', 'signature'] as const

type Problem = { readonly path: (string | number)[]; readonly message: string }

function problems(settings: z.infer<typeof shape>): Problem[] {
  const { url, headers, body } = settings.request
  const inBody = placeholders(body.kind === 'json' ? body.value : body.kind === 'form' ? body.fields : '')
  const inRequest = [...placeholders([url, headers]), ...inBody]
  const over = placeholders(settings.sign?.over ?? '')
  const known = [...BUILT_IN, ...Object.keys(settings.credentials)]
  const found: Problem[] = []
  const say = (message: string, ...path: (string | number)[]) => found.push({ path, message })

  for (const name of BUILT_IN) {
    if (name in settings.credentials) say(`{{${name}}} has a meaning of its own`, 'credentials', name)
  }
  for (const name of inRequest) if (!known.includes(name)) say(unknownName(name, known), 'request')
  for (const name of over) {
    const allowed = [...known.filter((one) => one !== 'signature'), 'body']
    if (!allowed.includes(name)) say(unknownName(name, allowed), 'sign', 'over')
  }
  for (const name of ['to', 'text']) {
    if (!inRequest.includes(name)) say(`{{${name}}} is nowhere in the request`, 'request')
  }
  if (settings.dropsRepeats && !inRequest.includes('id')) say('needs {{id}} in the request', 'dropsRepeats')
  if (inRequest.includes('signature') && !settings.sign) say('{{signature}} needs `sign`', 'sign')
  if (over.includes('body') && inBody.includes('signature')) {
    say('a signature over {{body}} cannot be inside the body', 'sign', 'over')
  }
  const { country, countries, number } = settings
  if (countries && country !== undefined && !countries.includes(country))
    say('expected one of `countries`', 'country')
  if (countries && number === 'cn' && countries.some((each) => each !== 'CN'))
    say('`number: cn` writes Chinese numbers only: expected CN alone', 'countries')
  const { key } = settings.sign ?? {}
  if (key !== undefined && !(key in settings.credentials))
    say(`there is no credential "${key}"`, 'sign', 'key')
  if (settings.callback && !settings.callbackSecret) say('callbacks need a secret', 'callbackSecret')
  const { receipt } = settings.callback ?? {}
  if (receipt && receipt.ref === undefined && receipt.id === undefined) {
    say('expected `ref` or `id`: a receipt must name its message', 'callback', 'receipt')
  }
  return found
}

function unknownName(name: string, known: readonly string[]): string {
  const near = nearest(name, known)
  return `there is no {{${name}}}${near ? `; did you mean {{${near}}}?` : ''}`
}
