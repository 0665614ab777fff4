import type { Check } from './finding.ts'
import { runTool, unreadable } from './run-tool.ts'

const LINE = /^(.+?)\((\d+),\d+\): error (TS\d+: .*)$/

/** TypeScript, every strict flag. */
export const types: Check = {
  name: 'types',
  says: 'TypeScript, strict',
  async run() {
    const output = await runTool('tsc', [
      '-p',
      '.',
      '--incremental',
      // What did not change need not be looked at again.
      '--tsBuildInfoFile',
      'node_modules/.cache/check.tsbuildinfo',
    ])
    const findings = output.out.split('\n').flatMap((line) => {
      const [, file, at, problem] = LINE.exec(line) ?? []
      return file && problem ? [{ where: `${file}:${at}`, problem }] : []
    })
    return output.code === 0 || findings.length > 0 ? findings : [unreadable('tsc', output)]
  },
}
