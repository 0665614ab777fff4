import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testRandom } from '../../test/kit/fixed.ts'
import { createHttpClient, type OwnedHttpClient } from '../channels/http-client.ts'
import { DAY } from '../domain/time.ts'
import { createAlipayCertificates } from '../lab/alipay-certificates.ts'
import { type AlipayLab, startAlipayLab } from '../lab/alipay-lab.ts'
import { notificationBody } from '../lab/alipay-words.ts'
import { newRsaPair } from '../lab/rail-keys.ts'
import { alipay } from './alipay.ts'
import { alipayTrade } from './samples.ts'
import type { Acted, Answered, Question } from './source.ts'

const start = Date.UTC(2026, 10, 22, 8)
let now = start
const clock = { now: () => now, after: (_: number, wake: () => void) => stopper(setImmediate(wake)) }
const stopper = (timer: NodeJS.Immediate) => () => clearImmediate(timer)

/** What another Alipay gave another app. */
const strangers = createAlipayCertificates(
  { random: testRandom, now: start, appId: '1' },
  newRsaPair().publicPem,
)

type Settings = ReturnType<typeof alipay.settings.parse>
let lab: AlipayLab
let http: OwnedHttpClient
let settings: Settings
beforeAll(() => {
  http = createHttpClient({ allowOrigins: [] })
})
afterAll(() => http?.close())
beforeEach(async () => {
  now = start
  await lab?.close()
  await http.close()
  lab = await startAlipayLab({ clock, random: testRandom, mode: 'certificates' })
  http = createHttpClient({ allowOrigins: [lab.origin] })
  settings = alipay.settings.parse(lab.settings())
})
afterAll(() => lab?.close())

let count = 0
function order(): Question {
  const value = `ASKED-${++count}`
  lab.place({ no: value, minor: 1999 })
  return { refs: [{ kind: 'order_no', value }], total: null, placedAt: null }
}
const ports = () => ({ http: http.request, random: testRandom, now, signal: new AbortController().signal })
const ask = (question: Question, given: Settings = settings): Promise<Answered> =>
  alipay.query!(given, question, ports())
const close = (question: Question, given: Settings = settings): Promise<Acted> =>
  alipay.actions!.close_order!(given, { ...question, idempotencyKey: 'k', payment: '' }, ports())

/** The settings once the operator has put the new certificate beside the old one. */
const withBoth = (added: string): Settings => ({
  ...settings,
  alipayCertPublicKeys: [...settings.alipayCertPublicKeys!, added],
})
/** When the lab's certificates have run out; the clock of the lab and ours go together. */
const later = () => lab.certificates!.app.until + DAY

describe('in certificate mode Alipay', () => {
  test('is asked and told to close, and its answers are believed', async () => {
    const [paid, open] = [order(), order()]
    lab.step(paid.refs[0]!.value, { kind: 'pay' })
    expect(await ask(paid)).toMatchObject({ events: [{ type: 'order.paid' }] })
    expect(await ask(open)).toEqual({ kind: 'pending' })
    expect(await close(open)).toEqual({ kind: 'done', events: [] })
    expect(await ask(open)).toMatchObject({ events: [{ type: 'order.expired' }] })
    lab.scriptQueries([{ fault: { kind: 'false_signature' } }])
    expect(await ask(paid)).toMatchObject({ kind: 'later', code: 'answer_signature' })
  })

  test('that has changed its certificate is believed no more until a person has given the new one', async () => {
    const question = order()
    const added = lab.changeKey()
    expect(await ask(question)).toEqual({ kind: 'operator', code: 'alipay_certificate_unknown' })
    expect(await ask(question, withBoth(added))).toEqual({ kind: 'pending' })
    // The order may be closed by now; nobody can say so.
    expect(await close(question)).toEqual({ kind: 'unknown', code: 'alipay_certificate_unknown' })
    expect(await ask(question, withBoth(added))).toMatchObject({ events: [{ type: 'order.expired' }] })
  })

  test('that signs with one certificate and names the other is not believed', async () => {
    const old = lab.parties.alipayCertSn
    const both = withBoth(lab.changeKey())
    const mixed = {
      ...ports(),
      http: async (...call: Parameters<typeof http.request>) => {
        const result = await http.request(...call)
        if (result.kind !== 'answer') return result
        return { ...result, body: result.body.replace(lab.parties.alipayCertSn!, old!) }
      },
    }
    expect(await alipay.query!(both, order(), mixed)).toMatchObject({ code: 'answer_signature' })
  })

  test('is not called when a certificate has run out, or is not good yet', async () => {
    const question = order()
    for (const at of [later(), start - 9 * DAY]) {
      now = at
      expect(await ask(question)).toEqual({ kind: 'operator', code: 'app_certificate_not_valid' })
      expect(await close(question)).toEqual({ kind: 'operator', code: 'app_certificate_not_valid' })
    }
    now = start
    expect(await ask(question)).toEqual({ kind: 'pending' })
  })

  test('is not called when only its own certificate has run out', async () => {
    const question = order()
    now = later()
    // The same app and key, with papers made in this later year.
    const renewed = await startAlipayLab({
      clock,
      random: testRandom,
      mode: 'certificates',
      keys: {
        alipay: newRsaPair(),
        app: { privatePem: settings.privateKey!, publicPem: lab.parties.appPublicPem },
      },
    })
    const given = { ...settings, appCertPublicKey: renewed.certificates!.app.pem }
    expect(await ask(question, given)).toEqual({ kind: 'operator', code: 'alipay_certificate_not_valid' })
    expect(await close(question, given)).toEqual({ kind: 'operator', code: 'alipay_certificate_not_valid' })
    await renewed.close()
  })

  test.each([
    ['no certificates at all', { appCertPublicKey: undefined }, 'isv.missing-app-cert-sn'],
    ['another app’s certificate', { appCertPublicKey: strangers.app.pem }, 'isv.app-cert-not-exist'],
    ['another root', { alipayRootCert: strangers.root.pem }, 'isv.invalid-alipay-root-cert-sn'],
  ])('refuses calls with %s, which a person must put right', async (_, changes, code) => {
    const given = { ...settings, ...changes }
    expect(await ask(order(), given)).toEqual({ kind: 'operator', code })
    expect(await close(order(), given)).toEqual({ kind: 'operator', code })
  })
})

describe('a notification in certificate mode', () => {
  const receive = (fields: Record<string, string>, given: Settings = settings, typeIsSigned = false) =>
    receiveBody(notificationBody(lab.parties, fields, typeIsSigned), given)
  const receiveBody = (body: string, given: Settings = settings) =>
    alipay.receive(given, { method: 'POST', query: {}, headers: {}, body: Buffer.from(body) }, now)

  test('is believed by the key of Alipay’s certificate, as long as it is good', () => {
    expect(receive(alipayTrade())).toMatchObject({ kind: 'events', events: [{ type: 'order.paid' }] })
    const other = notificationBody({ alipayPrivatePem: newRsaPair().privatePem }, alipayTrade())
    expect(receiveBody(other)).toMatchObject({ kind: 'forged' })
    now = later()
    expect(receive(alipayTrade())).toMatchObject({ kind: 'forged', why: expect.stringMatching(/run out/) })
  })

  test('is believed under either of two certificates, named or not', () => {
    const both = withBoth(lab.changeKey())
    const named = alipayTrade({ alipay_cert_sn: lab.parties.alipayCertSn! })
    expect(receive(alipayTrade())).toMatchObject({ kind: 'forged' })
    expect(receive(alipayTrade(), both).kind).toBe('events')
    expect(receive(named, both).kind).toBe('events')
    expect(receive(named)).toMatchObject({
      kind: 'forged',
      why: expect.stringContaining(
        `alipayCertPublicKeys (${lab.parties.alipayCertSn}): if Alipay has changed it`,
      ),
    })
  })

  test('that names one certificate is not believed under the other', () => {
    const old = lab.parties.alipayCertSn!
    const both = withBoth(lab.changeKey())
    expect(receive(alipayTrade({ alipay_cert_sn: old }), both)).toMatchObject({ kind: 'forged' })
  })

  test('is believed whether the name of the certificate is signed or not, and a false one never', () => {
    const body = notificationBody(lab.parties, alipayTrade())
    const sn = lab.parties.alipayCertSn!
    expect(receiveBody(`${body}&alipay_cert_sn=${sn}`).kind).toBe('events')
    expect(receiveBody(`${body}&alipay_cert_sn=`).kind).toBe('events')
    for (const wrong of ['0'.repeat(32), 'x', `${sn}0`]) {
      const refused = receiveBody(`${body}&alipay_cert_sn=${wrong}`)
      expect(refused).toMatchObject({ kind: 'forged' })
      if (wrong === 'x') expect(JSON.stringify(refused)).not.toContain('(x)')
    }
  })
})
