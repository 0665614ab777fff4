import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import packageJson from '../package.json' with { type: 'json' }

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)))

/** The program as a newcomer starts it, in a process of its own. */
export interface RunningServer {
  readonly origin: string
  readonly apiKey: string
  /** From `spawn` to the first `/readyz` that is green. */
  readonly startSeconds: number
  /** Resident memory of the program now, MB; PostgreSQL's processes are not in it. */
  residentMb(): number
  stop(): Promise<void>
}

export async function startServer(home: string): Promise<RunningServer> {
  const port = await freePort()
  const started = performance.now()
  const child = spawn(process.execPath, packageJson.scripts.start.split(' ').slice(1), {
    cwd: ROOT,
    env: {
      ...process.env,
      HOME: home,
      DINGDONG_DATA_DIR: path.join(home, 'data'),
      DINGDONG_PORT: String(port),
      NO_COLOR: '1',
      LANG: 'C',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  const origin = `http://127.0.0.1:${port}`
  await until(child, async () => (await fetch(`${origin}/readyz`)).ok)
  const startSeconds = (performance.now() - started) / 1000
  await until(child, async () => /dk_\d+_\w+/.test(output))
  return {
    origin,
    apiKey: /dk_\d+_\w+/.exec(output)![0],
    startSeconds,
    residentMb: () =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))![1]) / 1024,
    stop: () =>
      new Promise((resolve) => {
        child.on('exit', () => resolve())
        child.kill('SIGTERM')
      }),
  }
}

async function until(child: ChildProcess, ready: () => Promise<boolean>): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server ended with code ${child.exitCode}`)
    try {
      if (await ready()) return
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
