import { stringify } from 'yaml'
import * as z from 'zod'
import { changeFlow, listFlows, readDefinitions } from '../../db/flows.ts'
import { Fault } from '../../domain/errors.ts'
import { parseFlowYaml } from '../../domain/flow/yaml.ts'
import { checkShopFlow } from '../../pipeline/check-flow.ts'
import { presetOf } from '../../pipeline/presets.ts'
import type { HttpDeps } from '../deps.ts'
import type { AddRoute } from '../route.ts'
import {
  basedOn,
  findVersion,
  keyParams,
  publish,
  SOURCE_LIMIT,
  seeVersion,
  seeVersions,
  source,
  undo,
  undoBody,
  undone,
  versionList,
  versionQuery,
  versionShape,
  versionsQuery,
} from '../versions.ts'

/** What the shop's flows say, and have said: seen, published, brought back. Runs under way keep their version. */
export function flowVersions(add: AddRoute, deps: HttpDeps): void {
  readFlows(add, deps)
  changeFlows(add, deps)
}

function readFlows(add: AddRoute, deps: HttpDeps): void {
  const { db } = deps

  add('GET /v1/flows/:key', {
    summary: 'A flow’s whole text, in force or at an earlier version',
    params: keyParams,
    query: versionQuery,
    answer: versionShape.extend({
      key: z.string(),
      enabled: z.boolean(),
      killed: z.boolean(),
      source: z.string().describe('YAML, to edit and send back'),
      flow: z.record(z.string(), z.unknown()).describe('The same as JSON'),
    }),
    async handle({ caller: { shop }, params: { key }, query, language }) {
      const [row, flows] = await Promise.all([
        findVersion(deps, shop, { kind: 'flow', key, version: query.version ?? null }, language),
        listFlows(db, shop),
      ])
      const [kept] = await readDefinitions(db, [row.definition_hash])
      const { enabled = false, killed = false } = flows.find((each) => each.key === key) ?? {}
      const flow = kept!.body as Record<string, unknown>
      return { key, ...seeVersion(row), enabled, killed, source: stringify(flow), flow }
    },
  })

  add('GET /v1/flows/:key/versions', {
    summary: 'A flow’s versions, newest first',
    params: keyParams,
    query: versionsQuery,
    answer: versionList,
    handle: ({ caller: { shop }, params: { key }, query, language }) =>
      seeVersions(deps, shop, { kind: 'flow', key }, query, language),
  })
}

function changeFlows(add: AddRoute, deps: HttpDeps): void {
  add('PUT /v1/flows/:key', {
    summary: 'Publish a flow: its next version, or its first, which is off',
    description:
      'Refused with everything that is wrong at once. Runs under way finish on theirs. What says exactly what is in force already makes no version.',
    params: keyParams,
    body: z.strictObject({ basedOn, source: source.describe('A flow’s file (YAML or JSON)') }),
    bodyLimit: SOURCE_LIMIT,
    answer: z.object({ key: z.string(), version: z.int(), changed: z.boolean() }),
    async handle({ caller, params: { key }, body, language }) {
      const { shop } = caller
      const read = parseFlowYaml(body.source, language)
      if (!read.ok) throw new Fault('FLOW_INVALID', {}, { fields: read.problems })
      const { version, outcome } = await publish(
        deps,
        caller,
        { kind: 'flow', key, basedOn: body.basedOn },
        async (tx) => {
          const checked = await checkShopFlow(tx, shop, key, read.value, language)
          if (!checked.ok) throw new Fault('FLOW_INVALID', {}, { fields: checked.problems })
          return presetOf('flow', key, checked.value)
        },
        async (tx, published) => {
          if (published.outcome === 'published' && published.replaced === 0)
            await changeFlow(tx, shop, key, { enabled: false }, deps.clock.now())
        },
      )
      return { key, version, changed: outcome === 'published' }
    },
  })

  add('POST /v1/flows/:key/undo', {
    summary: 'Bring the text before this one back, as a new version; a second undo undoes the first',
    params: keyParams,
    body: undoBody,
    answer: undone,
    async handle({ caller, params: { key }, body, language }) {
      const to = body.to ?? null
      const wanted = { kind: 'flow', key, basedOn: body.basedOn, to, invalid: 'FLOW_INVALID' } as const
      return undo(
        deps,
        caller,
        wanted,
        async (tx, kept) => {
          const checked = await checkShopFlow(tx, caller.shop, key, kept, language)
          return checked.ok ? [] : checked.problems
        },
        language,
      )
    },
  })
}
