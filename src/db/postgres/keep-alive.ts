import type { Clock, Millis } from '../../domain/time.ts'
import { PgFault, pgFault } from './errors.ts'
import type { Ownership } from './ownership.ts'
import type { Postmaster } from './postmaster.ts'

export interface Logger {
  info(fields: object, text: string): void
  warn(fields: object, text: string): void
  error(fields: object, text: string): void
}

/** A running server and our hold on it. */
export interface Up {
  readonly server: Postmaster
  readonly ownership: Ownership
  /** It was running before we came. */
  readonly adopted: boolean
}

export interface KeptAlive {
  /** `null` while it is down. */
  current(): Up | null
  pid(): number
  /** Why it is, or last was, down. */
  fault(): PgFault
  onExit(listener: (fault: PgFault) => void): void
  onRestart(listener: () => void): void
  /** Ends the watch and hands back what runs, if anything does. */
  stop(): Promise<Up | null>
}

export interface KeepAliveOptions {
  readonly dir: string
  readonly clock: Clock
  readonly logger: Logger
  /** Finds or starts the server again, at the same port. */
  readonly again: (port: number) => Promise<Up>
}

const FIRST_RETRY: Millis = 250
const LAST_RETRY: Millis = 10_000
/** A server that has stood this long is well: the next failure starts with short waits again. */
const STEADY: Millis = 60_000

/**
 * Starts the server again whenever our session on it breaks: at once the first time, then with growing waits, for
 * as long as it takes (a full disk may be cleared tomorrow).
 */
export function keepAlive(first: Up, options: KeepAliveOptions): KeptAlive {
  const { dir, clock, logger } = options
  let up: Up | null = first
  let server = first.server
  let failures = 0
  let fault = pgFault('STOPPED', { dir, detail: 'not yet' })
  let recovering = Promise.resolve()
  const stopped = Promise.withResolvers<void>()
  let stopping = false
  const exitListeners: ((fault: PgFault) => void)[] = []
  const restartListeners: (() => void)[] = []

  function watch(current: Up): void {
    const cancel = clock.after(STEADY, () => {
      failures = 0
    })
    void current.ownership.lost.then(() => {
      cancel()
      if (stopping || up !== current) return
      up = null
      fault = pgFault('STOPPED', { dir, detail: `process ${server.pid} closed our session` })
      logger.error({ pid: server.pid }, fault.message)
      for (const listener of exitListeners) listener(fault)
      recovering = recover()
    })
  }

  async function recover(): Promise<void> {
    while (!stopping && up === null) {
      const wait = failures === 0 ? 0 : Math.min(LAST_RETRY, FIRST_RETRY * 2 ** (failures - 1))
      await pauseUnless(stopped.promise, clock, wait)
      failures++
      if (!stopping) up = await attempt()
    }
    if (up === null) return
    server = up.server
    watch(up)
    logger.info({ pid: server.pid }, 'PostgreSQL is up again')
    for (const listener of restartListeners) listener()
  }

  async function attempt(): Promise<Up | null> {
    try {
      return await options.again(server.port)
    } catch (error) {
      fault = error instanceof PgFault ? error : pgFault('STOPPED', { dir, detail: String(error) }, error)
      logger.error({ failures }, fault.message)
      return null
    }
  }

  watch(first)
  return {
    current: () => up,
    pid: () => server.pid,
    fault: () => fault,
    onExit: (listener) => void exitListeners.push(listener),
    onRestart: (listener) => void restartListeners.push(listener),
    async stop() {
      stopping = true
      stopped.resolve()
      await recovering
      const last = up
      up = null
      return last
    },
  }
}

/** Waits, but no longer than until `over`. */
function pauseUnless(over: Promise<void>, clock: Clock, wait: Millis): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(wait, resolve)
    void over.then(() => {
      cancel()
      resolve()
    })
  })
}
