import { createHash } from 'node:crypto'
import { platform, totalmem } from 'node:os'
import path from 'node:path'

export type Settings = Readonly<Record<string, string | number>>

const MB = 1024 * 1024

/**
 * An eighth of the machine, from 128 MB to 1 GB: the tables of a busy hour fit, and a 1 GB machine keeps its memory.
 * Measured with a table set just over 128 MB: half as much processor time a statement with 512 MB.
 */
export function sharedBuffers(memory: number): string {
  return `${Math.round(Math.min(1024, Math.max(128, memory / 8 / MB)))}MB`
}

/** For a small machine (1-2 cores, 1-4 GB) that does one thing: many short transactions. */
export const DEFAULT_SETTINGS: Settings = {
  max_connections: 100,
  shared_buffers: sharedBuffers(totalmem()),
  work_mem: '8MB',
  maintenance_work_mem: '64MB',
  // What is acknowledged is on the disk. Not to be switched off.
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  wal_compression: 'on',
  max_wal_size: '1GB',
  min_wal_size: '80MB',
  checkpoint_timeout: '10min',
  random_page_cost: 1.1,
  // Compiling a plan costs more than any of our queries takes.
  jit: 'off',
  // Two cores are busy with other queries, and a container's 64 MB /dev/shm is too small for parallel ones.
  max_parallel_workers_per_gather: 0,
  max_parallel_maintenance_workers: 0,
  // Queue-like tables die at thousands of rows a second: look often and clean fast.
  autovacuum_naptime: '10s',
  autovacuum_vacuum_cost_delay: '1ms',
  autovacuum_vacuum_cost_limit: 2000,
  // Tables that only grow need neither often: with the defaults, vacuuming and analysing what had just been added took
  // a third of the server's processor time under load. Every statement goes by an index, so a coarse picture of the
  // values serves, and it is taken from 3,000 rows instead of 30,000 wide ones.
  default_statistics_target: 10,
  autovacuum_analyze_scale_factor: 0.5,
  autovacuum_vacuum_insert_scale_factor: 1,
  autovacuum_vacuum_insert_threshold: 100_000,
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  // Only what concerns the server itself. Statements and values would put buyers' data into a log; whoever sent a
  // failing statement gets the error anyway.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_checkpoints: 'off',
}

/** Longest path of a Unix socket: 108 bytes with the final zero on Linux, 104 on macOS. */
const SOCKET_PATH_LIMIT = 103

/** Where the Unix socket goes; `null` where there is none (Windows) or the path would be too long for one. */
export function socketDirFor(dataDir: string): string | null {
  if (platform() === 'win32') return null
  const dir = path.join(dataDir, 'socket')
  return Buffer.byteLength(path.join(dir, '.s.PGSQL.65535')) > SOCKET_PATH_LIMIT ? null : dir
}

/**
 * A short name for how a server was started. A server left over from an earlier version or with other settings has
 * another one and is replaced instead of taken over.
 */
export function fingerprint(version: string, binary: string, settings: Settings): string {
  return createHash('sha256')
    .update(JSON.stringify([version, binary, settings]))
    .digest('hex')
    .slice(0, 16)
}

export interface Listening {
  readonly port: number
  readonly socketDir: string | null
  /** Without it the server is reached over its socket only. */
  readonly tcp: boolean
}

/** The server's command line. Settings go here and not into a file, so that they are always this program's. */
export function serverArguments(cluster: string, settings: Settings, mark: string, on: Listening): string[] {
  const all: Settings = {
    ...settings,
    port: on.port,
    listen_addresses: on.tcp ? '127.0.0.1' : '',
    // A list: quoted, so that a comma or a space in the path does not split it.
    unix_socket_directories: on.socketDir === null ? '' : `"${on.socketDir.replaceAll('"', '""')}"`,
    'dingdong.settings': mark,
  }
  return ['-D', cluster, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
}
