import { expect, it } from 'vitest'
import { countEmoji } from './emoji.ts'

it.each([
  ['付款成功', 0],
  ['付款成功 🎉', 1],
  ['👨‍👩‍👧‍👦 🇨🇳 👍🏽', 3],
  ['1 # © ™ ®', 0],
  ['🎉🎉🎉🎉', 4],
])('%s has %i emoji', (text, count) => {
  expect(countEmoji(text)).toBe(count)
})
