import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import * as z from 'zod'
import type { Provider } from '../channels/channel.ts'
import { fileText } from '../domain/file-text.ts'
import { anything, isOurs, issueText, nothing, type Repeatable, valueAt } from '../domain/input-problems.ts'
import { type LawBook, lawNames } from '../domain/law/book.ts'
import type { LawChannel } from '../domain/law/rule.ts'
import { nearest } from '../domain/template/nearest.ts'
import { toIso } from '../domain/time.ts'
import { openYaml, yamlWords } from '../domain/yaml-text.ts'
import { commonSettings, split } from '../sources/connection-settings.ts'
import type { Source } from '../sources/source.ts'
import { CommandError, type Context, EXIT } from './command.ts'
import { unreadable } from './file-trouble.ts'
import { ERRORS, nearText } from './texts/errors.ts'
import { settingProblem } from './texts/setting-problems.ts'
import { SETTINGS } from './texts/setup.ts'
import { type Language, say } from './texts/text.ts'

export type GivenSettings = Readonly<Record<string, unknown>>

/** The text of a file named on the command line; `-` is standard input. Throws `NotUtf8`. */
export async function readText({ language }: Context, file: string): Promise<string> {
  let bytes: Buffer
  try {
    bytes = file === '-' ? await buffer(process.stdin) : await readFile(file)
  } catch (error) {
    throw unreadable(error, file, language)
  }
  return fileText(file, bytes)
}

/**
 * What the file of `--settings` holds (YAML or JSON; `-` is standard input); nothing without the option. Settings
 * hold secrets, so no complaint about them ever quotes a value.
 */
export async function readSettings(
  context: Context,
  file: string | boolean | undefined,
): Promise<GivenSettings> {
  if (typeof file !== 'string') return {}
  const content = await readText(context, file)
  const { language } = context
  const { document, lines } = openYaml(content)
  const wrong = document.errors[0]
  if (wrong) {
    const { line } = lines.linePos(wrong.pos[0])
    // The parser's own message may quote the line with the password.
    const detail = yamlWords(wrong.code, language)
    throw new CommandError(EXIT.usage, say(SETTINGS.unreadable, language, { file, line, detail }))
  }
  const value = document.toJS() as unknown
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as GivenSettings
  const got =
    value === null ? SETTINGS.gotNothing : Array.isArray(value) ? SETTINGS.gotList : SETTINGS.gotValue
  throw new CommandError(EXIT.usage, say(SETTINGS.notAMap, language, { file, got: say(got, language) }))
}

/** Settings with what is given put over them. `null` takes a setting out: its name stays, so that a misspelt one is told. */
export function changed(before: GivenSettings, given: GivenSettings): GivenSettings {
  const all = Object.entries({ ...before, ...given })
  return Object.fromEntries(all.map(([name, value]) => [name, value ?? undefined]))
}

/**
 * As `checkSettings`, for a connection: its source's own settings and those that every connection may have. What has
 * run out already is refused as well.
 */
export function checkConnectionSettings(
  context: Context,
  source: Source,
  given: GivenSettings,
  file: string | boolean | undefined,
): void {
  const { own, shared } = split(given)
  checkSettings(context, source.settings, own as GivenSettings, file)
  checkSettings(context, commonSettings, shared as GivenSettings, file)
  const { clock, language } = context
  const over = source.expiries?.(source.settings.parse(own)).filter(({ at }) => at < clock.now()) ?? []
  refuse(
    context,
    file,
    over.map(
      ({ setting, at }) => `${setting}: ${say(SETTINGS.over, language, { date: toIso(at).slice(0, 10) })}`,
    ),
  )
}

/** As `checkSettings`, for an account: the law that it names must be one that there is. */
export function checkAccountSettings(
  context: Context,
  book: LawBook,
  { channel, settings, lawOf }: Provider,
  given: GivenSettings,
  file: string | boolean | undefined,
): void {
  checkSettings(context, settings, given, file)
  const { law = null } = lawOf?.(settings.parse(given)) ?? {}
  const known = lawNames(book, channel as LawChannel)
  if (law === null || known.includes(law)) return
  const { language } = context
  const near = nearText(nearest(law, known), language)
  refuse(context, file, [`law: ${say(SETTINGS.lawUnknown, language, { near, known: known.join(', ') })}`])
}

/**
 * Throws `CommandError` with everything the schema finds wrong, and the nearest name for each that it does not know.
 * `more`: what else is wrong, which says it better where both speak of the same place. `open`: nothing in it is secret,
 * so that what came may be repeated.
 */
export function checkSettings(
  context: Context,
  schema: z.ZodType,
  given: GivenSettings,
  file: string | boolean | undefined,
  { more = [], open = false }: { readonly more?: readonly string[]; readonly open?: boolean } = {},
): void {
  const { language } = context
  const parsed = schema.safeParse(given)
  const shape = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Shape
  const root = namesAt([shape], [])
  const telling: Telling = { shape, given, language, may: open ? anything : nothing }
  // Some schemas drop what they do not know. A misspelt setting must not be dropped in silence.
  const strangers = Object.keys(given).filter((name) => !root.includes(name))
  const lines = [
    ...strangers.map((name) => `${name}: ${unknown(name, root, language)}`),
    ...(parsed.success ? [] : ownFaults(parsed.error.issues).flatMap((issue) => linesOf(issue, [], telling))),
  ]
  const placeOf = (line: string) => line.slice(0, line.indexOf(': '))
  const known = new Set(more.map(placeOf))
  refuse(context, file, [...lines.filter((line) => !known.has(placeOf(line))), ...more])
}

/** Throws `CommandError` with these lines about the settings of `file`, where there are any. */
export function refuse(
  { language }: Context,
  file: string | boolean | undefined,
  lines: readonly string[],
): void {
  if (lines.length === 0) return
  const head =
    typeof file === 'string'
      ? say(SETTINGS.wrong, language, { file: file === '-' ? say(ERRORS.standardInput, language) : file })
      : say(SETTINGS.needed, language)
  throw new CommandError(EXIT.usage, [head, ...lines.map((line) => `  ${line}`)].join('\n'))
}

/** Without what only follows from a value of another kind: a text is no list, and has no number of entries. */
function ownFaults(issues: readonly z.core.$ZodIssue[]): readonly z.core.$ZodIssue[] {
  const at = ({ path }: z.core.$ZodIssue) => path.join('.')
  const ofOtherKind = new Set(issues.filter(({ code }) => code === 'invalid_type').map(at))
  return issues.filter((issue) => issue.code === 'invalid_type' || !ofOtherKind.has(at(issue)))
}

type Path = readonly PropertyKey[]

interface Telling {
  readonly shape: Shape
  readonly given: GivenSettings
  readonly language: Language
  readonly may: Repeatable
}

function linesOf(issue: z.core.$ZodIssue, above: Path, telling: Telling): readonly string[] {
  const { shape, given, language, may } = telling
  const path = [...above, ...issue.path]
  if (issue.code === 'unrecognized_keys') {
    // Those at the top are reported for every schema.
    if (path.length === 0) return []
    const known = namesAt([shape], path)
    return issue.keys.map((key) => `${[...path, key].join('.')}: ${unknown(key, known, language)}`)
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    // The variant with the fewest faults is the one that was meant.
    const closest = issue.errors.toSorted((a, b) => a.length - b.length)[0]!
    return closest.flatMap((each) => linesOf(each, path, telling))
  }
  const missing = issue.code === 'invalid_type' && valueAt(given, path) === undefined
  const problem = missing
    ? say(SETTINGS.missing, language)
    : issueText({ ...issue, path }, given, language, may)
  const value = valueAt(given, path)
  const got =
    may !== nothing && isOurs(issue) && isScalar(value) ? say(ERRORS.got, language, { got: value }) : ''
  // YAML reads 1001 as a number, and 007 as seven. A length of time that is a number lacks its unit.
  const quotes =
    !isOurs(issue) &&
    issue.code === 'invalid_type' &&
    issue.expected === 'string' &&
    typeof value === 'number'
      ? say(SETTINGS.inQuotes, language)
      : ''
  return [`${path.join('.') || '-'}: ${settingProblem(problem, language)}${got}${quotes}`]
}

const isScalar = (value: unknown): value is string | number =>
  (typeof value === 'string' && value.length <= 60) || typeof value === 'number'

const unknown = (name: string, known: readonly string[], language: Language) =>
  say(SETTINGS.unknown, language, { near: nearText(nearest(name, known), language) })

interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>
  readonly items?: Shape
  readonly anyOf?: readonly Shape[]
  readonly oneOf?: readonly Shape[]
  readonly allOf?: readonly Shape[]
}

/** The names a schema (as JSON Schema) knows at this place, in any of its variants. */
function namesAt(shapes: readonly Shape[], path: Path): readonly string[] {
  const all = shapes.flatMap(variants)
  const [step, ...rest] = path
  if (step === undefined) return [...new Set(all.flatMap((shape) => Object.keys(shape.properties ?? {})))]
  const below = all.flatMap((shape) => {
    const next = typeof step === 'number' ? shape.items : shape.properties?.[String(step)]
    return next ? [next] : []
  })
  return namesAt(below, rest)
}

function variants(shape: Shape): readonly Shape[] {
  return [shape, ...[shape.anyOf, shape.oneOf, shape.allOf].flatMap((each) => (each ?? []).flatMap(variants))]
}
