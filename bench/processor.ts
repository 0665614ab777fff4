import { readdirSync, readFileSync } from 'node:fs'

const TICKS_PER_SECOND = 100

/** Processor time of a server's processes, living ones and those that have ended, seconds; Linux only. */
export function serverSeconds(pid: number): number {
  let ticks = 0
  for (const each of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    let fields: string[]
    try {
      const stat = readFileSync(`/proc/${each}/stat`, 'latin1')
      fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    } catch {
      continue
    }
    // utime and stime; of the parent also those of its children that have ended.
    if (Number(each) === pid) ticks += sum(fields.slice(11, 15))
    else if (Number(fields[1]) === pid) ticks += sum(fields.slice(11, 13))
  }
  return ticks / TICKS_PER_SECOND
}

const sum = (numbers: readonly string[]) => numbers.reduce((total, each) => total + Number(each), 0)
