import { expect, it } from 'vitest'
import { sharedBuffers } from './settings.ts'

it('gives PostgreSQL an eighth of the memory, but never less than 128 MB nor more than 1 GB', () => {
  const gib = 1024 ** 3
  expect([0.5, 1, 2, 4, 8, 24].map((size) => sharedBuffers(size * gib))).toEqual([
    '128MB',
    '128MB',
    '256MB',
    '512MB',
    '1024MB',
    '1024MB',
  ])
})
