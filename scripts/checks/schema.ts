import type { Check } from './finding.ts'
import { runTool } from './run-tool.ts'

/** `migrations/schema.sql` is what the migrations give on a real PostgreSQL. */
export const schema: Check = {
  name: 'schema',
  says: 'migrations/schema.sql',
  async run() {
    const { code, all } = await runTool('node', ['scripts/schema-dump.ts', '--check'])
    return code === 0 ? [] : [{ where: 'migrations/schema.sql', problem: all.trim().slice(-600) }]
  },
}
