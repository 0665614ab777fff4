import * as z from 'zod'
import { latestMessages, readMessage } from '../../db/messages.ts'
import { type MessageId, parseId } from '../../domain/ids.ts'
import type { HttpDeps } from '../deps.ts'
import { messageShape, seeMessage } from '../message-seen.ts'
import { messageNotFound } from '../not-found.ts'
import { cursor, paged, pageQuery } from '../paging.ts'
import { resend } from '../resend.ts'
import type { AddRoute } from '../route.ts'
import { messageScene, tellMessages } from '../timeline.ts'
import { messageStoryShape } from '../timeline-shape.ts'

const params = z.object({ id: z.string() })
const query = z.object({ lang: z.enum(['zh', 'en']).optional(), shop: z.string().optional() })

export function messages(add: AddRoute, deps: HttpDeps): void {
  const { db, configs } = deps

  add('GET /v1/messages', {
    summary: 'Messages, sent or not, newest first',
    query: pageQuery,
    answer: paged(messageShape),
    async handle({ caller: { shop }, query, language }) {
      const before = cursor('msg', query.before) as MessageId | null
      const [config, rows] = await Promise.all([
        configs.get(shop),
        latestMessages(db, shop, before, query.limit),
      ])
      const scene = await messageScene(deps, shop, rows, language, config.row.time_zone)
      const items = rows.map((row) => seeMessage(row, scene))
      return { items, next: rows.length < query.limit ? null : (items.at(-1)?.message ?? null) }
    },
  })

  add('GET /v1/messages/:id', {
    summary: 'One message: the gate’s verdict, every try, what came back',
    params,
    query,
    answer: messageStoryShape,
    async handle({ caller: { shop }, params, language }) {
      const id = parseId('msg', params.id)
      const row = id && (await readMessage(db, shop, id))
      if (!row) throw messageNotFound(params.id, language)
      const config = await configs.get(shop)
      return (await tellMessages(deps, shop, [row], language, config.row.time_zone))[0]!
    },
  })

  add('POST /v1/messages/:id/resend', {
    summary: 'Send a message again: a new one with the same words’ template, through the gate',
    description:
      'The gate judges the new message like any other: a reminder of a paid order is dropped. Without an ' +
      'Idempotency-Key none within a minute of another copy; with one, one for each key.',
    params,
    query,
    answer: z.object({ message: z.string(), resendOf: z.string() }),
    status: 202,
    async handle({ caller, params, request, language }) {
      const id = parseId('msg', params.id)
      if (!id) throw messageNotFound(params.id, language)
      const key = request.headers['idempotency-key']
      const message = await resend(deps, caller, id, typeof key === 'string' ? key : null, language)
      return { message, resendOf: params.id }
    },
  })
}
