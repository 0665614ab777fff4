import * as z from 'zod'
import { transaction } from '../../db/connect.ts'
import { keepDefinitions, readDefinitions } from '../../db/flows.ts'
import { publishRules, setRuleEnabled } from '../../db/rules.ts'
import { bumpConfig } from '../../db/shops.ts'
import { listVersions, MOST_VERSION } from '../../db/versions.ts'
import { isAmounts, ownFirst } from '../../domain/amounts.ts'
import { Fault } from '../../domain/errors.ts'
import { formatId, type ShopId } from '../../domain/ids.ts'
import { changeParams, type NewValues } from '../../domain/params.ts'
import { compileRule, validateRule } from '../../domain/review/compile.ts'
import type { Evidence } from '../../domain/review/judge.ts'
import { type Rule, ruleSchema } from '../../domain/review/rule.ts'
import { whatMatched } from '../../domain/review/words.ts'
import { actionIn } from '../../pipeline/apply-rules.ts'
import { nameRows } from '../../pipeline/name-rows.ts'
import { presetOf } from '../../pipeline/presets.ts'
import type { LoadedRule, ShopConfig } from '../../pipeline/shop-config.ts'
import { tryRule } from '../../pipeline/try-rule.ts'
import type { HttpDeps } from '../deps.ts'
import type { Language } from '../language.ts'
import { nameNotFound, versionNotFound } from '../not-found.ts'
import { record } from '../record.ts'
import type { AddRoute } from '../route.ts'
import { findTried } from '../rule-tried.ts'

const words = z.object({ zh: z.string(), en: z.string() })
const amounts = z
  .record(z.string(), z.number())
  .describe('An amount for each currency, in whole units; the shop’s own comes first')
const value = z.union([z.number(), z.string().max(200), z.boolean(), amounts])
const newValues = z
  .record(z.string(), value)
  .describe(
    'By name. Of an amount by currency: `limit.JPY` that one, `limit` the one in the shop’s own currency, `none` takes it out',
  )
const ruleShape = z
  .object({
    rule: z.string(),
    version: z.int(),
    enabled: z.boolean(),
    title: words,
    description: words,
    on: z.array(z.string()),
    totalFrom: z
      .string()
      .nullable()
      .describe('The parameter that holds the amount from which on an order’s total counts'),
    when: z.string().nullable().describe('CEL'),
    does: z.enum(['flag', 'hold']).describe('What it does in this shop, with the people there are'),
    severity: z.string(),
    tell: z.array(z.string()),
    params: z.record(z.string(), z.object({ title: words, value })),
  })
  .meta({ id: 'Rule' })
export type SeenRule = z.output<typeof ruleShape>

const trialShape = z.object({
  event: z.string(),
  type: z.string(),
  at: z.int().describe('Epoch milliseconds'),
  matches: z.boolean(),
  would: z.enum(['flag', 'hold']).nullable(),
  again: z.boolean().describe('One more of a burst that is told once'),
  why: z.string().nullable().describe('Why it does not match'),
  detail: z.string().nullable(),
  parts: z
    .object({ zh: z.array(z.string()), en: z.array(z.string()) })
    .describe('Of a condition that is false, the parts of it that are, amounts with their figures'),
  what: words.nullable(),
})

export type RuleTrial = z.output<typeof trialShape>

const params = z.object({ key: z.string().max(100) })

/** The shop's rules: seen, switched, changed, brought back. */
export function rules(add: AddRoute, deps: HttpDeps): void {
  const { db, clock, configs } = deps

  add('GET /v1/rules', {
    summary: 'The shop’s rules and what they are set to',
    answer: z.object({ items: z.array(ruleShape) }),
    async handle({ caller: { shop } }) {
      const config = await configs.get(shop)
      return { items: config.rules.map((rule) => seeRule(config, rule)) }
    },
  })

  add('POST /v1/rules/:key/:change', {
    summary: 'Switch a rule on or off; what it has opened stays open',
    params: params.extend({ change: z.enum(['on', 'off']) }),
    answer: z.object({ rule: z.string(), enabled: z.boolean() }),
    async handle({ caller, params: { key, change }, language }) {
      const changed = await transaction(db, async (tx) => {
        if (!(await setRuleEnabled(tx, caller.shop, key, change === 'on', clock.now()))) return false
        await bumpConfig(tx, caller.shop)
        await record(deps, tx, caller, `rule.${change}`, key)
        return true
      })
      if (!changed) throw nameNotFound('rule', keysOf((await configs.get(caller.shop)).rules), key, language)
      configs.forget(caller.shop)
      return { rule: key, enabled: change === 'on' }
    },
  })

  add('POST /v1/rules/:key/set', {
    summary: 'Change a rule’s parameters, or bring an earlier version back; makes a new version',
    params,
    body: z.strictObject({
      params: newValues.optional(),
      version: z.int().min(1).max(MOST_VERSION).optional().describe('Takes this version’s text as it was'),
    }),
    answer: ruleShape,
    async handle({ caller, params: { key }, body, language }) {
      const { shop } = caller
      const [current, { row }] = await Promise.all([ruleOf(deps, shop, key, language), configs.get(shop)])
      if (body.version === undefined && Object.keys(body.params ?? {}).length === 0)
        throw nothingGiven(language)
      const base =
        body.version === undefined
          ? current.compiled.rule
          : await earlier(deps, shop, { key, version: body.version }, language)
      const rule = withParams(base, body.params ?? {}, row.currency, language)
      const preset = presetOf('rule', key, rule)
      await transaction(db, async (tx) => {
        await keepDefinitions(tx, [preset], clock.now())
        const published = { key, hash: preset.hash, enabled: current.enabled }
        await publishRules(tx, shop, [published], caller.actor, clock.now())
        await bumpConfig(tx, shop)
        await record(deps, tx, caller, 'rule.set', key, { ...body.params, ...versionOf(body) })
      })
      configs.forget(shop)
      const config = await configs.get(shop)
      return seeRule(config, config.rules.find((each) => each.key === key)!)
    },
  })
}

/** A rule tried on what has happened. */
export function ruleTrials(add: AddRoute, deps: HttpDeps): void {
  const { db, clock, configs } = deps

  add('POST /v1/rules/:key/test', {
    summary: 'What a rule would make of an order or event that has happened; changes nothing',
    description: 'The order is taken as it stands now. With params, the rule is tried as if it were set so.',
    params,
    body: z.strictObject({
      order: z.string().max(200).optional().describe('Its number, or ord_…'),
      event: z.string().max(60).optional().describe('evt_…'),
      params: newValues.optional(),
    }),
    answer: z.object({ rule: z.string(), order: z.string().nullable(), items: z.array(trialShape) }),
    async handle({ caller: { shop }, params: { key }, body, language }) {
      const current = await ruleOf(deps, shop, key, language)
      const { row } = await configs.get(shop)
      const text = withParams(current.compiled.rule, body.params ?? {}, row.currency, language)
      const rule: LoadedRule = { ...current, compiled: compileRule(text) }
      const [config, vault, tried] = await Promise.all([
        configs.get(shop),
        deps.keyring.open(shop),
        findTried(deps, shop, body, language),
      ])
      const scene = { db, shop, config, vault, now: clock.now() }
      const trials = await tryRule(scene, rule, tried.order, tried.events)
      const matches = trials.flatMap(({ match }) => match ?? [])
      const named = await nameRows(db, scene, matches)
      const items = trials.map(({ event, match, why, detail, parts }) => ({
        event: formatId('evt', event.key),
        type: event.type,
        at: event.time,
        matches: match !== null,
        would: match && actionIn(config, rule),
        again: match?.again ?? false,
        why,
        detail,
        parts: { zh: [...parts.zh], en: [...parts.en] },
        what: match && wordsOf(text, named[matches.indexOf(match)]!),
      }))
      return { rule: key, order: tried.order.view.no, items }
    },
  })
}

const keysOf = (rules: readonly LoadedRule[]) => rules.map(({ key }) => key)
const wordsOf = (rule: Rule, evidence: Evidence) => ({
  zh: whatMatched(rule, evidence, 'zh'),
  en: whatMatched(rule, evidence, 'en'),
})

/** A version that says the same as the one before would only hide what was changed last. */
function nothingGiven(language: Language): Fault {
  const problem =
    language === 'zh' ? '应为 params 中的参数，或 version' : 'expected a parameter in params, or a version'
  return new Fault('FIELD_INVALID', {}, { fields: [{ path: 'body', problem }] })
}

const versionOf = ({ version }: { readonly version?: number | undefined }) =>
  version === undefined ? {} : { version }

async function ruleOf(
  { configs }: HttpDeps,
  shop: ShopId,
  key: string,
  language: Language,
): Promise<LoadedRule> {
  const { rules } = await configs.get(shop)
  const rule = rules.find((each) => each.key === key)
  if (!rule) throw nameNotFound('rule', keysOf(rules), key, language)
  return rule
}

async function earlier(
  { db }: HttpDeps,
  shop: ShopId,
  { key, version }: { readonly key: string; readonly version: number },
  language: Language,
): Promise<Rule> {
  const found = (await listVersions(db, shop, 'rule', key, version + 1, 1)).find(
    (each) => each.version === version,
  )
  const [row] = found ? await readDefinitions(db, [found.definition_hash]) : []
  if (!row) throw await versionNotFound(db, shop, { kind: 'rule', key, version }, language)
  return ruleSchema.parse(row.body)
}

/** The rule with other values; a name it does not have, or a value that does not fit, is refused with the nearest. */
function withParams(rule: Rule, values: NewValues, currency: string, language: Language): Rule {
  const changed = changeParams(rule.params, values, currency, language)
  const checked = changed.ok ? validateRule({ ...rule, params: changed.value }, language) : changed
  if (checked.ok) return checked.value
  throw new Fault('RULE_INVALID', {}, { fields: checked.problems })
}

function seeRule(config: ShopConfig, loaded: LoadedRule): z.output<typeof ruleShape> {
  const { key, version, enabled, compiled } = loaded
  const { rule } = compiled
  return {
    rule: key,
    version,
    enabled,
    title: rule.title,
    description: rule.description,
    on: [...rule.trigger.on],
    totalFrom: rule.trigger.totalFrom ?? null,
    when: rule.trigger.when ?? null,
    does: actionIn(config, loaded),
    severity: rule.severity,
    tell: [...rule.tell],
    params: Object.fromEntries(
      Object.entries(rule.params).map(([name, { title, value }]) => [
        name,
        { title, value: isAmounts(value) ? ownFirst(value, config.row.currency) : value },
      ]),
    ),
  }
}
