import * as z from 'zod'
import { transaction } from '../../db/connect.ts'
import { changeFlow, type FlowChange, listFlows } from '../../db/flows.ts'
import { bumpConfig, readShop } from '../../db/shops.ts'
import type { HttpDeps } from '../deps.ts'
import { nameNotFound } from '../not-found.ts'
import { record } from '../record.ts'
import type { AddRoute } from '../route.ts'

const words = z.object({ zh: z.string(), en: z.string() })
const flowShape = z.object({
  key: z.string(),
  version: z.int(),
  title: words,
  description: words,
  category: z.string(),
  purpose: z.string(),
  audience: z.string(),
  on: z.array(z.string()),
  enabled: z.boolean().describe('Off: starts no new runs; those under way go on'),
  killed: z.boolean().describe('On: none of its messages leaves, whatever version planned them'),
  holdoutPercent: z.number(),
})

const CHANGES: Readonly<Record<'enable' | 'disable' | 'kill' | 'revive', FlowChange>> = {
  enable: { enabled: true },
  disable: { enabled: false },
  kill: { killed: true },
  revive: { killed: false },
}
/** The shop's flows and their switches. */
export function flows(add: AddRoute, deps: HttpDeps): void {
  const { db, clock, configs } = deps

  add('GET /v1/flows', {
    summary: 'The shop’s flows and their switches',
    answer: z.object({ killed: z.boolean().describe('The whole shop’s switch'), items: z.array(flowShape) }),
    async handle({ caller: { shop } }) {
      const [rows, config, now] = await Promise.all([
        listFlows(db, shop),
        configs.get(shop),
        readShop(db, shop),
      ])
      const items = rows.flatMap((row) => {
        const flow = config.flows.find((each) => each.key === row.key)?.compiled.flow
        if (!flow) return []
        const { title, description, purpose, audience, trigger } = flow
        return {
          key: row.key,
          version: row.version,
          title,
          description,
          category: flow.category ?? flow.family,
          purpose,
          audience,
          on: [...trigger.on],
          enabled: row.enabled,
          killed: row.killed,
          holdoutPercent: flow.holdout,
        }
      })
      return { killed: now?.killed ?? false, items }
    },
  })

  add('POST /v1/flows/:key/:change', {
    summary: 'Enable, disable, kill or revive a flow',
    params: z.object({ key: z.string().max(100), change: z.enum(['enable', 'disable', 'kill', 'revive']) }),
    answer: z.object({ key: z.string(), enabled: z.boolean(), killed: z.boolean() }),
    async handle({ caller, params: { key, change }, language }) {
      const { shop } = caller
      const changed = await transaction(db, async (tx) => {
        if (!(await changeFlow(tx, shop, key, CHANGES[change], clock.now()))) return false
        await bumpConfig(tx, shop)
        await record(deps, tx, caller, `flow.${change}`, key)
        return true
      })
      const rows = await listFlows(db, shop)
      const row = changed && rows.find((flow) => flow.key === key)
      if (!row)
        throw nameNotFound(
          'flow',
          rows.map((flow) => flow.key),
          key,
          language,
        )
      return { key, enabled: row.enabled, killed: row.killed }
    },
  })
}
