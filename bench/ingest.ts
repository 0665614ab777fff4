import { Pool } from 'undici'
import { percentile } from './kit.ts'
import { failedPayment } from './payload.ts'
import type { RunningServer } from './server.ts'

export interface IngestResult {
  readonly perSecond: number
  readonly p95: number
}

/**
 * Single events by HTTP over `connections` kept-alive connections, one request under way on each; answered 202. They are
 * numbered from `from`, so that none has been there before.
 */
export async function measureIngest(
  server: RunningServer,
  events: number,
  from: number,
  connections = 32,
): Promise<IngestResult> {
  const pool = new Pool(server.origin, { connections, pipelining: 1 })
  const headers = { authorization: `Bearer ${server.apiKey}`, 'content-type': 'application/json' }
  let next = 0
  const times: number[] = []
  const now = Date.now()
  // Bodies are made before the clock starts: the client shares these two cores with the server.
  const bodies = Array.from({ length: events }, (_, n) => {
    const { id, type, subject, data } = failedPayment(from + n, now)
    return JSON.stringify({ id, type, time: new Date(now).toISOString(), subject, data })
  })
  const started = performance.now()
  const connection = async () => {
    while (next < events) {
      const body = bodies[next++]!
      const asked = performance.now()
      const answer = await pool.request({ method: 'POST', path: '/v1/events', headers, body })
      const text = await answer.body.text()
      if (answer.statusCode !== 202)
        throw new Error(`ingest answered ${answer.statusCode}: ${text.slice(0, 300)}`)
      times.push(performance.now() - asked)
    }
  }
  await Promise.all(Array.from({ length: connections }, connection))
  const seconds = (performance.now() - started) / 1000
  await pool.close()
  times.sort((a, b) => a - b)
  return { perSecond: events / seconds, p95: percentile(times, 0.95) }
}
