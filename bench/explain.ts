import { chmodSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { statements } from '../src/db/connect.ts'
import { startPostgres } from '../src/db/postgres/supervisor.ts'
import { systemClock } from '../src/domain/time.ts'
import { decide } from '../src/pipeline/decide.ts'
import { benchRandom } from './kit.ts'
import { failedPayment } from './payload.ts'
import { openBench } from './pipeline.ts'

const dir = mkdtempSync(join(tmpdir(), 'bench-'))
chmodSync(dir, 0o755)
const log = { info: () => {}, warn: console.error, error: console.error, debug: () => {} }
const pg = await startPostgres({ dataDir: join(dir, 'd'), clock: systemClock(), logger: log as never })
const bench = await openBench(pg.url, 4)
const [sender] = await bench.openShops(1)
for (let f = 0; f < 10000; f += 500)
  await bench.engine.intake.keep(
    sender!,
    Array.from({ length: 500 }, (_, at) => failedPayment(f + at, Date.now())),
  )
const deps = {
  db: bench.db,
  keyring: bench.engine.keyring,
  configs: bench.engine.configs,
  clock: systemClock(),
  random: benchRandom,
  log: log as never,
}
while ((await decide(deps, sender!.shop, 500)).applied > 0);
const ids = (
  await bench.db.query<{ message_id: string }>('select message_id from message_work limit 500')
).rows.map((r) => r.message_id)
const name = process.argv[2]!
const text = process.argv[3] ?? statements.get(name)!.text
const values: Record<string, unknown[]> = {
  work_allow: [1, ids, ids.map(() => 'send:'), ids, '1:1:', 45000, ids.map(() => 0), ids.map(() => 0)],
  work_call: [1, ids, ids.map(() => 0), ids.map(() => null), 45000],
  work_claim_due: [1, 'email', Date.now(), 500, '2026-01-01'],
  settle_final: [
    1,
    ids,
    ids.map(() => 0),
    ids,
    ids.map(() => 1),
    ids.map(() => 1),
    ids.map(() => 1),
    ids.map(() => 'sent'),
    ids.map(() => null),
    ids.map(() => null),
    ids.map(() => 'sent'),
  ],
}
await bench.db.withClient(async (client) => {
  await client.query('begin')
  for (const mode of ['force_generic_plan', 'force_custom_plan']) {
    await client.query(`set local plan_cache_mode = ${mode}`)
    const { rows } = await client.query({
      name: `x_${mode}`,
      text: `explain (analyze, buffers, costs) ${text}`,
      values: values[name] as never,
    })
    console.log(mode)
    console.log((rows as { 'QUERY PLAN': string }[]).map((r) => r['QUERY PLAN']).join('\n'))
  }
  await client.query('rollback')
})
await bench.close()
await pg.stop()
