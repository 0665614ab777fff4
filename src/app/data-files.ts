import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { DataFilesWrong } from '../domain/data-files.ts'
import { NotUtf8 } from '../domain/file-text.ts'
import type { Clock } from '../domain/time.ts'
import { ROOT } from './files-in.ts'
import { readLaw } from './law.ts'
import { compileTemplates, readFlows, readRules } from './presets.ts'
import { loadRails } from './rails.ts'

/** Everything that is wrong with the program's own files of data, their MJML too. */
export async function findDataFaults(
  clock: Clock,
  language: 'en' | 'zh',
  root = ROOT,
): Promise<readonly (DataFilesWrong | NotUtf8)[]> {
  const read = await Promise.allSettled([
    loadRails(language, root),
    readLaw(language, root),
    readRules(language, root),
    readFlows(language, root),
    compileTemplates(clock, language, { root }),
  ])
  return read.flatMap((part) => {
    if (part.status === 'fulfilled') return []
    if (part.reason instanceof DataFilesWrong || part.reason instanceof NotUtf8) return [part.reason]
    throw part.reason
  })
}

/** Each mistake of a fault: the file as it stands under `root`, often with a line, and what is wrong there. */
export function mistakesOf(
  fault: DataFilesWrong | NotUtf8,
  root = ROOT,
): readonly { readonly where: string; readonly problem: string }[] {
  if (fault instanceof NotUtf8) {
    const where = path.relative(fileURLToPath(root), fault.file)
    return [{ where, problem: fault.message }]
  }
  return fault.message.split('\n').map((line) => {
    const [where = '', ...problem] = line.split(' ')
    return { where, problem: problem.join(' ') }
  })
}
