import { createHash, createHmac } from 'node:crypto'
import type { HttpRequest } from '../domain/http.ts'
import type { Fate, OutboundMessage } from '../domain/message.ts'
import { type Instant, SECOND } from '../domain/time.ts'
import type { Provider, ProviderPorts, Sender } from './channel.ts'
import { fateOfSilence } from './http-fate.ts'
import { fill, fillJson } from './placeholders.ts'
import { fateOfAnswer } from './sms-answer.ts'
import { readSmsCallback } from './sms-callback.ts'
import { type Sign, type SmsSettings, smsSettings } from './sms-settings.ts'
import { stableId } from './stable-id.ts'

/** Text messages through any gateway that takes HTTP: what to ask and how to read the answer are settings. */
export const smsHttp: Provider<SmsSettings> = {
  name: 'sms-http',
  channel: 'sms',
  // A phone shows what it gets, twice when it gets it twice.
  repeat: 'visible',
  settings: smsSettings,
  secrets: ['credentials', 'callbackSecret'],
  addressesOf: ({ request }) => ({ 'request.url': request.url }),
  lawOf: ({ law, country, countries, signature, registeredLink }) => ({
    law: law ?? null,
    country: country ?? (countries?.length === 1 ? countries[0]! : null),
    signature: signature ?? null,
    registered: registeredLink ? { url: registeredLink.url, icp: registeredLink.icp ?? null } : null,
  }),
  segmentPriceOf: ({ segmentPrice }) => segmentPrice ?? null,
  countriesOf: ({ countries, number }, alone) => countries ?? (number === 'cn' && !alone ? ['CN'] : null),
  open,
  readCallback: readSmsCallback,
}

function open(settings: SmsSettings, { clock, random, http }: ProviderPorts): Sender {
  return {
    async send(message, signal): Promise<Fate> {
      if (message.content.kind !== 'sms') {
        return rejected('content', 'wrong_content', `expected sms content, got ${message.content.kind}`)
      }
      const to = writeNumber(message.to, settings.number)
      if (to === null) {
        const expected = settings.number === 'cn' ? 'a Chinese mobile number, +86…' : 'an E.164 number'
        return rejected('address', 'bad_address', `expected ${expected}`)
      }
      const nonce = Buffer.from(random(16)).toString('hex')
      const request = buildRequest(settings, message, message.content.text, to, { now: clock.now(), nonce })
      const result = await http(request, signal)
      if (result.kind === 'answer') return fateOfAnswer(settings, result, clock.now())
      const fate = fateOfSilence(result)
      if (fate.kind !== 'unknown' || !settings.dropsRepeats) return fate
      return { kind: 'retry', code: fate.code, afterMs: null, detail: result.detail }
    },
    close: async () => {},
  }
}

/** One attempt's request. The id is the same each time; time stamp, nonce and signature are not. */
function buildRequest(
  settings: SmsSettings,
  message: OutboundMessage,
  text: string,
  to: string,
  { now, nonce }: { readonly now: Instant; readonly nonce: string },
): HttpRequest {
  const { method, url, headers, body } = settings.request
  const values: Record<string, string> = {
    ...settings.credentials,
    to,
    text,
    id: stableId(message.idempotencyKey),
    timestamp: String(Math.floor(now / SECOND)),
    timestamp_ms: String(now),
    nonce,
  }
  // A signature may cover the body, or stand in it; the settings' check excludes both at once.
  const writeBody = (): string | null => {
    switch (body.kind) {
      case 'json':
        return JSON.stringify(fillJson(body.value, values))
      case 'form':
        return new URLSearchParams(fillJson(body.fields, values) as Record<string, string>).toString()
      case 'none':
        return null
    }
  }
  if (settings.sign) {
    values.body = writeBody() ?? ''
    values.signature = signature(settings.sign, fill(settings.sign.over, values), settings.credentials)
  }
  const types = { json: 'application/json', form: 'application/x-www-form-urlencoded', none: null }
  const type = types[body.kind]
  return {
    method,
    url: fill(url, values, percentEncode),
    headers: {
      ...(type ? { 'content-type': type } : {}),
      ...Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name.toLowerCase(), fill(value, values, headerSafe)]),
      ),
    },
    body: writeBody(),
    timeout: settings.timeout,
  }
}

function signature(sign: Sign, over: string, credentials: Readonly<Record<string, string>>): string {
  const hash =
    sign.key === undefined ? createHash(sign.hash) : createHmac(sign.hash, credentials[sign.key] ?? '')
  hash.update(over)
  if (sign.encoding === 'base64') return hash.digest('base64')
  const hex = hash.digest('hex')
  return sign.encoding === 'HEX' ? hex.toUpperCase() : hex
}

/** Visible ASCII as it is, the rest percent-encoded: no value can end a header and begin another. */
function headerSafe(value: string): string {
  return value.replace(/[^\x20-\x7e]/gu, percentEncode)
}

/** Half an emoji (a text cut in the middle) becomes U+FFFD; `encodeURIComponent` alone would throw. */
function percentEncode(value: string): string {
  return encodeURIComponent(value.toWellFormed())
}

function writeNumber(number: string, form: SmsSettings['number']): string | null {
  if (!/^\+[1-9]\d{6,14}$/.test(number)) return null
  switch (form) {
    case 'e164':
      return number
    case 'digits':
      return number.slice(1)
    case 'cn':
      return /^\+861\d{10}$/.test(number) ? number.slice(3) : null
  }
}

function rejected(blame: 'address' | 'content', code: string, detail: string): Fate {
  return { kind: 'rejected', blame, code, detail }
}
