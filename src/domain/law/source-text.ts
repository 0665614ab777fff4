import type { Rule, Words } from './rule.ts'

const words = (zh: string, en: string): Words => ({ zh, en })

const TEXTS = {
  source: words('依据：{source}，{checked} 核对。', 'Source: {source}, checked on {checked}.'),
  unverified: words(
    '依据：{source}，{checked} 核对时未能读到原文。',
    'Source: {source}, which could not be read itself when it was checked on {checked}.',
  ),
  dated: words('{title}（{dated}）', '{title} ({dated})'),
  instead: words('可以这样：{instead}。', 'What may be done: {instead}.'),
}

/** The sentence with its parameters. */
export const fill = (text: string, params: Readonly<Record<string, string>>): string =>
  text.replace(/\{(\w+)\}/g, (_, name: string) => params[name] ?? '?')

/** The document a rule stands in, and when somebody last held the rule against it. */
export function sourceText({ source, checked, unverified }: Rule, language: 'zh' | 'en'): string {
  const { title, dated, url } = source
  const named = dated === undefined ? title : fill(TEXTS.dated[language], { title, dated })
  const whole = url === undefined ? named : `${named} ${url} `
  return fill((unverified ? TEXTS.unverified : TEXTS.source)[language], {
    source: language === 'zh' ? whole : whole.trim(),
    checked,
  })
}

/** What may be said or done instead of what a rule is against. */
export const insteadText = ({ instead }: Rule, language: 'zh' | 'en'): string =>
  fill(TEXTS.instead[language], { instead: instead[language] })
