import type { FastifyBaseLogger } from 'fastify'
import { readLaw } from '../../src/app/law.ts'
import { compileTemplate } from '../../src/app/presets.ts'
import { PROVIDERS } from '../../src/channels/registry.ts'
import { listAccounts } from '../../src/db/accounts.ts'
import { addApiKey, addConnection } from '../../src/db/connections.ts'
import { formatId, newId } from '../../src/domain/ids.ts'
import { hashSecret } from '../../src/domain/seal.ts'
import { newApiKey } from '../../src/domain/secret-text.ts'
import { systemClock } from '../../src/domain/time.ts'
import { SCOPES } from '../../src/http/permissions.ts'
import { createServer } from '../../src/http/server.ts'
import { SOURCES } from '../../src/sources/registry.ts'
import { testRandom } from '../kit/engine.ts'
import { MONDAY, type TestShop, type World } from '../kit/world.ts'
import { SHORT } from './secrets.ts'
import { requestOf, smsReply } from './senders.ts'

/** The real HTTP server before a world's engine, writing into `log`. */
export async function openDoor(world: World, log: unknown) {
  let url = ''
  const app = await createServer({
    db: world.db,
    intake: world.engine.intake,
    keyring: world.engine.keyring,
    configs: world.engine.configs,
    law: await readLaw(),
    flowTrials: world.engine.flowTrials,
    retries: world.engine.retries,
    compileTemplate: (...given) => compileTemplate(systemClock(), ...given),
    sources: (name) => SOURCES.get(name),
    providers: (name) => PROVIDERS.find((provider) => provider.name === name),
    clock: world.clock,
    random: testRandom,
    logger: log as FastifyBaseLogger,
    publicUrl: () => url,
    sessionKey: Buffer.alloc(32, 7),
    metrics: { render: async () => '' },
    relay: { http: async () => ({ kind: 'refused', code: 'dns', detail: '' }), done: () => {} },
    health: async () => ({ ready: true, checks: {} }),
    apiDescription: async () => '{}',
    outbox: null,
    onPlanned: () => {},
    onEventsDue: () => {},
  })
  url = await app.listen({ port: 0, host: '127.0.0.1' })
  return { url, close: () => app.close() }
}

type Headers = Readonly<Record<string, string>>
export type Post = (path: string, headers: Headers, body: Buffer | string) => Promise<number>

export const postTo =
  (url: string): Post =>
  async (path, headers, body) => {
    const answer = await fetch(url + path, { method: 'POST', headers, body: Buffer.from(body) })
    await answer.arrayBuffer()
    return answer.status
  }

/** Sends secrets through the door of every source and provider there is: genuine, forged and broken off. */
export async function callEveryDoor(world: World, shop: TestShop, post: Post): Promise<void> {
  for (const [name] of SOURCES) {
    const { settings, headers, body } = requestOf(name, MONDAY)
    const path = await connect(world, shop, name, settings)
    expectStatus(name, 200, await post(path, headers, body))
    // Unsigned, cut short, and to a path nobody has: what is refused must not be told in the log either.
    await post(path, {}, body)
    await post(path, headers, body.subarray(0, body.length >> 1))
    expectStatus(name, 404, await post(`${path}x`, headers, body))
  }
  for (const { name, readCallback } of PROVIDERS) {
    if (!readCallback) continue
    const account = (await listAccounts(world.db, shop.id)).find(({ provider }) => provider === name)
    if (!account) throw new Error(`nothing is planted through ${name}: open an account of it in plant.ts`)
    const path = `/cb/${shop.id}/${formatId('acct', account.id)}`
    const { headers, body } = smsReply(MONDAY)
    expectStatus(name, 200, await post(path, headers, body))
    expectStatus(name, 401, await post(path, {}, body))
  }
}

export function expectStatus(what: string, wanted: number, got: number): void {
  if (got !== wanted) throw new Error(`${what} was answered ${got}, expected ${wanted}`)
}

/** A connection whose secret path is worth hunting, too. */
async function connect(world: World, shop: TestShop, source: string, settings: object): Promise<string> {
  const { sealer } = await world.engine.keyring.open(shop.id)
  const id = newId('conn', MONDAY, testRandom)
  const token = `${SHORT.password}-path-${source}`
  await addConnection(world.db, shop.id, {
    id,
    source,
    name: source,
    path_hash: hashSecret(token),
    settings: sealer.seal(JSON.stringify(settings), {
      shop: shop.id,
      column: 'connection.settings',
      row: id,
    }),
    created_at: MONDAY,
  })
  return `/in/${shop.id}/${token}`
}

/** A key of the shop with every scope. */
export async function openKey(world: World, shop: TestShop): Promise<string> {
  const { text, hash } = newApiKey(shop.id, testRandom)
  await addApiKey(world.db, shop.id, {
    id: newId('key', MONDAY, testRandom),
    name: 'leaky',
    hash,
    scopes: SCOPES,
    connection_id: shop.connection,
    created_at: MONDAY,
  })
  return text
}
