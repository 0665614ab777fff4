import { readdir, readFile } from 'node:fs/promises'
import type { LawBook } from '../domain/law/book.ts'
import { loadLaw } from '../domain/law/load.ts'

const LAW = new URL('../../law/', import.meta.url)

/** The law files cannot be used as they are; nothing is started with half of them. */
class LawUnreadable extends Error {
  constructor(lines: readonly string[]) {
    super(lines.join('\n'))
    this.name = 'LawUnreadable'
  }
}

/** Reads `law/*.yaml`, once at start. Throws naming file, line and field of every mistake. */
export async function readLaw(language: 'en' | 'zh' = 'en'): Promise<LawBook> {
  const names = (await readdir(LAW)).filter((name) => name.endsWith('.yaml')).sort()
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, LAW), 'utf8')))
  const loaded = loadLaw(Object.fromEntries(names.map((name, at) => [name, texts[at]!])), language)
  if (loaded.ok) return loaded.book
  throw new LawUnreadable(
    loaded.problems.map(({ file, line, path, problem }) => `law/${file}:${line} ${path}: ${problem}`),
  )
}
