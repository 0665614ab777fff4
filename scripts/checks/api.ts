import type { Check } from './finding.ts'
import { runTool } from './run-tool.ts'

/** `docs/reference/openapi.json` is what the routes give. */
export const api: Check = {
  name: 'api',
  says: 'docs/reference/openapi.json',
  async run() {
    const { code, all } = await runTool('node', ['scripts/openapi.ts', '--check'])
    return code === 0 ? [] : [{ where: 'docs/reference/openapi.json', problem: all.trim().slice(-600) }]
  },
}
