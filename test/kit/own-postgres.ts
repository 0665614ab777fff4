import path from 'node:path'
import { connect } from '../../src/db/connect.ts'
import { migrate } from '../../src/db/migrate.ts'
import { readPostmaster } from '../../src/db/postgres/postmaster.ts'
import { superviseInProcess, temporaryFolder } from '../postgres-folder.ts'
import { waitUntil } from './wait-until.ts'

/** A PostgreSQL of the test's own, as the product runs it: supervised in a process of its own, fsync on. */
export interface OwnPostgres {
  /** Over TCP; stays the same over restarts. */
  readonly url: string
  readonly port: number
  /** Ends the server without a checkpoint ("immediate"); resolves when its supervisor has started it again. */
  crash(): Promise<void>
  /** kill -9 of the supervisor and of the server, as the power going does it to processes. */
  killAll(): Promise<void>
  /** After `killAll`: a new supervisor on the same data. */
  startAgain(): Promise<void>
  stop(): Promise<void>
}

export async function startOwnPostgres(): Promise<OwnPostgres> {
  const folder = await temporaryFolder()
  const dataDir = path.join(folder.dir, 'data')
  let supervisor = superviseInProcess({ dataDir })
  const url = await ready()
  const port = Number(new URL(url).port)
  const db = connect({ url, max: 1 })
  await migrate({ db, now: 0 })
  await db.close()

  async function ready(): Promise<string> {
    const said = await supervisor.next()
    if (!said.ready?.tcpUrl) throw new Error(`PostgreSQL did not start: ${JSON.stringify(said)}`)
    return said.ready.tcpUrl
  }

  /** The server now running: it changes whenever the supervisor starts it again. */
  async function pid(): Promise<number> {
    const seen = await readPostmaster(path.join(dataDir, 'cluster'))
    if (seen === null) throw new Error('PostgreSQL is not running')
    return seen.pid
  }

  return {
    url,
    port,
    async crash() {
      const old = await pid()
      process.kill(old, 'SIGQUIT')
      await waitUntil('PostgreSQL is up again', async () => {
        const seen = await readPostmaster(path.join(dataDir, 'cluster'))
        return seen !== null && seen.pid !== old && seen.status === 'ready'
      })
    },
    async killAll() {
      const server = await pid()
      supervisor.child.kill('SIGKILL')
      process.kill(server, 'SIGKILL')
      await supervisor.exited
    },
    async startAgain() {
      supervisor = superviseInProcess({ dataDir, port })
      const again = await ready()
      if (again !== url)
        throw new Error(`PostgreSQL came back at ${new URL(again).host}, not ${new URL(url).host}`)
    },
    async stop() {
      supervisor.child.stdin?.write('stop\n')
      await supervisor.exited
      await folder.remove()
    },
  }
}
