import * as z from 'zod'
import { eventWarning } from './event-warnings.ts'
import { explanationShape } from './failure-explained.ts'
import { messageShape } from './message-seen.ts'
import { notHealedShape } from './not-healed-seen.ts'
import { reviewEntryShape } from './review-seen.ts'

const money = z.object({ minor: z.int(), currency: z.string() })
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
  failureClass: z.string().nullable().describe('Class of the latest payment failure, where it is known'),
  difference: z
    .object({
      total: money.describe('The latest that is known'),
      received: money.describe('The sum of all payments'),
      refunded: money,
      differs: z.enum(['too_little', 'too_much']),
      by: money,
      text: z.string(),
    })
    .nullable()
    .describe('What came for a paid order, where it is another sum of the same currency than its total'),
  entries: z
    .array(
      z.discriminatedUnion('kind', [
        z.object({
          kind: z.literal('event'),
          at,
          event: z.string(),
          type: z.string(),
          trust: z.string(),
          connection: z.string(),
          source: z.string().nullable().describe('Of the connection it came by: stripe, api, dingdong, …'),
          name: z.string().nullable().describe('The connection’s, or the key’s'),
          receivedAt: at,
          failure: explanationShape
            .nullable()
            .describe('Of `payment.failed`: its class, and which of its codes decided that by what'),
          notHealed: notHealedShape,
          warnings: z.array(eventWarning).describe('What it says of the buyer and cannot be used'),
        }),
        z.object({
          kind: z.literal('run'),
          at,
          run: z.string(),
          flow: z.string(),
          version: z.int(),
          status: z.enum(['active', 'done', 'stopped']),
          step: z.string().nullable(),
          dueAt: at.nullable(),
          waitingFor: z.array(z.string()).nullable(),
          arm: z.string(),
          arms: z.record(z.string(), z.string()).describe('By experiment, the arm of it that was drawn'),
          stopReason: z.string().nullable(),
          costs: z
            .array(
              z.object({
                step: z.string(),
                channels: z.array(
                  z.object({
                    channel: z.string(),
                    segments: z.int(),
                    each: z.number().describe('Of one segment or message'),
                    cost: z.number(),
                  }),
                ),
              }),
            )
            .describe(
              'Of cascades that go by cost: what each channel cost when the step began, in the order of their turns, in thousandths of the shop’s currency',
            ),
          why: z
            .array(z.string())
            .describe('Why it ended before its last step, and what cascades went by, in sentences'),
          wouldHelp: z.array(z.string()).describe('What could be otherwise next time'),
        }),
        z.object({
          kind: z.literal('inquiry'),
          at,
          connection: z.string(),
          source: z.string().nullable(),
          clock: z.enum(['unpaid', 'platform', 'unknown']).describe('Which of the three clocks asked'),
          what: z
            .string()
            .describe(
              'The answer (paid, failed, pending, stranger, later, operator), or what was done: retry, retry_done, retry_refused, retry_unknown, retry_operator, concluded, gave_up, ended; `next`: when it is asked again',
            ),
          code: z.string().nullable(),
        }),
        z.object({
          kind: z.literal('message'),
          at,
          message: messageStoryShape,
          arm: z.string().nullable().describe('Arm of the run that planned it'),
          notes: z
            .array(z.string())
            .describe(
              'What else there is to know: that it asks to pay and nothing in it leads to payment, or that nobody has the role it is for',
            ),
        }),
        reviewEntryShape,
        z.object({ kind: z.literal('delivered'), at, message: z.string() }),
        z.object({ kind: z.literal('click'), at, message: z.string() }),
      ]),
    )
    .describe('Oldest first'),
  notStarted: z
    .array(
      z.object({
        at,
        event: z.string(),
        type: z.string(),
        flow: z.string(),
        version: z.int().nullable().describe('In force when the event came'),
        reason: z.string(),
        why: z.array(z.string()),
        wouldHelp: z.array(z.string()).describe('What would have to change for a run to start'),
      }),
    )
    .describe('Why events started no run of flows that listen to them'),
})
