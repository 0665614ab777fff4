export type Language = 'zh' | 'en'

/** One sentence for people, in both languages. `{name}` is filled in. */
export type Text = Readonly<Record<Language, string>>

/** The language of a terminal, from LC_ALL, LC_MESSAGES or LANG (POSIX, in this order). */
export function terminalLanguage(env: Readonly<Record<string, string | undefined>>): Language {
  const locale = env.LC_ALL || env.LC_MESSAGES || env.LANG || ''
  return /^zh/i.test(locale) ? 'zh' : 'en'
}

/** What goes into a sentence; words that differ by language come in both. */
export type TextParams = Readonly<Record<string, string | number | Text>>

/** The sentence with its parameters. */
export function say(text: Text, language: Language, params: TextParams = {}): string {
  return text[language].replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name] ?? '?'
    return typeof value === 'object' ? value[language] : String(value)
  })
}
