import { pino } from 'pino'
import type { HttpDeps } from '../src/http/deps.ts'
import { createServer } from '../src/http/server.ts'
import { describeApi } from './describe-api.ts'

/** The API's description, made from the routes' own schemas. Needs no database: nothing is called. */
export async function openapiDocument(): Promise<string> {
  const deps = {
    logger: pino({ level: 'silent' }),
    publicUrl: () => 'http://127.0.0.1:8080',
    random: (bytes: number) => new Uint8Array(bytes),
    outbox: null,
  } as unknown as HttpDeps
  const app = await createServer(deps, describeApi)
  try {
    await app.ready()
    return `${JSON.stringify(app.swagger(), null, 2)}\n`
  } finally {
    await app.close()
  }
}
