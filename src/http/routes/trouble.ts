import * as z from 'zod'
import { type ConflictRow, listConflicts, listRefusals, listStuck } from '../../db/shown.ts'
import { retryStuck } from '../../db/todo.ts'
import { differingPaths } from '../../domain/differing-paths.ts'
import { Fault } from '../../domain/errors.ts'
import type { Event } from '../../domain/event.ts'
import { formatId, parseId, type ShopId } from '../../domain/ids.ts'
import { attempt } from '../../pipeline/attempt.ts'
import type { ShopVault } from '../../pipeline/keyring.ts'
import { openEvent } from '../../pipeline/open-event.ts'
import type { HttpDeps } from '../deps.ts'
import { cursor, paged, pageQuery } from '../paging.ts'
import { record } from '../record.ts'
import type { AddRoute } from '../route.ts'

const instant = z.int().describe('Epoch milliseconds')
const idParams = z.object({ id: z.string() })

const stuckShape = z.object({
  event: z.string(),
  type: z.string(),
  receivedAt: instant,
  tries: z.int(),
  error: z.string(),
  since: instant,
})
const conflictShape = z.object({
  first: z.string().describe('The event that counts, the first one: `GET /v1/events/{first}` shows it'),
  id: z
    .string()
    .nullable()
    .describe('The id both came under; `null` where it had none, or can no longer be opened'),
  type: z.string().describe('Of the first'),
  connection: z.string(),
  time: instant.describe('When the first happened'),
  firstReceivedAt: instant,
  receivedAt: instant.describe('When the other one came'),
  again: z
    .object({ type: z.string().nullable(), time: instant.nullable() })
    .describe('What the other one said of itself; `null` where it came before this was kept'),
  differs: z
    .array(z.string())
    .describe(
      'Where the two differ, such as `data.order.total.minor`; what stands there is not shown. Empty where one of them can no longer be opened',
    ),
})
const refusalShape = z.object({
  refusal: z.string(),
  connection: z.string().nullable(),
  at: instant,
  why: z.string(),
  remoteAddress: z.string(),
  bodyBytes: z.int(),
})

/** Events that were set aside, and trying them again. */
export function stuckEvents(add: AddRoute, deps: HttpDeps): void {
  const { db, clock } = deps

  add('GET /v1/stuck', {
    summary: 'Events that could not be applied and were set aside',
    query: pageQuery,
    answer: paged(stuckShape),
    async handle({ caller: { shop }, query }) {
      const rows = await listStuck(db, shop, cursor('evt', query.before), query.limit)
      const items = rows.map(({ event_id, type, received_at, tries, error, since }) => ({
        event: formatId('evt', event_id),
        type,
        receivedAt: received_at,
        tries,
        error,
        since,
      }))
      return { items, next: rows.length < query.limit ? null : (items.at(-1)?.event ?? null) }
    },
  })

  add('POST /v1/stuck/:id/retry', {
    summary: 'Try an event that was set aside again',
    params: idParams,
    answer: z.object({ queued: z.int() }),
    async handle({ caller, params }) {
      const { shop } = caller
      const id = parseId('evt', params.id)
      const queued = id ? await retryStuck(db, shop, [id], clock.now()) : 0
      if (queued === 0) throw new Fault('NOT_FOUND')
      await record(deps, db, caller, 'event.retry', params.id)
      deps.onEventsDue(new Set([shop]))
      return { queued }
    },
  })
}

/** Places a conflict names: beyond these it is another event altogether. */
const MOST_PATHS = 50

function seeConflict(shop: ShopId, { first, ...row }: ConflictRow, vault: ShopVault) {
  const kept = { ...first, id: row.event_id, body: row.body, type: row.type ?? first.type }
  const one = attempt(() => openEvent(shop, first, vault))
  const other = attempt(() => openEvent(shop, kept, vault))
  const said = ({ type, source, subject, data }: Event) => ({ type, source, subject, data })
  const differing =
    'ok' in one && 'ok' in other ? differingPaths(said(one.ok), said(other.ok), MOST_PATHS) : []
  return {
    first: formatId('evt', first.id),
    id: 'ok' in one ? one.ok.id : null,
    type: first.type,
    connection: formatId('conn', row.connection_id),
    time: first.occurred_at,
    firstReceivedAt: first.received_at,
    receivedAt: row.received_at,
    again: { type: row.type, time: row.occurred_at },
    differs: [...differing],
  }
}

/** What came in and was not taken: another body under a known id, callbacks that proved nothing. */
export function refusedEvents(add: AddRoute, { db, keyring }: HttpDeps): void {
  add('GET /v1/conflicts', {
    summary: 'Events that came again under the same id with another body',
    query: pageQuery,
    answer: paged(conflictShape),
    async handle({ caller: { shop }, query }) {
      const rows = await listConflicts(db, shop, cursor('evt', query.before), query.limit)
      const vault = await keyring.open(shop)
      const items = rows.map((row) => seeConflict(shop, row, vault))
      return { items, next: rows.length < query.limit ? null : (items.at(-1)?.first ?? null) }
    },
  })

  add('GET /v1/refusals', {
    summary: 'Callbacks that were not authentic or not readable; their bodies are never kept',
    query: pageQuery,
    answer: paged(refusalShape),
    async handle({ caller: { shop }, query }) {
      const rows = await listRefusals(db, shop, cursor('evt', query.before), query.limit)
      const items = rows.map((row) => ({
        refusal: formatId('evt', row.id),
        connection: row.connection_id && formatId('conn', row.connection_id),
        at: row.at,
        why: row.why,
        remoteAddress: row.remote_address,
        bodyBytes: row.body_bytes,
      }))
      return { items, next: rows.length < query.limit ? null : (items.at(-1)?.refusal ?? null) }
    },
  })
}
