import { type Rails, railsOf } from '../domain/failure/rails.ts'
import { filesIn, ROOT } from './files-in.ts'

/** The program's own tables of failure codes and ceilings, read once at start (about 0.1 s). */
export async function loadRails(language: 'en' | 'zh' = 'en', root = ROOT): Promise<Rails> {
  return railsOf(await filesIn(new URL('rails/', root)), language)
}
