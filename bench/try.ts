import { chmodSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '../src/db/connect.ts'
import { startPostgres } from '../src/db/postgres/supervisor.ts'
import { systemClock } from '../src/domain/time.ts'
import { openBench, runPipeline } from './pipeline.ts'
import { yardstick } from './yardstick.ts'

const count = Number(process.argv[2] ?? 20000)
const shops = Number(process.argv[3] ?? 1)
const dir = mkdtempSync(join(tmpdir(), 'bench-'))
chmodSync(dir, 0o755)
const log = { info: () => {}, warn: console.error, error: console.error, debug: () => {} }
const pg = await startPostgres({ dataDir: join(dir, 'd'), clock: systemClock(), logger: log as never })
const admin = connect({ url: pg.url, max: 1 })
async function fresh(name: string) {
  await admin.query(`create database ${name}`)
  const url = new URL(pg.url)
  url.pathname = `/${name}`
  return url.href
}
if (!process.env.NOYARD) console.log('yardstick', await yardstick(await fresh('y'), count))
const bench = await openBench(await fresh('b'), 10)
const senders = await bench.openShops(shops)
console.log('opened')
console.log('warm', await runPipeline(bench, senders, 3000, 1_000_000))
const { readFileSync, readdirSync } = await import('node:fs')
const pgTicks = () => readdirSync('/proc').filter((n) => /^\d+$/.test(n)).reduce((sum, n) => {
  try {
    const stat = readFileSync(`/proc/${n}/stat`, 'utf8')
    if (!stat.includes('(postgres)')) return sum
    const f = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (Number(f[1]) !== pg.pid()) return sum
    return sum + Number(f[11]) + Number(f[12])
  } catch { return sum }
}, 0)
if (process.env.STAGES) {
  const { decide } = await import('../src/pipeline/decide.ts')
  const { failedPayment } = await import('./payload.ts')
  const stage = async (name: string, work: () => Promise<void>) => {
    const t = pgTicks(), c = process.cpuUsage(), s = performance.now()
    await work()
    const d = process.cpuUsage(c)
    console.log(name.padEnd(8), 'wall', ((performance.now() - s) / count * 1000).toFixed(0), 'µs  pg', ((pgTicks() - t) * 1e4 / count).toFixed(0), 'µs  node', ((d.user + d.system) / count).toFixed(0), 'µs')
  }
  await bench.engine.worker.stop()
  const deps = { db: bench.db, keyring: bench.engine.keyring, configs: bench.engine.configs, clock: systemClock(), random: (await import('../src/domain/seal/random.ts')).pooledRandom((await import('./kit.ts')).benchRandom), log: log as never }
  await stage('intake', async () => {
    let next = 0
    await Promise.all(Array.from({ length: 16 }, async () => {
      while (next < count) { const f = next; next += 50
        await bench.engine.intake.keep(senders[0]!, Array.from({ length: 50 }, (_, at) => failedPayment(2_000_000 + f + at, Date.now()))) }
    }))
  })
  await stage('decide', async () => {
    await Promise.all((process.env.ONE ? [1] : [1, 2]).map(async () => { while ((await decide(deps, senders[0]!.shop, 500)).applied > 0); }))
  })
  await stage('deliver', async () => {
    await Promise.all((process.env.ONE ? [1] : [1, 2, 3]).map(async () => { while ((await bench.engine.delivery.deliver(senders[0]!.shop, 'email')).taken > 0); }))
  })
  if ((globalThis as any).__t) for (const [k, [ms, n]] of [...(globalThis as any).__t].sort((a: any, b: any) => b[1][0] - a[1][0]).slice(0, 25)) console.log(k.padEnd(26), (ms * 1000 / count).toFixed(1), 'µs/event', n, 'calls')
  process.exit(0)
}
const t0 = pgTicks(), c0 = process.cpuUsage()
console.log('run', await runPipeline(bench, senders, count))
const c1 = process.cpuUsage(c0)
console.log('postgres cpu s', (pgTicks() - t0) / 100, 'node cpu s', (c1.user + c1.system) / 1e6)
await bench.close()
await admin.close()
await pg.stop()
