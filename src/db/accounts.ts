import type { Rate } from '../domain/delivery/rate.ts'
import type { AccountId, ContactId, Id, ShopId } from '../domain/ids.ts'
import type { Channel } from '../domain/message.ts'
import { type Instant, MINUTE, type Millis, SECOND } from '../domain/time.ts'
import { type Queryable, run, runCount, sql } from './connect.ts'

export interface AccountRow {
  readonly id: AccountId
  readonly channel: Channel
  readonly provider: string
  readonly name: string
  /** Sealed JSON of the provider's settings. */
  readonly settings: Buffer
  readonly state: 'ok' | 'paused'
  readonly state_reason: string | null
  readonly state_at: Instant | null
  /** Smaller goes first where a channel has several. */
  readonly position: number
  readonly rate_per_s: number | null
  readonly concurrency: number
}

const FIELDS =
  'id, channel, provider, name, settings, state, state_reason, state_at, position, rate_per_s, concurrency'

const add = sql(
  'account_add',
  `insert into account (shop_id, id, channel, provider, name, settings, position, rate_per_s, concurrency, created_at)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
)

export async function addAccount(
  db: Queryable,
  shop: ShopId,
  account: Omit<AccountRow, 'state' | 'state_reason' | 'state_at'>,
  now: Instant,
): Promise<void> {
  const { id, channel, provider, name, settings, position, rate_per_s, concurrency } = account
  await run(db, add, [shop, id, channel, provider, name, settings, position, rate_per_s, concurrency, now])
}

const list = sql<AccountRow>(
  'account_list',
  `select ${FIELDS} from account where shop_id = $1 and state <> 'removed' order by channel, position, id`,
)

/** Every account of the shop that was not removed, in the order in which a channel prefers them. */
export function listAccounts(db: Queryable, shop: ShopId): Promise<readonly AccountRow[]> {
  return run(db, list, [shop])
}

const setState = sql(
  'account_set_state',
  `update account set state = $3, state_reason = $4, state_at = $5 where shop_id = $1 and id = $2 and state not in ($3, 'removed')`,
)

/** Pauses or resumes an account; gives whether that changed anything. */
export async function setAccountState(
  db: Queryable,
  shop: ShopId,
  account: AccountId,
  state: 'ok' | 'paused',
  reason: string | null,
  now: Instant,
): Promise<boolean> {
  return (await runCount(db, setState, [shop, account, state, reason, now])) > 0
}

const remove = sql(
  'account_remove',
  `update account set state = 'removed', state_reason = $4, state_at = $5, settings = $3
   where shop_id = $1 and id = $2 and state <> 'removed'`,
)

/** Takes an account away for good; the row stays, as tries were made through it. `settings`: what is left of them, sealed. */
export async function removeAccount(
  db: Queryable,
  shop: ShopId,
  account: AccountId,
  settings: Buffer,
  reason: string,
  now: Instant,
): Promise<boolean> {
  return (await runCount(db, remove, [shop, account, settings, reason, now])) > 0
}

export interface WaitingFor {
  /** `null`: for nobody in particular, as a command to the shop. */
  readonly contact_id: ContactId | null
  readonly messages: number
}

const waiting = sql<WaitingFor>(
  'account_waiting',
  `select m.contact_id, count(*)::int as messages
   from message_work as w left join message as m on m.shop_id = $1 and m.id = w.message_id
   where w.shop_id = $1 and w.channel = $2 group by m.contact_id`,
)

/** Messages of a channel that have not left yet, by receiver. */
export function waitingOn(db: Queryable, shop: ShopId, channel: Channel): Promise<readonly WaitingFor[]> {
  return run(db, waiting, [shop, channel])
}

const change = sql(
  'account_change',
  `update account set settings = $3, name = $4, position = $5, rate_per_s = $6, concurrency = $7
   where shop_id = $1 and id = $2 and state <> 'removed'`,
)

/** Gives an account other settings (sealed JSON that its provider has checked), another name, place or pace. */
export async function changeAccount(
  db: Queryable,
  shop: ShopId,
  account: Pick<AccountRow, 'id' | 'settings' | 'name' | 'position' | 'rate_per_s' | 'concurrency'>,
): Promise<boolean> {
  const { id, settings, name, position, rate_per_s, concurrency } = account
  return (await runCount(db, change, [shop, id, settings, name, position, rate_per_s, concurrency])) > 0
}

// By (shop_id, channel, due_at). What the gate put back itself, with its reason in the verdict, and what met the trouble
// in its last try, found by attempt's primary key.
const release = sql(
  'account_release_held',
  `update message_work as w set due_at = $3
   where w.shop_id = $1 and w.channel = $2 and w.due_at > $3 and w.state = 'waiting'
     and (starts_with(w.verdict, 'hold') and strpos(w.verdict, 'account_paused') > 0
       or w.account_id = $4 and exists (
         select 1 from attempt as a
         where a.shop_id = $1 and a.message_id = w.message_id and a.n = w.tries and a.fate = 'operator'))`,
)

/** Makes what waits for a paused account due now, on all its channel; the gate decides anew. Gives how many. */
export function releaseHeldMessages(
  tx: Queryable,
  shop: ShopId,
  { id, channel }: Pick<AccountRow, 'id' | 'channel'>,
  now: Instant,
): Promise<number> {
  return runCount(tx, release, [shop, channel, now, id])
}

/**
 * Machines' clocks are not farther apart. A bucket that was filled later than that from now was filled by a clock that has
 * been set back since: it would stay empty until that moment has come.
 */
const CLOCKS_APART: Millis = MINUTE

// One row: every worker takes its tokens from the same bucket.
const takeTokens_ = sql<{ granted: number; tokens: number }>(
  'account_rate_take',
  `with before as (
     select least($6::float8, tokens + greatest(0, $4::bigint - refilled_at) * $3::float8 / 1000) as tokens
     from account_rate where shop_id = $1 and account_id = $2 for update)
   update account_rate as r set tokens = before.tokens - least($5::int, floor(before.tokens)),
     refilled_at = case when r.refilled_at > $4::bigint + $7::bigint then $4::bigint
       else greatest($4::bigint, r.refilled_at) end
   from before where r.shop_id = $1 and r.account_id = $2
   returning least($5::int, floor(before.tokens))::int as granted, r.tokens`,
)
const openBucket = sql(
  'account_rate_open',
  'insert into account_rate (shop_id, account_id, tokens, refilled_at) values ($1, $2, $3, $4) on conflict do nothing',
)

/**
 * Takes up to `wanted` calls from the account's shared token bucket. Gives how many were granted; `retryIn` is when it
 * is worth asking for the rest.
 */
export async function takeTokens(
  db: Queryable,
  shop: ShopId,
  account: AccountId,
  { perSecond, savedUp }: Rate,
  wanted: number,
  now: Instant,
): Promise<{ readonly granted: number; readonly retryIn: Millis }> {
  const take = () => run(db, takeTokens_, [shop, account, perSecond, now, wanted, savedUp, CLOCKS_APART])
  let row = (await take())[0]
  if (!row) {
    await run(db, openBucket, [shop, account, savedUp, now])
    row = (await take())[0]
  }
  const { granted, tokens } = row!
  const missing = Math.min(wanted - granted, savedUp) - tokens
  return { granted, retryIn: granted >= wanted ? 0 : Math.ceil((missing / perSecond) * SECOND) }
}

const putBack = sql(
  'account_rate_put_back',
  `update account_rate set tokens = least($3::float8, tokens + $4)
   where shop_id = $1 and account_id = $2`,
)

/** Puts tokens back that were granted and then not needed; the bucket never holds more than it may save up. */
export async function putTokensBack(
  db: Queryable,
  shop: ShopId,
  account: AccountId,
  { savedUp }: Rate,
  unused: number,
): Promise<void> {
  if (unused > 0) await run(db, putBack, [shop, account, savedUp, unused])
}

// ── Members: people who work for the shop ──

export interface MemberContact {
  readonly member_id: Id<'mem'>
  readonly roles: readonly string[]
  readonly locale: string
  readonly contact_id: ContactId
  readonly channel: Channel
}

const addMember_ = sql(
  'member_add',
  'insert into member (shop_id, id, name, roles, locale, created_at) values ($1, $2, $3, $4, $5, $6)',
)
const addMemberContact_ = sql(
  'member_contact_add',
  `insert into contact (shop_id, id, member_id, channel, address_index, address, verified, created_at)
   values ($1, $2, $3, $4, $5, $6, 'operator', $7)
   on conflict (shop_id, channel, address_index) do update set member_id = excluded.member_id`,
)

export async function addMember(
  db: Queryable,
  shop: ShopId,
  member: {
    readonly id: Id<'mem'>
    readonly name: string
    readonly roles: readonly string[]
    readonly locale: string
  },
  now: Instant,
): Promise<void> {
  await run(db, addMember_, [shop, member.id, member.name, member.roles, member.locale, now])
}

export async function addMemberContact(
  db: Queryable,
  shop: ShopId,
  member: Id<'mem'>,
  contact: {
    readonly id: ContactId
    readonly channel: Channel
    readonly index: Buffer
    readonly address: Buffer
  },
  now: Instant,
): Promise<void> {
  await run(db, addMemberContact_, [
    shop,
    contact.id,
    member,
    contact.channel,
    contact.index,
    contact.address,
    now,
  ])
}

const memberContacts = sql<MemberContact>(
  'member_contacts',
  `select m.id as member_id, m.roles, m.locale, c.id as contact_id, c.channel
   from member as m join contact as c on c.shop_id = $1 and c.member_id = m.id
   where m.shop_id = $1 and m.removed_at is null order by m.id, c.id`,
)

/** Every address of every member, with the roles that person has. */
export function listMemberContacts(db: Queryable, shop: ShopId): Promise<readonly MemberContact[]> {
  return run(db, memberContacts, [shop])
}

export interface MemberRow {
  readonly id: Id<'mem'>
  readonly name: string
  readonly roles: readonly string[]
  readonly locale: string
  readonly channels: readonly Channel[]
}

const memberById = sql<Omit<MemberRow, 'channels'>>(
  'member_by_id',
  'select id, name, roles, locale from member where shop_id = $1 and id = $2 and removed_at is null',
)

/** Somebody who works for the shop now, or `null`. */
export async function readMember(
  db: Queryable,
  shop: ShopId,
  member: Id<'mem'>,
): Promise<Omit<MemberRow, 'channels'> | null> {
  return (await run(db, memberById, [shop, member]))[0] ?? null
}

const nameOfMember = sql<{ name: string }>(
  'member_name',
  'select name from member where shop_id = $1 and id = $2',
)

/** What somebody is called who works for the shop, or has. */
export async function memberName(db: Queryable, shop: ShopId, member: Id<'mem'>): Promise<string | null> {
  return (await run(db, nameOfMember, [shop, member]))[0]?.name ?? null
}

const removeMember_ = sql(
  'member_remove',
  'update member set removed_at = $3 where shop_id = $1 and id = $2 and removed_at is null',
)

/** Ends somebody's work for the shop: no more messages, and their log-in ends. */
export async function removeMember(
  db: Queryable,
  shop: ShopId,
  member: Id<'mem'>,
  now: Instant,
): Promise<boolean> {
  return (await runCount(db, removeMember_, [shop, member, now])) > 0
}

const members = sql<MemberRow>(
  'member_list',
  `select m.id, m.name, m.roles, m.locale, array(
     select c.channel from contact as c where c.shop_id = $1 and c.member_id = m.id order by c.channel) as channels
   from member as m where m.shop_id = $1 and m.removed_at is null order by m.id`,
)

/** The people who work for the shop, with the channels on which each can be reached. */
export function listMembers(db: Queryable, shop: ShopId): Promise<readonly MemberRow[]> {
  return run(db, members, [shop])
}
