import { describe, expect, it } from 'vitest'
import { localeChain, pickVariant } from './locale.ts'

const pick = (have: readonly string[], want: string, fallback?: string) =>
  pickVariant(
    have.map((locale) => ({ locale })),
    want,
    fallback,
  )?.locale

describe('the variant for a reader', () => {
  it('goes from region to script to language to default', () => {
    expect(localeChain('zh-TW', 'en')).toEqual(['zh-TW', 'zh-Hant', 'zh', 'en'])
    expect(localeChain('en-GB', 'zh-CN')).toEqual(['en-GB', 'en', 'zh-CN', 'zh-Hans', 'zh'])
  })

  it.each([
    [['zh-CN', 'zh-Hant', 'en'], 'zh-TW', 'zh-Hant'],
    [['zh-CN', 'zh-HK', 'en'], 'zh-TW', 'zh-HK'],
    [['zh-CN', 'en'], 'zh-TW', 'zh-CN'],
    [['zh-CN', 'en'], 'en-GB', 'en'],
    [['zh-CN', 'en-US'], 'en-GB', 'en-US'],
    [['zh-CN', 'en'], 'zh', 'zh-CN'],
    [['zh-CN', 'en'], 'ZH_cn', 'zh-CN'],
    [['zh-CN', 'en'], 'fr-FR', 'zh-CN'],
    [['de', 'en'], 'fr-FR', 'de'],
    [['zh-CN', 'en'], '', 'zh-CN'],
  ])('from %j a reader of %s gets %s', (have, want, expected) => {
    expect(pick(have, want)).toBe(expected)
  })

  it('uses the shop’s own default before any other', () => {
    expect(pick(['zh-CN', 'en'], 'fr', 'en')).toBe('en')
  })

  it('is null only when there is nothing at all', () => {
    expect(pick([], 'en')).toBeUndefined()
  })
})
