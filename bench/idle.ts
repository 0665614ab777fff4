import type { Sender } from '../src/pipeline/intake.ts'
import { percentile } from './kit.ts'
import { failedPayment } from './payload.ts'
import type { Bench } from './pipeline.ts'

/** From an event offered to an idle pipeline until the provider is called, ms: one event after the other. */
export async function measureIdle(
  bench: Bench,
  sender: Sender,
  events: number,
): Promise<{ readonly p50: number; readonly p99: number }> {
  const times: number[] = []
  for (let n = 0; n < events; n++) {
    const sent = new Promise<void>((resolve) => {
      bench.sent.onSend = () => resolve()
    })
    const from = performance.now()
    await bench.engine.intake.keep(sender, [failedPayment(7_000_000 + n, Date.now())])
    await sent
    times.push(performance.now() - from)
    // The pipeline comes to rest, so that the next event finds it idle.
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  bench.sent.onSend = () => {}
  times.sort((a, b) => a - b)
  return { p50: percentile(times, 0.5), p99: percentile(times, 0.99) }
}
