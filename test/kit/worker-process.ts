import { readLaw } from '../../src/app/law.ts'
import type { Provider } from '../../src/channels/channel.ts'
import { createHttpClient } from '../../src/channels/http-client.ts'
import { PROVIDERS_FOR_BENCH } from '../../src/channels/registry.ts'
import { connect } from '../../src/db/connect.ts'
import { type Clock, systemClock } from '../../src/domain/time.ts'
import { createEngine } from '../../src/pipeline/engine.ts'
import { SOURCES } from '../../src/sources/registry.ts'
import { breakRule } from './broken-rules.ts'
import { quietLog, testMaster, testRandom } from './fixed.ts'
import { testRails } from './rails.ts'
import type { FromWorker, ToWorker, WorkerStart } from './worker-protocol.ts'

/**
 * One process of many on one database: takes events in and does all work, until it is told to stop, killed, or its
 * parent is gone. Started by `fleet.ts`.
 */
const start = JSON.parse(process.argv[2]!) as WorkerStart
const say = (message: FromWorker) => void (process.connected && process.send!(message))

let { offset } = start
const machine = systemClock()
const clock: Clock = { now: () => machine.now() + offset, after: machine.after }

for (const rule of start.without) breakRule(rule)
const connection = {
  url: start.url,
  statementTimeout: start.patience,
  idleInTransactionTimeout: start.patience,
  connectionTimeout: start.patience,
}
const db = connect({ ...connection, max: 8 })
const configDb = connect({ ...connection, max: 2 })
const http = createHttpClient({ allowOrigins: start.origins })
const engine = createEngine({
  db,
  configDb,
  master: testMaster,
  clock,
  random: testRandom,
  findProvider: (name) => PROVIDERS_FOR_BENCH.find((each: Provider) => each.name === name),
  findSource: (name) => SOURCES.get(name),
  rails: testRails,
  http: http.request,
  law: await readLaw(),
  publicUrl: () => 'http://127.0.0.1:1',
  log: quietLog,
  lease: start.lease,
})
process.on('message', (message: ToWorker) => void hear(message))
process.once('disconnect', () => process.exit(0))
engine.worker.start()
say({ kind: 'ready' })

async function hear(message: ToWorker): Promise<void> {
  switch (message.kind) {
    case 'keep':
      try {
        const kept = await engine.intake.keep(message.sender, message.events)
        say({ kind: 'kept', n: message.n, kept })
      } catch (error) {
        say({ kind: 'refused', n: message.n, why: String(error) })
      }
      return
    case 'held':
      say({ kind: 'held', n: message.n, count: engine.delivery.inFlight() })
      return
    case 'clock':
      offset = message.offset
      return
    case 'stop':
      await engine.stop()
      await Promise.all([http.close(), configDb.close(), db.close()])
      process.exit(0)
  }
}
