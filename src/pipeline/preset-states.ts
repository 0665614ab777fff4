import type { Queryable } from '../db/connect.ts'
import { listFlows, listTemplates } from '../db/flows.ts'
import { listRules } from '../db/rules.ts'
import { listShipped, type Versioned } from '../db/versions.ts'
import type { ShopId } from '../domain/ids.ts'
import type { Preset, Presets } from './presets.ts'

/**
 * `current`: the shop has what the program ships now. `older`: it has what the program once shipped. `edited`: neither.
 * `missing`: the shop has no such thing.
 */
export type PresetStanding = 'current' | 'older' | 'edited' | 'missing'

export interface PresetState {
  readonly kind: Versioned
  readonly key: string
  readonly state: PresetStanding
  /** The version in force; `null` where it is missing. */
  readonly version: number | null
  /** The program ships another text by now than the one that the shop has, or had before it was edited. */
  readonly newer: boolean
  readonly preset: Preset
}

interface InForce {
  readonly version: number
  readonly definition_hash: Buffer
}

const LISTS = { flow: listFlows, template: listTemplates, rule: listRules } as const

/** How each preset of the program stands in a shop: templates, rules, flows. */
export async function presetStates(
  db: Queryable,
  shop: ShopId,
  presets: Presets,
): Promise<readonly PresetState[]> {
  const states = async (kind: Versioned, all: readonly Preset[]) => {
    const [rows, shipped] = await Promise.all([LISTS[kind](db, shop), listShipped(db, shop, kind)])
    const byKey = <T extends { readonly key: string }>(list: readonly T[], key: string) =>
      list.find((each) => each.key === key) ?? null
    return all.map((preset): PresetState => {
      const { key } = preset
      return { kind, key, preset, ...standing(preset, byKey(rows, key), byKey(shipped, key)) }
    })
  }
  return [
    ...(await states('template', presets.templates)),
    ...(await states('rule', presets.rules ?? [])),
    ...(await states('flow', presets.flows)),
  ]
}

function standing(
  { hash }: Pick<Preset, 'hash'>,
  current: InForce | null,
  shipped: InForce | null,
): Pick<PresetState, 'state' | 'version' | 'newer'> {
  if (current === null) return { state: 'missing', version: null, newer: false }
  const { version } = current
  if (current.definition_hash.equals(hash)) return { state: 'current', version, newer: false }
  const newer = shipped !== null && !shipped.definition_hash.equals(hash)
  return { state: shipped?.version === version ? 'older' : 'edited', version, newer }
}
