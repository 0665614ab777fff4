import { DataFilesWrong } from '../data-files.ts'
import type { CeilingRule } from './ceilings.ts'
import { readCeilings } from './ceilings-file.ts'
import { readTable } from './code-list.ts'
import { problemText, type RailLanguage } from './rail-file.ts'
import type { FailureTable } from './table.ts'

/** Everything in `rails/`: what codes mean, and how often a declined card may be tried again. */
export interface Rails {
  readonly table: FailureTable
  readonly ceilings: readonly CeilingRule[]
}

const CEILINGS = 'ceilings.yaml'

/** Reads and checks the files by name; throws `DataFilesWrong` naming file, line and field of every problem, as they are part of the program. */
export function railsOf(files: Readonly<Record<string, string>>, language: RailLanguage = 'en'): Rails {
  const { [CEILINGS]: ceilings = '', ...lists } = files
  const [codes, limits] = [readTable(lists, language), readCeilings(CEILINGS, ceilings, language)]
  if ('table' in codes && 'rules' in limits) return { table: codes.table, ceilings: limits.rules }
  const problems = [codes, limits].flatMap((read) => ('problems' in read ? read.problems : []))
  throw new DataFilesWrong('rails', problems.map(problemText))
}
