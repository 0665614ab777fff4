import { readdir, readFile } from 'node:fs/promises'
import type { Clock } from '../domain/time.ts'
import type { Files, Presets } from '../pipeline/presets.ts'
import { type LoadedTemplate, loadTemplates } from '../templates/load.ts'

const FLOWS = new URL('../../flows/', import.meta.url)
const RULES = new URL('../../rules/', import.meta.url)

/** The program's own flows, rules and templates, compiled: about 1.2 s, and only when a shop is opened. */
export async function compilePresets(clock: Clock): Promise<Presets> {
  const [{ presetFlows, presetRules, presetTemplates }, { createMjmlCompiler }] = await Promise.all([
    import('../pipeline/presets.ts'),
    import('../templates/mjml.ts'),
  ])
  const mjml = createMjmlCompiler(clock)
  try {
    const templates = await presetTemplates(await filesIn(new URL('templates/', FLOWS)), {
      compileMjml: mjml.compile,
    })
    return {
      flows: presetFlows(await filesIn(FLOWS), templates),
      rules: presetRules(await filesIn(RULES)),
      templates,
    }
  } finally {
    await mjml.close()
  }
}

/** The program's own templates as they are written, not compiled. */
export async function readTemplates(): Promise<readonly LoadedTemplate[]> {
  return loadTemplates(await filesIn(new URL('templates/', FLOWS))).templates
}

/** Texts of the YAML files of a folder, by name. */
export async function filesIn(folder: URL): Promise<Files> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort()
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, folder), 'utf8')))
  return Object.fromEntries(names.map((name, at) => [name, texts[at]!]))
}
