import * as z from 'zod'
import { readContacts } from '../db/contacts.ts'
import { attemptsOf, type MessageRow, messagesOfOrder } from '../db/messages.ts'
import { runsOf } from '../db/runs.ts'
import { earlierVerdicts } from '../db/shown.ts'
import { readEvents } from '../db/todo.ts'
import { type EventId, formatId, type ShopId } from '../domain/ids.ts'
import type { Fact, OrderFacts } from '../domain/order/facts.ts'
import type { HttpDeps } from './deps.ts'
import type { Language } from './language.ts'
import { messageShape, seeMessage, whyOf } from './message-seen.ts'
import { maskedContacts, type SeenOrder } from './order-seen.ts'

const at = z.int().describe('Epoch milliseconds')

const attemptShape = z.object({
  n: z.int(),
  account: z.string(),
  startedAt: at,
  endedAt: at,
  fate: z.string(),
  code: z.string().nullable(),
  providerRef: z.string().nullable(),
})

export const messageStoryShape = messageShape
  .extend({
    tries: z.array(attemptShape),
    earlier: z.array(z.object({ at, why: z.array(z.string()) })).describe('What the gate had said before'),
  })
  .meta({ id: 'MessageStory' })

export const timelineShape = z.object({
  order: z.string(),
  no: z.string().nullable(),
  status: z.string(),
  timeZone: z.string(),
  entries: z
    .array(
      z.discriminatedUnion('kind', [
        z.object({
          kind: z.literal('event'),
          at,
          event: z.string(),
          type: z.string(),
          trust: z.string(),
          receivedAt: at,
        }),
        z.object({
          kind: z.literal('run'),
          at,
          run: z.string(),
          flow: z.string(),
          version: z.int(),
          status: z.string(),
          step: z.string().nullable(),
          dueAt: at.nullable(),
          waitingFor: z.array(z.string()).nullable(),
          arm: z.string(),
          stopReason: z.string().nullable(),
        }),
        z.object({ kind: z.literal('message'), at, message: messageStoryShape }),
        z.object({ kind: z.literal('delivered'), at, message: z.string() }),
        z.object({ kind: z.literal('click'), at, message: z.string() }),
      ]),
    )
    .describe('Oldest first'),
})

type Entry = z.output<typeof timelineShape>['entries'][number]

/** One list of all that happened: events, runs, messages with their verdicts and tries, receipts, clicks. */
export async function readTimeline(
  deps: HttpDeps,
  shop: ShopId,
  order: SeenOrder,
  language: Language,
): Promise<z.output<typeof timelineShape>> {
  const { db, configs } = deps
  const [config, runs, messages] = await Promise.all([
    configs.get(shop),
    runsOf(db, shop, order.row.id),
    messagesOfOrder(db, shop, order.row.id),
  ])
  const timeZone = order.timeZone ?? config.row.time_zone
  const ids = new Set<EventId>([...eventsIn(order.facts), ...runs.map((run) => run.event_id)])
  const [events, told] = await Promise.all([
    readEvents(db, shop, [...ids]),
    tellMessages(deps, shop, messages, language, timeZone),
  ])
  const entries: Entry[] = [
    ...events.map((row) => ({
      kind: 'event' as const,
      at: row.occurred_at,
      event: formatId('evt', row.id),
      type: row.type,
      trust: row.trust,
      receivedAt: row.received_at,
    })),
    ...runs.map((run) => ({
      kind: 'run' as const,
      at: run.started_at,
      run: formatId('run', run.id),
      flow: run.flow,
      version: run.version,
      status: run.status,
      step: run.step,
      dueAt: run.due_at,
      waitingFor: run.waiting_for && [...run.waiting_for],
      arm: run.arm,
      stopReason: run.stop_reason,
    })),
    ...told.flatMap((message): Entry[] => [
      { kind: 'message', at: message.createdAt, message },
      ...(message.deliveredAt === null
        ? []
        : [{ kind: 'delivered' as const, at: message.deliveredAt, message: message.message }]),
      ...(message.clickedAt === null
        ? []
        : [{ kind: 'click' as const, at: message.clickedAt, message: message.message }]),
    ]),
  ]
  return {
    order: formatId('ord', order.row.id),
    no: order.view.no,
    status: order.view.status,
    timeZone,
    entries: entries.sort((a, b) => a.at - b.at),
  }
}

/** Messages with their addresses masked, every try, and what the gate said earlier. */
export async function tellMessages(
  deps: HttpDeps,
  shop: ShopId,
  rows: readonly MessageRow[],
  language: Language,
  timeZone: string,
): Promise<z.output<typeof messageStoryShape>[]> {
  const { db } = deps
  const to = await addressesOf(deps, shop, rows)
  return Promise.all(
    rows.map(async (row) => {
      const [tries, earlier] = await Promise.all([
        attemptsOf(db, shop, row.id),
        earlierVerdicts(db, shop, row.id),
      ])
      return {
        ...seeMessage(row, to.get(row.contact_id ?? '') ?? null, language, timeZone),
        tries: tries.map((each) => ({
          n: each.n,
          account: formatId('acct', each.account_id),
          startedAt: each.started_at,
          endedAt: each.ended_at,
          fate: each.fate,
          code: each.code,
          providerRef: each.provider_ref,
        })),
        earlier: earlier.map((each) => ({ at: each.at, why: whyOf(each.verdict, language, timeZone) })),
      }
    }),
  )
}

/** Masked addresses by contact id. */
export async function addressesOf(
  deps: HttpDeps,
  shop: ShopId,
  rows: readonly MessageRow[],
): Promise<ReadonlyMap<string, string>> {
  const ids = [...new Set(rows.flatMap((row) => row.contact_id ?? []))]
  const contacts = ids.length > 0 ? await readContacts(deps.db, shop, ids) : []
  return new Map((await maskedContacts(deps, shop, contacts)).map(({ id, address }) => [id, address]))
}

/** Every fact names the event that said it. */
export function eventsIn(facts: OrderFacts): readonly EventId[] {
  const kinds = Object.values(facts) as readonly (readonly Fact<unknown>[])[]
  return kinds.flatMap((list) => list.map((fact) => fact[3] as EventId))
}
