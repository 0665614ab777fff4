import type { Clock, Millis } from '../domain/time.ts'
import type { DayAct } from './demo-day.ts'

/** How a day is being played: what was sent, what the server refused, and how long it will take at the pace so far. */
export interface Played {
  readonly sent: number
  readonly refused: readonly string[]
}

export interface PlayOptions {
  readonly acts: readonly DayAct[]
  /** Times faster than life. */
  readonly speed: number
  readonly clock: Pick<Clock, 'after'>
  /** Milliseconds that only go forward. */
  readonly passed: () => Millis
  readonly post: (act: DayAct) => Promise<void>
  readonly onSent: (act: DayAct, sent: number, left: Millis) => void
  /** Ends the day before its time. */
  readonly signal: AbortSignal
}

/** Plays the acts in time, one after the other, until the end or the signal. */
export async function play(options: PlayOptions): Promise<Played> {
  const { acts, speed, clock, passed, post, onSent, signal } = options
  const refused: string[] = []
  const began = passed()
  const dueAt = (act: DayAct) => ((act.minute - acts[0]!.minute) * 60_000) / speed
  const end = dueAt(acts.at(-1)!)
  let busy = 0
  let sent = 0
  for (const act of acts) {
    const wait = dueAt(act) - (passed() - began)
    if (wait > 0) await pause(clock, wait, signal)
    if (signal.aborted) break
    const at = passed()
    await post(act).catch((error: Error) => refused.push(error.message))
    busy += passed() - at
    sent++
    onSent(act, sent, timeLeft({ end, elapsed: passed() - began, busy, sent, of: acts.length }))
  }
  return { sent, refused }
}

/** What is left by the day's own time, or by the pace at which the server has answered so far, whichever is longer. */
function timeLeft(day: { end: Millis; elapsed: Millis; busy: Millis; sent: number; of: number }): Millis {
  return Math.max(0, day.end - day.elapsed, (day.busy / day.sent) * (day.of - day.sent))
}

function pause(clock: Pick<Clock, 'after'>, wait: Millis, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      cancel()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const cancel = clock.after(wait, end)
    signal.addEventListener('abort', end, { once: true })
  })
}
