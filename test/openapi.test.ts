import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { openapiDocument } from '../scripts/openapi-document.ts'
import { HOLDERS, ROUTES } from '../src/http/permissions.ts'

it('docs/reference/openapi.json is what the routes give (else: node scripts/openapi.ts)', async () => {
  const written = await readFile(new URL('../docs/reference/openapi.json', import.meta.url), 'utf8')
  expect(await openapiDocument()).toBe(written)
})

it('describes every route that a key may use, with its scope', async () => {
  const { paths } = JSON.parse(await openapiDocument()) as {
    paths: Record<string, Record<string, { summary: string; security: unknown }>>
  }
  for (const [name, permission] of Object.entries(ROUTES)) {
    if (!(HOLDERS[permission] as readonly string[]).includes('key')) continue
    const [method, url] = name.split(' ') as [string, string]
    const described = paths[url.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]
    expect([name, described?.security]).toEqual([name, [{ key: [permission] }]])
    expect(described?.summary).toBeTruthy()
  }
})
