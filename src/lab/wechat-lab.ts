import type { Random } from '../domain/ids.ts'
import { type Instant, MINUTE, SECOND } from '../domain/time.ts'
import { afterAcceptance, type HttpFault, refusalOf } from './http-faults.ts'
import { type LabAnswer, type LabReaction, type LabRequest, listenHttp } from './http-listener.ts'
import { createRail, hexOf, type RailLab, type RailOptions } from './rail.ts'
import { newRsaPair, type RsaPair } from './rail-keys.ts'
import type { Notice } from './rail-notices.ts'
import { type FaultOf, faultOf } from './script.ts'
import type { Trade, TradeStep, Trades } from './trades.ts'
import {
  merchantSigned,
  readAuthorization,
  refundOf,
  sealedNotice,
  signWechat,
  transactionOf,
  type WechatParties,
} from './wechat-words.ts'

export type WechatQueryFault = HttpFault | FaultOf<'system_error' | 'false_signature'>

export interface WechatLab extends RailLab<WechatQueryFault> {
  readonly parties: WechatParties
}

export interface WechatLabOptions extends RailOptions {
  /** Absent: new ones. */
  readonly keys?: { readonly platform: RsaPair; readonly merchant: RsaPair }
}

/** 15s/15s/30s/3m/10m/20m/30m×3/60m/3h×3/6h×2 (pay.weixin.qq.com, 支付通知). */
const SCHEDULE = [15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600].map(
  (seconds) => seconds * SECOND,
)

/**
 * WeChat Pay for one merchant: signed and sealed notices of payments and refunds, none of a failure; queries and closes
 * that are refused unless merchant, serial, time and signature are right; answers signed by the platform.
 */
export async function startWechatLab(options: WechatLabOptions): Promise<WechatLab> {
  const { clock, random } = options
  const keys = options.keys ?? { platform: newRsaPair(), merchant: newRsaPair() }
  const parties = partiesOf(keys, random)
  const rail = createRail<WechatQueryFault>(options, {
    ids: '4200',
    schedule: SCHEDULE,
    taken: (status) => status === 200 || status === 204,
    notice: (trade, step) => noticeOf(parties, trade, step, options),
  })

  const react = async (request: LabRequest): Promise<LabReaction> => {
    const asked = readRequest(parties, request, clock.now())
    if ('status' in asked) return asked
    const faults = rail.queries.next(asked.no)
    const refusal = refusalOf(faults, clock.now())
    if (refusal) return refusal.reaction
    const answer = faultOf(faults, 'system_error')
      ? coded(500, 'SYSTEM_ERROR')
      : answerOf(parties, rail, asked)
    const { headers } = signWechat(parties, answer.body ?? '', clock.now(), hexOf(random, 16))
    const probe = { 'wechatpay-signature': `WECHATPAY/SIGNTEST/${headers['wechatpay-signature']}` }
    const signed = { ...headers, ...(faultOf(faults, 'false_signature') ? probe : {}) }
    return afterAcceptance(faults, { ...answer, headers: signed }, rail.pause)
  }
  const listener = await listenHttp({ port: options.port ?? 0, react })
  return {
    ...rail.controls,
    origin: listener.origin,
    parties,
    settings: () => settingsOf(parties, keys, listener.origin),
    async close() {
      await Promise.all([listener.close(), rail.stop()])
    },
  }
}

/** Payments and refunds are told; what fails, waits or is closed is not. */
function noticeOf(
  parties: WechatParties,
  trade: Trade,
  step: TradeStep,
  { clock, random }: RailOptions,
): Notice | null {
  if (step.kind !== 'pay' && step.kind !== 'refund') return null
  const what = step.kind === 'pay' ? 'TRANSACTION.SUCCESS' : 'REFUND.SUCCESS'
  const resource =
    step.kind === 'pay' ? transactionOf(parties, trade) : refundOf(parties, trade, trade.refunds.at(-1)!)
  const told = { id: `EV-${hexOf(random, 12)}`, type: what, at: clock.now() }
  const body = sealedNotice(parties, told, resource, hexOf(random, 6))
  const request = () => ({
    method: 'POST' as const,
    ...signWechat(parties, body, clock.now(), hexOf(random, 16)),
  })
  return { no: trade.no, what, request }
}

function partiesOf(
  keys: { readonly platform: RsaPair; readonly merchant: RsaPair },
  random: Random,
): WechatParties {
  return {
    mchid: '1900000109',
    appid: 'wx8888888888888888',
    apiV3Key: Buffer.from(random(16)).toString('hex'),
    merchantSerial: '5157F09EFDC096DE15EBE81A47057A72',
    merchantPublicPem: keys.merchant.publicPem,
    platformSerial: 'PUB_KEY_ID_0119000001092026112200000000000001',
    platformPrivatePem: keys.platform.privatePem,
  }
}

function settingsOf(parties: WechatParties, keys: { platform: RsaPair; merchant: RsaPair }, apiBase: string) {
  return {
    mchid: parties.mchid,
    appids: [parties.appid],
    apiV3Keys: [parties.apiV3Key],
    platformKeys: { [parties.platformSerial]: keys.platform.publicPem },
    merchantSerial: parties.merchantSerial,
    privateKey: keys.merchant.privatePem,
    queryThrough: 'rail',
    apiBase,
  }
}

interface Asked {
  readonly no: string
  readonly close: boolean
}

/** What a request asks, or why it is refused. */
function readRequest(parties: WechatParties, request: LabRequest, now: Instant): Asked | LabAnswer {
  const { method, path, query, body, headers } = request
  const claimed = readAuthorization(headers.authorization)
  if (!claimed) return coded(401, 'SIGN_ERROR')
  if (claimed.mchid !== parties.mchid) return coded(400, 'MCH_NOT_EXISTS')
  if (claimed.serial_no !== parties.merchantSerial || !claimed.nonce_str) return coded(401, 'SIGN_ERROR')
  if (Math.abs(now - Number(claimed.timestamp) * SECOND) > 5 * MINUTE) return coded(401, 'SIGN_ERROR')
  const target = query === '' ? path : `${path}?${query}`
  const signed = `${method}\n${target}\n${claimed.timestamp}\n${claimed.nonce_str}\n${body}\n`
  if (!merchantSigned(parties.merchantPublicPem, signed, claimed.signature ?? ''))
    return coded(401, 'SIGN_ERROR')
  if (!headers.accept?.includes('application/json') || !headers['user-agent'])
    return coded(400, 'PARAM_ERROR')
  const found = /^\/v3\/pay\/transactions\/out-trade-no\/([^/]+)(\/close)?$/.exec(path)
  if (!found) return coded(404, 'RESOURCE_NOT_EXISTS')
  const close = found[2] !== undefined
  if (method !== (close ? 'POST' : 'GET')) return coded(405, 'PARAM_ERROR')
  const mchid = close ? readMchid(body) : new URLSearchParams(query).get('mchid')
  if (mchid !== parties.mchid) return coded(400, 'PARAM_ERROR')
  return { no: decodeURIComponent(found[1]!), close }
}

function readMchid(body: string): unknown {
  try {
    return (JSON.parse(body) as { mchid?: unknown }).mchid
  } catch {
    return undefined
  }
}

function answerOf(
  parties: WechatParties,
  { trades }: { readonly trades: Trades },
  { no, close }: Asked,
): LabAnswer {
  if (close) return closeAnswer(trades.find(no), trades.step(no, { kind: 'close' }))
  const trade = trades.seen(no)
  if (!trade) return coded(404, 'ORDER_NOT_EXIST')
  // A code that waits for its password is answered with its state alone.
  if (trade.state === 'paying') return { status: 200, body: JSON.stringify({ trade_state: 'USERPAYING' }) }
  return { status: 200, body: JSON.stringify(transactionOf(parties, trade)) }
}

/** A number that was never used is closed like any other. */
function closeAnswer(trade: Trade | undefined, closed: Trade | null): LabAnswer {
  if (!trade || closed || trade.state === 'closed') return { status: 204, body: '' }
  return coded(400, 'ORDER_PAID')
}

function coded(status: number, code: string): LabAnswer {
  return { status, body: JSON.stringify({ code, message: code }) }
}
