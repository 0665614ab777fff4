import { expect, test } from 'vitest'
import { lazily } from './lazily.ts'

test('is made once, by the first who asks, however many ask at once', async () => {
  let times = 0
  const lazy = lazily(async () => ++times)
  expect([times, await lazy.made()]).toEqual([0, null])
  expect(await Promise.all([lazy.get(), lazy.get()])).toEqual([1, 1])
  expect([await lazy.get(), await lazy.made()]).toEqual([1, 1])
})

test('what could not be made is tried again', async () => {
  let files = 'none left'
  const lazy = lazily(async () => {
    if (files !== 'enough') throw new Error(files)
    return files
  })
  const first = lazy.get()
  expect(await lazy.made()).toBeNull()
  await expect(first).rejects.toThrow('none left')
  files = 'enough'
  expect(await lazy.get()).toBe('enough')
})
