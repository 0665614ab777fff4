import type { FastifyBaseLogger } from 'fastify'
import { pino } from 'pino'
import { readLaw } from '../../src/app/law.ts'
import { createHttpClient } from '../../src/channels/http-client.ts'
import { connect } from '../../src/db/connect.ts'
import type { HttpClient } from '../../src/domain/http.ts'
import type { Instant } from '../../src/domain/time.ts'
import { createServer } from '../../src/http/server.ts'
import { createEngine } from '../../src/pipeline/engine.ts'
import { SOURCES } from '../../src/sources/registry.ts'
import { quietLog, testMaster, testRandom } from './fixed.ts'
import { testRails } from './rails.ts'

/** What a process that takes callbacks in and passes them on is told at its start. */
export interface RelayStart {
  readonly url: string
  readonly now: Instant
  readonly origins: readonly string[]
  /** Kills itself at the moment at which it would pass a callback on. */
  readonly dies: boolean
}

/** Tells its parent its address when it listens; ends with its parent. */
const start = JSON.parse(process.argv[2]!) as RelayStart
const clock = { now: () => start.now, after: () => () => {} }
const db = connect({ url: start.url, max: 4 })
const configDb = connect({ url: start.url, max: 2 })
const client = createHttpClient({ allowOrigins: start.origins })
const deadly: HttpClient = () => {
  process.kill(process.pid, 'SIGKILL')
  return new Promise(() => {})
}
const law = await readLaw()
const engine = createEngine({
  db,
  configDb,
  master: testMaster,
  clock,
  random: testRandom,
  findProvider: () => undefined,
  rails: testRails,
  law,
  http: client.request,
  publicUrl: () => 'http://127.0.0.1:1',
  log: quietLog,
})
const server = await createServer({
  db,
  intake: engine.intake,
  keyring: engine.keyring,
  configs: engine.configs,
  sources: (name) => SOURCES.get(name),
  providers: () => undefined,
  law,
  clock,
  random: testRandom,
  logger: pino({ level: 'silent' }) as FastifyBaseLogger,
  publicUrl: () => 'http://127.0.0.1:1',
  sessionKey: Buffer.alloc(32, 7),
  metrics: { render: async () => '' },
  flowTrials: { run: () => Promise.reject(new Error('no flows are tried here')) },
  retries: engine.retries,
  compileTemplate: () => Promise.reject(new Error('no templates are published here')),
  relay: { http: start.dies ? deadly : client.request, done: () => {} },
  health: async () => ({ ready: true, checks: {} }),
  apiDescription: async () => '{}',
  outbox: null,
  onPlanned: () => {},
  onEventsDue: () => {},
})
process.once('disconnect', () => process.exit(0))
process.send!(await server.listen({ port: 0, host: '127.0.0.1' }))
