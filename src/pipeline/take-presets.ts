import type { Tx } from '../db/connect.ts'
import { keepPresets } from '../db/flows.ts'
import type { FieldProblem } from '../domain/errors.ts'
import { flowSchema } from '../domain/flow/flow.ts'
import type { ShopId } from '../domain/ids.ts'
import type { Road } from '../domain/law/carry.ts'
import type { Instant } from '../domain/time.ts'
import { checkShopFlow, templatesOf } from './check-flow.ts'
import { templateBack } from './check-template.ts'
import type { PresetState } from './preset-states.ts'
import { publishDefinition } from './publish-definition.ts'

export interface PresetsWanted {
  /** These, edited or not. */
  readonly names: readonly string[]
  /** All that have a newer one and are not edited. */
  readonly all: boolean
}

export type NamedPreset = Pick<PresetState, 'kind' | 'key'>

export interface TakenPresets {
  readonly taken: readonly (NamedPreset & {
    readonly version: number
    readonly replaced: number
    /** What was replaced was the shop's own text. */
    readonly edited: boolean
  })[]
  readonly refused: readonly (NamedPreset & { readonly problems: readonly FieldProblem[] })[]
  /** Named, and current already. */
  readonly same: readonly NamedPreset[]
  /** Edited, not named, and the preset is newer than what they were made from. */
  readonly edited: readonly NamedPreset[]
}

export interface TakingScene {
  readonly tx: Tx
  readonly shop: ShopId
  /** The shop's SMS accounts, under whose laws the words must stand. */
  readonly roads: readonly Road[]
  readonly by: string
  readonly now: Instant
  readonly language: 'en' | 'zh'
}

/**
 * Publishes the program's presets in place of the shop's texts. One that the law of an account forbids, or that does not
 * fit the shop, stays out; the others are taken. The caller has locked the shop's row before it read `states`.
 */
export async function takePresets(
  scene: TakingScene,
  states: readonly PresetState[],
  wish: PresetsWanted,
): Promise<TakenPresets> {
  const { tx, shop, by, now } = scene
  const taken: TakenPresets['taken'][number][] = []
  const refused: TakenPresets['refused'][number][] = []
  for (const { kind, key, state, preset } of wantedOf(states, wish)) {
    const problems = await problemsOf(scene, { kind, key, preset })
    if (problems.length > 0) {
      refused.push({ kind, key, problems })
      continue
    }
    await keepPresets(tx, [preset], now)
    const published = await publishDefinition(tx, { shop, kind, key, by, now, basedOn: null }, preset)
    if (published.outcome !== 'published') continue
    const { version, replaced } = published
    taken.push({ kind, key, version, replaced, edited: state === 'edited' })
  }
  const isNamed = ({ key }: NamedPreset) => wish.names.includes(key)
  return {
    taken,
    refused,
    same: named(states.filter((each) => each.state === 'current' && isNamed(each))),
    edited: named(states.filter((each) => each.state === 'edited' && each.newer && !isNamed(each))),
  }
}

const named = (states: readonly PresetState[]) => states.map(({ kind, key }) => ({ kind, key }))

/** With the templates that the shop lacks and the wanted flows speak with; templates first, as the states have them. */
function wantedOf(states: readonly PresetState[], { names, all }: PresetsWanted): readonly PresetState[] {
  const asked = states.filter(
    ({ key, state }) => state !== 'current' && (names.includes(key) || (all && state === 'older')),
  )
  const spoken = new Set(
    asked.flatMap(({ kind, preset }) =>
      kind === 'flow' ? templatesOf(flowSchema.parse(JSON.parse(preset.body))) : [],
    ),
  )
  return states.filter(
    (each) =>
      asked.includes(each) || (each.kind === 'template' && each.state === 'missing' && spoken.has(each.key)),
  )
}

/** What keeps a preset from being in force in this shop. */
async function problemsOf(
  { tx, shop, roads, language }: TakingScene,
  { kind, key, preset }: Pick<PresetState, 'kind' | 'key' | 'preset'>,
): Promise<readonly FieldProblem[]> {
  const body: unknown = JSON.parse(preset.body)
  if (kind === 'template') return templateBack(body, roads, language)
  if (kind === 'rule') return []
  const checked = await checkShopFlow(tx, shop, key, body, language)
  return checked.ok ? [] : checked.problems
}
