/** English sentences and the same in Chinese; `{}` stands for what is carried over, in the same order. */
export type Sentences = Readonly<Record<string, string>>

/** Says a sentence in Chinese; as it is where the catalogue does not have it. The first that fits counts. */
export function translator(sentences: Sentences): (english: string) => string {
  const patterns = Object.entries(sentences).map(([english, chinese]) => {
    const source = english.replace(/[$()*+.?[\\\]^|]/g, '\\$&').replaceAll('{}', '([^]+?)')
    return { pattern: new RegExp(`^${source}$`), chinese }
  })
  return (english) => {
    for (const { pattern, chinese } of patterns) {
      const found = pattern.exec(english)
      if (!found) continue
      let at = 0
      return chinese.replace(/\{\}/g, () => found[++at] ?? '')
    }
    return english
  }
}
