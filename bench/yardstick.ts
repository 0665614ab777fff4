import { Logger, makeWorkerUtils, run } from 'graphile-worker'
import pg from 'pg'

/**
 * graphile-worker at its best on the same server: as many no-op jobs, added in batches of 500, then processed with
 * its local queue (batched fetching) and, unless `completeEach`, batched completion. Add and process one after the
 * other, as one time.
 */
export async function yardstick(
  url: string,
  jobs: number,
  { completeEach = false } = {},
): Promise<{ readonly perSecond: number }> {
  const pgPool = new pg.Pool({ connectionString: url, max: 12 })
  // The server is stopped when the figures are there; a connection that notices must not end the benchmark.
  pgPool.on('error', () => {})
  pgPool.on('connect', (client) => client.on('error', () => {}))
  const utils = await makeWorkerUtils({ pgPool, logger: silent() })
  await utils.migrate()
  const started = performance.now()
  for (let from = 0; from < jobs; from += 500) {
    await utils.addJobs(
      Array.from({ length: Math.min(500, jobs - from) }, (_, at) => ({
        identifier: 'noop',
        payload: { n: from + at },
        maxAttempts: 1,
      })),
    )
  }
  let done = 0
  let finish: () => void = () => {}
  const all = new Promise<void>((resolve) => {
    finish = resolve
  })
  const runner = await run({
    pgPool,
    concurrency: 24,
    noHandleSignals: true,
    logger: silent(),
    preset: {
      worker: {
        concurrentJobs: 24,
        localQueue: { size: 500, refetchDelay: { durationMs: 10 } },
        ...(completeEach ? {} : { completeJobBatchDelay: 0, failJobBatchDelay: 0 }),
      },
    },
    taskList: {
      noop: () => {
        if (++done === jobs) finish()
      },
    },
  })
  await all
  const seconds = (performance.now() - started) / 1000
  await runner.stop()
  await utils.release()
  await pgPool.end()
  return { perSecond: jobs / seconds }
}

const silent = () => new Logger(() => () => {})
