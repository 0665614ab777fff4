import { expect, it } from 'vitest'
import { CommandError, type Context } from './command.ts'
import { readNumber } from './number-option.ts'

const read = (name: Parameters<typeof readNumber>[2], given: string | boolean | undefined) => {
  try {
    return readNumber({ language: 'en' } as Context, { [name]: given }, name)
  } catch (error) {
    return error instanceof CommandError ? [error.exit, error.message] : error
  }
}

it('takes the numbers that fit, and nothing where nothing was given', () => {
  expect([read('last', '0'), read('last', '200'), read('rate', '0.5'), read('holdout', '12.5')]).toEqual([
    0, 200, 0.5, 12.5,
  ])
  expect(read('last', undefined)).toBeNull()
})

it('says what was expected and what came for anything else', () => {
  for (const given of ['x', '-5', '', ' ', '1e2', '0x10', '201', '2.5', 'Infinity', 'NaN', '１'])
    expect(read('last', given)).toEqual([2, `--last: expected 0 … 200, got ${given}.`])
  expect(read('versionOf', '0')).toEqual([2, '--version-of: expected 1, 2, 3 …, got 0.'])
  expect(read('version', '2147483647')).toEqual([2, '--version: expected 1, 2, 3 …, got 2147483647.'])
  expect(read('orders', '0')).toEqual([2, '--orders: expected > 0, got 0.'])
  expect(read('concurrency', '1.5')).toEqual([2, '--concurrency: expected 1 … 1000, got 1.5.'])
  expect(read('holdout', '51')).toEqual([2, '--holdout: expected 0 … 50, got 51.'])
})
