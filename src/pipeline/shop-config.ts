import type { Provider } from '../channels/channel.ts'
import { listAccounts, listMemberContacts, type MemberContact } from '../db/accounts.ts'
import type { Db } from '../db/connect.ts'
import { listConnections } from '../db/connections.ts'
import { listOverrides, type OverrideRow } from '../db/failure-codes.ts'
import { keepDefinitions, listFlows, listTemplates, readDefinitions, readFlowVersions } from '../db/flows.ts'
import { listRules } from '../db/rules.ts'
import { readShop, type ShopRow } from '../db/shops.ts'
import { classify, NO_OVERRIDES, type Overrides, overrideKey } from '../domain/failure/classify.ts'
import type { FailureTable } from '../domain/failure/table.ts'
import type { FailureClass } from '../domain/failure-class.ts'
import { type CompiledFlow, compileFlow } from '../domain/flow/compile.ts'
import { flowSchema } from '../domain/flow/flow.ts'
import { priorityOf } from '../domain/gate/level.ts'
import { type GatePolicy, policyOf } from '../domain/gate/policy.ts'
import type { ConnectionId, ShopId } from '../domain/ids.ts'
import { railOfSource } from '../domain/inquiry/rails.ts'
import type { LastFailure } from '../domain/order/view.ts'
import { type CompiledRule, compileRule } from '../domain/review/compile.ts'
import { ruleSchema } from '../domain/review/rule.ts'
import { type ShopSettings, shopSettings } from '../domain/shop.ts'
import type { CompiledTemplate } from '../domain/template/template.ts'
import type { Clock } from '../domain/time.ts'
import type { Source } from '../sources/source.ts'
import { type LoadedAccounts, loadAccounts } from './accounts.ts'
import { type AskedConnection, askedConnections } from './asked-connections.ts'
import type { Keyring } from './keyring.ts'
import { presetOf } from './presets.ts'

/** A flow at one version, ready to run. */
export interface LoadedFlow {
  readonly key: string
  readonly version: number
  readonly enabled: boolean
  readonly compiled: CompiledFlow
}

/** A rule at its current version. */
export interface LoadedRule {
  readonly key: string
  readonly version: number
  readonly enabled: boolean
  readonly compiled: CompiledRule
}

/** One template: a variant for each channel and locale. `id` names this content for good. */
export interface LoadedTemplate {
  readonly id: string
  readonly variants: readonly CompiledTemplate[]
}

export interface LoadedPolicy {
  readonly id: string
  readonly body: GatePolicy
}

/** Everything about a shop that changes seldom, as of one configuration version. */
export interface ShopConfig {
  readonly version: number
  readonly row: ShopRow
  readonly settings: ShopSettings
  /** What of it the gate heeds, kept by content: verdicts name it. */
  readonly policy: LoadedPolicy
  readonly flows: readonly LoadedFlow[]
  /** Enabled flows by the event type that starts them. */
  readonly flowsOn: ReadonlyMap<string, readonly LoadedFlow[]>
  readonly rules: readonly LoadedRule[]
  /** Rules that are on by the event type they look at; empty when all are off, and then they cost nothing. */
  readonly rulesOn: ReadonlyMap<string, readonly LoadedRule[]>
  readonly templates: ReadonlyMap<string, LoadedTemplate>
  /** In the order in which a channel prefers them. */
  readonly accounts: LoadedAccounts
  readonly members: readonly MemberContact[]
  /** What failures mean here: the program's table, and what the shop has decided otherwise. */
  readonly failures: { readonly table: FailureTable; readonly overrides: Overrides }
  /** Connections whose systems can be asked about payments. For most shops none, and then nothing of it costs anything. */
  readonly asked: readonly AskedConnection[]
  /** All that were not removed. */
  readonly connections: ReadonlySet<ConnectionId>
  /**
   * Every failed try is told through one of its connections, whether or not that may be asked at the moment: what is not
   * counted while a key is wrong would be missing when it is right again.
   */
  readonly countsTries: boolean
}

/** What kind of obstacle a failure met, as this shop sees it. */
export const failureClassOf = ({ failures }: ShopConfig, failure: LastFailure): FailureClass =>
  classify(failures.table, failure, failure.at, failures.overrides).class

/** Shops' configurations, cached by version; definitions are shared by content over all shops. */
export interface ShopConfigs {
  /** The shop's configuration, at least as new as `version` when that is given. */
  get(shop: ShopId, version?: number): Promise<ShopConfig>
  /** A flow at a version that a run began with. */
  flowAt(shop: ShopId, key: string, version: number): Promise<LoadedFlow | null>
  forget(shop: ShopId): void
}

export interface ShopConfigDeps {
  readonly db: Db
  readonly clock: Clock
  readonly keyring: Keyring
  readonly findSource: (name: string) => Source | undefined
  readonly findProvider: (name: string) => Provider | undefined
  readonly failureTable: FailureTable
}

/** Keeps the policy before any verdict can name it, so that every verdict can be given again. */
function policyKeeper(db: Db, clock: Clock) {
  const kept = new Set<string>()
  return async (body: GatePolicy): Promise<LoadedPolicy> => {
    const { hash, body: text } = presetOf('policy', 'policy', body)
    const id = hash.toString('base64url')
    if (!kept.has(id)) await keepDefinitions(db, [{ hash, kind: 'policy', body: text }], clock.now())
    kept.add(id)
    return { id, body }
  }
}

/** A shop's rules at the versions in force, compiled once for all shops. */
function ruleLoader(db: Db) {
  const compiled = new Map<string, CompiledRule>()
  return async (shop: ShopId): Promise<readonly LoadedRule[]> => {
    const rows = await listRules(db, shop)
    const missing = rows
      .map((rule) => rule.definition_hash)
      .filter((hash) => !compiled.has(hash.toString('hex')))
    if (missing.length > 0)
      for (const { hash, body } of await readDefinitions(db, missing))
        compiled.set(hash.toString('hex'), compileRule(ruleSchema.parse(body)))
    return rows.map(({ key, version, enabled, definition_hash: hash }) => ({
      key,
      version,
      enabled,
      compiled: compiled.get(hash.toString('hex'))!,
    }))
  }
}

export function createShopConfigs(deps: ShopConfigDeps): ShopConfigs {
  const { db, clock, keyring, findSource, findProvider, failureTable } = deps
  const configs = new Map<ShopId, ShopConfig>()
  const loading = new Map<ShopId, Promise<ShopConfig>>()
  const compiled = new Map<string, CompiledFlow>()
  const templates = new Map<string, LoadedTemplate>()
  const old = new Map<string, LoadedFlow>()
  const keepPolicy = policyKeeper(db, clock)
  const loadRules = ruleLoader(db)

  async function definitions(hashes: readonly Buffer[], known: ReadonlyMap<string, unknown>) {
    const missing = hashes.filter((hash) => !known.has(hash.toString('hex')))
    return missing.length === 0 ? [] : readDefinitions(db, missing)
  }

  async function compileAll(hashes: readonly Buffer[]): Promise<void> {
    for (const { hash, body } of await definitions(hashes, compiled)) {
      compiled.set(hash.toString('hex'), compileFlow(flowSchema.parse(body)))
    }
  }

  async function load(shop: ShopId): Promise<ShopConfig> {
    // The version is read first: what is read after it is at least as new, so a stale cache cannot look fresh.
    const row = await readShop(db, shop)
    if (!row) throw new Error(`shop ${shop} does not exist`)
    const [flowRows, rules, templateRows, accounts, members, overrides, connections] = await Promise.all([
      listFlows(db, shop),
      loadRules(shop),
      listTemplates(db, shop),
      listAccounts(db, shop),
      listMemberContacts(db, shop),
      listOverrides(db, shop),
      listConnections(db, shop),
    ])
    const asked = await askedConnections(shop, connections, keyring, findSource)
    await compileAll(flowRows.map((flow) => flow.definition_hash))
    const bodies = await definitions(
      templateRows.map((template) => template.definition_hash),
      templates,
    )
    for (const { hash, body } of bodies) {
      const id = hash.toString('hex')
      templates.set(id, { id, variants: (body as { variants: CompiledTemplate[] }).variants })
    }
    const flows = flowRows.map((flow) => ({
      key: flow.key,
      version: flow.version,
      enabled: flow.enabled,
      compiled: compiled.get(flow.definition_hash.toString('hex'))!,
    }))
    const settings = shopSettings.parse(row.settings)
    const config: ShopConfig = {
      version: row.config_version,
      row,
      settings,
      policy: await keepPolicy(policyOf(settings, row.time_zone)),
      flows,
      flowsOn: byTrigger(flows),
      rules,
      rulesOn: byTrigger(rules),
      templates: new Map(
        templateRows.map((row) => [row.key, templates.get(row.definition_hash.toString('hex'))!]),
      ),
      accounts: await loadAccounts(shop, accounts, keyring, findProvider),
      members,
      failures: { table: failureTable, overrides: overridesOf(overrides) },
      asked,
      connections: new Set(connections.map(({ id }) => id)),
      countsTries: connections.some(({ enabled, source }) => enabled && railOfSource(source).tellsEachTry),
    }
    configs.set(shop, config)
    return config
  }

  async function get(shop: ShopId, version?: number): Promise<ShopConfig> {
    const newEnough = (config: ShopConfig) => version === undefined || config.version >= version
    const known = configs.get(shop)
    if (known && newEnough(known)) return known
    const underway = loading.get(shop)
    if (underway) {
      const config = await underway
      // It may have begun to read before the version in question was there.
      return newEnough(config) ? config : get(shop, version)
    }
    const started = load(shop).finally(() => loading.delete(shop))
    loading.set(shop, started)
    return started
  }

  return {
    get,
    async flowAt(shop, key, version) {
      const current = configs.get(shop)?.flows.find((flow) => flow.key === key && flow.version === version)
      if (current) return current
      const name = `${shop}/${key}/${version}`
      const known = old.get(name)
      if (known) return known
      const [row] = await readFlowVersions(db, shop, [{ key, version }])
      if (!row) return null
      await compileAll([row.definition_hash])
      const found = compiled.get(row.definition_hash.toString('hex'))
      if (!found) return null
      const flow = { key, version, enabled: true, compiled: found }
      old.set(name, flow)
      return flow
    },
    forget: (shop) => void configs.delete(shop),
  }
}

function overridesOf(rows: readonly OverrideRow[]): Overrides {
  if (rows.length === 0) return NO_OVERRIDES
  return new Map(rows.map((row) => [overrideKey(row.rail, row.code), row]))
}

/** Where a message stands in the queue of an account that cannot keep up. */
export const priorityFor = ({ settings }: ShopConfig, message: Parameters<typeof priorityOf>[0]): number =>
  priorityOf(message, settings.levels)

interface Triggered {
  readonly enabled: boolean
  readonly compiled: { readonly events: ReadonlySet<string> }
}

function byTrigger<T extends Triggered>(flows: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const byType = new Map<string, T[]>()
  for (const flow of flows) {
    if (!flow.enabled) continue
    for (const type of flow.compiled.events) {
      const list = byType.get(type)
      if (list) list.push(flow)
      else byType.set(type, [flow])
    }
  }
  return byType
}
