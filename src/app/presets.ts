import { readFile } from 'node:fs/promises'
import { templateProblem } from '../domain/template/problems.ts'
import type { Clock } from '../domain/time.ts'
import type { CompileTemplate, MadeTemplate, Preset, Presets, RulePreset } from '../pipeline/presets.ts'
import { type LoadedTemplate, loadTemplates } from '../templates/load.ts'
import type { CompileMjml } from '../templates/mjml.ts'
import { filesIn, ROOT } from './files-in.ts'

const TEMPLATES = 'flows/templates/'
const LAYOUT = 'layout.yaml'

/** The program's own flows, rules and templates, compiled: about 1.2 s, and only when a shop is opened. */
export async function compilePresets(clock: Clock, language: 'en' | 'zh' = 'en'): Promise<Presets> {
  const [flows, rules, templates] = await Promise.all([
    readFlows(language),
    readRules(language),
    compileTemplates(clock, language),
  ])
  return { flows, rules, templates }
}

/** The program's own rules, checked. Throws `DataFilesWrong`. */
export async function readRules(language: 'en' | 'zh', root = ROOT): Promise<readonly RulePreset[]> {
  const { presetRules } = await import('../pipeline/presets.ts')
  return presetRules(await filesIn(new URL('rules/', root)), language)
}

/** The program's own flows, checked. Throws `DataFilesWrong`. */
export async function readFlows(language: 'en' | 'zh' = 'en', root = ROOT): Promise<readonly Preset[]> {
  const { presetFlows } = await import('../pipeline/presets.ts')
  const [flows, templates] = await Promise.all([
    filesIn(new URL('flows/', root)),
    filesIn(new URL(TEMPLATES, root)),
  ])
  const names = Object.keys(templates).filter((file) => file !== LAYOUT)
  return presetFlows(
    flows,
    names.map((file) => ({ key: nameOf(file) })),
    language,
  )
}

const nameOf = (file: string) => file.slice(0, -'.yaml'.length)

/** The program's own templates, compiled; those of these names, or all. Throws `DataFilesWrong`. */
export async function compileTemplates(
  clock: Clock,
  language: 'en' | 'zh' = 'en',
  { names = null, root = ROOT }: { readonly names?: ReadonlySet<string> | null; readonly root?: URL } = {},
): Promise<readonly Preset[]> {
  const files = Object.entries(await filesIn(new URL(TEMPLATES, root))).filter(
    ([file]) => file === LAYOUT || names === null || names.has(nameOf(file)),
  )
  const { presetTemplates } = await import('../pipeline/presets.ts')
  return withMjml(clock, (compileMjml) =>
    presetTemplates(Object.fromEntries(files), { compileMjml, language }),
  )
}

/** A shop's own template from the text of its file, tried once with sample values. */
export async function compileTemplate(
  clock: Clock,
  ...[name, text, language, roads]: Parameters<CompileTemplate>
): Promise<MadeTemplate> {
  const [{ templatePreset }, { createRenderer }, layoutFile] = await Promise.all([
    import('../pipeline/presets.ts'),
    import('../templates/renderer.ts'),
    readFile(new URL(`${TEMPLATES}${LAYOUT}`, ROOT), 'utf8'),
  ])
  const file = `${name}.yaml`
  const { layout, templates, problems } = loadTemplates({ [LAYOUT]: layoutFile, [file]: text }, language)
  const [template] = templates
  // There is only this one file.
  const here = (path: string) => (path === file ? name : path.replace(`${file}: `, ''))
  if (!template) return { ok: false, problems: problems.map((each) => ({ ...each, path: here(each.path) })) }
  if (template.sources.length === 0)
    return { ok: false, problems: [templateProblem('NO_VARIANTS', 'variants', language)] }
  const renderer = createRenderer({ clock })
  try {
    return await withMjml(clock, (compileMjml) => {
      const context = { compileMjml, renderer, language, ...(layout ? { layout } : {}) }
      return templatePreset(template, text, context, roads)
    })
  } finally {
    await renderer.close()
  }
}

/** Lends the MJML compiler, whose process is started for as long as `work` takes. */
async function withMjml<T>(clock: Clock, work: (compileMjml: CompileMjml) => Promise<T>): Promise<T> {
  const { createMjmlCompiler } = await import('../templates/mjml.ts')
  const mjml = createMjmlCompiler(clock)
  try {
    return await work(mjml.compile)
  } finally {
    await mjml.close()
  }
}

/** The program's own templates as they are written, not compiled. */
export async function readTemplates(): Promise<readonly LoadedTemplate[]> {
  return loadTemplates(await filesIn(new URL(TEMPLATES, ROOT))).templates
}
