import { DataFilesWrong } from '../domain/data-files.ts'
import type { LawBook } from '../domain/law/book.ts'
import { loadLaw } from '../domain/law/load.ts'
import { filesIn } from './files-in.ts'

const LAW = new URL('../../law/', import.meta.url)

/** Reads `law/*.yaml`, once at start. Throws `DataFilesWrong` naming file, line and field of every mistake, or `NotUtf8`. */
export async function readLaw(language: 'en' | 'zh' = 'en'): Promise<LawBook> {
  const loaded = loadLaw(await filesIn(LAW), language)
  if (loaded.ok) return loaded.book
  throw new DataFilesWrong(
    'law',
    loaded.problems.map(({ file, line, path, problem }) => `law/${file}:${line} ${path}: ${problem}`),
  )
}
