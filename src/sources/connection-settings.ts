import * as z from 'zod'
import type { Source } from './source.ts'

/** What a connection may be told beside its source's own settings. */
const common = z.object({
  /**
   * The shop's own callback address, where a payment has room for one address only: what comes in here is passed on
   * there. Left out: nothing is passed on.
   */
  relayTo: z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .optional(),
})
export type CommonSettings = z.infer<typeof common>

export interface OpenedSettings {
  readonly settings: unknown
  readonly common: CommonSettings
}

/** A connection's settings from their JSON, each part by its own schema; `null` where one of them does not fit. */
export function openSettings(source: Source, json: string): OpenedSettings | null {
  const { own, shared } = split(JSON.parse(json) as object)
  const settings = source.settings.safeParse(own)
  const parsed = common.safeParse(shared)
  return settings.success && parsed.success ? { settings: settings.data, common: parsed.data } : null
}

/** The part of the settings that every connection may have, and the rest. */
export function split(given: object): { readonly own: object; readonly shared: object } {
  const { relayTo, ...own } = given as { relayTo?: unknown }
  return { own, shared: relayTo === undefined ? {} : { relayTo } }
}

export const commonSettings: z.ZodType<CommonSettings> = common
