import type { ShopId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import { type Queryable, run, sql } from './connect.ts'

const switches = sql<{
  killed: boolean
  all_killed: boolean
  config_version: number
  restored_at: Instant | null
  flows: readonly string[]
}>(
  'work_switches',
  `select s.killed, i.killed as all_killed, s.config_version, i.restored_at,
     array(select key from flow where shop_id = $1 and killed) as flows
   from shop as s, installation as i where s.id = $1`,
)

export interface Switches {
  readonly killed: boolean
  readonly all_killed: boolean
  readonly config_version: number
  /** When this database was last restored from a backup. */
  readonly restored_at: Instant | null
  readonly flows: readonly string[]
}

/** The kill switches as they stand now, and which configuration is in force. */
export async function readSwitches(db: Queryable, shop: ShopId): Promise<Switches> {
  const row = (await run(db, switches, [shop]))[0]
  if (!row) throw new Error(`shop ${shop} does not exist`)
  return row
}
