import { createHash } from 'node:crypto'
import { MINUTE, SECOND } from '../domain/time.ts'
import { beijingText } from './alipay-words.ts'
import { afterAcceptance, type HttpFault, refusalOf } from './http-faults.ts'
import { type LabAnswer, type LabReaction, type LabRequest, listenHttp } from './http-listener.ts'
import { createRail, hexOf, type RailLab, type RailOptions } from './rail.ts'
import type { Notice } from './rail-notices.ts'
import { type FaultOf, faultOf } from './script.ts'
import { type Trade, yuanText } from './trades.ts'

export type EpayQueryFault = HttpFault | FaultOf<'system_error'>

export interface EpayLab extends RailLab<EpayQueryFault> {
  readonly pid: string
  readonly key: string
}

export interface EpayLabOptions extends RailOptions {
  /** A fork that writes its signature in capitals, posts a form, or both. */
  readonly fork?: { readonly capitals?: boolean; readonly post?: boolean }
}

/** Forks differ; five tries within half an hour is what the common ones make. */
const SCHEDULE = [5 * SECOND, MINUTE, 5 * MINUTE, 20 * MINUTE]

type Fields = Readonly<Record<string, string>>

/** The fields with their MD5 signature, as `epay_submit` of the reference kit makes it. */
export function signEpay(fields: Fields, key: string): Fields {
  const text = Object.keys(fields)
    .filter((name) => name !== 'sign' && name !== 'sign_type' && fields[name] !== '')
    .sort()
    .map((name) => `${name}=${fields[name]}`)
    .join('&')
  const sign = createHash('md5')
    .update(text + key)
    .digest('hex')
  return { ...fields, sign, sign_type: 'MD5' }
}

/** An 易支付 site for one merchant: signed GET notices of payments, and `api.php` that wants merchant and key. */
export async function startEpayLab(options: EpayLabOptions): Promise<EpayLab> {
  const { clock, random, fork = {} } = options
  const pid = '1001'
  const key = hexOf(random, 16)
  const rail = createRail<EpayQueryFault>(options, {
    ids: '2026',
    schedule: SCHEDULE,
    taken: (status, answer) => status === 200 && /^success$/i.test(answer.trim()),
    notice: (trade, step) => (step.kind === 'pay' ? noticeOf(trade, pid, key, fork) : null),
  })

  const react = async (request: LabRequest): Promise<LabReaction> => {
    const asked = new URLSearchParams(request.query)
    const refused = refuse(request, asked, pid, key)
    if (refused) return refused
    const no = asked.get('out_trade_no')!
    const faults = rail.queries.next(no)
    const refusal = refusalOf(faults, clock.now())
    if (refusal) return refusal.reaction
    const error = { status: 200, body: '<b>Fatal error</b>: Too many connections' }
    const answer = faultOf(faults, 'system_error') ? error : orderAnswer(rail.trades.seen(no), pid)
    return afterAcceptance(faults, answer, rail.pause)
  }
  const listener = await listenHttp({ port: options.port ?? 0, react })
  return {
    ...rail.controls,
    origin: listener.origin,
    pid,
    key,
    settings: () => ({ pid, keys: [key], queryThrough: 'rail', apiBase: listener.origin }),
    async close() {
      await Promise.all([listener.close(), rail.stop()])
    },
  }
}

function noticeOf(trade: Trade, pid: string, key: string, fork: NonNullable<EpayLabOptions['fork']>): Notice {
  const fields = signEpay({ ...fieldsOf(trade, pid), trade_status: 'TRADE_SUCCESS' }, key)
  const sign = fork.capitals ? fields.sign!.toUpperCase() : fields.sign!
  const form = new URLSearchParams({ ...fields, sign }).toString()
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const request = () =>
    fork.post ? { method: 'POST' as const, headers, body: form } : { method: 'GET' as const, query: form }
  return { no: trade.no, what: 'TRADE_SUCCESS', request }
}

function fieldsOf(trade: Trade, pid: string): Fields {
  return {
    pid,
    trade_no: trade.id,
    out_trade_no: trade.no,
    type: 'alipay',
    name: trade.title,
    money: yuanText(trade.minor),
    param: '',
  }
}

function refuse(
  { method, path }: LabRequest,
  asked: URLSearchParams,
  pid: string,
  key: string,
): LabAnswer | null {
  if (method !== 'GET' || path !== '/api.php' || asked.get('act') !== 'order')
    return json({ code: -5, msg: 'No Act!' })
  if (asked.get('pid') !== pid) return json({ code: -3, msg: '商户ID不存在' })
  if (asked.get('key') !== key) return json({ code: -3, msg: '商户密钥错误' })
  return asked.get('out_trade_no') ? null : json({ code: -4, msg: '订单号不能为空' })
}

function orderAnswer(trade: Trade | undefined, pid: string): LabAnswer {
  if (!trade) return json({ code: -1, msg: '订单号不存在' })
  const status = trade.refunds.length > 0 ? 2 : trade.paidAt === null ? 0 : 1
  return json({
    code: 1,
    msg: 'succ',
    ...fieldsOf(trade, pid),
    pid: Number(pid),
    addtime: beijingText(trade.placedAt),
    endtime: trade.paidAt === null ? null : beijingText(trade.paidAt),
    status: String(status),
  })
}

function json(body: object): LabAnswer {
  return { status: 200, body: JSON.stringify(body) }
}
