import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../', import.meta.url))
/** `import … from '…'` and `export … from '…'` that are still there once the types are gone. */
const STATIC = /^(?:import|export)\s+(?!type\b)(?:[^'"]*?\sfrom\s+)?'([^']+)'/gm

/** Every package that is loaded as soon as `file` is, by what our own files import. */
async function packagesOf(file: string, seen = new Set<string>()): Promise<ReadonlySet<string>> {
  const packages = new Set<string>()
  if (seen.has(file)) return packages
  seen.add(file)
  const text = await readFile(file, 'utf8')
  for (const [, from] of text.matchAll(STATIC)) {
    if (from!.startsWith('node:')) continue
    if (!from!.startsWith('.')) packages.add(from!.split('/', from!.startsWith('@') ? 2 : 1).join('/'))
    else if (from!.endsWith('.ts'))
      for (const one of await packagesOf(path.resolve(path.dirname(file), from!), seen)) packages.add(one)
  }
  return packages
}

/** What `npm start` loads, in the order in which one brings the next. */
const ROOTS = ['src/cli/main.ts', 'src/cli/commands/start.ts', 'src/app.ts', 'src/lab/lab.ts']

it('a start loads nothing that only the first mail, the first call or a publication needs', async () => {
  const seen = new Set<string>()
  const all = new Set<string>()
  for (const file of ROOTS) for (const one of await packagesOf(path.join(ROOT, file), seen)) all.add(one)
  // What it certainly loads: else this would see nothing.
  for (const one of ['fastify', 'pg', 'zod', '@fastify/rate-limit']) expect(all).toContain(one)
  for (const one of ['undici', 'nodemailer', 'smtp-server', 'postal-mime', '@fastify/swagger', 'mjml'])
    expect(all).not.toContain(one)
  const commands = [...seen].filter((file) => file.includes('/cli/commands/'))
  expect(commands.map((file) => path.basename(file))).toEqual(['start.ts'])
})
