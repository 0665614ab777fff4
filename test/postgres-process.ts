import { createInterface } from 'node:readline'
import { connect } from '../src/db/connect.ts'
import { PgFault } from '../src/db/postgres/errors.ts'
import { type StartOptions, startPostgres } from '../src/db/postgres/supervisor.ts'
import { systemClock } from '../src/domain/time.ts'
import { testRandom } from './kit/fixed.ts'

/**
 * A process of its own that looks after an embedded server, for tests that kill it, run two of them or run one as
 * another user. Options come as JSON in the first argument; it says one JSON line for each thing that happens, and
 * ends the server on the line `stop` or on Ctrl-C.
 */
const say = (what: object) => console.log(JSON.stringify(what))
const silent = { info() {}, warn() {}, error() {} }

const given = JSON.parse(process.argv[2] ?? '{}') as Pick<StartOptions, 'dataDir' | 'settings' | 'port'>
const before = performance.now()
try {
  const server = await startPostgres({ ...given, clock: systemClock(), random: testRandom, logger: silent })
  const { url, tcpUrl, adopted } = server
  const ms = Math.round(performance.now() - before)
  const end = async () => {
    // Whoever is told to end must still be able to write down where it is.
    const db = connect({ url, max: 1 })
    const { rows } = await db.query<{ alive: number }>('select 1 as alive')
    await db.close()
    await server.stop()
    say({ stopped: rows[0]?.alive === 1 })
    process.exit(0)
  }
  process.once('SIGINT', end)
  createInterface({ input: process.stdin }).on('line', (line) => line === 'stop' && void end())
  // Last: whoever reads it may send the signal at once.
  say({ ready: { url, tcpUrl, adopted, pid: server.pid(), ms } })
} catch (error) {
  say({ fault: error instanceof PgFault ? error.code : 'unforeseen', message: String(error) })
  process.exit(1)
}
