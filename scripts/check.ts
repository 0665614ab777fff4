import { availableParallelism } from 'node:os'
import { api } from './checks/api.ts'
import { dataFiles } from './checks/data-files.ts'
import type { Check, Finding } from './checks/finding.ts'
import { lockfile } from './checks/lockfile.ts'
import { reference } from './checks/reference.ts'
import { schema } from './checks/schema.ts'
import { style } from './checks/style.ts'
import { tracked } from './checks/tracked.ts'
import { types } from './checks/types.ts'
import { unused } from './checks/unused.ts'

/**
 * `npm run check`: everything that can be judged without running the program. Prints one line a check and one a
 * finding; ends with 1 when there is any. `npm run check -- types unused` runs only those.
 */
const CHECKS: readonly Check[] = [types, style, schema, unused, api, reference, dataFiles, tracked, lockfile]

/** Findings of one check that are printed; the rest is counted. */
const SHOWN = 60

interface Outcome {
  readonly check: Check
  readonly seconds: number
  readonly findings: readonly Finding[]
}

async function judge(check: Check): Promise<Outcome> {
  const began = performance.now()
  const findings = await check.run().catch((error: Error) => [{ where: check.name, problem: error.message }])
  return { check, seconds: (performance.now() - began) / 1000, findings }
}

function report({ check, seconds, findings }: Outcome): void {
  const state = findings.length === 0 ? '✓' : '✗'
  const count = findings.length === 0 ? check.says : `${findings.length} to repair (${check.says})`
  console.log(`${state} ${check.name.padEnd(10)} ${seconds.toFixed(1).padStart(5)} s  ${count}`)
  for (const { where, problem } of findings.slice(0, SHOWN)) console.log(`    ${where}  ${problem}`)
  if (findings.length > SHOWN) console.log(`    … and ${findings.length - SHOWN} more`)
}

/** Runs them side by side, as many as there are processors, and reports each as soon as it has ended. */
async function main(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => !CHECKS.some((check) => check.name === name))
  if (unknown.length > 0) {
    console.error(
      `No check is called ${unknown.join(', ')}. There are: ${CHECKS.map((check) => check.name).join(', ')}`,
    )
    process.exit(2)
  }
  const waiting = CHECKS.filter((check) => names.length === 0 || names.includes(check.name))
  const began = performance.now()
  let wrong = 0
  async function lane(): Promise<void> {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const outcome = await judge(check)
      wrong += outcome.findings.length
      report(outcome)
    }
  }
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, lane))
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  console.log(
    wrong === 0 ? `All good, ${seconds} s.` : `${wrong} to repair, ${seconds} s. Format with: npm run format`,
  )
  process.exitCode = wrong === 0 ? 0 : 1
}

await main(process.argv.slice(2))
