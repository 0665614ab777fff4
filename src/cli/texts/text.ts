export type Language = 'zh' | 'en'

/** One sentence for people, in both languages. `{name}` is filled in. */
export type Text = Readonly<Record<Language, string>>

/** The language of a terminal, from LC_ALL, LC_MESSAGES or LANG (POSIX, in this order). */
export function terminalLanguage(env: Readonly<Record<string, string | undefined>>): Language {
  const locale = env.LC_ALL || env.LC_MESSAGES || env.LANG || ''
  return /^zh/i.test(locale) ? 'zh' : 'en'
}

/** The sentence with its parameters. */
export function say(
  text: Text,
  language: Language,
  params: Readonly<Record<string, string | number>> = {},
): string {
  return text[language].replace(/\{(\w+)\}/g, (_, name: string) => String(params[name] ?? '?'))
}
