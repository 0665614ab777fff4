import * as z from 'zod'
import { transaction } from '../../db/connect.ts'
import {
  dropOverride,
  listOverrides,
  listUnknownCodes,
  putOverride,
  UNKNOWN_CODES_KEPT,
} from '../../db/failure-codes.ts'
import { bumpConfig } from '../../db/shops.ts'
import { Fault } from '../../domain/errors.ts'
import { explain, fieldOf } from '../../domain/failure/explain.ts'
import { codeIn, stillUnknown } from '../../domain/failure/one-code.ts'
import type { ShopId } from '../../domain/ids.ts'
import { currentConfig } from '../current-config.ts'
import type { HttpDeps } from '../deps.ts'
import { explanationShape, failureClass, retryAdvice, seeExplanation } from '../failure-explained.ts'
import { record } from '../record.ts'
import type { AddRoute } from '../route.ts'

/** As events may name them: src/domain/event.ts. */
const place = z.object({ rail: z.string().min(1).max(40), code: z.string().min(1).max(120) })

/** No event brings blanks around a rail or a code, so a decision about such a one would never count. */
const unpadded = z.string().regex(/^\S(.*\S)?$/s, 'unpadded')
const decided = z.object({ rail: unpadded.max(40), code: unpadded.max(120) })

const override = z.object({
  rail: z.string(),
  code: z.string(),
  class: failureClass,
  advice: retryAdvice,
})

/** What failure codes mean in this shop. */
export function failureCodes(add: AddRoute, deps: HttpDeps): void {
  readCodes(add, deps)
  decideCodes(add, deps)
}

function readCodes(add: AddRoute, deps: HttpDeps): void {
  const { db, clock } = deps
  const current = (shop: ShopId) => currentConfig(deps, shop)

  add('GET /v1/failure-codes', {
    summary: 'What the shop has decided about failure codes',
    answer: z.object({
      items: z.array(override.extend({ setBy: z.string(), setAt: z.number() })),
    }),
    async handle({ caller: { shop } }) {
      const rows = await listOverrides(db, shop)
      return { items: rows.map(({ set_by, set_at, ...row }) => ({ ...row, setBy: set_by, setAt: set_at })) }
    },
  })

  add('GET /v1/failure-codes/unknown', {
    summary: 'Failure codes that came and that neither the table nor the shop knows',
    answer: z.object({
      items: z.array(
        z.object({
          rail: z.string(),
          code: z.string(),
          seen: z.number().describe('How often it came'),
          firstAt: z.number(),
          lastAt: z.number(),
        }),
      ),
    }),
    async handle({ caller: { shop } }) {
      const [rows, config] = await Promise.all([
        listUnknownCodes(db, shop, UNKNOWN_CODES_KEPT),
        current(shop),
      ])
      const open = rows.filter((row) => stillUnknown(config.failures, row, clock.now()))
      return {
        items: open.map(({ first_at, last_at, ...row }) => ({ ...row, firstAt: first_at, lastAt: last_at })),
      }
    },
  })

  add('GET /v1/failure-codes/:rail/:code', {
    summary: 'What a failure code means in this shop, and why',
    params: place,
    answer: explanationShape,
    async handle({ caller: { shop }, params: { rail, code }, language }) {
      const { failures } = await current(shop)
      const failure = codeIn(rail, { [fieldOf(failures.table, rail, code)]: code })
      return seeExplanation(explain(failures.table, failure, clock.now(), language, failures.overrides))
    },
  })
}

function decideCodes(add: AddRoute, deps: HttpDeps): void {
  const { db, clock } = deps

  add('PUT /v1/failure-codes/:rail/:code', {
    summary: 'Decide what a failure code means in this shop',
    params: decided,
    body: z.strictObject({ class: failureClass, advice: retryAdvice }),
    answer: override,
    async handle({ caller, params: { rail, code }, body }) {
      const row = { rail, code, class: body.class, advice: body.advice }
      await transaction(db, async (tx) => {
        await putOverride(tx, caller.shop, { ...row, set_by: caller.actor, set_at: clock.now() })
        await bumpConfig(tx, caller.shop)
        await record(deps, tx, caller, 'failure_code.set', `${rail}/${code}`, body)
      })
      return row
    },
  })

  add('DELETE /v1/failure-codes/:rail/:code', {
    summary: 'Let the table decide about a failure code again',
    params: place,
    answer: z.object({ rail: z.string(), code: z.string() }),
    async handle({ caller, params: { rail, code } }) {
      const dropped = await transaction(db, async (tx) => {
        if (!(await dropOverride(tx, caller.shop, rail, code))) return false
        await bumpConfig(tx, caller.shop)
        await record(deps, tx, caller, 'failure_code.unset', `${rail}/${code}`)
        return true
      })
      if (!dropped) throw new Fault('NOT_FOUND')
      return { rail, code }
    },
  })
}
