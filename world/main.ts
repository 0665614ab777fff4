import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { connect } from '../src/db/connect.ts'
import { migrate } from '../src/db/migrate.ts'
import { startPostgres } from '../src/db/postgres/supervisor.ts'
import { systemClock } from '../src/domain/time.ts'
import { testRandom } from '../test/kit/fixed.ts'
import { countingRandom, play } from './play.ts'
import { readPolicies } from './policies.ts'
import { type Outcome, outcomeOf, table } from './report.ts'

// npm run world [-- --buyers 2000 --days 7 --seed 1 --policy by-reason --json]: simulated buyers with hidden habits under
// one policy after the other, through the program's own statements, leases and gate, in virtual time. Ends with 1 when
// a promise was broken.

const HELP = `npm run world -- [options]
  --buyers N   simulated buyers (2000)
  --days N     days in which they order (7)
  --seed N     of every chance; the same seed gives the same table (1)
  --policy P   only this one; may be given more than once
  --json       one JSON object
A test bench for mechanisms. Its buyers are invented: it says nothing about real shops.`

const { values } = parseArgs({
  options: {
    buyers: { type: 'string', default: '2000' },
    days: { type: 'string', default: '7' },
    seed: { type: 'string', default: '1' },
    policy: { type: 'string', multiple: true },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(HELP)
  process.exit(0)
}
const wholeNumber = (name: 'buyers' | 'days' | 'seed'): number => {
  const number = Number(values[name])
  if (Number.isSafeInteger(number) && number >= (name === 'seed' ? 0 : 1)) return number
  console.error(`--${name}: expected a whole number, got "${values[name]}".`)
  process.exit(2)
}
const buyers = wholeNumber('buyers')
const days = wholeNumber('days')
const seed = wholeNumber('seed')

const all = await readPolicies()
const unknown = (values.policy ?? []).filter((name) => !all.some((policy) => policy.name === name))
if (unknown.length > 0) {
  console.error(
    `--policy: there is no "${unknown[0]}". There are ${all.map((each) => each.name).join(', ')}.`,
  )
  process.exit(2)
}
const policies = values.policy ? all.filter((each) => values.policy!.includes(each.name)) : all

const home = mkdtempSync(path.join(tmpdir(), 'dingdong-world-'))
chmodSync(home, 0o755)
const logger = { info: () => {}, warn: console.error, error: console.error, debug: () => {} }
const server = await startPostgres({
  dataDir: path.join(home, 'data'),
  clock: systemClock(),
  random: testRandom,
  logger,
})
const outcomes: Outcome[] = []
try {
  for (const [at, policy] of policies.entries()) {
    const url = await freshDatabase(`policy_${at}`)
    const progress = (share: number) => {
      if (process.stderr.isTTY) process.stderr.write(`\r${policy.name} ${Math.round(share * 100)} %   `)
    }
    const played = await play({
      url,
      policy,
      seed,
      buyers,
      days,
      random: countingRandom(),
      onProgress: progress,
    })
    outcomes.push(outcomeOf(policy, played))
  }
} finally {
  await server.stop()
  rmSync(home, { recursive: true, force: true })
}
if (process.stderr.isTTY) process.stderr.write('\r')
if (values.json) console.log(JSON.stringify({ seed, buyers, days, outcomes }))
else {
  console.log(`seed ${seed}, ${buyers} invented buyers, ${days} days of orders\n`)
  console.log(table(policies, outcomes))
  console.log('\nA test bench for mechanisms. Its buyers are invented: it says nothing about real shops.')
}
process.exit(outcomes.some(({ violations }) => Object.keys(violations).length > 0) ? 1 : 0)

async function freshDatabase(name: string): Promise<string> {
  const admin = connect({ url: server.url, max: 1 })
  await admin.query(`create database ${name}`)
  await admin.close()
  const url = new URL(server.url)
  url.pathname = `/${name}`
  const db = connect({ url: url.href, max: 1 })
  await migrate({ db, now: 0 })
  await db.close()
  return url.href
}
