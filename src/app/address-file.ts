import { readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'

/** In the data directory: where others on this machine find the server that looks after it. */
const ADDRESS_FILE = 'server.json'

export interface LeftAddress {
  readonly url: string
  /** What stands in links. */
  readonly publicUrl: string
  readonly pid: number
  /** What it may call though it is private, as further processes beside it may: simulators, and what its settings allow. */
  readonly allowOrigins: readonly string[]
}

/** Leaves the address for others; the returned function takes it away again. */
export async function leaveAddress(dataDir: string, left: LeftAddress): Promise<() => Promise<void>> {
  const file = path.join(dataDir, ADDRESS_FILE)
  await writeFile(file, JSON.stringify(left), { mode: 0o600 })
  return () => rm(file, { force: true })
}

/** What a server that still runs has left; `null` when there is none. */
export async function readAddress(dataDir: string): Promise<LeftAddress | null> {
  const text = await readFile(path.join(dataDir, ADDRESS_FILE), 'utf8').catch(() => null)
  if (text === null) return null
  try {
    const left = JSON.parse(text) as LeftAddress
    return isAlive(left.pid) ? left : null
  } catch {
    // Cut off by a full disk: as good as none.
    return null
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
