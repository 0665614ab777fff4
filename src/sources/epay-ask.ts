import { type Money, parseMoney } from '../domain/money.ts'
import { ASK_TIMEOUT, later, noAnswer } from './answer.ts'
import { readJson, textAt } from './json.ts'
import type { Answered, SourcePorts } from './source.ts'
import { cut, type Draft, tidy, UNREADABLE } from './tidy.ts'
import { beijingTime, orderNoOf, tradeRefs } from './trade.ts'

/** What it takes to read 易支付's words, and to ask it. */
export interface EpayAccess {
  readonly pid: string
  readonly keys: readonly string[]
  readonly currency: string
  readonly trySeparator?: string | undefined
  readonly apiBase?: string | undefined
}

/** Numbers that 易支付 takes as out_trade_no. */
export const EPAY_NUMBER = /^[A-Za-z0-9_.:|-]{1,128}$/

/** What a notification or an answer says of a paid order. */
export interface EpayTrade {
  readonly trade_no?: string | undefined
  readonly out_trade_no?: string | undefined
  readonly type?: string | undefined
  readonly name?: string | undefined
  readonly money?: string | undefined
  readonly param?: string | undefined
}

/** The sum stands at the payment only: the order's total and title are the shop's to say. */
export function epayDraft({ currency, trySeparator }: EpayAccess, trade: EpayTrade): Draft {
  const no = trade.out_trade_no ?? ''
  const extra = {
    ...(trade.name ? { name: cut(trade.name, 500) } : {}),
    ...(trade.param ? { param: cut(trade.param, 600) } : {}),
  }
  const amount: Money | null = parseMoney(trade.money ?? '', currency)
  const unreadable = trade.money?.trim() ? UNREADABLE : undefined
  return {
    refs: tradeRefs(no, trySeparator, { kind: 'epay_trade', value: trade.trade_no }),
    order: { no: orderNoOf(no, trySeparator) },
    payment: {
      id: trade.trade_no ?? no,
      rail: 'epay',
      byGateway: true,
      method: trade.type?.slice(0, 60),
      amount: amount && amount.minor >= 0 ? amount : unreadable,
    },
    extra: Object.keys(extra).length > 0 ? extra : undefined,
  }
}

/**
 * `GET api.php?act=order` (查询单个订单). The merchant's key travels in the address, so the address appears in no code, no
 * event and no log. The answer is not signed: it is believed because it came over TLS.
 */
export async function askEpay(
  access: EpayAccess,
  outTradeNo: string,
  { http, now, signal }: SourcePorts,
): Promise<Answered> {
  const asked = { act: 'order', pid: access.pid, key: access.keys[0]!, out_trade_no: outTradeNo }
  const url = `${access.apiBase?.replace(/\/+$/, '')}/api.php?${new URLSearchParams(asked)}`
  const headers = { accept: 'application/json' }
  const result = await http({ url, method: 'GET', headers, body: null, timeout: ASK_TIMEOUT }, signal)
  if (result.kind !== 'answer') return noAnswer(result)
  if (result.status !== 200) return later(`http_${result.status}`, result.headers)
  const answer = readJson(Buffer.from(result.body))
  if (!result.complete || !answer.ok) return later('answer_unreadable')
  const code = textAt(answer.value, 'code')
  if (code !== '1') return refusal(code, textAt(answer.value, 'msg') ?? '')
  if (textAt(answer.value, 'out_trade_no') !== outTradeNo) return later('answer_about_another_order')
  const pid = textAt(answer.value, 'pid')
  if (pid !== undefined && pid !== access.pid) return later('answer_about_another_merchant')
  switch (textAt(answer.value, 'status')) {
    case '0':
      return { kind: 'pending' }
    case '1':
    // Money came and went back, in part or as a whole: the answer does not say how much.
    case '2':
      return { kind: 'events', events: [paid(access, outTradeNo, answer.value, now)] }
    default:
      return later('answer_unknown_state')
  }
}

function paid(access: EpayAccess, outTradeNo: string, answer: unknown, now: number) {
  const field = (name: string) => textAt(answer, name)
  const trade = {
    trade_no: field('trade_no'),
    out_trade_no: outTradeNo,
    type: field('type'),
    name: field('name'),
    money: field('money'),
    param: field('param'),
  }
  return {
    id: `query:${outTradeNo}:paid`,
    type: 'order.paid',
    source: `epay/${access.pid}`,
    time: beijingTime(field('endtime')) ?? now,
    subject: outTradeNo,
    data: tidy(epayDraft(access, trade)),
  }
}

/** Forks number their refusals differently (−3 is a wrong merchant or key in most); their words agree better. */
function refusal(code: string | undefined, message: string): Answered {
  if (/订单.*(不存在|未找到)/.test(message)) return { kind: 'stranger' }
  const setUp = code === '-3' || /密钥|商户|签名/.test(message)
  return setUp ? { kind: 'operator', code: 'epay_refused' } : later('epay_refused')
}
