import { type Clock, type Instant, type Millis, SECOND, toIso } from '../domain/time.ts'
import type { LabAnswer, LabReaction } from './http-listener.ts'
import { type Fault, type FaultOf, faultOf } from './script.ts'

/** Faults every HTTP simulator can play. */
export type HttpFault = FaultOf<
  'slow' | 'stall' | 'limit' | 'fail' | 'drop' | 'redirect' | 'huge' | 'refuse_credentials'
>

/** The answer of a fault that keeps a request from being accepted at all, or `null`. */
export function refusalOf(
  faults: readonly Fault[],
  now: Instant,
): { readonly code: string; readonly reaction: LabReaction } | null {
  const limit = faultOf(faults, 'limit')
  if (limit) {
    const wait = limit.form === 'date' ? httpDate(now + limit.seconds * SECOND) : String(limit.seconds)
    return { code: 'LIMIT', reaction: coded(429, 'TOO_FAST', { 'retry-after': wait, date: httpDate(now) }) }
  }
  const fail = faultOf(faults, 'fail')
  if (fail) return { code: 'FAIL', reaction: coded(fail.status ?? 500, 'BROKEN') }
  const redirect = faultOf(faults, 'redirect')
  if (redirect) return { code: 'REDIRECT', reaction: { status: 302, headers: { location: redirect.to } } }
  if (faultOf(faults, 'drop')?.when === 'before') return { code: 'DROP', reaction: 'drop' }
  return null
}

/** Lets the faults that strike after acceptance do their work on `answer`. */
export async function afterAcceptance(
  faults: readonly Fault[],
  answer: LabAnswer,
  pause: (ms: Millis) => Promise<void>,
): Promise<LabReaction> {
  const slow = faultOf(faults, 'slow')
  if (slow) await pause(slow.ms)
  if (faultOf(faults, 'stall')) return 'stall'
  if (faultOf(faults, 'drop')?.when === 'after') return 'drop'
  const huge = faultOf(faults, 'huge')
  return huge ? { ...answer, status: 200, body: 'x'.repeat(huge.bytes) } : answer
}

/** A JSON answer with a gateway's own code. */
export function coded(
  status: number,
  code: string,
  headers: Readonly<Record<string, string>> = {},
  more: object = {},
): LabAnswer {
  return { status, headers, body: JSON.stringify({ code, ...more }) }
}

/** Pauses by `clock`, all ended at once by `stop`. */
export function createPauses(clock: Clock): { pause(ms: Millis): Promise<void>; stop(): void } {
  const pending = new Set<() => void>()
  return {
    pause: (ms) =>
      new Promise((resolve) => {
        const end = () => {
          cancel()
          pending.delete(end)
          resolve()
        }
        const cancel = clock.after(ms, end)
        pending.add(end)
      }),
    stop() {
      for (const end of [...pending]) end()
    },
  }
}

const DAYS = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `Sun, 22 Nov 2026 08:00:00 GMT` (RFC 9110 §5.6.7). Day 0 of the epoch was a Thursday. */
export function httpDate(instant: Instant): string {
  const iso = toIso(instant)
  const day = DAYS[Math.floor(instant / 86_400_000) % 7]
  const month = MONTHS[Number(iso.slice(5, 7)) - 1]
  return `${day}, ${iso.slice(8, 10)} ${month} ${iso.slice(0, 4)} ${iso.slice(11, 19)} GMT`
}
