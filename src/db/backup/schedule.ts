import type { Instant, Millis } from '../../domain/time.ts'

/** Is it time for the next backup? Always when there was none; never when they are switched off (`everyMs` 0). */
export function dueBackup(on: { now: Instant; lastBackupAt: Instant | null; everyMs: Millis }): boolean {
  if (on.everyMs <= 0) return false
  return on.lastBackupAt === null || on.now - on.lastBackupAt >= on.everyMs
}

/** `dingdong-20261122T080000Z.backup`: sorts by age, and says it in UTC. */
export function backupName(iso: string): string {
  return `dingdong-${iso.slice(0, 19).replaceAll(/[-:]/g, '')}Z.backup`
}

const OURS = /^dingdong-\d{8}T\d{6}Z\.backup$/

/** Which of a folder's files to delete so that the newest `keep` (at least 1) stay. Files of other names are not ours. */
export function backupsToDelete(files: readonly string[], keep: number): readonly string[] {
  return files
    .filter((file) => OURS.test(file))
    .sort()
    .slice(0, -Math.max(1, Math.floor(keep)))
}
