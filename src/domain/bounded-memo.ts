/**
 * Remembers what `work` gave for up to `most` different texts; then begins anew. For pure functions of short texts that
 * come again and again (language tags, zones) where working the answer out costs far more than looking it up.
 */
export function boundedMemo<T>(most: number, work: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    const found = known.get(text)
    if (found !== undefined || known.has(text)) return found as T
    if (known.size >= most) known.clear()
    const made = work(text)
    known.set(text, made)
    return made
  }
}
