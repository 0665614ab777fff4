import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { PAGES, pageText } from '../scripts/reference/pages.ts'
import { PG_ERRORS } from '../src/db/postgres/errors.ts'
import { CATALOGUE } from '../src/domain/errors.ts'
import { SEAL_FAULTS } from '../src/domain/seal/fault.ts'

const folder = new URL('../docs/reference/', import.meta.url)
const read = (file: string) => readFile(new URL(file, folder), 'utf8')

describe('docs/reference', () => {
  it.each(PAGES.map((page) => [page.file, page] as const))(
    '%s is what the code says (else: npm run generate)',
    async (file, page) => {
      expect(await read(file)).toBe(pageText(page))
    },
  )

  it('has no page that nothing makes', async () => {
    const written = (await readdir(folder)).filter((file) => file.endsWith('.md'))
    expect(written.sort()).toEqual(PAGES.map((page) => page.file).sort())
  })

  it('describes every error there is, and none that is not', async () => {
    const described = [...(await read('errors.md')).matchAll(/^### (\w+)$/gm)].map((found) => found[1])
    const thrown = Object.keys({ ...CATALOGUE, ...SEAL_FAULTS, ...PG_ERRORS })
    expect(described.sort()).toEqual(thrown.sort())
  })
})
