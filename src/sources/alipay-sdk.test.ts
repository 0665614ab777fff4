import { AlipaySdk } from 'alipay-sdk'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testRandom } from '../../test/kit/fixed.ts'
import { type AlipayLab, startAlipayLab } from '../lab/alipay-lab.ts'
import { beijingText } from '../lab/alipay-words.ts'
import { type HttpListener, listenHttp } from '../lab/http-listener.ts'
import { newRsaPair } from '../lab/rail-keys.ts'
import { alipay } from './alipay.ts'

// The official SDK in certificate mode against the simulator, so that both we and the simulator are held to it. Our
// own client is not used beside it: loading the SDK changes how undici closes sockets.

const now = Date.UTC(2026, 10, 22, 8)
const clock = { now: () => now, after: (_: number, wake: () => void) => stopper(setImmediate(wake)) }
const stopper = (timer: NodeJS.Immediate) => () => clearImmediate(timer)
const app = newRsaPair()
const bare = (pem: string) => pem.replace(/-----[^-]+-----|\s/g, '')

let lab: AlipayLab
let shop: HttpListener
let notices: string[]
beforeAll(async () => {
  shop = await listenHttp({
    port: 0,
    react: async ({ body }) => {
      notices.push(body)
      return { status: 200, body: 'success' }
    },
  })
})
beforeEach(async () => {
  await lab?.close()
  const keys = { alipay: newRsaPair(), app }
  lab = await startAlipayLab({ clock, random: testRandom, mode: 'certificates', keys })
  lab.noticesTo(shop.origin)
  notices = []
})
afterAll(() => Promise.all([lab, shop].map((each) => each?.close())))

interface Papers {
  readonly appCertPublicKey: string
  readonly alipayCertPublicKeys: readonly string[]
  readonly alipayRootCert: string
}

function sdk(changes: Partial<Papers> = {}) {
  const papers = { ...lab.settings(), ...changes } as unknown as Papers
  return new AlipaySdk({
    appId: lab.parties.appId,
    gateway: `${lab.origin}/gateway.do`,
    privateKey: bare(app.privatePem),
    keyType: 'PKCS8',
    appCertContent: papers.appCertPublicKey,
    alipayPublicCertContent: papers.alipayCertPublicKeys[0]!,
    alipayRootCertContent: papers.alipayRootCert,
  })
}
const exec = (client: AlipaySdk, no: string, method = 'alipay.trade.query') => {
  const parameters = { bizContent: { outTradeNo: no }, timestamp: beijingText(now) }
  return client.exec(method, parameters, { validateSign: true })
}

describe('Alipay’s own SDK in certificate mode', () => {
  test('is answered by the simulator, and accepts its signature', async () => {
    lab.place({ no: 'SDK-1', minor: 1999 })
    lab.step('SDK-1', { kind: 'pay' })
    expect(await exec(sdk(), 'SDK-1')).toMatchObject({
      code: '10000',
      outTradeNo: 'SDK-1',
      tradeStatus: 'TRADE_SUCCESS',
    })
    expect(await exec(sdk(), 'NEVER')).toMatchObject({ subCode: 'ACQ.TRADE_NOT_EXIST' })
    lab.place({ no: 'SDK-2', minor: 1 })
    expect(await exec(sdk(), 'SDK-2', 'alipay.trade.close')).toMatchObject({ code: '10000' })
  })

  test('refuses an answer under a certificate that it was not given', async () => {
    lab.place({ no: 'SDK-3', minor: 1 })
    const client = sdk()
    lab.changeKey()
    await expect(exec(client, 'SDK-3')).rejects.toThrow(/验签失败/)
    expect(await exec(sdk(), 'SDK-3')).toMatchObject({ code: '10000' })
  })

  test('is refused by the simulator with another app’s certificate, or another root', async () => {
    const { appCertPublicKey, alipayRootCert } = lab.settings() as unknown as Papers
    expect(await exec(sdk({ appCertPublicKey: alipayRootCert }), 'X')).toMatchObject({
      subCode: 'isv.app-cert-not-exist',
    })
    expect(await exec(sdk({ alipayRootCert: appCertPublicKey }), 'X')).toMatchObject({
      subCode: 'isv.invalid-alipay-root-cert-sn',
    })
  })

  test('and we both accept the simulator’s notices, and neither a changed one', async () => {
    lab.place({ no: 'SDK-4', minor: 1999, title: '年度会员 + 礼品/100%' })
    lab.step('SDK-4', { kind: 'pay' })
    await lab.noticesDone()
    const settings = alipay.settings.parse(lab.settings())
    const ours = (body: string) =>
      alipay.receive(settings, { method: 'POST', query: {}, headers: {}, body: Buffer.from(body) }, now).kind
    const theirs = (body: string) => sdk().checkNotifySignV2(Object.fromEntries(new URLSearchParams(body)))
    const [body] = notices
    expect([theirs(body!), ours(body!)]).toEqual([true, 'events'])
    const changed = body!.replace('total_amount=19.99', 'total_amount=29.99')
    expect(changed).not.toBe(body)
    expect([theirs(changed), ours(changed)]).toEqual([false, 'forged'])
  })
})
