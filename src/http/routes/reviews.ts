import * as z from 'zod'
import { listReviews, readReview } from '../../db/reviews.ts'
import { Fault } from '../../domain/errors.ts'
import { parseId } from '../../domain/ids.ts'
import { REVIEW_CHANGES } from '../../pipeline/settle-review.ts'
import type { HttpDeps } from '../deps.ts'
import { cursor, paged, pageQuery } from '../paging.ts'
import { decideFor, reviewShape, reviewStoryShape, seeReviews, tellReview } from '../review-seen.ts'
import type { AddRoute } from '../route.ts'

/** What waits for a person, and their decisions. */
export function reviews(add: AddRoute, deps: HttpDeps): void {
  const { db } = deps

  add('GET /v1/reviews', {
    summary: 'What waits for a person, newest first',
    query: pageQuery.extend({
      state: z.enum(['waiting', 'all']).default('waiting').describe('waiting: nobody has decided yet'),
    }),
    answer: paged(reviewShape),
    async handle({ caller: { shop }, query: { state, before, limit } }) {
      const rows = await listReviews(db, shop, state, cursor('rev', before), limit)
      const items = [...(await seeReviews(deps, shop, rows))]
      return { items, next: rows.length < limit ? null : (items.at(-1)?.review ?? null) }
    },
  })

  add('GET /v1/reviews/:id', {
    summary: 'One review with everything needed to decide; the buyer is masked',
    params: z.object({ id: z.string() }),
    answer: reviewStoryShape,
    async handle({ caller: { shop }, params }) {
      const id = parseId('rev', params.id)
      const row = id && (await readReview(db, shop, id))
      if (!row) throw new Fault('NOT_FOUND')
      return tellReview(deps, shop, row)
    },
  })

  add('POST /v1/reviews/:id/:change', {
    summary: 'Approve or reject, pass on to the next role, or take a decision of the last day back',
    description:
      'The first decision stands. The same caller may repeat it; everybody else gets 409 with who decided, and when.',
    params: z.object({ id: z.string(), change: z.enum(REVIEW_CHANGES) }),
    body: z
      .strictObject({ note: z.string().trim().max(1_000).optional() })
      .nullish()
      .describe('The note is kept sealed with the review'),
    answer: reviewStoryShape,
    async handle({ caller, params: { id, change }, body }) {
      const { row } = await decideFor(deps, caller, id, change, body?.note || null)
      return tellReview(deps, caller.shop, row)
    },
  })
}
