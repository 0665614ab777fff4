import type { Fate, OutboundMessage } from '../domain/message.ts'
import { type Clock, SECOND } from '../domain/time.ts'

/** One call may last so long; within the lease even when one heartbeat is lost. */
const CALL_LIMIT = 35 * SECOND

export interface CallDeps {
  readonly clock: Clock
  readonly log: { error(fields: object, text: string): void }
}

/** Runs a call with its time limit. A provider that throws has a bug; what it did is then unknown. */
export async function guarded(
  { clock, log }: CallDeps,
  message: OutboundMessage,
  work: (signal: AbortSignal) => Promise<Fate>,
): Promise<Fate> {
  const abort = new AbortController()
  const cancel = clock.after(CALL_LIMIT, () => abort.abort())
  try {
    return await work(abort.signal)
  } catch (error) {
    log.error({ err: error, message: message.id }, 'a provider threw instead of returning a fate')
    return { kind: 'unknown', code: 'provider_bug' }
  } finally {
    cancel()
  }
}

/** `work` over all items, `limit` at a time, results in order. */
export async function eachAtMost<Item, Result>(
  limit: number,
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  if (items.length <= limit) return Promise.all(items.map(work))
  const results: Result[] = new Array(items.length)
  let next = 0
  const lane = async () => {
    while (next < items.length) {
      const at = next++
      results[at] = await work(items[at]!)
    }
  }
  await Promise.all(Array.from({ length: limit }, lane))
  return results
}
