import type { SourceEvent } from '../domain/event.ts'
import type { AnswerKind, Asked } from '../domain/inquiry/asked.ts'
import type { Clock, Instant, Millis } from '../domain/time.ts'
import type { Question, SourcePorts } from '../sources/source.ts'
import type { AskedConnection } from './asked-connections.ts'
import type { Case, InquireDeps } from './inquiry-case.ts'

export type Heard =
  | { readonly kind: 'answer'; readonly asked: Asked; readonly code: string | null }
  | { readonly kind: 'operator'; readonly code: string }

/** Asks what became of the order's payment. What the answer says is kept before anything follows from it. */
export async function askSource(deps: InquireDeps, one: Case, connection: AskedConnection): Promise<Heard> {
  const { source, settings, rules } = connection
  const answered = await withinLimit(deps.clock, rules.timeout, (signal) =>
    source.query(settings, questionOf(one), portsOf(deps, signal)),
  ).catch((error) => {
    deps.log.warn({ err: error, shop: one.shop, source: source.name }, 'a source broke while it was asking')
    return { kind: 'later', code: 'source_broken', retryAfter: null } as const
  })
  const at = deps.clock.now()
  const answer = (kind: AnswerKind, code: string | null = null, again: Instant | null = null): Heard => {
    deps.metrics.questions.inc({ source: source.name, answer: kind })
    return { kind: 'answer', asked: { at, answer: kind, again }, code }
  }
  switch (answered.kind) {
    case 'pending':
      return answer('pending')
    case 'stranger':
      return answer('stranger')
    case 'later': {
      const { code, retryAfter } = answered
      return answer('later', code, retryAfter === null ? null : at + retryAfter)
    }
    case 'operator':
      deps.metrics.questions.inc({ source: source.name, answer: 'operator' })
      return { kind: 'operator', code: answered.code }
    case 'events':
      await deps.keep({ shop: one.shop, connection: connection.id, trust: 'queried' }, answered.events)
      return answer(...meaningOf(answered.events))
  }
}

/** More than one payment of the order came through. */
export const PAID_TWICE = 'paid_twice'

/** What a list of events says of the payment: paid beats everything, as in the fold. */
export function meaningOf(events: readonly SourceEvent[]): [AnswerKind, string | null] {
  const paid = new Set(
    events.filter(({ type }) => type === 'order.paid').map(({ data }) => data.payment?.id ?? ''),
  )
  if (paid.size > 0) return ['paid', paid.size > 1 ? PAID_TWICE : null]
  const failed = events.find(({ type }) => type === 'payment.failed')
  return failed ? ['failed', failed.data.payment?.failure?.code ?? null] : ['pending', null]
}

export const questionOf = ({ refs, view }: Case): Question => ({
  refs,
  total: view.total,
  placedAt: view.placedAt,
})

export const portsOf = (deps: InquireDeps, signal: AbortSignal): SourcePorts => ({
  http: deps.http,
  random: deps.random,
  now: deps.clock.now(),
  signal,
})

/** Ends the wait even where the other side forgets the signal. */
export async function withinLimit<T>(
  clock: Clock,
  limit: Millis,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const given = new AbortController()
  const late = Promise.withResolvers<never>()
  const cancel = clock.after(limit, () => {
    const error = new Error(`no answer within ${limit} ms`)
    given.abort(error)
    late.reject(error)
  })
  return Promise.race([work(given.signal), late.promise]).finally(cancel)
}
