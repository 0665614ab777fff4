// biome-ignore lint/plugin: what seals everything comes from the machine itself, never from an argument
import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, open, readFile, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import type { Config } from '../config.ts'
import type { MasterKey } from '../domain/seal/master.ts'
import { parseMasterKey } from '../domain/seal.ts'

/** The master key and where it came from; `file` is null when the environment held it. */
export interface FoundKey {
  readonly master: MasterKey
  readonly file: string | null
  /** Made just now: to be shown, and to be backed up. */
  readonly fresh: boolean
}

/** There is sealed data but no key: it must not be answered with a new one. */
export class MasterKeyMissing extends Error {
  readonly file: string
  constructor(file: string) {
    super(`the master key is missing at ${file}`)
    this.name = 'MasterKeyMissing'
    this.file = file
  }
}

/**
 * Where this installation's key file is: the setting, else `~/.config/dingdong/<id>/master.key`; beside the data
 * directory where there is no home to write to. Never inside the data directory, which backups copy.
 */
export async function masterKeyFile(config: Config, home: string | null = usableHome()): Promise<string> {
  if (config.masterKeyFile) return config.masterKeyFile
  const id = config.databaseUrl ? nameOf(config.databaseUrl) : await installationId(config.dataDir)
  const beside = `${config.dataDir}-${id}.key`
  if (home === null || existsSync(beside)) return beside
  return path.join(home, 'dingdong', id, 'master.key')
}

function usableHome(): string | null {
  const home = process.env.XDG_CONFIG_HOME || path.join(homedir(), '.config')
  return path.isAbsolute(home) && existsSync(path.dirname(home)) ? home : null
}

/** One shared database is one installation, whoever connects to it as whom. */
function nameOf(databaseUrl: string): string {
  const { hostname, port, pathname } = new URL(databaseUrl)
  return createHash('sha256').update(`${hostname}:${port}${pathname}`).digest('hex').slice(0, 12)
}

/** A name that travels with the data directory, so that moving it does not lose its key. */
async function installationId(dataDir: string): Promise<string> {
  const file = path.join(dataDir, 'id')
  const known = await readFile(file, 'utf8').catch(() => null)
  if (known !== null && /^[0-9a-f]{12}$/.test(known.trim())) return known.trim()
  const id = randomBytes(6).toString('hex')
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  // Of two processes at once, one writes and both read.
  await writeFile(file, `${id}\n`, { flag: 'wx' }).catch(() => {})
  return (await readFile(file, 'utf8')).trim()
}

/** Finds the key, or makes one where `mayMake`. Throws `SealError` for a bad key, `MasterKeyMissing` for none. */
export async function findMasterKey(config: Config, mayMake: boolean): Promise<FoundKey> {
  if (config.masterKey) return { master: parseMasterKey(config.masterKey), file: null, fresh: false }
  const file = await masterKeyFile(config)
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (text !== null) return { master: parseMasterKey(text), file, fresh: false }
  if (!mayMake) throw new MasterKeyMissing(file)
  const made = await makeKey(file)
  return { master: parseMasterKey(made), file, fresh: true }
}

async function makeKey(file: string): Promise<string> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  const handle = await open(file, 'wx', 0o600)
  const text = randomBytes(32).toString('hex')
  try {
    await handle.writeFile(`${text}\n`)
    // A key that a power cut could still take away must not seal anything.
    await handle.sync()
  } finally {
    await handle.close()
  }
  return text
}
