import * as z from 'zod'
import { transaction } from '../../db/connect.ts'
import { type ApiKeyRow, addApiKey, addConnection, listApiKeys, revokeApiKey } from '../../db/connections.ts'
import { Fault } from '../../domain/errors.ts'
import { formatId, newId, parseId } from '../../domain/ids.ts'
import { newApiKey } from '../../domain/secret-text.ts'
import type { Auth } from '../auth.ts'
import type { HttpDeps } from '../deps.ts'
import { type Permission, SCOPES } from '../permissions.ts'
import { record } from '../record.ts'
import type { AddRoute } from '../route.ts'

const instant = z.int().describe('Epoch milliseconds')
const keyShape = z.object({
  key: z.string(),
  name: z.string(),
  scopes: z.array(z.string()),
  connection: z.string(),
  createdAt: instant,
  revokedAt: instant.nullable(),
})
/** API keys: hashed, scoped, each a connection of its own. */
export function keys(add: AddRoute, deps: HttpDeps, auth: Auth): void {
  const { db, keyring, clock, random } = deps

  add('GET /v1/keys', {
    summary: 'The shop’s API keys; the keys themselves are nowhere kept',
    answer: z.object({ items: z.array(keyShape) }),
    async handle({ caller: { shop } }) {
      return { items: (await listApiKeys(db, shop)).map(seeKey) }
    },
  })

  add('POST /v1/keys', {
    summary: 'Create an API key; it is shown this once',
    body: z.strictObject({
      name: z.string().trim().min(1).max(100),
      scopes: z
        .array(z.enum(SCOPES as [Permission, ...Permission[]]))
        .min(1)
        .max(SCOPES.length),
    }),
    status: 201,
    answer: z.object({ key: z.string(), secret: z.string().describe('dk_…') }),
    async handle({ caller, body: { name, scopes } }) {
      const lacking = scopes.filter((scope) => !caller.may(scope))
      if (lacking.length > 0) throw new Fault('SCOPE_NOT_YOURS', { scopes: lacking.join(', ') })
      const { shop } = caller
      const now = clock.now()
      const { text, hash } = newApiKey(shop, random)
      const id = newId('key', now, random)
      // Each key is a connection of its own: two systems of one shop may well use the same event ids.
      const connection = newId('conn', now, random)
      const vault = await keyring.open(shop)
      const settings = vault.sealer.seal('{}', { shop, column: 'connection.settings', row: connection })
      await transaction(db, async (tx) => {
        await addConnection(tx, shop, {
          id: connection,
          source: 'api',
          name,
          path_hash: null,
          settings,
          created_at: now,
        })
        await addApiKey(tx, shop, { id, name, hash, scopes, connection_id: connection, created_at: now })
        await record(deps, tx, caller, 'key.create', formatId('key', id), { scopes })
      })
      auth.forgetKeys()
      return { key: formatId('key', id), secret: text }
    },
  })

  add('POST /v1/keys/:id/revoke', {
    summary: 'Revoke an API key: at once here, within five seconds on other processes',
    params: z.object({ id: z.string() }),
    answer: z.object({ key: z.string(), revokedAt: instant }),
    async handle({ caller, params }) {
      const id = parseId('key', params.id)
      const now = clock.now()
      const revoked =
        id &&
        (await transaction(db, async (tx) => {
          if (!(await revokeApiKey(tx, caller.shop, id, now))) return false
          await record(deps, tx, caller, 'key.revoke', params.id)
          return true
        }))
      if (!revoked) throw new Fault('NOT_FOUND')
      auth.forgetKeys()
      return { key: params.id, revokedAt: now }
    },
  })
}

function seeKey(row: ApiKeyRow) {
  return {
    key: formatId('key', row.id),
    name: row.name,
    scopes: [...row.scopes],
    connection: formatId('conn', row.connection_id),
    createdAt: row.created_at,
    revokedAt: row.revoked_at,
  }
}
