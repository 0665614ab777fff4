import { type Clock, type Millis, SECOND } from '../domain/time.ts'

/** Work that is done again and again as long as the process lives. */
export interface Rounds {
  /**
   * Does `work` after `first`, then each time after the wait it asks for. An error is logged and waited out. What goes
   * round already is not begun a second time.
   */
  repeat(name: string, first: Millis, work: () => Promise<Millis>): void
  /** No round begins any more. */
  stop(): void
}

export function createRounds(clock: Clock, log: { error(fields: object, text: string): void }): Rounds {
  let stopped = false
  const cancels = new Map<string, () => void>()
  return {
    repeat(name, first, work) {
      if (cancels.has(name)) return
      const tick = async () => {
        let wait = SECOND
        try {
          wait = await work()
        } catch (error) {
          log.error({ err: error }, `${name} failed; again in ${wait} ms`)
        }
        if (!stopped) cancels.set(name, clock.after(wait, tick))
      }
      cancels.set(name, clock.after(first, tick))
    },
    stop() {
      stopped = true
      for (const cancel of cancels.values()) cancel()
    },
  }
}
