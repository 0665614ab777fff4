import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import type * as z from 'zod'
import { smsSettings } from '../channels/sms-settings.ts'
import { shopSettings } from '../domain/shop.ts'
import { SOURCES } from '../sources/registry.ts'
import type { CommandError, Context } from './command.ts'
import { checkSettings } from './settings-file.ts'
import { settingProblem } from './texts/setting-problems.ts'

function refusalOf(
  language: 'zh' | 'en',
  given: Readonly<Record<string, unknown>>,
  schema: z.ZodType = shopSettings,
): string {
  try {
    checkSettings({ language } as Context, schema, given, 'shop.yaml')
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

it('says everything that is wrong with an SMS account’s settings in one language', () => {
  const wrong = {
    request: {
      url: 'https://sms.example/?to={{to}}',
      headers: { 'X-S': '{{signature}} {{nonse}} {{zzzz}}' },
    },
    credentials: { nonce: 'x' },
    success: { pattern: '(a)+' },
    ref: { pattern: '(?=a)' },
    code: { pattern: '(a)\\1' },
    country: 'china',
    dropsRepeats: true,
    callback: { check: { kind: 'token', in: 'query', name: 'k' }, receipt: { status: 's', delivered: [1] } },
  }
  const signed = {
    request: {
      url: 'https://sms.example/{{to}}',
      body: { kind: 'form', fields: { t: '{{text}}{{signature}}' } },
    },
    sign: { over: '{{body}}', hash: 'md5', key: 'nokey' },
    success: { pattern: 'a*b*c*' },
  }
  for (const settings of [wrong, signed]) {
    const chinese = refusalOf('zh', settings, smsSettings)
    expect(chinese.split('\n').length).toBeGreaterThan(3)
    expect(chinese).not.toMatch(/expected|invalid|did you mean|[a-z]{3,} [a-z]{2,} [a-z]{2,}/i)
    expect(refusalOf('en', settings, smsSettings)).not.toMatch(/\p{Script=Han}/u)
  }
  expect(refusalOf('zh', { ...signed, success: { status: true } }, smsSettings)).toContain(
    '对 {{body}} 的签名不能写在 body 里面',
  )
  expect(settingProblem('there is no {{nonse}}; did you mean {{nonce}}?', 'zh')).toBe(
    '没有 {{nonse}}；是不是想写 {{nonce}}？',
  )
  expect(settingProblem('{{signature}} needs `sign`', 'zh')).toBe('用到 {{signature}} 就要写 sign')
})

it('has every sentence of the shop’s own checks, and of Alipay’s, in Chinese', () => {
  const files = [
    'shop.ts',
    'gate/cap-rules.ts',
    'gate/orders-apart.ts',
    'payment-methods.ts',
    '../channels/sms-settings.ts',
    '../sources/alipay-settings.ts',
  ]
  const sentences = files.flatMap((file) => {
    const text = readFileSync(new URL(`../domain/${file}`, import.meta.url), 'utf8')
    return [...text.matchAll(/(['`])(expected (?:(?!\1).)+)\1/g)].map((found) => found[2]!)
  })
  expect(sentences.length).toBeGreaterThan(20)
  for (const sentence of sentences)
    expect(settingProblem(sentence, 'zh'), sentence).toMatch(/\p{Script=Han}/u)
})

it('says what was expected and what came, with the nearest name, where nothing is secret', () => {
  const open = (language: 'zh' | 'en', given: Readonly<Record<string, unknown>>) => {
    try {
      checkSettings({ language } as Context, shopSettings.partial(), given, 'shop.yaml', { open: true })
    } catch (error) {
      return (error as CommandError).message.split('\n').slice(1)
    }
    return []
  }
  for (const [given, en, zh] of [
    [
      { capPerDay: -1 },
      'capPerDay: expected a number, 0 or more, got -1',
      'capPerDay: 应为数字，不小于 0，收到的是 -1',
    ],
    [
      { capPerDay: 'three' },
      'capPerDay: expected a number, got "three"',
      'capPerDay: 应为数字，收到的是"three"',
    ],
    [{ capPerDay: 1.5 }, 'capPerDay: expected a whole number, got 1.5', 'capPerDay: 应为整数，收到的是 1.5'],
    [
      { dropBelow: 'hihg' },
      'dropBelow: expected one of urgent, high, normal, low, got "hihg"; did you mean high?',
      'dropBelow: 应为 urgent、high、normal、low 之一，收到的是"hihg"；是不是想写 high？',
    ],
    [
      { brand: { colour: 'red' } },
      'brand.colour: expected a colour such as #0f766e, got red',
      'brand.colour: 应为颜色，如 #0f766e',
    ],
  ] as const) {
    expect(open('en', given)[0]?.trim()).toContain(en)
    expect(open('zh', given)[0]?.trim()).toContain(zh)
  }
})

it('repeats no value of what may hold a secret', () => {
  for (const language of ['en', 'zh'] as const) {
    const told = refusalOf(
      language,
      { request: 'hunter2', credentials: 'hunter2', country: 'hunter2' },
      smsSettings,
    )
    expect(told).not.toContain('hunter2')
    expect(told).not.toMatch(/Invalid|received|期望/)
  }
})

it('says what a key should be, where only a key is wrong', () => {
  expect(refusalOf('en', { levels: { order_received: 'low' } })).toContain(
    'levels.order_received: expected a category of small letters',
  )
  expect(refusalOf('zh', { levels: { order_received: 'low' } })).toContain(
    'levels.order_received: 应为消息种类',
  )
})

it('says of a number where text is expected how to write it, and of a text in place of a list one thing only', () => {
  const { settings } = SOURCES.get('epay')!
  const key = '0123456789abcdef0123456789abcdef'
  expect(refusalOf('en', { pid: 1001, keys: key }, settings)).toBe(
    'The settings in shop.yaml are not right:\n  pid: expected text, got a number; write it in quotes\n  keys: expected a list, got text of 32 characters',
  )
  expect(refusalOf('zh', { pid: 1001, keys: [key] }, settings)).toMatch(
    /pid: 应为文字，收到的是数字；请加上引号$/,
  )
})
