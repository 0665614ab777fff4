import { DataFilesWrong } from '../domain/data-files.ts'
import type { LawBook } from '../domain/law/book.ts'
import { loadLaw } from '../domain/law/load.ts'
import { filesIn, ROOT } from './files-in.ts'

/** Reads `law/*.yaml`, once at start. Throws `DataFilesWrong` naming file, line and field of every mistake, or `NotUtf8`. */
export async function readLaw(language: 'en' | 'zh' = 'en', root = ROOT): Promise<LawBook> {
  const loaded = loadLaw(await filesIn(new URL('law/', root)), language)
  if (loaded.ok) return loaded.book
  throw new DataFilesWrong(
    'law',
    loaded.problems.map(({ file, line, path, problem }) => `law/${file}:${line} ${path}: ${problem}`),
  )
}
