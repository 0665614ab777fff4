import { type Preset, type Presets, presetOf } from '../../src/pipeline/presets.ts'

/** Presets that speak of what happened long ago, too: for stories that lie in the past, and clocks that are fast. */
export function untilMonthsLater({ flows, rules = [], ...others }: Presets): Presets {
  return { ...others, flows: flows.map(later), rules: rules.map((rule) => ({ ...rule, ...later(rule) })) }
}

const later = ({ kind, key, body }: Preset): Preset =>
  presetOf(kind, key, { ...(JSON.parse(body) as object), startWithin: '90d' })
