import type { Id, ShopId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import { type Queryable, run, sql } from './connect.ts'

export interface AuditRow {
  readonly id: Id<'adt'>
  readonly at: Instant
  /** `key:<name>`, `member:<id>`, `buyer`, `system`. */
  readonly actor: string
  /** `message.resend`, `keys.reveal`, … */
  readonly action: string
  readonly target: string
  readonly detail: Readonly<Record<string, unknown>>
}

const add = sql(
  'audit_add',
  'insert into audit (shop_id, id, at, actor, action, target, detail) values ($1, $2, $3, $4, $5, $6, $7)',
)

/** Appends to the audit log; the table refuses changes. Never put an address, key or name into `detail`. */
export async function addAudit(db: Queryable, shop: ShopId, row: AuditRow): Promise<void> {
  await run(db, add, [shop, row.id, row.at, row.actor, row.action, row.target, row.detail])
}

const switches = sql<{ at: Instant; action: 'flow.enable' | 'flow.disable'; target: string }>(
  'audit_flow_switches',
  `select at, action, target from audit
   where shop_id = $1 and action in ('flow.enable', 'flow.disable') order by at, id`,
)

/** When flows were switched on and off, oldest first. */
export function flowSwitches(
  db: Queryable,
  shop: ShopId,
): Promise<
  readonly {
    readonly at: Instant
    readonly action: 'flow.enable' | 'flow.disable'
    readonly target: string
  }[]
> {
  return run(db, switches, [shop])
}

const list = sql<AuditRow>(
  'audit_list',
  `select id, at, actor, action, target, detail from audit
   where shop_id = $1 and ($2::uuid is null or id < $2) order by id desc limit $3`,
)

/** The shop's audit log, newest first, below `before`. */
export function listAudit(
  db: Queryable,
  shop: ShopId,
  before: Id<'adt'> | null,
  limit: number,
): Promise<readonly AuditRow[]> {
  return run(db, list, [shop, before, limit])
}
