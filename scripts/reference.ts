import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { PAGES, pageText } from './reference/pages.ts'

/**
 * Writes the pages of docs/reference that follow from the code. With `--check` only compares, and ends with 1 on a
 * difference.
 */
const FOLDER = fileURLToPath(new URL('../docs/reference/', import.meta.url))

async function stale(): Promise<readonly string[]> {
  const wrong: string[] = []
  for (const page of PAGES) {
    const written = await readFile(path.join(FOLDER, page.file), 'utf8').catch(() => null)
    if (written !== pageText(page)) wrong.push(`${page.file} is not what the code gives`)
  }
  const known = new Set(PAGES.map((page) => page.file))
  for (const file of await readdir(FOLDER)) {
    if (file.endsWith('.md') && !known.has(file))
      wrong.push(`${file} is made by nothing in scripts/reference`)
  }
  return wrong
}

if (process.argv.includes('--check')) {
  const wrong = await stale()
  for (const line of wrong) console.error(`docs/reference/${line}. Run: npm run generate`)
  process.exit(wrong.length === 0 ? 0 : 1)
}
await mkdir(FOLDER, { recursive: true })
for (const page of PAGES) await writeFile(path.join(FOLDER, page.file), pageText(page))
