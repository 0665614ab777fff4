import type { Queryable } from '../db/connect.ts'
import { listFlows, listTemplates, readDefinitions } from '../db/flows.ts'
import { flowSchema } from '../domain/flow/flow.ts'
import { COMMANDS } from '../domain/flow/words.ts'
import { coversDay } from '../domain/gate/quiet-windows.ts'
import type { ShopId } from '../domain/ids.ts'
import type { ShopSettings } from '../domain/shop.ts'
import { nearest } from '../domain/template/nearest.ts'
import { templatesOf } from '../pipeline/check-flow.ts'
import type { GivenSettings } from './settings-file.ts'
import { nearText } from './texts/errors.ts'
import { SETTINGS } from './texts/setup.ts'
import { type Language, say, type Text } from './texts/text.ts'

/** What the shop's messages are called, for settings that name some of them. */
export interface ShopWords {
  readonly categories: readonly string[]
  readonly templates: readonly string[]
  /** The category of what a flow sends, by the names of the flow and of its templates. */
  readonly categoryOf: ReadonlyMap<string, string>
}

/** Codes for log-ins and card keys belong to no flow. */
const SECURITY = 'security'

export async function shopWords(db: Queryable, shop: ShopId): Promise<ShopWords> {
  const [rows, templates] = await Promise.all([listFlows(db, shop), listTemplates(db, shop)])
  const bodies = await readDefinitions(
    db,
    rows.map(({ definition_hash }) => definition_hash),
  )
  const flows = bodies.map(({ body }) => flowSchema.parse(body))
  const categoryOf = new Map<string, string>()
  for (const flow of flows)
    for (const name of [...templatesOf(flow), flow.key]) categoryOf.set(name, flow.category ?? flow.family)
  const categories = [...new Set([...categoryOf.values(), SECURITY])].toSorted()
  return { categories, templates: templates.map(({ key }) => key), categoryOf }
}

interface Given {
  readonly levels?: Readonly<Record<string, unknown>> | null
  readonly caps?: readonly { readonly of?: { readonly category?: unknown; readonly template?: unknown } }[]
  readonly quiet?: Readonly<Record<string, unknown>>
}

/**
 * Everything in a shop's new settings that says nothing to any message, as lines of a refusal: names nobody has, and
 * quiet hours without length or without end. The settings may be of any shape.
 */
export function emptyWords(settings: GivenSettings, words: ShopWords, language: Language): readonly string[] {
  const { levels, caps, quiet } = settings as Given
  const lines: string[] = []
  const check = (path: string, name: unknown, known: readonly string[], text: Text) => {
    if (typeof name !== 'string' || known.includes(name)) return
    const found = (known === words.templates ? null : words.categoryOf.get(name)) ?? nearest(name, known)
    const near = nearText(found, language)
    lines.push(`${path}: ${say(text, language, { name, near, known: known.join(', ') })}`)
  }
  for (const name of Object.keys(levels ?? {}))
    check(`levels.${name}`, name, words.categories, SETTINGS.noCategory)
  const counted = [...words.categories, ...COMMANDS]
  for (const [at, cap] of (Array.isArray(caps) ? caps : []).entries()) {
    check(`caps.${at}.of.category`, cap?.of?.category, counted, SETTINGS.noCategory)
    check(`caps.${at}.of.template`, cap?.of?.template, words.templates, SETTINGS.noTemplate)
  }
  return [...lines, ...quietTrouble(quiet, language)]
}

/** Windows that never begin, and those that, one or several together, never end. */
function quietTrouble(quiet: Given['quiet'], language: Language): readonly string[] {
  return Object.entries(quiet ?? {}).flatMap(([channel, given]) => {
    const windows = (Array.isArray(given) ? given : []).map((each) => ({
      from: String(each?.from),
      to: String(each?.to),
    }))
    const empty = windows.flatMap(({ from, to }, at) =>
      from === to ? [`quiet.${channel}.${at}: ${say(SETTINGS.noLength, language, { at: from })}`] : [],
    )
    if (!coversDay(windows)) return empty
    return [...empty, `quiet.${channel}: ${say(SETTINGS.neverEnds, language, { channel })}`]
  })
}

/** Of settings kept by name (`quiet` by channel), the names that were there and are not any more. */
export function namesLost(
  before: ShopSettings,
  after: ShopSettings,
): readonly { readonly setting: string; readonly names: readonly string[] }[] {
  return (['windows', 'levels', 'quiet', 'costs'] as const).flatMap((setting) => {
    const names = Object.keys(before[setting]).filter((name) => !Object.hasOwn(after[setting], name))
    return names.length === 0 ? [] : [{ setting, names }]
  })
}
