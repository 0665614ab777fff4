import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { SEALED_COLUMNS } from './reseal.ts'

const SRC = new URL('../', import.meta.url)

describe('the columns a rotation seals anew', () => {
  it('are all that the program seals', () => {
    const sealed = new Set<string>()
    for (const file of readdirSync(SRC, { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts') || file.includes('.test')) continue
      const text = readFileSync(new URL(file.replaceAll('\\', '/'), SRC), 'utf8')
      for (const [, column] of text.matchAll(/column: '([a-z_]+\.[a-z_]+)'/g)) sealed.add(column!)
    }
    expect(sealed.size).toBeGreaterThan(5)
    expect([...new Set(SEALED_COLUMNS.map((column) => column.name))].sort()).toEqual([...sealed].sort())
  })

  it('are each shown by a name of their own', () => {
    const shown = SEALED_COLUMNS.map((column) => column.shown)
    expect(new Set(shown).size).toBe(shown.length)
  })
})
