import type { LawBook } from '../domain/law/book.ts'
import { loadLaw } from '../domain/law/load.ts'
import { filesIn } from './files-in.ts'

const LAW = new URL('../../law/', import.meta.url)

/** The law files cannot be used as they are; nothing is started with half of them. */
class LawUnreadable extends Error {
  constructor(lines: readonly string[]) {
    super(lines.join('\n'))
    this.name = 'LawUnreadable'
  }
}

/** Reads `law/*.yaml`, once at start. Throws naming file, line and field of every mistake, or `NotUtf8`. */
export async function readLaw(language: 'en' | 'zh' = 'en'): Promise<LawBook> {
  const loaded = loadLaw(await filesIn(LAW), language)
  if (loaded.ok) return loaded.book
  throw new LawUnreadable(
    loaded.problems.map(({ file, line, path, problem }) => `law/${file}:${line} ${path}: ${problem}`),
  )
}
