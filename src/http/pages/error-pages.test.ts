import { expect, it } from 'vitest'
import { CATALOGUE, type FaultEntry } from '../../domain/errors.ts'
import { PARAMETERS } from './error-pages.ts'

it('has words in both languages for every parameter of every error, and for nothing else', () => {
  const entries: readonly FaultEntry[] = Object.values(CATALOGUE)
  const names = entries.flatMap(({ zh, en }) =>
    [...`${zh} ${en}`.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
  )
  expect(Object.keys(PARAMETERS).toSorted()).toEqual([...new Set(names)].toSorted())
  for (const { zh, en } of Object.values(PARAMETERS)) {
    expect(zh).toMatch(/^\p{Script=Han}+$/u)
    expect(en).toMatch(/^[A-Za-z’ ]+$/)
  }
})
