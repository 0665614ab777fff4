import { type Clock, type Instant, type Millis, SECOND } from '../domain/time.ts'
import { createPoster, type PostRequest } from './post.ts'
import { type FaultOf, faultOf } from './script.ts'

/** What can befall a payment's notice. */
export type NoticeFault = FaultOf<'duplicate_notice' | 'early_notice' | 'no_notice'>

export interface NoticeRequest extends PostRequest {
  readonly query?: string
}

export interface Notice {
  readonly no: string
  readonly what: string
  /** Made anew for each try: a signature carries the time it was made at. */
  readonly request: () => NoticeRequest
}

/** One try to hand over a notice. */
export interface NoticeTry {
  readonly no: string
  readonly what: string
  readonly at: Instant
  /** `null`: no answer. */
  readonly status: number | null
  readonly answer: string
  readonly taken: boolean
}

export interface Notices {
  /** Where they go from now on; `null`: nowhere. */
  target(url: string | null): void
  send(notice: Notice, faults: readonly NoticeFault[]): void
  tries(): readonly NoticeTry[]
  /** Resolves when every notice so far was taken, or given up. */
  done(): Promise<void>
  close(): Promise<void>
}

export interface NoticeOptions {
  readonly clock: Clock
  readonly pause: (ms: Millis) => Promise<void>
  /** Waits before the second try, the third … */
  readonly schedule: readonly Millis[]
  readonly taken: (status: number, answer: string) => boolean
}

/** Most that a test or a person looks back at. */
const KEPT = 5_000

/** A rail's patience with its merchant: hands a notice over again until it is taken, by the rail's own schedule. */
export function createNotices({ clock, pause, schedule, taken }: NoticeOptions): Notices {
  const poster = createPoster()
  const pending = new Set<Promise<void>>()
  const tries: NoticeTry[] = []
  let target: string | null = null
  let closed = false

  async function tryOnce(url: string, { no, what, request: make }: Notice): Promise<boolean> {
    const at = clock.now()
    const made = make()
    const answered = await poster.send(made.query ? `${url}?${made.query}` : url, made)
    const { status, answer } = answered ?? { status: null, answer: '' }
    const ok = status !== null && taken(status, answer)
    tries.push({ no, what, at, status, answer, taken: ok })
    if (tries.length > KEPT) tries.shift()
    return ok
  }
  async function handOver(notice: Notice): Promise<void> {
    for (const wait of [0, ...schedule]) {
      if (wait > 0) await pause(wait)
      if (closed || !target || (await tryOnce(target, notice))) return
    }
  }
  const start = (work: Promise<void>) => {
    pending.add(work)
    void work.finally(() => pending.delete(work))
  }
  return {
    target(url) {
      target = url
    },
    send(notice, faults) {
      if (faultOf(faults, 'no_notice')) return
      start(handOver(notice))
      if (faultOf(faults, 'duplicate_notice')) start(pause(SECOND).then(() => handOver(notice)))
    },
    tries: () => tries,
    async done() {
      while (pending.size > 0) await Promise.all(pending)
    },
    async close() {
      closed = true
      await poster.close()
    },
  }
}
