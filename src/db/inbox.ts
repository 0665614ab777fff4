import type { ContactId, MessageId, ShopId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import { type Queryable, run, runCount, sql } from './connect.ts'

export interface InboxRow {
  readonly message_id: MessageId
  /** Sealed { title, text, link }. */
  readonly body: Buffer
  readonly created_at: Instant
  readonly read_at: Instant | null
  readonly archived_at: Instant | null
}

const add = sql(
  'inbox_add',
  `insert into inbox_item (shop_id, message_id, contact_id, body, created_at)
   select $1, $2, m.contact_id, $3, $4 from message as m where m.shop_id = $1 and m.id = $2
   on conflict do nothing`,
)

/** Stores an item in the inbox of the message's contact; a second time changes nothing. */
export async function addInboxItem(
  db: Queryable,
  shop: ShopId,
  message: MessageId,
  body: Buffer,
  now: Instant,
): Promise<void> {
  await run(db, add, [shop, message, body, now])
}

const list = sql<InboxRow>(
  'inbox_list',
  `select message_id, body, created_at, read_at, archived_at from inbox_item
   where shop_id = $1 and contact_id = $2 and archived_at is null and ($3::uuid is null or message_id < $3)
   order by created_at desc, message_id desc limit $4`,
)

/** What lies in a contact's inbox, newest first, archived items left out. */
export function listInbox(
  db: Queryable,
  shop: ShopId,
  contact: ContactId,
  before: MessageId | null,
  limit: number,
): Promise<readonly InboxRow[]> {
  return run(db, list, [shop, contact, before, limit])
}

const mark = sql(
  'inbox_mark',
  `update inbox_item set read_at = case when $4 then coalesce(read_at, $5) else read_at end,
     archived_at = case when $6 then coalesce(archived_at, $5) else archived_at end
   where shop_id = $1 and contact_id = $2 and message_id = $3`,
)

/** Marks an item read or archived; `false` when this contact has no such item. */
export async function markInboxItem(
  db: Queryable,
  shop: ShopId,
  contact: ContactId,
  message: MessageId,
  change: { readonly read?: boolean; readonly archived?: boolean },
  now: Instant,
): Promise<boolean> {
  const values = [shop, contact, message, change.read ?? false, now, change.archived ?? false]
  return (await runCount(db, mark, values)) > 0
}

const unread = sql<{ n: number }>(
  'inbox_unread',
  `select count(*)::int as n from (select from inbox_item where shop_id = $1 and contact_id = $2
     and read_at is null and archived_at is null limit 100) as pile`,
)

/** How many unread items a contact has, 100 meaning "many". */
export async function countUnread(db: Queryable, shop: ShopId, contact: ContactId): Promise<number> {
  return (await run(db, unread, [shop, contact]))[0]!.n
}
