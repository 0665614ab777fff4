import * as z from 'zod'
import { readEvents } from '../../db/todo.ts'
import { Fault } from '../../domain/errors.ts'
import { compileFlow } from '../../domain/flow/compile.ts'
import { parseFlowYaml } from '../../domain/flow/yaml.ts'
import { parseId, type ShopId } from '../../domain/ids.ts'
import { checkShopFlow } from '../../pipeline/check-flow.ts'
import type { TrialTarget } from '../../pipeline/flow-trials.ts'
import { openEvent } from '../../pipeline/open-event.ts'
import type { LoadedFlow } from '../../pipeline/shop-config.ts'
import { currentConfig } from '../current-config.ts'
import type { HttpDeps } from '../deps.ts'
import { type SeenTrial, seeTrial, trialShape } from '../flow-tried.ts'
import type { Language } from '../language.ts'
import { eventNotFound, nameNotFound, orderNotFound, orderWithoutEvents } from '../not-found.ts'
import { findOrderBy } from '../order-seen.ts'
import type { AddRoute } from '../route.ts'
import { keyParams, SOURCE_LIMIT, source } from '../versions.ts'

const body = z.strictObject({
  order: z.string().max(200).optional().describe('Its number, or ord_…'),
  event: z.string().max(60).optional().describe('evt_…'),
  source: source.optional().describe('A flow’s file (YAML or JSON), tried instead of what is published'),
})
type Body = z.output<typeof body>

/** A flow tried on what has happened, or on something made up. */
export function flowTrials(add: AddRoute, deps: HttpDeps): void {
  /** Shops that have one running: each costs as much as hundreds of other requests. */
  const running = new Set<ShopId>()
  add('POST /v1/flows/:key/test', {
    summary: 'What a flow would do; changes nothing and sends nothing',
    description:
      'On the newest event of an order that starts it, on one event, or on a made-up one where neither is given: step by step in virtual time, as if nobody acted and nothing more happened, with the gate’s answers and the words. One at a time in a shop.',
    perMinute: 60,
    params: keyParams,
    body,
    bodyLimit: SOURCE_LIMIT,
    answer: trialShape,
    async handle({ caller: { shop }, params: { key }, body, language }) {
      if (running.has(shop)) throw new Fault('TRIAL_RUNNING', { seconds: 2 })
      running.add(shop)
      try {
        return await runTrial(deps, shop, key, body, language)
      } finally {
        running.delete(shop)
      }
    },
  })
}

async function runTrial(
  deps: HttpDeps,
  shop: ShopId,
  key: string,
  body: Body,
  language: Language,
): Promise<SeenTrial> {
  const [flow, target] = await Promise.all([
    flowOf(deps, shop, key, body.source, language),
    targetOf(deps, shop, body, language),
  ])
  const tried = await deps.flowTrials.run(shop, flow, target)
  if (tried === null) throw untried(body, language)
  const published = body.source === undefined
  return seeTrial(tried, {
    language,
    flow,
    version: published ? flow.version : null,
    sample: target.kind === 'sample',
    law: deps.law,
  })
}

const untried = ({ order, event = '' }: Body, language: Language) =>
  order === undefined ? eventNotFound('orderOfEvent', event, language) : orderWithoutEvents(order, language)

/** The flow in force, or the one in the text, which must be fit to be published. */
async function flowOf(
  deps: HttpDeps,
  shop: ShopId,
  key: string,
  text: string | undefined,
  language: Language,
): Promise<LoadedFlow> {
  const { flows } = await currentConfig(deps, shop)
  const found = flows.find((each) => each.key === key)
  if (text === undefined) {
    if (found) return found
    throw nameNotFound(
      'flow',
      flows.map((each) => each.key),
      key,
      language,
    )
  }
  const read = parseFlowYaml(text, language)
  const checked = read.ok ? await checkShopFlow(deps.db, shop, key, read.value, language) : read
  if (!checked.ok) throw new Fault('FLOW_INVALID', {}, { fields: checked.problems })
  return { key, version: found?.version ?? 0, enabled: true, compiled: compileFlow(checked.value) }
}

async function targetOf(
  deps: HttpDeps,
  shop: ShopId,
  { order, event }: Body,
  language: Language,
): Promise<TrialTarget> {
  if (order !== undefined && event !== undefined) {
    const fields = [{ path: 'event', problem: 'expected an order or an event, got both' }]
    throw new Fault('FIELD_INVALID', {}, { fields })
  }
  if (order !== undefined) {
    const seen = await findOrderBy(deps, shop, order)
    if (!seen) throw await orderNotFound(deps, shop, order, language)
    return { kind: 'order', order: seen.row.id }
  }
  if (event === undefined) return { kind: 'sample' }
  const id = parseId('evt', event)
  if (id === null) throw eventNotFound('noEventId', event, language)
  const [row] = await readEvents(deps.db, shop, [id])
  if (!row) throw eventNotFound('event', event, language)
  return { kind: 'event', event: openEvent(shop, row, await deps.keyring.open(shop)) }
}
