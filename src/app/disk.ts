import { statfs } from 'node:fs/promises'
import { RESERVE_BYTES } from '../db/postgres/data-dir.ts'
import { ignoring } from '../domain/errors.ts'

/** Below this the one who runs the machine is told; events are still taken in. */
const WANTED_BYTES = 256 * 1024 * 1024

/** `full`: less than the embedded server's reserve, no event is taken in. */
export type Room = 'enough' | 'low' | 'full'

/** The disk of the embedded database, as readiness and intake both see it. */
export interface Disk {
  /** Looks now; logs when it has turned. Rejects where the disk cannot be asked. */
  look(): Promise<{ readonly room: Room; readonly detail: string }>
  /** As of the last look. */
  isFull(): boolean
}

export interface DiskOptions {
  readonly dir: string
  readonly log: Record<'info' | 'warn' | 'error' | 'debug', (fields: object, text: string) => void>
  /** Bytes that are free in `dir`. */
  readonly freeIn?: (dir: string) => Promise<number>
}

async function freeBytes(dir: string): Promise<number> {
  const { bavail, bsize } = await statfs(dir)
  return bavail * bsize
}

const megabytes = (bytes: number) => Math.floor(bytes / 1_048_576)

export function watchDisk({ dir, log, freeIn = freeBytes }: DiskOptions): Disk {
  let last: Room = 'enough'

  function tell(room: Room, detail: string): void {
    if (room === last) return
    if (room === 'full') log.error({ dir }, `the disk is full, no event is taken in: ${detail}`)
    else if (room === 'low') log.warn({ dir }, `the disk is getting full: ${detail}; make room`)
    else log.info({ dir }, `the disk has room again: ${detail}`)
    last = room
  }

  return {
    async look() {
      const free = await freeIn(dir)
      const room = free < RESERVE_BYTES ? 'full' : free < WANTED_BYTES ? 'low' : 'enough'
      const wanted = megabytes(room === 'full' ? RESERVE_BYTES : WANTED_BYTES)
      const detail = `${megabytes(free)} MB free, ${wanted} MB ${room === 'full' ? 'needed' : 'wanted'}`
      tell(room, detail)
      return { room, detail }
    },
    isFull: () => last === 'full',
  }
}

/** Looks, where a disk that cannot be asked is somebody else's to tell. */
export async function lookQuietly(disk: Disk | null, log: DiskOptions['log']): Promise<void> {
  await disk?.look().catch((error) => ignoring(error, 'the disk cannot be asked how full it is', log))
}
