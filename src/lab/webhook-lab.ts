import { Webhook } from 'standardwebhooks'
import type { Random } from '../domain/ids.ts'
import { type Clock, type Instant, MINUTE } from '../domain/time.ts'
import { createDeliveryLog, type LogLimits, type Received } from './delivery-log.ts'
import { type HttpDoors, openHttpDoors } from './http-doors.ts'
import { afterAcceptance, coded, createPauses, type HttpFault, refusalOf } from './http-faults.ts'
import type { LabReaction, LabRequest } from './http-listener.ts'
import { createScript, type FaultOf, faultOf, type Rule, type Script } from './script.ts'

export type WebhookFault = HttpFault | FaultOf<'gone'>

/** A webhook as its receiver reads it. */
export interface WebhookCall {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly type: string | null
  readonly data: unknown
}

export interface WebhookLab extends HttpDoors {
  /** Where to post; any path below it is an endpoint of its own. */
  readonly url: string
  /** The same receiver over https. */
  readonly secureUrl: string
  readonly secret: string
  readonly received: Received<WebhookCall>
  script(rules: readonly Rule<WebhookFault>[]): void
  scripted: Script<WebhookFault>['list']
  /** The receiver's side of a key rotation: from now on only signatures by these count. */
  useSecrets(secrets: readonly string[]): void
}

export interface WebhookLabOptions extends LogLimits {
  readonly clock: Clock
  readonly random: Random
  /** 0 or absent: any free one. */
  readonly port?: number | undefined
  /** `whsec_…`; absent: a new one. */
  readonly secret?: string | undefined
}

/**
 * A receiver of Standard Webhooks that is as strict as the best: signature by the official library, time stamp
 * within five minutes, JSON with `type`, `timestamp` and `data`. Refuses with 400 or 401 and records why.
 */
export async function startWebhookLab(options: WebhookLabOptions): Promise<WebhookLab> {
  const { clock, random } = options
  const log = createDeliveryLog<WebhookCall>(options)
  const script = createScript<WebhookFault>(random)
  const pauses = createPauses(clock)
  const secret = options.secret ?? `whsec_${Buffer.from(random(24)).toString('base64')}`
  let secrets: readonly string[] = [secret]

  const react = async (request: LabRequest): Promise<LabReaction> => {
    const faults = script.next(request.path)
    const refusal = refuse(request, faults, secrets, clock.now())
    log.add({
      at: clock.now(),
      id: request.headers['webhook-id'] ?? null,
      to: request.path,
      accepted: refusal === null,
      refusal: refusal?.code ?? null,
      faults: faults.map((fault) => fault.kind),
      content: readCall(request),
    })
    return refusal?.reaction ?? afterAcceptance(faults, { status: 204 }, pauses.pause)
  }
  const doors = await openHttpDoors({ port: options.port ?? 0, random, react })
  return {
    ...doors,
    url: `${doors.origin}/hook`,
    secureUrl: `${doors.secureOrigin}/hook`,
    secret,
    received: log,
    script: (rules) => script.set(rules),
    scripted: () => script.list(),
    useSecrets: (next) => {
      secrets = next
    },
    async close() {
      pauses.stop()
      await doors.close()
    },
  }
}

type Refusal = { readonly code: string; readonly reaction: LabReaction }

function refuse(
  request: LabRequest,
  faults: readonly WebhookFault[],
  secrets: readonly string[],
  now: Instant,
): Refusal | null {
  if (faultOf(faults, 'gone')) return { code: 'GONE', reaction: { status: 410 } }
  if (faultOf(faults, 'refuse_credentials')) return refused(401, 'BAD_SIGNATURE')
  const scripted = refusalOf(faults, now)
  if (scripted) return scripted
  if (request.method !== 'POST') return refused(405, 'NOT_POST')
  if (!request.headers['content-type']?.startsWith('application/json')) return refused(415, 'NOT_JSON')
  for (const name of ['webhook-id', 'webhook-timestamp', 'webhook-signature']) {
    if (!request.headers[name]) return refused(400, 'MISSING_HEADER')
  }
  const sentAt = Number(request.headers['webhook-timestamp']) * 1_000
  if (!(Math.abs(now - sentAt) <= 5 * MINUTE)) return refused(401, 'BAD_TIMESTAMP')
  if (!secrets.some((secret) => signedBy(secret, request, sentAt))) return refused(401, 'BAD_SIGNATURE')
  const { type, data } = readCall(request)
  return type === null || typeof data !== 'object' ? refused(400, 'BAD_BODY') : null
}

function refused(status: number, code: string): Refusal {
  return { code, reaction: coded(status, code) }
}

/** The library's own `verify` reads the machine's clock; its `sign` lets the lab keep time by its own. */
function signedBy(secret: string, request: LabRequest, sentAt: Instant): boolean {
  const at = { getTime: () => sentAt } as Parameters<Webhook['sign']>[1]
  const expected = new Webhook(secret).sign(request.headers['webhook-id']!, at, request.body)
  return request.headers['webhook-signature']!.split(' ').includes(expected)
}

function readCall({ headers, body }: LabRequest): WebhookCall {
  try {
    const { type, data, timestamp } = JSON.parse(body)
    const whole = typeof type === 'string' && typeof timestamp === 'string'
    return { headers, body, type: whole ? type : null, data }
  } catch {
    return { headers, body, type: null, data: null }
  }
}
