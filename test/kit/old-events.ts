import { type Presets, presetOf } from '../../src/pipeline/presets.ts'

/** Presets whose flows speak of what happened long ago, too: for stories that lie in the past, and clocks that are fast. */
export function untilMonthsLater(presets: Presets): Presets {
  const flows = presets.flows.map(({ key, body }) =>
    presetOf('flow', key, { ...(JSON.parse(body) as object), startWithin: '90d' }),
  )
  return { ...presets, flows }
}
