import * as z from 'zod'
import { readShop } from '../../db/shops.ts'
import { Fault } from '../../domain/errors.ts'
import { VERDICTS } from '../../domain/flow/comparison.ts'
import { dayStart } from '../../domain/gate/local-time.ts'
import { CHANNELS } from '../../domain/message.ts'
import { compareFlow } from '../../pipeline/compare-flow.ts'
import type { HttpDeps } from '../deps.ts'
import { versionNotFound } from '../not-found.ts'
import type { AddRoute } from '../route.ts'
import { keyParams } from '../versions.ts'

const estimate = z.object({
  value: z.number(),
  low: z.number().describe('Of the 95 % interval'),
  high: z.number(),
})

const armShape = z.object({
  arm: z.string().describe('`holdout`: kept without reminders and promotions'),
  persons: z.int().describe('Each in the arm of their first run, once'),
  moved: z.int().describe('Persons of whom a later run had another arm'),
  counted: z.int().describe('Persons whose outcome is known: the denominator of `share`'),
  paid: z
    .int()
    .describe(
      'Of those, who paid the order of their first run after it began, and of whose money not all went back',
    ),
  runs: z.int(),
  running: z.int(),
  orders: z.int(),
  ordersPaid: z.int().describe('After a run about them had begun; wholly refunded ones left out'),
  unsubscribed: z
    .int()
    .describe('Persons of whom an address was unsubscribed after their first run had begun'),
  messages: z.partialRecord(z.enum(CHANNELS), z.int()).describe('Sent to buyers, by channel'),
  share: estimate.nullable().describe('Paid ÷ counted, Wilson; null: not yet known'),
  difference: estimate
    .nullable()
    .describe('Share less the first arm’s, Newcombe; null: not yet known, or the first arm'),
  verdict: z
    .enum(VERDICTS)
    .describe('unknown: too few are counted; open: the interval holds 0; higher, lower: than the first arm'),
})

/** What the arms of a flow's experiments brought. */
export function flowComparison(add: AddRoute, { db }: HttpDeps): void {
  add('GET /v1/flows/:key/comparison', {
    summary: 'Compare the arms of a flow’s experiments, holdout included',
    description:
      'Compares the arms of this shop as they were drawn at random, and nothing more. An interval holds for one look at a time fixed beforehand: who looks often, or at many arms, finds some without 0 by chance.',
    perMinute: 10,
    params: keyParams,
    query: z.object({
      experiment: z
        .string()
        .max(100)
        .optional()
        .describe('`holdout`, or a split’s; default: all of the version in force'),
      since: z
        .string()
        .max(20)
        .optional()
        .describe('Runs begun from this day on (2026-11-01, in the shop’s time zone)'),
    }),
    answer: z.object({
      key: z.string(),
      version: z.int(),
      subject: z.enum(['order', 'event']).describe('About an event nobody pays: no share is told'),
      since: z.int().nullable(),
      comparisons: z.array(
        z.object({
          experiment: z.string(),
          inForce: z.boolean().describe('The version in force draws its arms'),
          countedBefore: z
            .int()
            .nullable()
            .describe(
              'Persons whose first run began before this are counted, since all those runs have ended; null: all have',
            ),
          least: z.int().describe('Persons counted that an arm needs before its share is told'),
          arms: z.array(armShape).describe('All are compared with the first'),
        }),
      ),
    }),
    async handle({ caller: { shop }, params: { key }, query, language }) {
      const row = await readShop(db, shop)
      const since = query.since === undefined ? null : dayStart(query.since, row?.time_zone ?? 'UTC')
      if (query.since !== undefined && since === null) {
        const problem =
          language === 'zh'
            ? `应为日期，例如 2026-11-01；实际为 ${query.since}`
            : `expected a day such as 2026-11-01; came ${query.since}`
        throw new Fault('FIELD_INVALID', {}, { fields: [{ path: 'since', problem }] })
      }
      const compared = await compareFlow(db, shop, { flow: key, experiment: query.experiment ?? null, since })
      if (!compared.found)
        throw await versionNotFound(db, shop, { kind: 'flow', key, version: null }, language)
      const comparisons = compared.comparisons.map((each) => ({
        ...each,
        arms: each.arms.map((arm) => ({ ...arm })),
      }))
      return { key, version: compared.version, subject: compared.subject, since, comparisons }
    },
  })
}
