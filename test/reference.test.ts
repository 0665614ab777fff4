import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { PAGES, pageText } from '../scripts/reference/pages.ts'
import { findProvider } from '../src/channels/registry.ts'
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

describe('docs/guides', () => {
  it.each([
    ['email-account.md', 'smtp'],
    ['sms-account.md', 'sms-http'],
    ['commands-to-your-shop.md', 'command'],
  ])('%s shows settings that %s takes, once they are filled in', async (file, name) => {
    const guide = await readFile(new URL(`../docs/guides/${file}`, import.meta.url), 'utf8')
    const yaml = /```yaml\n([\s\S]*?)```/.exec(guide)![1]!.replace(/…/g, 'A'.repeat(32))
    const { found } = findProvider(name)
    expect(found?.settings.safeParse(parse(yaml)).error?.issues).toBeUndefined()
  })
})
