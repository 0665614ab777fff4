import path from 'node:path'
import type { Check, Finding } from './finding.ts'
import { ROOT, runTool, unreadable } from './run-tool.ts'

const LINE = /^::(?:error|warning) title=([^,]*),file=([^,]*),line=(\d+)[^:]*::(.*)$/

/** Format, lint, layers, import cycles, lengths of files and functions, no clock or chance below app.ts: Biome. */
export const style: Check = {
  name: 'style',
  says: 'format, lint, layers, cycles, lengths',
  async run() {
    const output = await runTool('biome', [
      'check',
      '--reporter=github',
      '--max-diagnostics=none',
      '--error-on-warnings',
      '.',
    ])
    const findings = output.out.split('\n').flatMap(finding)
    return output.code === 0 || findings.length > 0 ? findings : [unreadable('biome', output)]
  },
}

function finding(line: string): readonly Finding[] {
  const [, rule = '', file = '', at = '', text = ''] = LINE.exec(line) ?? []
  if (rule === '') return []
  const where = path.relative(ROOT, file)
  if (rule === 'format') return [{ where, problem: 'is not formatted' }]
  return [{ where: `${where}:${at}`, problem: `${rule}: ${text}` }]
}
