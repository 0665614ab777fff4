import * as z from 'zod'
import type { SourceEvent } from '../domain/event.ts'
import { refsOf } from '../domain/order/refs.ts'
import { SECOND, toIso } from '../domain/time.ts'
import { ASK_TIMEOUT, later, noAnswer } from './answer.ts'
import { eventsIn } from './cloudevents.ts'
import { at, readJson } from './json.ts'
import { hmacSha256 } from './signature.ts'
import type { Answered, Question, SourcePorts } from './source.ts'
import { webhookKey, webhookSecret } from './standard-webhooks.ts'

/**
 * Whom to ask what became of a payment. A rail's own key can mostly refund and pay out as well, so a shop that can
 * answer is asked instead, and the rail's key stays where it is.
 */
export const querySettings = {
  queryThrough: z.enum(['off', 'shop', 'rail']).default('off'),
  shopQueryUrl: z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .optional(),
  /** While a key is being changed list both, the new one first: each question then carries both signatures. */
  shopQuerySecrets: z.array(webhookSecret).min(1).max(3).optional(),
}

interface QuerySettings {
  readonly queryThrough: 'off' | 'shop' | 'rail'
  readonly shopQueryUrl?: string | undefined
  readonly shopQuerySecrets?: readonly string[] | undefined
}

/** Reports the settings that what was chosen still needs. */
export function checkQuerySettings(
  settings: QuerySettings,
  neededForRail: readonly string[],
  context: z.RefinementCtx,
): void {
  const { queryThrough } = settings
  const needed = { off: [], shop: ['shopQueryUrl', 'shopQuerySecrets'], rail: neededForRail }[queryThrough]
  for (const name of needed) {
    if ((settings as unknown as Record<string, unknown>)[name] !== undefined) continue
    const message = `expected, because queryThrough is ${queryThrough}`
    context.addIssue({ code: 'custom', path: [name], message })
  }
}

/** Whether the settings name anybody to ask. */
export const asksAnybody = ({ queryThrough }: QuerySettings): boolean => queryThrough !== 'off'

/** Asks whom the settings name. Where nobody is to be asked, no order is known. */
export async function askThrough(
  { queryThrough, shopQueryUrl, shopQuerySecrets }: QuerySettings,
  question: Question,
  ports: SourcePorts,
  askRail: () => Promise<Answered>,
): Promise<Answered> {
  if (queryThrough === 'rail') return askRail()
  if (queryThrough === 'off' || !shopQueryUrl || !shopQuerySecrets) return { kind: 'stranger' }
  return askShop(shopQueryUrl, shopQuerySecrets, question, ports)
}

/**
 * Asks the shop, signed as Standard Webhooks: `POST {type: 'order.query', timestamp, data: {refs, total, placedAt}}`.
 * It answers 200 and `{events: […]}` in our own words (none: nothing is decided yet), or 404 for an order it does
 * not know. Events keep their ids when it is asked again.
 */
async function askShop(
  url: string,
  secrets: readonly string[],
  question: Question,
  ports: SourcePorts,
): Promise<Answered> {
  const { refs, total, placedAt } = question
  const asked = { type: 'order.query', timestamp: toIso(ports.now), data: { refs, total, placedAt } }
  const body = JSON.stringify(asked)
  const id = `msg_${Buffer.from(ports.random(16)).toString('hex')}`
  const timestamp = String(Math.floor(ports.now / SECOND))
  const signatures = secrets.map(
    (secret) => `v1,${hmacSha256(webhookKey(secret), `${id}.${timestamp}.${body}`).toString('base64')}`,
  )
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  }
  const result = await ports.http({ url, method: 'POST', headers, body, timeout: ASK_TIMEOUT }, ports.signal)
  if (result.kind !== 'answer') return noAnswer(result)
  const { status } = result
  if (status === 404) return { kind: 'stranger' }
  if (status === 408 || status === 429 || status >= 500) return later(`shop_${status}`, result.headers)
  if (status !== 200) return { kind: 'operator', code: `shop_${status}` }
  return result.complete ? readAnswer(result.body, question, ports) : later('shop_answer_cut')
}

function readAnswer(text: string, question: Question, { now }: SourcePorts): Answered {
  const body = readJson(Buffer.from(text))
  const list = body.ok ? at(body.value, 'events') : undefined
  if (!Array.isArray(list)) return { kind: 'operator', code: 'shop_answer_unreadable' }
  if (list.length === 0) return { kind: 'pending' }
  const options = { now, fallbackSource: 'shop' }
  const parsed = eventsIn(list, options)
  if (!parsed.ok) return { kind: 'operator', code: 'shop_answer_unreadable' }
  // A mix-up in the shop's program must not mark another order paid.
  if (!parsed.events.every((event) => isAbout(event, question))) {
    return { kind: 'operator', code: 'shop_answered_about_another_order' }
  }
  return { kind: 'events', events: parsed.events }
}

function isAbout(event: SourceEvent, question: Question): boolean {
  const own = refsOf({ data: event.data, trust: 'queried' })
  const asked = refsOf({ data: { refs: [...question.refs] }, trust: 'queried' })
  return own.some((ref) => asked.some(({ kind, value }) => kind === ref.kind && value === ref.value))
}
