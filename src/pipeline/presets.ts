import type { DefinitionToKeep } from '../db/flows.ts'
import { DataFilesWrong, type DataFolder } from '../domain/data-files.ts'
import { type FieldProblem, MOST_FAULTS } from '../domain/errors.ts'
import type { Validated } from '../domain/flow/run.ts'
import { parseFlowYaml } from '../domain/flow/yaml.ts'
import type { Road } from '../domain/law/carry.ts'
import { parseRuleYaml } from '../domain/review/compile.ts'
import { hashSecret } from '../domain/seal.ts'
import type { CompiledTemplate } from '../domain/template/template.ts'
import { type KeptBack, offeredSources, underLaw } from '../templates/law.ts'
import { type LoadedTemplate, loadTemplates } from '../templates/load.ts'
import { type PublishContext, publishTemplate } from '../templates/publish.ts'

/** A flow or template ready to be published in a shop. */
export interface Preset extends DefinitionToKeep {
  readonly key: string
}

/** A rule ready to be published, on or off as a new shop has it. */
export interface RulePreset extends Preset {
  readonly enabled: boolean
}

export interface Presets {
  readonly flows: readonly Preset[]
  readonly templates: readonly Preset[]
  readonly rules?: readonly RulePreset[]
}

/** Compiles a shop's own template from the text of its file. */
export type CompileTemplate = (
  name: string,
  text: string,
  language: 'en' | 'zh',
  /** The shop's SMS accounts. */
  roads: readonly Road[],
) => Promise<MadeTemplate>

/** Texts of files by name. */
export type Files = Readonly<Record<string, string>>

/**
 * A definition with the hash by which its text is kept once for all shops. The database keeps no order of fields, so
 * the hash heeds none: what is read from it and kept again is the same.
 */
export function presetOf(kind: Preset['kind'], key: string, value: unknown): Preset {
  const body = JSON.stringify(value, inOrder)
  return { kind, key, body, hash: hashSecret(`${kind}\n${body}`).subarray(0, 16) }
}

function inOrder(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/**
 * Reads and checks the preset flows; throws `DataFilesWrong` with every problem of every file, since they are part of
 * the program. A message whose template is not among `templates` would be planned, dropped at the gate, and missed by
 * nobody.
 */
export function presetFlows(
  files: Files,
  templates: readonly Pick<Preset, 'key'>[],
  language: 'en' | 'zh' = 'en',
): readonly Preset[] {
  const known = templates.map(({ key }) => key)
  const read = readAll('flows', files, (text) => {
    const flow = parseFlowYaml(text, language)
    if (!flow.ok) return flow
    const problems = flow.value.steps.flatMap((step) =>
      'template' in step && !known.includes(step.template)
        ? [{ path: `step ${step.id}`, problem: noTemplate(step.template)[language] }]
        : [],
    )
    return problems.length > 0 ? { ok: false, problems } : flow
  })
  return read.map((flow) => presetOf('flow', flow.key, flow))
}

const noTemplate = (name: string) => ({
  en: `expected a template that is there, got "${name}"`,
  zh: `应为已有的模板，收到的是“${name}”`,
})

/** Reads and checks the preset rules like `presetFlows`. */
export function presetRules(files: Files, language: 'en' | 'zh' = 'en'): readonly RulePreset[] {
  return readAll('rules', files, (text) => parseRuleYaml(text, language)).map((rule) => ({
    ...presetOf('rule', rule.key, rule),
    enabled: rule.enabled,
  }))
}

function readAll<T>(folder: DataFolder, files: Files, read: (text: string) => Validated<T>): readonly T[] {
  const lines: string[] = []
  const values: T[] = []
  for (const [name, text] of Object.entries(files)) {
    const one = read(text)
    if (one.ok) values.push(one.value)
    else lines.push(...one.problems.map(({ path, problem }) => `${folder}/${name}: ${path}: ${problem}`))
  }
  if (lines.length > 0) throw new DataFilesWrong(folder, lines)
  return values
}

/**
 * Publishes the preset templates; throws `DataFilesWrong` like `presetFlows`. Takes seconds, most of them for MJML; the
 * result is the same for every shop.
 */
export async function presetTemplates(files: Files, context: PublishContext): Promise<readonly Preset[]> {
  const set = loadTemplates(files, context.language)
  const withLayout = set.layout ? { ...context, layout: set.layout } : context
  const all = await Promise.all(
    set.templates.map(async (template) => {
      const file = `${template.name}.yaml`
      return { file, made: await templatePreset(template, files[file]!, withLayout) }
    }),
  )
  const wrong = all.flatMap(({ file, made }) =>
    made.ok ? [] : made.problems.map(({ path, problem }) => ({ path: `${file}: ${path}`, problem })),
  )
  const lines = [...set.problems, ...wrong].map(({ path, problem }) => `flows/templates/${path}: ${problem}`)
  if (lines.length > 0) throw new DataFilesWrong('templates', lines)
  return all.flatMap(({ made }) => (made.ok ? [made.value] : []))
}

/** What is kept of a template. */
export interface KeptTemplate {
  readonly variants: readonly CompiledTemplate[]
  /** The file as its author wrote it; missing in what was published before it was kept. */
  readonly source?: string
}

export type MadeTemplate =
  | { readonly ok: true; readonly value: Preset; readonly kept: readonly KeptBack[] }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] }

/**
 * A template ready to be published, or everything that is wrong with its variants: `zh-CN.sms.text: …`. `text`: its
 * file. `roads`: the shop's SMS accounts, under whose laws it must stand.
 */
export async function templatePreset(
  { name, sources }: LoadedTemplate,
  text: string,
  context: PublishContext,
  roads: readonly Road[] = [],
): Promise<MadeTemplate> {
  const published = await Promise.all(sources.map((source) => publishTemplate(source, context)))
  const law = underLaw(offeredSources(sources), roads, context.language ?? 'en')
  const problems = published.flatMap((result, at) => {
    if ('ok' in result) return []
    const { locale, channel } = sources[at]!
    return result.problems.map((each) => ({ ...each, path: `${locale}.${channel}.${each.path}` }))
  })
  if (problems.length + law.problems.length > 0)
    return { ok: false, problems: [...problems, ...law.problems].slice(0, MOST_FAULTS) }
  const variants = published.flatMap((result) => ('ok' in result ? [result.ok] : []))
  const kept: KeptTemplate = { variants, source: tidied(text) }
  return { ok: true, value: presetOf('template', name, kept), kept: law.kept }
}

/** Without the marks that editors and systems differ in, so that a file shown, kept and set again is the same. */
const tidied = (text: string) =>
  `${text
    .replace(/^\uFEFF/, '')
    .replace(/\r\n?/g, '\n')
    .trimEnd()}\n`
