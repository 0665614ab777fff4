import type { Config } from '../config.ts'
import { PgFault } from '../db/postgres/errors.ts'
import { readAddress } from './address-file.ts'
import { PortBusy } from './port.ts'

/** This very Dingdong, the one of this data directory, runs already. */
class RunsAlready extends Error {
  override readonly name = 'RunsAlready'
  readonly url: string
  readonly pid: number
  readonly dir: string

  constructor(url: string, pid: number, dir: string) {
    super(`Dingdong of ${dir} runs already: ${url}, process ${pid}`)
    this.url = url
    this.pid = pid
    this.dir = dir
  }
}

/** What kept us from starting, or, where that is ourselves (started twice), that. */
export async function orRunsAlready(
  error: unknown,
  { dataDir, databaseUrl, port }: Pick<Config, 'dataDir' | 'databaseUrl' | 'port'>,
): Promise<unknown> {
  if (databaseUrl !== undefined) return error
  const dataBusy = error instanceof PgFault && error.code === 'ALREADY_RUNNING'
  if (!dataBusy && !(error instanceof PortBusy)) return error
  const left = await readAddress(dataDir)
  if (left === null || (!dataBusy && Number(new URL(left.url).port) !== port)) return error
  return new RunsAlready(left.url, left.pid, dataDir)
}
