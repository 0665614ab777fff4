import type { Check, Finding } from './finding.ts'
import { runTool, unreadable } from './run-tool.ts'

interface Issue {
  readonly name: string
  readonly line?: number
}

/** What knip's JSON reporter says about one file: a list for every kind of finding. */
type FileIssues = { readonly file: string } & Readonly<Record<string, unknown>>

const WORDS: Readonly<Record<string, string>> = {
  files: 'nothing imports this file',
  dependencies: 'nothing uses this package',
  devDependencies: 'nothing uses this package',
  unlisted: 'is used, but not in package.json',
  binaries: 'is called, but no package has it',
  unresolved: 'is imported, but not there',
  exports: 'is exported, but nothing imports it',
  types: 'is exported, but nothing imports it',
  duplicates: 'is exported twice',
}

/** Files, exports and packages that nothing uses: knip, with the entries in knip.json. */
export const unused: Check = {
  name: 'unused',
  says: 'files, exports, packages',
  async run() {
    const output = await runTool('knip', ['--reporter', 'json', '--no-progress'])
    try {
      const { issues } = JSON.parse(output.out) as { issues: readonly FileIssues[] }
      return issues.flatMap(findings)
    } catch {
      return [unreadable('knip', output)]
    }
  },
}

function findings({ file, ...kinds }: FileIssues): readonly Finding[] {
  return Object.entries(kinds).flatMap(([kind, list]) => {
    if (!Array.isArray(list)) return []
    return (list.flat() as readonly Issue[]).map(({ name, line }) => {
      const words = WORDS[kind] ?? kind
      if (kind === 'files') return { where: file, problem: words }
      return { where: line === undefined ? file : `${file}:${line}`, problem: `${name} ${words}` }
    })
  })
}
