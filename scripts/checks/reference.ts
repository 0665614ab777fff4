import type { Check } from './finding.ts'
import { runTool } from './run-tool.ts'

/** The pages of docs/reference are what the code says. */
export const reference: Check = {
  name: 'reference',
  says: 'docs/reference is what the code says',
  async run() {
    const { code, all } = await runTool('node', ['scripts/reference.ts', '--check'])
    if (code === 0) return []
    const lines = all.split('\n').filter((line) => line.trim() !== '')
    return lines.slice(-20).map((line) => ({ where: 'docs/reference', problem: line.trim() }))
  },
}
