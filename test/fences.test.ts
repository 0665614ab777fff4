import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'

/** Every way to a clock, to chance and to the network that no file below `app.ts` may take for itself. */
const FORBIDDEN = [
  'export const x = Date.now()',
  'export const x = new Date()',
  'export const x = globalThis.Date.now()',
  'export const x = global.performance.now()',
  'export const x = performance.now()',
  'export const x = process.hrtime.bigint()',
  'const { hrtime } = process\nexport const x = hrtime()',
  'export const x = process.uptime()',
  "import { hrtime } from 'node:process'\nexport const x = hrtime()",
  "import { performance as watch } from 'node:perf_hooks'\nexport const x = watch.now()",
  'export const x = setTimeout(() => {}, 1)',
  'export const x = setInterval(() => {}, 1)',
  "import { setTimeout as wait } from 'node:timers/promises'\nexport const x = wait(1)",
  'export const x = AbortSignal.timeout(1)',
  "import { Temporal } from 'temporal-polyfill'\nexport const x = Temporal.Now.instant()",
  'export const x = Math.random()',
  'const { random } = Math\nexport const x = random()',
  'export const x = crypto.randomUUID()',
  'export const x = crypto.getRandomValues(new Uint8Array(4))',
  "import { randomUUID } from 'node:crypto'\nexport const x = randomUUID()",
  "import { randomBytes as noise } from 'node:crypto'\nexport const x = noise(4)",
  "import { createHash, randomInt } from 'node:crypto'\nexport const x = [createHash, randomInt(4)]",
  "import { webcrypto } from 'node:crypto'\nexport const x = webcrypto",
  "import * as all from 'node:crypto'\nexport const x = all.randomUUID()",
  "import all from 'node:crypto'\nexport const x = all.randomUUID()",
  "export const x = (await import('node:crypto')).randomUUID()",
  "export { randomUUID } from 'node:crypto'",
  "export const x = process.getBuiltinModule('node:crypto')",
  "export const x = fetch('http://a.example')",
  "export const x = new WebSocket('ws://a.example')",
  "import { fetch } from 'undici'\nexport const x = fetch('http://a.example')",
  "import { type Dispatcher, request } from 'undici'\nexport const x: [Dispatcher | null, unknown] = [null, request]",
  "export { fetch as get } from 'undici'",
  "export * from 'undici'",
  "export const x = await import('undici')",
  "import { get } from 'node:https'\nexport const x = get",
  "import { connect } from 'node:net'\nexport const x = connect",
  "import { lookup } from 'node:dns/promises'\nexport const x = lookup",
]

const ALLOWED = [
  "import { createHash, timingSafeEqual } from 'node:crypto'\nexport const x = [createHash, timingSafeEqual]",
  "import type { Agent } from 'undici'\nexport const x: Agent | null = null",
  "import type { Clock } from '../domain/time.ts'\nexport const x = (clock: Clock) => clock.now()",
]

const LAYERS = ['domain', 'db', 'channels', 'sources', 'templates', 'pipeline', 'http', 'app']

/** Servers and receivers of their own are what the simulators are; they have a clock and chance given like all. */
const ON_THE_NETWORK = /undici|node:(?:https|net|dns)/

const ROOT = fileURLToPath(new URL('../', import.meta.url))
const FENCES = ['chance.grit', 'network.grit'].map((file) => `scripts/checks/${file}`)
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'dingdong-fences-'))
  const config = JSON.parse(await readFile(path.join(ROOT, 'biome.json'), 'utf8'))
  await writeFile(
    path.join(folder, 'biome.json'),
    JSON.stringify({ ...config, $schema: undefined, vcs: undefined }),
  )
  for (const file of FENCES) await cp(path.join(ROOT, file), path.join(folder, file))
  for (const layer of [...LAYERS, 'lab']) {
    await mkdir(path.join(folder, 'src', layer), { recursive: true })
    for (const [name, texts] of Object.entries({ forbidden: FORBIDDEN, allowed: ALLOWED }))
      for (const [at, text] of texts.entries())
        await writeFile(path.join(folder, 'src', layer, `${name}-${at}.ts`), `${text}\n`)
  }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** The files that Biome finds an error in. */
async function flagged(): Promise<ReadonlySet<string>> {
  const biome = path.join(ROOT, 'node_modules/.bin/biome')
  const args = ['lint', '--reporter=github', '--max-diagnostics=none', '.']
  const said = await new Promise<string>((resolve) =>
    execFile(biome, args, { cwd: folder, maxBuffer: 1 << 26 }, (_, out) => resolve(out)),
  )
  return new Set([...said.matchAll(/^::error .*?file=([^,]+),/gm)].map((found) => relative(found[1]!)))
}

const relative = (file: string) => path.relative(folder, path.resolve(folder, file))

it('every way round the given clock, chance and network is flagged in every layer, and nothing else', async () => {
  const found = await flagged()
  const passed = [...LAYERS, 'lab'].flatMap((layer) =>
    FORBIDDEN.filter(
      (text, at) =>
        !(layer === 'lab' && ON_THE_NETWORK.test(text)) && !found.has(`src/${layer}/forbidden-${at}.ts`),
    ).map((text) => `${layer}: ${text}`),
  )
  expect(passed).toEqual([])
  expect([...found].filter((file) => file.includes('allowed'))).toEqual([])
})
