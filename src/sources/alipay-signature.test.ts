import { createSign } from 'node:crypto'
import { AlipaySdk } from 'alipay-sdk'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { notificationBody, signedAnswer } from '../lab/alipay-words.ts'
import { newRsaPair } from '../lab/rail-keys.ts'
import { alipay } from './alipay.ts'
import { readAlipayAnswer, signedParameters } from './alipay-signature.ts'
import { rsaPrivateKey } from './rsa.ts'
import { alipayTrade } from './samples.ts'

// No socket is opened here: loading Alipay's SDK changes how undici closes them.

const now = Date.UTC(2026, 10, 22, 8)
const theirs = newRsaPair()
const app = newRsaPair()
const bare = (pem: string) => pem.replace(/-----[^-]+-----|\s/g, '')
const parties = {
  appId: '2014072300007148',
  sellerId: '2088101106499364',
  alipayPrivatePem: theirs.privatePem,
  appPublicPem: app.publicPem,
}
const sdk = new AlipaySdk({
  appId: parties.appId,
  privateKey: bare(app.privatePem),
  keyType: 'PKCS8',
  alipayPublicKey: bare(theirs.publicPem),
})
const settings = alipay.settings.parse({
  appId: parties.appId,
  sellerId: parties.sellerId,
  publicKeys: [bare(theirs.publicPem)],
})

function receive(body: string | Buffer) {
  return alipay.receive(settings, { method: 'POST', query: {}, headers: {}, body: Buffer.from(body) }, now)
}

describe('Alipay’s signature', () => {
  const value = fc.string({ unit: 'grapheme', maxLength: 30 })
  const fields = fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9_]{0,12}$/), value, { maxKeys: 12 })

  test('holds where Alipay’s own SDK says so, with sign_type signed or not, and nowhere else', () => {
    fc.assert(
      fc.property(fields, fc.boolean(), fc.nat(), fc.nat(), (given, typeIsSigned, place, bit) => {
        const filled = Object.entries(given).filter(([, each]) => each !== '')
        const all = { ...Object.fromEntries(filled), app_id: '2014072300007148', notify_id: 'n' }
        const body = notificationBody({ alipayPrivatePem: theirs.privatePem }, all, typeIsSigned)
        const sent = Object.fromEntries(new URLSearchParams(body))
        expect(sdk.checkNotifySignV2(sent)).toBe(true)
        expect(receive(body).kind).not.toBe('forged')
        const bytes = Buffer.from(body)
        bytes[place % bytes.length]! ^= 1 << (bit % 7)
        const changed = Object.fromEntries(new URLSearchParams(bytes.toString()))
        // Ours may be stricter (a field twice, no sign_type, another spelling of base64), never more lenient.
        if (receive(bytes).kind !== 'forged') expect(sdk.checkNotifySignV2(changed)).toBe(true)
      }),
      { numRuns: 150 },
    )
  })

  test('covers the bytes of another charset, and its text is read', () => {
    const name = [0xd4, 0xc2, 0xbf, 0xa8] // 月卡 in GBK
    const escaped = name.map((byte) => `%${byte.toString(16)}`).join('')
    const rest = { ...alipayTrade({ charset: 'gbk' }), subject: 'SUBJECT' }
    const text = Object.entries(rest)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => `${key}=${each}`)
      .join('&')
    const ascii = text.replace('年度会员 + 礼品/100%', '').replace('SUBJECT', '\0')
    const [before, after] = ascii.split('\0')
    const signed = Buffer.concat([Buffer.from(before!), Buffer.from(name), Buffer.from(after!)])
    const sign = createSign('RSA-SHA256').update(signed).sign(theirs.privatePem, 'base64')
    const form = new URLSearchParams({ ...rest, sign_type: 'RSA2', sign })
      .toString()
      .replace('SUBJECT', escaped)
    const received = receive(form)
    expect(received).toMatchObject({ kind: 'events', events: [{ data: { extra: { subject: '月卡' } } }] })
  })

  test('holds with empty fields signed, as this SDK reads them, and without', () => {
    const fields = { ...alipayTrade(), out_biz_no: '', sign_type: 'RSA2' }
    const names = Object.keys(fields).filter((name) => name !== 'sign_type')
    const text = names
      .sort()
      .map((name) => `${name}=${(fields as Record<string, string>)[name]}`)
      .join('&')
    const sign = createSign('RSA-SHA256').update(text).sign(theirs.privatePem, 'base64')
    expect(sdk.checkNotifySignV2({ ...fields, sign })).toBe(true)
    expect(receive(new URLSearchParams({ ...fields, sign }).toString()).kind).toBe('events')
    const without = notificationBody({ alipayPrivatePem: theirs.privatePem }, fields)
    expect(receive(without).kind).toBe('events')
  })

  test('with RSA instead of RSA2, or without saying which, is refused', () => {
    const body = notificationBody({ alipayPrivatePem: theirs.privatePem }, alipayTrade())
    expect(receive(body.replace('sign_type=RSA2', 'sign_type=RSA')).kind).toBe('forged')
    expect(receive(body.replace('sign_type=RSA2', '')).kind).toBe('forged')
    expect(receive(`${body}&app_id=1`).kind).toBe('forged')
  })

  test('does not cover empty fields, so none is read', () => {
    const body = notificationBody({ alipayPrivatePem: theirs.privatePem }, alipayTrade())
    expect(receive(`${body}&refund_fee=&gmt_refund=`)).toEqual(receive(body))
  })

  test('of an answer covers its text as it came, as Alipay’s own SDK cuts it out', () => {
    const object = fc.dictionary(
      fc.stringMatching(/^[a-z_]{1,8}$/),
      fc.oneof(value, fc.constant('{"sign":"}')),
    )
    fc.assert(
      fc.property(object, (said) => {
        const body = signedAnswer(parties, 'alipay.trade.query', { code: '10000', ...said })
        const answer = readAlipayAnswer(body, 'alipay.trade.query', [theirs.publicPem])!
        expect(JSON.parse(answer.object)).toEqual({ code: '10000', ...said })
        expect(answer.genuine).toBe(true)
        sdk.checkResponseSign(body, 'alipay_trade_query_response', JSON.parse(body).sign, '')
        const other = body.replace('"code":', '"code" :')
        expect(readAlipayAnswer(other, 'alipay.trade.query', [theirs.publicPem])!.genuine).toBe(false)
      }),
      { numRuns: 100 },
    )
  })

  test('is not mistaken for one inside a text of the answer', () => {
    const inner = '{"alipay_trade_query_response":{"code":"10000"},"sign":"x"}'
    const body = `{"note":${JSON.stringify(inner)},"sign":"AA=="}`
    expect(readAlipayAnswer(body, 'alipay.trade.query', [theirs.publicPem])).toBeNull()
    expect(readAlipayAnswer('not json', 'alipay.trade.query', [theirs.publicPem])).toBeNull()
    expect(readAlipayAnswer(`{"a":{${inner.slice(1)}}`, 'alipay.trade.query', [theirs.publicPem])).toBeNull()
  })

  test('of a call is the one that Alipay’s own SDK makes for the same parameters', () => {
    const biz = { out_trade_no: 'D1_é 月&=+%' }
    const said = Object.fromEntries(
      new URLSearchParams(sdk.sdkExec('alipay.trade.query', { bizContent: biz })),
    )
    const { sign, ...parameters } = said as Record<string, string>
    expect(parameters.biz_content).toBe(JSON.stringify(biz))
    expect(signedParameters(parameters, rsaPrivateKey(app.privatePem)!).sign).toBe(sign)
  })
})
