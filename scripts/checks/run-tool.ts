import { spawn } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT: string = fileURLToPath(new URL('../../', import.meta.url))

const BIN = path.join(ROOT, 'node_modules', '.bin')

export interface ToolOutput {
  readonly code: number | null
  readonly out: string
  /** Standard output and error, as they came. */
  readonly all: string
}

/** Runs a program in the root of the repository, under the Node of node_modules. Never rejects for what it says. */
export function runTool(name: string, args: readonly string[]): Promise<ToolOutput> {
  return new Promise((resolve, reject) => {
    const child = spawn(name, args, {
      cwd: ROOT,
      env: { ...process.env, PATH: `${BIN}${path.delimiter}${process.env.PATH ?? ''}`, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let out = ''
    let all = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text
      all += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      all += text
    })
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, out, all }))
  })
}

/** What a tool said, when it failed without a finding that could be read. */
export function unreadable(tool: string, { all, code }: ToolOutput): { where: string; problem: string } {
  return { where: tool, problem: `ended with ${code}: ${all.trim().slice(-600)}` }
}
