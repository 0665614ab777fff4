import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createLogger } from '../../src/app/logger.ts'
import { PROVIDERS } from '../../src/channels/registry.ts'
import { backup } from '../../src/db/backup.ts'
import { plainSealer } from '../../src/domain/seal/plain-sealer.ts'
import { systemClock } from '../../src/domain/time.ts'
import { SOURCES } from '../../src/sources/registry.ts'
import { testRandom } from '../kit/fixed.ts'
import { MONDAY, type World, type WorldOptions } from '../kit/world.ts'
import { startTemporaryServer, type TemporaryServer } from '../temporary-server.ts'
import { plant } from './plant.ts'
import { hunt, huntBackup, huntFolder, markOf, PHONE, SHORT } from './secrets.ts'
import { SENDERS } from './senders.ts'

let server: TemporaryServer
let folder: string

beforeAll(async () => {
  // A server of its own: its files hold nothing but what is planted here.
  server = await startTemporaryServer()
  folder = await mkdtemp(path.join(tmpdir(), 'dingdong-leaks-'))
})
afterAll(async () => {
  await server?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** Plants secrets, then looks for them in the log, in a backup, and in every file of the server, its WAL included. */
async function leaksOf(name: string, sealerOf?: WorldOptions['sealerOf']) {
  const lines: string[] = []
  const config = { level: 'debug', format: 'json' } as const
  const log = createLogger(config, systemClock(), false, (line) => void lines.push(line))
  const world: World = await plant(server.url, name, { log, ...(sealerOf ? { sealerOf } : {}) })
  try {
    const file = path.join(folder, `${name}.backup`)
    await backup({ url: world.database.url, file, now: MONDAY, random: testRandom })
    const [row] = await world.rows<{ data_directory: string }>('show data_directory')
    const stuck = await world.rows('select 1 from event_stuck')
    const sent = await world.rows(`select 1 from message where state = 'sent'`)
    await world.db.query('checkpoint')
    return {
      /** What there was to find, so that an empty answer means something. */
      written: { stuck: stuck.length, sent: sent.length, lines: lines.length },
      log: hunt('log', Buffer.from(lines.join('\n'))),
      backup: await huntBackup(file),
      files: await huntFolder(row!.data_directory),
    }
  } finally {
    await world.close()
  }
}

it('no secret is readable in database files, WAL, backups and logs', async () => {
  const { written, log, backup, files } = await leaksOf('sealed')
  expect(written).toEqual({ stuck: 2, sent: expect.any(Number), lines: expect.any(Number) })
  expect(written.sent).toBeGreaterThan(2)
  expect(written.lines).toBeGreaterThan(2)
  expect(files.bytes).toBeGreaterThan(10_000_000)
  expect([...log, ...backup, ...files.found]).toEqual([])
})

it('every source of the registry has something planted through it', () => {
  expect(Object.keys(SENDERS).sort()).toEqual([...SOURCES.keys()].sort())
})

it('every kind of secret is found when sealing is switched off, in files, WAL and backups', async () => {
  const { backup, files } = await leaksOf('plain', plainSealer)
  const kinds = [...Object.values(SHORT).map((text) => text.slice(0, 12)), PHONE]
  const doors = [...SOURCES.keys(), ...PROVIDERS.filter((each) => each.readCallback).map(({ name }) => name)]
  const marks = ['api', ...doors].map(markOf)
  for (const mark of marks)
    expect(
      files.found.some((place) => place.includes(mark)),
      mark,
    ).toBe(true)
  const seenIn = (places: readonly string[]) =>
    kinds.filter((kind) => places.some((place) => place.includes(kind)))
  expect(seenIn(files.found.filter((place) => place.startsWith('base/')))).toEqual(kinds)
  expect(seenIn(files.found.filter((place) => place.startsWith('pg_wal/')))).toEqual(kinds)
  // A copy of the rows writes bytes in hex.
  expect(backup.some((place) => place.startsWith('backup, unpacked (hex)'))).toBe(true)
})
