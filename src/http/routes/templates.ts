import * as z from 'zod'
import { listTemplates, readDefinitions } from '../../db/flows.ts'
import { readShop } from '../../db/shops.ts'
import { Fault } from '../../domain/errors.ts'
import type { ShopId } from '../../domain/ids.ts'
import type { Road } from '../../domain/law/carry.ts'
import { PURPOSES } from '../../domain/message.ts'
import { TEMPLATE_CHANNELS, TEMPLATE_KEY } from '../../domain/template/template.ts'
import { smsRoads } from '../../pipeline/account-laws.ts'
import { templateBack } from '../../pipeline/check-template.ts'
import type { KeptTemplate } from '../../pipeline/presets.ts'
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

const variantShape = z.object({
  locale: z.string(),
  channel: z.enum(TEMPLATE_CHANNELS),
  purpose: z.enum(PURPOSES),
  asksToPay: z.boolean(),
  variables: z.array(z.string()).describe('Paths of what it reads, such as order.no'),
})

/** The shop's words: seen, published, brought back. */
export function templates(add: AddRoute, deps: HttpDeps): void {
  readTemplates(add, deps)
  changeTemplates(add, deps)
}

function readTemplates(add: AddRoute, deps: HttpDeps): void {
  const { db } = deps

  add('GET /v1/templates', {
    summary: 'The shop’s templates at the versions in force',
    answer: z.object({
      items: z.array(z.object({ key: z.string(), version: z.int(), variants: z.array(variantShape) })),
    }),
    async handle({ caller: { shop } }) {
      const rows = await listTemplates(db, shop)
      const bodies = await readDefinitions(
        db,
        rows.map((row) => row.definition_hash),
      )
      const kept = new Map(bodies.map(({ hash, body }) => [hash.toString('hex'), body as KeptTemplate]))
      const items = rows.map(({ key, version, definition_hash: hash }) => ({
        key,
        version,
        variants: seeVariants(kept.get(hash.toString('hex'))!),
      }))
      return { items }
    },
  })

  add('GET /v1/templates/:key', {
    summary: 'A template as its author wrote it, in force or at an earlier version',
    params: keyParams,
    query: versionQuery,
    answer: versionShape.extend({
      key: z.string(),
      source: z
        .string()
        .nullable()
        .describe(
          'Its file (YAML), to edit and send back; null where it was published before files were kept',
        ),
      variants: z.array(variantShape),
    }),
    async handle({ caller: { shop }, params: { key }, query, language }) {
      const asked = { kind: 'template', key, version: query.version ?? null } as const
      const row = await findVersion(deps, shop, asked, language)
      const [kept] = await readDefinitions(db, [row.definition_hash])
      const body = kept!.body as KeptTemplate
      return { key, ...seeVersion(row), source: body.source ?? null, variants: seeVariants(body) }
    },
  })

  add('GET /v1/templates/:key/versions', {
    summary: 'A template’s versions, newest first',
    params: keyParams,
    query: versionsQuery,
    answer: versionList,
    handle: ({ caller: { shop }, params: { key }, query, language }) =>
      seeVersions(deps, shop, { kind: 'template', key }, query, language),
  })
}

function changeTemplates(add: AddRoute, deps: HttpDeps): void {
  add('PUT /v1/templates/:key', {
    summary: 'Publish a template: its next version, or its first',
    description:
      'Refused with everything that is wrong at once, also where an SMS account of the shop finds no text that its law lets it carry: each with its field, rule and source. What says exactly what is in force already makes no version.',
    params: z.object({ key: z.string().regex(TEMPLATE_KEY, 'template_key') }),
    body: z.strictObject({ basedOn, source: source.describe('A template’s file (YAML or JSON)') }),
    bodyLimit: SOURCE_LIMIT,
    perMinute: 60,
    answer: z.object({
      key: z.string(),
      version: z.int(),
      changed: z.boolean(),
      kept: z
        .array(z.object({ account: z.string(), texts: z.array(z.string()), because: z.array(z.string()) }))
        .describe('Texts that an SMS account will never carry, and the rules that keep them back there'),
    }),
    async handle({ caller, params: { key }, body, language }) {
      const roads = await roadsOf(deps, caller.shop)
      const made = await deps.compileTemplate(key, body.source, language, roads)
      if (!made.ok) throw new Fault('TEMPLATE_INVALID', {}, { fields: made.problems })
      const wanted = { kind: 'template', key, basedOn: body.basedOn } as const
      const { version, outcome } = await publish(deps, caller, wanted, async () => made.value)
      const kept = made.kept.map(({ account, texts, because }) => ({
        account,
        texts: [...texts],
        because: [...because],
      }))
      return { key, version, changed: outcome === 'published', kept }
    },
  })

  add('POST /v1/templates/:key/undo', {
    summary: 'Bring the words before these back, as a new version; a second undo undoes the first',
    params: keyParams,
    body: undoBody,
    answer: undone,
    async handle({ caller, params: { key }, body, language }) {
      const roads = await roadsOf(deps, caller.shop)
      const to = body.to ?? null
      const wanted = {
        kind: 'template',
        key,
        basedOn: body.basedOn,
        to,
        invalid: 'TEMPLATE_INVALID',
      } as const
      return undo(deps, caller, wanted, (_, kept) => templateBack(kept, roads, language), language)
    },
  })
}

async function roadsOf(deps: HttpDeps, shop: ShopId): Promise<readonly Road[]> {
  const row = await readShop(deps.db, shop)
  return row ? smsRoads(deps, row, deps.clock.now()) : []
}

function seeVariants({ variants }: KeptTemplate): z.output<typeof variantShape>[] {
  return variants.map(({ locale, channel, purpose, asksToPay, variables }) => ({
    locale,
    channel,
    purpose,
    asksToPay: asksToPay ?? false,
    variables: [...variables],
  }))
}
