import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'

/**
 * `npm test`: runs everything and ends with one line, `N passed, N failed`. `--long` runs the fault suite in full;
 * other arguments go to Vitest (`npm test -- src/domain`).
 */
const OLDEST_NODE = 22
/** Each file of tests has a process of its own: what one has compiled the others need not. A tenth of the time. */
const COMPILED = path.join(import.meta.dirname, '..', 'node_modules', '.cache', 'dingdong-tests')

/** The parts of Vitest's JSON report that are counted. */
interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[]
}

function countFrom(file: string, code: number | null): { passed: number; failed: number; skipped: number } {
  let report: Report
  try {
    report = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return { passed: 0, failed: 1, skipped: 0 }
  }
  // A file that could not be loaded has no tests to count, yet it failed.
  const broken = report.testResults.filter(
    (one) => one.status === 'failed' && one.assertionResults.length === 0,
  )
  const failed = report.numFailedTests + broken.length
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

function main(args: readonly string[]): void {
  const major = Number(process.versions.node.split('.')[0])
  if (major < OLDEST_NODE) {
    console.error(
      `Tests need Node ${OLDEST_NODE} or newer; this is ${process.version}. Run them with \`npm test\`, which uses the Node 24 in node_modules.`,
    )
    process.exit(1)
  }
  const dir = mkdtempSync(path.join(tmpdir(), 'dingdong-report-'))
  const file = path.join(dir, 'report.json')
  const vitest = path.join(
    path.dirname(createRequire(import.meta.url).resolve('vitest/package.json')),
    'vitest.mjs',
  )
  const long = args.includes('--long')
  const child = spawn(
    process.execPath,
    [vitest, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`].concat(
      args.filter((arg) => arg !== '--long'),
    ),
    {
      stdio: 'inherit',
      env: { NODE_COMPILE_CACHE: COMPILED, ...process.env, ...(long ? { DINGDONG_LONG: '1' } : {}) },
    },
  )
  child.once('exit', (code) => {
    const { passed, failed, skipped } = countFrom(file, code)
    rmSync(dir, { recursive: true, force: true })
    console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
    process.exit(code === 0 && failed === 0 ? 0 : 1)
  })
}

main(process.argv.slice(2))
