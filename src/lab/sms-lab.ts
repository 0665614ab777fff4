import type { Random } from '../domain/ids.ts'
import { type Clock, type Instant, SECOND } from '../domain/time.ts'
import { createDeliveryLog, type Delivery, type LogLimits, type Received } from './delivery-log.ts'
import { type HttpDoors, openHttpDoors } from './http-doors.ts'
import { afterAcceptance, coded, createPauses, type HttpFault } from './http-faults.ts'
import type { LabReaction, LabRequest } from './http-listener.ts'
import { createScript, type FaultOf, faultOf, type Rule, type Script } from './script.ts'
import { type SmsLabAccount, smsLabAccount } from './sms-account.ts'
import { type CallbackTarget, createCallbacks, type SmsCallback } from './sms-callbacks.ts'
import { checkCredentials, judge, type Refusal, readSubmit, type Submit, tooFast } from './sms-submit.ts'

export type SmsFault =
  | HttpFault
  | FaultOf<
      | 'refuse_address'
      | 'refuse_content'
      | 'duplicate_receipt'
      | 'early_receipt'
      | 'no_receipt'
      | 'failed_receipt'
    >

/** A text message as the phone would show it. */
export interface Sms {
  readonly text: string
  /** The gateway's own id; a refused one has none. */
  readonly ref: string | null
}

export interface SmsLab extends HttpDoors {
  /** Where to POST `{ to, text, id }`. */
  readonly url: string
  /** The same gateway over https. */
  readonly secureUrl: string
  readonly apiKey: string
  readonly apiSecret: string
  readonly received: Received<Sms>
  script(rules: readonly Rule<SmsFault>[]): void
  scripted: Script<SmsFault>['list']
  /** Where receipts and replies go, signed with the target's secret; `null` switches them off. */
  sendCallbacksTo(target: CallbackTarget | null): void
  /** A person answers a message: resolves to the status our callback got. */
  reply(message: { readonly from: string; readonly text: string }): Promise<number | null>
  /** Resolves when every receipt due so far was taken, or given up. */
  callbacksDone(): Promise<void>
  /** Settings of the `sms-http` provider that speak this gateway's protocol. */
  account(): SmsLabAccount
}

export interface SmsLabOptions extends LogLimits {
  readonly clock: Clock
  readonly random: Random
  readonly port?: number | undefined
  readonly apiKey?: string | undefined
  readonly apiSecret?: string | undefined
  /** More submits than this within one second get 429. Default: no limit. */
  readonly perSecond?: number | undefined
}

/**
 * An SMS gateway as strict ones are: API key, signed body, E.164 numbers, no unknown fields, a rate. A repeated
 * `id` gets the first answer again and reaches nobody twice. A refusal names its code in the body.
 */
export async function startSmsLab(options: SmsLabOptions): Promise<SmsLab> {
  const { clock, random } = options
  const log = createDeliveryLog<Sms>(options)
  const script = createScript<SmsFault>(random)
  const pauses = createPauses(clock)
  const callbacks = createCallbacks(clock, pauses.pause)
  const apiKey = options.apiKey ?? hex(random, 8)
  const apiSecret = options.apiSecret ?? hex(random, 16)
  const overRate = createRate(options.perSecond)
  const refFor = createRefs(options.everyId ?? false)

  const keep = (message: Partial<Submit>, faults: readonly SmsFault[], refused: Refusal | null) =>
    log.add({
      at: clock.now(),
      id: message.id ?? null,
      to: message.to ?? '',
      accepted: refused === null,
      refusal: refused?.code ?? null,
      faults: faults.map((fault) => fault.kind),
      content: { text: message.text ?? '', ref: refused || !message.id ? null : refFor(message.id) },
    })

  const react = async (request: LabRequest): Promise<LabReaction> => {
    const now = clock.now()
    const read = checkCredentials(request, { apiKey, apiSecret }, now) ?? readSubmit(request)
    if ('reaction' in read) {
      keep({}, [], read)
      return read.reaction
    }
    const faults = script.next(read.to)
    const refused = (overRate(now) ? tooFast(now) : null) ?? judge(read, faults, now)
    const delivery = keep(read, faults, refused)
    if (refused) return refused.reaction
    const receipt = () => callbacks.post(receiptOf(delivery, faults, clock.now()))
    const early = faultOf(faults, 'early_receipt')
    if (early) await receipt()
    const answer = coded(200, 'OK', {}, { message_id: delivery.content.ref })
    const reaction = await afterAcceptance(faults, answer, pauses.pause)
    const copies = early || delivery.repeat ? 0 : receiptsDue(faults)
    // In the next turn of the loop, so that the answer leaves first.
    setImmediate(() => Array.from({ length: copies }, receipt))
    return reaction
  }
  const doors = await openHttpDoors({ port: options.port ?? 0, random, react })
  const url = `${doors.origin}/v1/messages`
  return {
    ...doors,
    url,
    secureUrl: `${doors.secureOrigin}/v1/messages`,
    apiKey,
    apiSecret,
    received: log,
    script: (rules) => script.set(rules),
    scripted: () => script.list(),
    sendCallbacksTo: callbacks.target,
    reply: ({ from, text }) => callbacks.post({ kind: 'reply', from, text, time: clock.now() }),
    callbacksDone: callbacks.done,
    account: () => smsLabAccount(url, { apiKey, apiSecret }, callbacks.secret()),
    async close() {
      pauses.stop()
      await Promise.all([doors.close(), callbacks.close()])
    },
  }
}

function receiptsDue(faults: readonly SmsFault[]): number {
  if (faultOf(faults, 'no_receipt')) return 0
  return faultOf(faults, 'duplicate_receipt') ? 2 : 1
}

function receiptOf(delivery: Delivery<Sms>, faults: readonly SmsFault[], now: Instant): SmsCallback {
  const failed = faultOf(faults, 'failed_receipt') !== undefined
  return {
    kind: 'receipt',
    message_id: delivery.content.ref ?? '',
    id: delivery.id,
    status: failed ? 'UNDELIV' : 'DELIVRD',
    code: failed ? 'ABSENT' : '000',
    time: now,
  }
}

/** The gateway's id for ours: the same one for a repeat, as long as it is remembered (20,000 messages). */
function createRefs(forEver: boolean): (id: string) => string {
  const refs = new Map<string, string>()
  let given = 0
  return (id) => {
    const known = refs.get(id)
    if (known) return known
    const ref = `sms-${++given}`
    refs.set(id, ref)
    if (!forEver && refs.size > 20_000) refs.delete(refs.keys().next().value!)
    return ref
  }
}

/** True for each call over `perSecond` within one second of the clock. */
function createRate(perSecond = Number.POSITIVE_INFINITY): (now: Instant) => boolean {
  let second = 0
  let count = 0
  return (now) => {
    const current = Math.floor(now / SECOND)
    if (current !== second) {
      second = current
      count = 0
    }
    return ++count > perSecond
  }
}

function hex(random: Random, bytes: number): string {
  return Buffer.from(random(bytes)).toString('hex')
}
