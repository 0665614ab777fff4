import * as z from 'zod'
import { Fault, MOST_FAULTS } from '../../domain/errors.ts'
import { eventData } from '../../domain/event.ts'
import { formatId } from '../../domain/ids.ts'
import { eventShape, MAX_EVENTS, type ParsedEvents, parseCloudEvents } from '../../sources/cloudevents.ts'
import { isBinary, parseBinaryEvent } from '../../sources/cloudevents-binary.ts'
import type { HttpDeps } from '../deps.ts'
import { eventWarning, eventWarnings } from '../event-warnings.ts'
import type { AddRoute } from '../route.ts'

/** Bytes of one request: 1,000 events of 2 KB. Larger ones would hold up everybody else's for too long. */
export const INTAKE_BODY_LIMIT = 2 * 1024 * 1024

const answer = z.object({
  results: z.array(
    z.object({
      id: z.string().nullable().describe('The id the sender gave'),
      outcome: z
        .enum(['accepted', 'duplicate', 'conflict'])
        .describe(
          '`duplicate`: known already. `conflict`: the id is known with another body; kept and shown, no effect',
        ),
      event: z.string().describe('Our id, evt_…; of a duplicate or conflict, the first one’s'),
      warnings: z
        .array(eventWarning)
        .optional()
        .describe(
          'What nobody reads or can use, at most 20; left out where there is nothing. The event counts all the same',
        ),
    }),
  ),
})

const event = z
  .object({
    id: z.string().max(200).describe('The sender’s own id: the same id again is the same event'),
    type: z
      .string()
      .max(100)
      .describe('`order.paid`, `payment.failed`, …; a type of your own is kept and shown'),
    source: z.string().max(500).optional(),
    time: z.iso
      .datetime({ offset: true })
      .optional()
      .describe('When it happened; when it arrived, if left out'),
    subject: z.string().max(500).optional(),
    data: eventData.partial().optional(),
  })
  .meta({ id: 'Event' })

const JSON_TYPE = 'application/json'
const EXPECTED = 'application/json, application/cloudevents+json or application/cloudevents-batch+json'

/** `POST /v1/events`: 202 only after the commit. */
export function intakeEvents(add: AddRoute, { intake, clock, configs, sources }: HttpDeps): void {
  add('POST /v1/events', {
    summary: 'Send one event, or up to 1,000',
    description:
      'Plain JSON `{id, type, time, subject, data}`, one or a list, or CloudEvents 1.0 in structured, batch or binary ' +
      'mode (`ce-id`, `ce-source`, `ce-type`, … in headers, the data in the body). ' +
      'Answers 202 when the events are on disk. All or nothing: one unreadable event and none is accepted. ' +
      `The body may have ${INTAKE_BODY_LIMIT} bytes.`,
    consumes: ['application/json', 'application/cloudevents+json', 'application/cloudevents-batch+json'],
    describedBody: z.union([event, z.array(event).min(1).max(1_000)]),
    bodyLimit: INTAKE_BODY_LIMIT,
    answer,
    status: 202,
    async before(request) {
      const binary = isBinary(request.headers)
      const type = request.headers['content-type'] ?? (binary ? JSON_TYPE : '')
      if (eventShape(type) === null) {
        const expected = binary ? JSON_TYPE : EXPECTED
        throw new Fault('CONTENT_TYPE_UNSUPPORTED', { expected, got: type.slice(0, 80) || 'none' })
      }
      const encoding = request.headers['content-encoding']
      if (encoding !== undefined && encoding !== 'identity') {
        throw new Fault('CONTENT_ENCODING_UNSUPPORTED', { got: encoding.slice(0, 40) })
      }
    },
    async handle({ request, reply, caller, language }) {
      const body = (request.body as Buffer | undefined) ?? Buffer.alloc(0)
      const options = { now: clock.now(), unstorable: 'refuse', language } as const
      const { headers } = request
      const parsed = isBinary(headers)
        ? parseBinaryEvent(headers, body, options)
        : parseCloudEvents(headers['content-type']!, body, options)
      if (!parsed.ok) throw unreadable(parsed)
      const { shop, connection } = caller
      const sender = { shop, connection: connection!, trust: 'authenticated' } as const
      // First, so that nothing can fail once the events are kept.
      const scene = { config: await configs.get(shop), sources, language }
      const kept = await intake.keep(sender, parsed.events)
      const results = parsed.events.map((sent, at) => {
        const { outcome, id: event } = kept[at]!
        const warnings = eventWarnings({ ...sent, ...sender }, scene, parsed.unknown[at])
        const result = { id: sent.id, outcome, event: formatId('evt', event) }
        return warnings.length === 0 ? result : { ...result, warnings }
      })
      // A text goes out as it is: the answer's shape is known, and checking it costs a tenth of the request.
      reply.type('application/json; charset=utf-8').serializer(String)
      return reply.send(JSON.stringify({ results }))
    },
  })
}

function unreadable({ problems, count, body }: Exclude<ParsedEvents, { ok: true }>): Fault {
  if (body === 'json') return new Fault('BODY_NOT_JSON', { detail: problems[0]!.problem })
  const fields = problems.slice(0, MOST_FAULTS).map(({ index, path, problem }) => ({
    path: index === null ? path || 'body' : path === '' ? `events[${index}]` : `events[${index}].${path}`,
    problem,
  }))
  if (body === 'count') return new Fault('EVENTS_COUNT', { most: MAX_EVENTS, got: count }, { fields })
  if (body === 'form') return new Fault('FIELD_INVALID', {}, { fields })
  const wrong = new Set(problems.map(({ index }) => index)).size
  return new Fault('EVENTS_INVALID', { wrong, count }, { fields })
}
