import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { openapiDocument } from './openapi-document.ts'

/**
 * Writes `docs/reference/openapi.json`, the description of the HTTP API. With `--check` only compares, and ends with
 * 1 on a difference.
 */
const file = fileURLToPath(new URL('../docs/reference/openapi.json', import.meta.url))
const document = await openapiDocument()
if (process.argv.includes('--check')) {
  if ((await readFile(file, 'utf8').catch(() => '')) !== document) {
    console.error('docs/reference/openapi.json is not what the routes give. Run: node scripts/openapi.ts')
    process.exit(1)
  }
} else {
  await writeFile(file, document)
}
