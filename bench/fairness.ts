import type { Sender } from '../src/pipeline/intake.ts'
import { percentile } from './kit.ts'
import { failedPayment } from './payload.ts'
import type { Bench } from './pipeline.ts'

/** How many times the quiet shop's traffic the noisy shop has. */
const NOISY = 75
/** The quiet shop's events come one every so often: with the noisy shop's, 760 a second. */
const EVERY_MS = 100

export interface Fairness {
  /** The quiet shop's 95th percentile from event to provider, ms: by itself, and beside the noisy shop. */
  readonly alone: number
  readonly beside: number
}

/** `events` of the quiet shop at a steady pace, first alone, then beside a shop with 75 times as many. */
export async function measureFairness(
  bench: Bench,
  quiet: Sender,
  noisy: Sender,
  events: number,
): Promise<Fairness> {
  const alone = await paced(bench, quiet, null, events, 9_000_000)
  const beside = await paced(bench, quiet, noisy, events, 9_100_000)
  return { alone, beside }
}

async function paced(
  bench: Bench,
  quiet: Sender,
  noisy: Sender | null,
  events: number,
  from: number,
): Promise<number> {
  const { intake } = bench.engine
  const offered = new Map<string, number>()
  const times: number[] = []
  const all = new Promise<void>((resolve) => {
    bench.sent.onSend = (message) => {
      const at = offered.get(message.to)
      if (at === undefined) return
      times.push(performance.now() - at)
      if (times.length === events) resolve()
    }
  })
  const started = performance.now()
  const kept: Promise<unknown>[] = []
  for (let n = 0; n < events; n++) {
    const wait = started + n * EVERY_MS - performance.now()
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
    if (noisy) {
      const many = Array.from({ length: NOISY }, (_, at) =>
        failedPayment(from + 100_000 + n * NOISY + at, Date.now()),
      )
      kept.push(intake.keep(noisy, many))
    }
    const event = failedPayment(from + n, Date.now())
    offered.set(`buyer${from + n}@example.org`, performance.now())
    kept.push(intake.keep(quiet, [event]))
  }
  await Promise.all(kept)
  await all
  bench.sent.onSend = () => {}
  await bench.engine.worker.drain()
  times.sort((a, b) => a - b)
  return percentile(times, 0.95)
}
