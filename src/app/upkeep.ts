import { mkdir, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import type { Config } from '../config.ts'
import { backupName, backupsToDelete, dueBackup } from '../db/backup/schedule.ts'
import type { Db } from '../db/connect.ts'
import { ensurePartitions } from '../db/partitions.ts'
import { newestKeys } from '../db/reseal.ts'
import { forgetOld } from '../db/retention.ts'
import { ensureInstallation, saveLastBackup } from '../db/shops.ts'
import { LONGEST_WINDOW } from '../domain/gate/cap-rules.ts'
import type { Random, ShopId } from '../domain/ids.ts'
import { type Clock, DAY, HOUR, type Instant, MINUTE, type Millis, SECOND, toIso } from '../domain/time.ts'
import type { AppLogger } from './logger.ts'
import { readPassphrase } from './passphrase.ts'

export interface UpkeepOptions {
  readonly config: Config
  readonly db: Db
  readonly databaseUrl: string
  readonly clock: Clock
  readonly random: Random
  readonly logger: AppLogger
  readonly forgetKeys: (shop: ShopId) => void
  readonly lookAtDisk: () => Promise<void>
}

export interface Upkeep {
  /** Resolves when what is under way has ended. */
  stop(): Promise<void>
}

/** A failed job (a full disk, a database that is away) is tried again after this. */
const AGAIN: Millis = 10 * MINUTE

/** The longest window of a card scheme is 30 days; tries of the shops' older failures may be told late. */
const CARD_TRIES_KEPT: Millis = 35 * DAY

/** What has to be done now and then: parts for the coming months, forgetting, backups, other processes' new keys. */
export function startUpkeep(options: UpkeepOptions): Upkeep {
  const { clock, logger, config, db } = options
  let stopped = false
  const running = new Set<Promise<unknown>>()
  const cancels = new Map<string, () => void>()

  function every(name: string, first: Millis, period: Millis, job: () => Promise<unknown>): void {
    const tick = async () => {
      let next = period
      try {
        await job()
      } catch (error) {
        next = Math.min(period, AGAIN)
        logger.error(
          { err: error, job: name },
          `${name} failed; it is tried again in ${Math.round(next / 1000)} s`,
        )
      }
      if (!stopped) plan(next)
    }
    const plan = (wait: Millis) =>
      cancels.set(
        name,
        clock.after(wait, () => {
          const turn = tick().finally(() => running.delete(turn))
          running.add(turn)
        }),
      )
    plan(first)
  }

  every('partitions', 12 * HOUR, 12 * HOUR, () => ensurePartitions(db, clock.now()))
  every('retention', 15 * MINUTE, 24 * HOUR, () => forget(config, db, clock.now(), logger))
  if (config.backup.every > 0) every('backup', MINUTE, 5 * MINUTE, () => backUp(options))
  every('disk', 5 * SECOND, 5 * SECOND, options.lookAtDisk)
  every('keys', 5 * SECOND, 5 * SECOND, noticeKeys(options))

  return {
    async stop() {
      stopped = true
      for (const cancel of cancels.values()) cancel()
      await Promise.allSettled(running)
    },
  }
}

async function forget(config: Config, db: Db, now: Instant, logger: AppLogger): Promise<void> {
  const before = (keep: Millis) => (keep === 0 ? null : now - keep)
  const { eventKeys, events, bodies } = config.keep
  const gone = await forgetOld(db, {
    eventKeys: before(eventKeys),
    events: before(events),
    bodies: before(bodies),
    caps: now - 2 * LONGEST_WINDOW,
    now,
    shortCodes: now - DAY,
    cardTries: now - CARD_TRIES_KEPT,
  })
  if (gone.rows > 0 || gone.parts.length > 0) logger.info(gone, 'old data was deleted')
}

/** The time of the last one is in the database, so of many processes the first that sees it due writes it. */
async function backUp({ config, db, databaseUrl, clock, random, logger }: UpkeepOptions): Promise<void> {
  const now = clock.now()
  const { last_backup_at: last } = await ensureInstallation(db, now)
  if (!dueBackup({ now, lastBackupAt: last, everyMs: config.backup.every })) return
  await saveLastBackup(db, now)
  try {
    await mkdir(config.backupDir, { recursive: true, mode: 0o700 })
    const { passphraseFile } = config.backup
    const passphrase = passphraseFile ? await readPassphrase(passphraseFile) : null
    const { backup } = await import('../db/backup.ts')
    const file = path.join(config.backupDir, backupName(toIso(now)))
    const summary = await backup({
      url: databaseUrl,
      file,
      now,
      random,
      ...(passphrase ? { passphrase } : {}),
    })
    logger.info({ file, ...summary }, 'backup written')
    for (const old of backupsToDelete(await readdir(config.backupDir), config.backup.keep)) {
      await rm(path.join(config.backupDir, old))
    }
  } catch (error) {
    // Not done after all: the next look finds it due again.
    await saveLastBackup(db, last ?? 0)
    throw error
  }
}

/** A rotation on another process adds keys: what they seal must be readable here, hint or no hint. */
function noticeKeys({ db, forgetKeys }: UpkeepOptions): () => Promise<void> {
  const known = new Map<ShopId, number>()
  return async () => {
    for (const { shop_id, key_id } of await newestKeys(db)) {
      const before = known.get(shop_id)
      if (before !== key_id) forgetKeys(shop_id)
      known.set(shop_id, key_id)
    }
  }
}
