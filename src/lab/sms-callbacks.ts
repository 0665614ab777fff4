import { type Clock, type Instant, type Millis, SECOND } from '../domain/time.ts'
import { createPoster } from './post.ts'
import { signature } from './sms-submit.ts'

export interface CallbackTarget {
  readonly url: string
  readonly secret: string
}

/** What the gateway posts: one JSON object a callback, signed in `x-signature` over `<x-timestamp>.<body>`. */
export type SmsCallback =
  | {
      readonly kind: 'receipt'
      readonly message_id: string
      readonly id: string | null
      readonly status: 'DELIVRD' | 'UNDELIV'
      readonly code: string
      readonly time: Instant
    }
  | { readonly kind: 'reply'; readonly from: string; readonly text: string; readonly time: Instant }

export interface Callbacks {
  /** Where they go from now on; `null`: nowhere. */
  target(target: CallbackTarget | null): void
  /** What callbacks are signed with, where there is a target. */
  secret(): string | null
  /** Posts until it gets a 2xx, five times at most; resolves to the last status, `null` when there was none. */
  post(callback: SmsCallback): Promise<number | null>
  done(): Promise<void>
  close(): Promise<void>
}

/** The gateway's side of receipts and replies, as patient as real ones: again after 1, 2, 4 and 8 seconds. */
export function createCallbacks(clock: Clock, pause: (ms: Millis) => Promise<void>): Callbacks {
  const poster = createPoster()
  const pending = new Set<Promise<unknown>>()
  let target: CallbackTarget | null = null
  let closed = false

  const postOnce = async (to: CallbackTarget, body: string): Promise<number | null> => {
    const timestamp = String(Math.floor(clock.now() / SECOND))
    const headers = {
      'content-type': 'application/json',
      'x-timestamp': timestamp,
      'x-signature': signature(to.secret, timestamp, body),
    }
    const answered = await poster.send(to.url, { method: 'POST', headers, body })
    return answered?.status ?? null
  }
  const post = async (callback: SmsCallback): Promise<number | null> => {
    let status: number | null = null
    for (let tries = 0; tries < 5 && target && !closed; tries++) {
      if (tries > 0) await pause(2 ** (tries - 1) * SECOND)
      status = await postOnce(target, JSON.stringify(callback))
      if (status !== null && status >= 200 && status < 300) break
    }
    return status
  }
  return {
    target(next) {
      target = next
    },
    secret: () => target?.secret ?? null,
    post(callback) {
      const posted = post(callback)
      pending.add(posted)
      return posted.finally(() => pending.delete(posted))
    },
    async done() {
      while (pending.size > 0) await Promise.all(pending)
    },
    async close() {
      closed = true
      await poster.close()
    },
  }
}
