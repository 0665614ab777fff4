import { type Rails, railsOf } from '../domain/failure/rails.ts'
import { filesIn } from './files-in.ts'

const RAILS = new URL('../../rails/', import.meta.url)

/** The program's own tables of failure codes and ceilings, read once at start (about 0.1 s). */
export async function loadRails(language: 'en' | 'zh' = 'en'): Promise<Rails> {
  return railsOf(await filesIn(RAILS), language)
}
