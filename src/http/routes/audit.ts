import * as z from 'zod'
import { listAudit } from '../../db/audit.ts'
import { formatId } from '../../domain/ids.ts'
import type { HttpDeps } from '../deps.ts'
import { cursor, paged, pageQuery } from '../paging.ts'
import type { AddRoute } from '../route.ts'

const instant = z.int().describe('Epoch milliseconds')
const auditShape = z.object({
  audit: z.string(),
  at: instant,
  actor: z.string(),
  action: z.string(),
  target: z.string(),
  detail: z.record(z.string(), z.unknown()),
})

/** Who did what. */
export function audit(add: AddRoute, { db }: HttpDeps): void {
  add('GET /v1/audit', {
    summary: 'Who did what, newest first',
    query: pageQuery,
    answer: paged(auditShape),
    async handle({ caller: { shop }, query }) {
      const rows = await listAudit(db, shop, cursor('adt', query.before), query.limit)
      const items = rows.map(({ id, at, actor, action, target, detail }) => ({
        audit: formatId('adt', id),
        at,
        actor,
        action,
        target,
        detail: { ...detail },
      }))
      return { items, next: rows.length < query.limit ? null : (items.at(-1)?.audit ?? null) }
    },
  })
}
