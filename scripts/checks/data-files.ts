import { findDataFaults, mistakesOf } from '../../src/app/data-files.ts'
import { systemClock } from '../../src/domain/time.ts'
import type { Check } from './finding.ts'

/** The program's own flows, templates, rules, laws and tables of codes can be used as they are. */
export const dataFiles: Check = {
  name: 'data',
  says: 'flows/, law/, rails/ and rules/ can be used',
  async run() {
    const faults = await findDataFaults(systemClock(), 'en')
    return faults.flatMap((fault) => mistakesOf(fault))
  },
}
