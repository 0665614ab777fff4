import { createHash, createHmac, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { HttpRequest, HttpResult } from '../domain/http.ts'
import type { MessageId, ShopId } from '../domain/ids.ts'
import type { OutboundMessage } from '../domain/message.ts'
import { systemClock } from '../domain/time.ts'
import type { ProviderPorts } from './channel.ts'
import { smsHttp } from './sms-http.ts'

const NOW = Date.UTC(2026, 10, 22, 8)
const OK: HttpResult = { kind: 'answer', status: 200, headers: {}, body: '{"code":0}', complete: true }

/** The least that a gateway needs; `more` replaces top-level settings. */
function gateway(more: object = {}, request: object = {}) {
  return {
    request: {
      url: 'https://sms.example/send',
      body: { kind: 'json', value: { phone: '{{to}}', content: '{{text}}' } },
      ...request,
    },
    success: { json: 'code', equals: 0 },
    code: { json: 'code' },
    ...more,
  }
}

async function send(settings: object, message: Partial<OutboundMessage> = {}, result: HttpResult = OK) {
  const requests: HttpRequest[] = []
  const ports: ProviderPorts = {
    clock: { ...systemClock(), now: () => NOW },
    random: (bytes) => randomBytes(bytes),
    http: async (request) => {
      requests.push(request)
      return result
    },
    log: { debug() {}, warn() {} },
    storeInboxItem: async () => {},
  }
  const sender = smsHttp.open(smsHttp.settings.parse(settings), ports)
  const fate = await sender.send(anSms(message), new AbortController().signal)
  return { fate, request: requests[0] }
}

function anSms(more: Partial<OutboundMessage>): OutboundMessage {
  return {
    shop: 1 as ShopId,
    id: '01949df8-1c00-7000-8000-000000000001' as MessageId,
    idempotencyKey: 'msg_01j2',
    channel: 'sms',
    purpose: 'reminder',
    to: '+8613800138000',
    locale: 'zh-CN',
    content: { kind: 'sms', text: '【小店】"您好"&回T退订' },
    unsubscribeUrl: null,
    attempt: 1,
    createdAt: NOW,
    ...more,
  }
}

describe('a request is filled', () => {
  test('as JSON that no text can break out of', async () => {
    const text = '","to":"+8619999999999","x":"\\ \n{{id}}'
    const { request } = await send(gateway(), { content: { kind: 'sms', text } })
    expect(JSON.parse(request!.body!)).toEqual({ phone: '+8613800138000', content: text })
    expect(request).toMatchObject({ method: 'POST', headers: { 'content-type': 'application/json' } })
  })

  test('as a form', async () => {
    const body = { kind: 'form', fields: { mobile: '{{to}}', msg: 'id={{id}} {{text}}' } }
    const { request } = await send(gateway({ number: 'digits' }, { body }))
    expect(request!.headers['content-type']).toBe('application/x-www-form-urlencoded')
    expect(Object.fromEntries(new URLSearchParams(request!.body!))).toEqual({
      mobile: '8613800138000',
      msg: 'id=msg_01j2 【小店】"您好"&回T退订',
    })
  })

  test('as a query, percent-encoded, with half an emoji made whole', async () => {
    const url = 'https://sms.example/send?to={{to}}&text={{text}}&key={{api_key}}'
    const settings = gateway(
      { number: 'cn', credentials: { api_key: 'a&b=c' } },
      { url, method: 'GET', body: { kind: 'none' } },
    )
    const { request } = await send(settings, { content: { kind: 'sms', text: '1+1 & \ud83d' } })
    const query = Object.fromEntries(new URL(request!.url).searchParams)
    expect(query).toEqual({ to: '13800138000', text: '1+1 & \ufffd', key: 'a&b=c' })
    expect(request).toMatchObject({ method: 'GET', body: null })
  })

  test('into headers that cannot be split', async () => {
    const settings = gateway(
      { credentials: { token: 'a\r\nX-Evil: 1 钥' } },
      { headers: { Authorization: 'Bearer {{token}}' } },
    )
    const { request } = await send(settings)
    expect(request!.headers.authorization).toBe('Bearer a%0D%0AX-Evil: 1 %E9%92%A5')
  })

  test('with a signature over the body, and one inside it', async () => {
    const overBody = gateway(
      {
        credentials: { secret: 's3cret' },
        sign: { over: '{{timestamp}}.{{body}}', hash: 'sha256', key: 'secret', encoding: 'base64' },
      },
      { headers: { 'X-Sign': '{{signature}}', 'X-Time': '{{timestamp}}' } },
    )
    const { request } = await send(overBody)
    const expected = createHmac('sha256', 's3cret')
      .update(`${NOW / 1000}.${request!.body}`)
      .digest('base64')
    expect(request!.headers['x-sign']).toBe(expected)

    const inside = gateway(
      {
        credentials: { account: 'me', secret: 's3cret' },
        sign: { over: '{{account}}{{secret}}{{timestamp_ms}}', hash: 'md5', encoding: 'HEX' },
      },
      { body: { kind: 'form', fields: { to: '{{to}}', text: '{{text}}', sign: '{{signature}}' } } },
    )
    const signed = await send(inside)
    const md5 = createHash('md5').update(`mes3cret${NOW}`).digest('hex').toUpperCase()
    expect(new URLSearchParams(signed.request!.body!).get('sign')).toBe(md5)
  })
})

describe('a number the gateway could not take never leaves', () => {
  test.each([
    ['13800138000', 'e164'],
    ['+1 202 555 0100', 'e164'],
    ['+12025550100', 'cn'],
    ['+861080000000', 'cn'],
    ['', 'digits'],
  ])('%j as %s', async (to, number) => {
    const { fate, request } = await send(gateway({ number }), { to })
    expect(fate).toMatchObject({ kind: 'rejected', blame: 'address', code: 'bad_address' })
    expect(request).toBeUndefined()
  })
})

describe('the answer decides', () => {
  const fateOf = async (settings: object, answer: Partial<Extract<HttpResult, { kind: 'answer' }>>) =>
    (await send(settings, {}, { ...OK, ...answer } as HttpResult)).fate

  test('success by JSON path, whether 0 or "0", with the gateway’s id exact to the last digit', async () => {
    const settings = gateway({ ref: { json: 'data.0.id' } })
    const body = '{"code":"0","data":[{"id":12345678901234567891}]}'
    expect(await fateOf(settings, { body })).toMatchObject({
      kind: 'sent',
      providerRef: '12345678901234567891',
    })
  })

  test('success by pattern', async () => {
    const settings = gateway({ success: { pattern: '^OK' }, ref: { pattern: '^OK:(\\w+)' } })
    expect(await fateOf(settings, { body: 'OK:A1B2\n' })).toMatchObject({ kind: 'sent', providerRef: 'A1B2' })
    expect(await fateOf(settings, { body: 'NO' })).toMatchObject({ kind: 'unknown' })
  })

  test('success by status alone', async () => {
    const settings = gateway({ success: { status: true } })
    expect(await fateOf(settings, { status: 202, body: '' })).toMatchObject({
      kind: 'sent',
      providerRef: null,
    })
  })

  const coded = gateway({ codes: { 1: 'address', 2: 'content', 3: 'operator', 4: 'retry', 5: 'retry:3600' } })
  test.each([
    ['1', { kind: 'rejected', blame: 'address', code: '1' }],
    ['2', { kind: 'rejected', blame: 'content', code: '2' }],
    ['3', { kind: 'operator', code: '3' }],
    ['4', { kind: 'retry', code: '4', afterMs: null }],
    ['5', { kind: 'retry', code: '5', afterMs: 3_600_000 }],
  ])('code %s with status 200 as it was told', async (code, fate) => {
    expect(await fateOf(coded, { body: `{"code":${code}}` })).toEqual({ ...fate, detail: `{"code":${code}}` })
  })

  test('a 2xx it cannot read is unknown, never sent again: a slip in the set-up must not repeat an SMS', async () => {
    expect(await fateOf(coded, { body: '{"code":99}' })).toMatchObject({ kind: 'unknown', code: '99' })
    expect(await fateOf(coded, { body: 'not json' })).toMatchObject({ kind: 'unknown', code: 'http_200' })
    expect(await fateOf(coded, { body: '{"code":0}', complete: false })).toMatchObject({ kind: 'unknown' })
    expect(await fateOf(coded, { body: '{"code":{"__proto__":0}}' })).toMatchObject({ kind: 'unknown' })
  })

  test.each([
    [302, 'operator'],
    [400, 'rejected'],
    [401, 'operator'],
    [403, 'operator'],
    [404, 'operator'],
    [408, 'retry'],
    [429, 'retry'],
    [500, 'retry'],
    [502, 'unknown'],
    [503, 'retry'],
    [504, 'unknown'],
  ])('status %i without a known code: %s', async (status, kind) => {
    expect(await fateOf(coded, { status, body: '' })).toMatchObject({ kind })
  })

  test('a success word under a failing status is no success', async () => {
    expect(await fateOf(coded, { status: 500, body: '{"code":0}' })).toMatchObject({ kind: 'retry' })
  })

  test('a broken call is unknown, but a retry where the gateway drops repeats', async () => {
    const broken: HttpResult = { kind: 'broken', code: 'closed', detail: '' }
    expect((await send(gateway(), {}, broken)).fate).toMatchObject({ kind: 'unknown', code: 'http_closed' })
    const body = { kind: 'json', value: { to: '{{to}}', text: '{{text}}', id: '{{id}}' } }
    const idempotent = gateway({ dropsRepeats: true }, { body })
    expect((await send(idempotent, {}, broken)).fate).toMatchObject({ kind: 'retry', code: 'http_closed' })
  })

  test('a certificate that proves nothing is for the operator: an SMS key is not given to strangers', async () => {
    const refused: HttpResult = { kind: 'refused', code: 'tls_untrusted', detail: '' }
    expect((await send(gateway(), {}, refused)).fate).toMatchObject({
      kind: 'operator',
      code: 'tls_untrusted',
    })
  })
})

describe('settings are refused, with what to do about it,', () => {
  const problems = (settings: object) =>
    smsHttp.settings.safeParse(settings).error?.issues.map(({ message }) => message)
  const body = (value: unknown) => ({ body: { kind: 'json', value } })

  test.each([
    [
      'an unknown name',
      gateway({}, body(['{{to}} {{txt}} {{text}}'])),
      'there is no {{txt}}; did you mean {{text}}?',
    ],
    ['a request without the text', gateway({}, body({ to: '{{to}}' })), '{{text}} is nowhere in the request'],
    [
      'a signature nobody makes',
      gateway({}, body(['{{to}}{{text}}{{signature}}'])),
      '{{signature}} needs `sign`',
    ],
    [
      'a signature over the body, inside the body',
      gateway({ sign: { over: '{{body}}', hash: 'md5' } }, body(['{{to}}{{text}}{{signature}}'])),
      'a signature over {{body}} cannot be inside the body',
    ],
    [
      'a key that is not there',
      gateway({ sign: { over: 'x', hash: 'md5', key: 'k' } }),
      'there is no credential "k"',
    ],
    [
      'a credential with a taken name',
      gateway({ credentials: { to: 'x' } }),
      '{{to}} has a meaning of its own',
    ],
    ['dropsRepeats without an id', gateway({ dropsRepeats: true }), 'needs {{id}} in the request'],
    [
      'a host that a placeholder decides',
      gateway({ credentials: { host: 'x' } }, { url: 'https://{{host}}/send' }),
      'expected http(s)://host/…, with no placeholder in the host',
    ],
    [
      'a slow pattern',
      gateway({ success: { pattern: '(a+)+$' } }),
      'a group may not be repeated; repeat one character or class instead',
    ],
  ])('%s', (_what, settings, problem) => expect(problems(settings)).toContain(problem))
})
