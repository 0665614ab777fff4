import * as z from 'zod'
import { readEvents } from '../../db/todo.ts'
import { Fault } from '../../domain/errors.ts'
import { formatId, parseId } from '../../domain/ids.ts'
import { openEvent } from '../../pipeline/open-event.ts'
import type { HttpDeps } from '../deps.ts'
import { maskEventData } from '../mask.ts'
import type { AddRoute } from '../route.ts'

const instant = z.int().describe('Epoch milliseconds')
const idParams = z.object({ id: z.string() })

const eventShape = z.object({
  event: z.string(),
  connection: z.string(),
  type: z.string(),
  source: z.string(),
  trust: z.string(),
  time: instant,
  receivedAt: instant,
  id: z.string().nullable(),
  subject: z.string().nullable(),
  data: z.record(z.string(), z.unknown()).describe('Names, addresses, texts and card keys are masked'),
})
/** What came in. */
export function events(add: AddRoute, deps: HttpDeps): void {
  const { db, keyring } = deps

  add('GET /v1/events/:id', {
    summary: 'One event as it was kept, personal data masked',
    params: idParams,
    answer: eventShape,
    async handle({ caller: { shop }, params }) {
      const id = parseId('evt', params.id)
      const [row] = id ? await readEvents(db, shop, [id]) : []
      if (!row) throw new Fault('NOT_FOUND')
      const event = openEvent(shop, row, await keyring.open(shop))
      return {
        event: formatId('evt', event.key),
        connection: formatId('conn', event.connection),
        type: event.type,
        source: event.source,
        trust: event.trust,
        time: event.time,
        receivedAt: event.receivedAt,
        id: event.id,
        subject: event.subject,
        data: maskEventData(event.data),
      }
    },
  })
}
