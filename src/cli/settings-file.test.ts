import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { shopSettings } from '../domain/shop.ts'
import type { CommandError, Context } from './command.ts'
import { checkSettings } from './settings-file.ts'
import { settingProblem } from './texts/setting-problems.ts'

function refusalOf(language: 'zh' | 'en', given: Readonly<Record<string, unknown>>): string {
  try {
    checkSettings({ language } as Context, shopSettings, given, 'shop.yaml')
  } catch (error) {
    return (error as CommandError).message
  }
  return ''
}

const WRONG = {
  brand: { colour: 'red', logo: 'x', suport: 'x' },
  capPerDay: 'many',
  caps: [
    { name: 'a', max: 0, within: '9y' },
    { name: 'a', max: 1, within: '72h' },
  ],
  windows: { office: [{ from: '25:00', to: '12:00' }], student: [{ from: '12:00', to: '12:00' }] },
  paymentMethods: [{ key: 'Ali', names: { zh: '', en: 'x' }, kind: 'wallet', payParam: 'x' }],
}

it('says everything that is wrong with a shop’s settings in one language', () => {
  const chinese = refusalOf('zh', WRONG)
  for (const part of ['brand.colour: 应为颜色', 'caps.1.name: ', 'student.0: 时段', 'payParam: 应为一个参数'])
    expect(chinese).toContain(part)
  expect(chinese).not.toMatch(/expected|invalid|did you mean|[a-z]{3,} [a-z]{2,} [a-z]{2,}/i)
  expect(refusalOf('en', WRONG)).not.toMatch(/\p{Script=Han}/u)
})

it('has every sentence of the shop’s own checks in Chinese', () => {
  const files = ['shop.ts', 'gate/cap-rules.ts', 'payment-methods.ts', '../channels/sms-settings.ts']
  const sentences = files.flatMap((file) => {
    const text = readFileSync(new URL(`../domain/${file}`, import.meta.url), 'utf8')
    return [...text.matchAll(/['`](expected [^'`\n]+)['`]/g)].map((found) => found[1]!)
  })
  expect(sentences.length).toBeGreaterThan(8)
  for (const sentence of sentences)
    expect(settingProblem(sentence, 'zh'), sentence).toMatch(/\p{Script=Han}/u)
})
