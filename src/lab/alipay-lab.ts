import { HOUR, type Instant, MINUTE, parseIso } from '../domain/time.ts'
import { type AlipayCertificates, createAlipayCertificates, type Issued } from './alipay-certificates.ts'
import {
  type AlipayParties,
  appSigned,
  notificationBody,
  notificationFields,
  queryObject,
  signedAnswer,
} from './alipay-words.ts'
import { afterAcceptance, type HttpFault, refusalOf } from './http-faults.ts'
import { type LabReaction, type LabRequest, listenHttp } from './http-listener.ts'
import { createRail, hexOf, type RailLab, type RailOptions } from './rail.ts'
import { newRsaPair, type RsaPair } from './rail-keys.ts'
import type { Notice } from './rail-notices.ts'
import { type FaultOf, faultOf } from './script.ts'
import type { Trade, TradeStep, Trades } from './trades.ts'

export type AlipayQueryFault = HttpFault | FaultOf<'system_error' | 'false_signature'>

export interface AlipayLab extends RailLab<AlipayQueryFault> {
  /** Which keys and names both sides have now. */
  readonly parties: AlipayParties
  /** In certificate mode only. */
  readonly certificates: AlipayCertificates | null
  /** From now on answers and notices are signed with a new key: its certificate (PEM), or in public-key mode the key. */
  changeKey(): string
}

export interface AlipayLabOptions extends RailOptions {
  /** Absent: new ones. */
  readonly keys?: { readonly alipay: RsaPair; readonly app: RsaPair }
  /** How the app proves who it is, which it chose once: `keys` (the default), or `certificates` (公钥证书模式). */
  readonly mode?: 'keys' | 'certificates'
}

/** 4m,10m,10m,1h,2h,6h,15h (opendocs.alipay.com, 异步通知). */
const SCHEDULE = [4 * MINUTE, 10 * MINUTE, 10 * MINUTE, HOUR, 2 * HOUR, 6 * HOUR, 15 * HOUR]

/**
 * Alipay for one app: signed notices until the answer is the bare word `success`, and a gateway that refuses calls
 * whose app, time or signature is wrong.
 */
export async function startAlipayLab(options: AlipayLabOptions): Promise<AlipayLab> {
  const { clock } = options
  const keys = options.keys ?? { alipay: newRsaPair(), app: newRsaPair() }
  const appId = '2014072300007148'
  const certificates =
    options.mode === 'certificates'
      ? createAlipayCertificates({ random: options.random, now: clock.now(), appId }, keys.app.publicPem)
      : null
  let signer = signerOf(keys.alipay, certificates)
  const parties = (): AlipayParties => ({
    appId,
    sellerId: '2088101106499364',
    alipayPrivatePem: signer.pair.privatePem,
    appPublicPem: keys.app.publicPem,
    alipayCertSn: signer.certificate?.sn,
  })
  const rail = createRail<AlipayQueryFault>(options, {
    ids: '2026',
    schedule: SCHEDULE,
    taken: (status, answer) => status === 200 && answer === 'success',
    notice: (trade, step) => noticeOf(parties(), trade, step, options),
  })

  const react = async (request: LabRequest): Promise<LabReaction> => {
    if (request.path !== '/gateway.do' || request.method !== 'POST') return { status: 404 }
    const asked = readCall(parties(), certificates, request, clock.now())
    if ('refused' in asked) return { status: 200, body: signedAnswer(parties(), asked.method, asked.refused) }
    const faults = rail.queries.next(asked.no)
    const refusal = refusalOf(faults, clock.now())
    if (refusal) return refusal.reaction
    const error = faultOf(faults, 'system_error') && refused('40004', 'ACQ.SYSTEM_ERROR')
    const body = signedAnswer(parties(), asked.method, error ?? answerOf(rail.trades, asked))
    // The same JSON, but not the same text.
    const sent = faultOf(faults, 'false_signature') ? body.replace('"code":"', '"code": "') : body
    return afterAcceptance(faults, { status: 200, body: sent }, rail.pause)
  }
  const listener = await listenHttp({ port: options.port ?? 0, react })
  return {
    ...rail.controls,
    origin: listener.origin,
    get parties() {
      return parties()
    },
    certificates,
    changeKey() {
      signer = signerOf(newRsaPair(), certificates)
      return signer.shown
    },
    settings: () => ({
      appId,
      sellerId: parties().sellerId,
      ...(certificates
        ? {
            appCertPublicKey: certificates.app.pem,
            alipayCertPublicKeys: [signer.shown],
            alipayRootCert: certificates.root.pem,
          }
        : { publicKeys: [signer.shown] }),
      privateKey: keys.app.privatePem,
      queryThrough: 'rail',
      gateway: `${listener.origin}/gateway.do`,
    }),
    async close() {
      await Promise.all([listener.close(), rail.stop()])
    },
  }
}

interface Signer {
  readonly pair: RsaPair
  readonly certificate: Issued | null
  /** What the app's owner downloads. */
  readonly shown: string
}

function signerOf(pair: RsaPair, certificates: AlipayCertificates | null): Signer {
  const certificate = certificates?.issue(pair.publicPem) ?? null
  return { pair, certificate, shown: certificate?.pem ?? pair.publicPem }
}

/** Payments, refunds and closings are told. */
function noticeOf(
  parties: AlipayParties,
  trade: Trade,
  step: TradeStep,
  { clock, random }: RailOptions,
): Notice | null {
  if (step.kind !== 'pay' && step.kind !== 'refund' && step.kind !== 'close') return null
  const id = hexOf(random, 17)
  const request = () => ({
    method: 'POST' as const,
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body: notificationBody(parties, notificationFields(parties, trade, { id, at: clock.now() })),
  })
  return { no: trade.no, what: step.kind, request }
}

type Call =
  | { readonly method: string; readonly no: string }
  | { readonly method: string; readonly refused: object }

/** What a call asks, or why it is refused. */
function readCall(
  parties: AlipayParties,
  certificates: AlipayCertificates | null,
  { query, body }: LabRequest,
  now: Instant,
): Call {
  const parameters = {
    ...Object.fromEntries(new URLSearchParams(query)),
    ...Object.fromEntries(new URLSearchParams(body)),
  }
  const { method = 'error', app_id: appId, timestamp, charset, sign_type: signType } = parameters
  const refuse = (subCode: string): Call => ({ method, refused: refused('40002', subCode) })
  if (!new URLSearchParams(query).get('charset') || charset !== 'utf-8') return refuse('isv.missing-charset')
  if (appId !== parties.appId) return refuse('isv.invalid-app-id')
  if (signType !== 'RSA2') return refuse('isv.invalid-signature-type')
  const time = parseIso(`${timestamp?.replace(' ', 'T')}+08:00`)
  if (time === null || Math.abs(now - time) > 10 * MINUTE) return refuse('isv.invalid-timestamp')
  const wrong = certificates && wrongCertificate(certificates, parameters, now)
  if (wrong) return refuse(wrong)
  if (!appSigned(parties.appPublicPem, parameters)) return refuse('isv.invalid-signature')
  if (method !== 'alipay.trade.query' && method !== 'alipay.trade.close') return refuse('isv.invalid-method')
  const content = JSON.parse(parameters.biz_content ?? '{}') as { out_trade_no?: string }
  return content.out_trade_no ? { method, no: content.out_trade_no } : refuse('isv.missing-out-trade-no')
}

/**
 * How the gateway refuses what a call says of its certificates. The codes are those of opendocs.alipay.com/common/02kdnf
 * as others quote it; seen in published answers are `isv.missing-app-cert-sn` and `isv.invalid-alipay-root-cert-sn`.
 */
function wrongCertificate(
  { app, root }: AlipayCertificates,
  { app_cert_sn: appSn, alipay_root_cert_sn: rootSn }: Readonly<Record<string, string>>,
  now: Instant,
): string | null {
  if (!appSn) return 'isv.missing-app-cert-sn'
  if (!rootSn) return 'isv.missing-alipay-root-cert-sn'
  if (appSn !== app.sn) return 'isv.app-cert-not-exist'
  if (rootSn !== root.sn) return 'isv.invalid-alipay-root-cert-sn'
  return now > app.until ? 'isv.app-cert-expired' : null
}

function answerOf(trades: Trades, { method, no }: { readonly method: string; readonly no: string }): object {
  const trade = trades.seen(no)
  if (!trade) return refused('40004', 'ACQ.TRADE_NOT_EXIST')
  if (method === 'alipay.trade.query') return queryObject(trade)
  const closed = trades.step(no, { kind: 'close' })
  if (!closed) return refused('40004', 'ACQ.REASON_TRADE_STATUS_INVALID')
  return { code: '10000', msg: 'Success', out_trade_no: no, trade_no: closed.id }
}

function refused(code: string, subCode: string): object {
  return { code, msg: 'Business Failed', sub_code: subCode, sub_msg: subCode }
}
