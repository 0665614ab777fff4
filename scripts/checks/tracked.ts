import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { COMMANDS } from '../../src/cli/registry.ts'
import type { Check, Finding } from './finding.ts'
import { ROOT, runTool } from './run-tool.ts'

/** What no file of the repository may hold, with the reason. */
const NEVER: readonly { readonly pattern: RegExp; readonly why: string }[] = [
  {
    pattern: /https?:\/\/[\w.-]*(?:registry|npmmirror|artifactory|nexus|verdaccio)[\w.-]*/i,
    why: 'a package registry',
  },
  { pattern: /(?<![\w.~-])\/(?:work|home|Users)\/[\w.-]+/, why: 'a path of somebody’s machine' },
  { pattern: /\.\.\/shared\//, why: 'a path outside this repository' },
  {
    pattern: /-----BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY-----\n[A-Za-z0-9+/=\n]{200}/,
    why: 'a private key',
  },
]

const TEXT =
  /\.(?:ts|mjs|js|json|sql|md|ya?ml|html|css|sh|npmrc)$|^\.(?:npmrc|gitignore)$|^(?:LICENSE|\.ci\/run)$/

/** Links that lead to files: `[text](../guides/x.md#part)`. */
const LINK = /\]\((?!https?:|mailto:|#)([^)\s#]+)(?:#[^)\s]*)?\)/g
/** A page named in words or code: `docs/decisions/x.md`, ARCHITECTURE.md. */
const PAGE = /(?<![\w/.-])((?:docs|flows)\/[\w/.-]+\.(?:md|json|yaml)|[A-Z]{4,}(?:\.zh-CN)?\.md)/g

/** A command as pages write it, in a block or between backticks. */
const COMMAND = /(?:^|`|\s)(?:npm run dingdong -- |dingdong )([a-z]+)(?: ([a-z]+))?/g

/** Nothing of one machine or workplace in tracked files, and every page that is named is there. */
export const tracked: Check = {
  name: 'tracked',
  says: 'no machine paths, hosts, dead links, unknown commands',
  async run() {
    const { out } = await runTool('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'])
    const files = out
      .split('\0')
      .filter((file) => file !== '' && TEXT.test(file) && existsSync(path.join(ROOT, file)))
    const findings = await Promise.all(files.map(look))
    return findings.flat()
  },
}

async function look(file: string): Promise<readonly Finding[]> {
  const text = await readFile(path.join(ROOT, file), 'utf8')
  const findings: Finding[] = []
  if (file !== 'scripts/checks/tracked.ts') {
    for (const { pattern, why } of NEVER) {
      const found = pattern.exec(text)
      if (found)
        findings.push({
          where: place(file, text, found.index),
          problem: `names ${why}: ${found[0].slice(0, 60)}`,
        })
    }
    for (const found of text.matchAll(PAGE)) {
      if (
        !existsSync(path.join(ROOT, found[1]!)) &&
        !existsSync(path.join(ROOT, path.dirname(file), found[1]!))
      )
        findings.push({
          where: place(file, text, found.index),
          problem: `names ${found[1]}, which is not there`,
        })
    }
  }
  if (file.endsWith('.md')) {
    findings.push(...unknownCommands(file, text))
    for (const found of text.matchAll(LINK)) {
      if (!existsSync(path.join(ROOT, path.dirname(file), found[1]!)))
        findings.push({
          where: place(file, text, found.index),
          problem: `links to ${found[1]}, which is not there`,
        })
    }
  }
  return findings
}

function place(file: string, text: string, index: number): string {
  return `${file}:${text.slice(0, index).split('\n').length}`
}

/** In code only: in a sentence "dingdong" may be followed by any word. */
function unknownCommands(file: string, text: string): readonly Finding[] {
  const names = new Set(COMMANDS.map((command) => command.name))
  const findings: Finding[] = []
  for (const part of text.matchAll(/```(\w*)\n([\s\S]*?)```|`([^`\n]+)`/g)) {
    const code = part[3] ?? (part[1] === 'sh' ? part[2]! : '')
    for (const [, first = '', second = ''] of code.matchAll(COMMAND)) {
      if (names.has(first) || names.has(`${first} ${second}`)) continue
      const problem = `names the command "${first} ${second}", which is not there`
      findings.push({ where: place(file, text, part.index), problem })
    }
  }
  return findings
}
