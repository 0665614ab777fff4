import { setAccountState } from '../db/accounts.ts'
import { releaseSlots } from '../db/cap-slots.ts'
import { type CapUse, releaseCaps } from '../db/caps.ts'
import { type Db, isRetryable, isUnavailable, transaction } from '../db/connect.ts'
import {
  type Postponed,
  postponeMessages,
  rememberReceiptRefs,
  type Settled,
  settleMessages,
  suppressContacts,
} from '../db/settle.ts'
import { bumpConfig, lockShopSettings } from '../db/shops.ts'
import { nextStep } from '../domain/delivery/next-step.ts'
import { type AccountId, formatId, type MessageId, type Random, type ShopId } from '../domain/ids.ts'
import type { Fate } from '../domain/message.ts'
import type { Clock, Instant, Millis } from '../domain/time.ts'
import { type Allowed, LEASE } from './gate.ts'
import type { ShopVault } from './keyring.ts'
import type { Metrics } from './metrics.ts'
import type { Senders } from './senders.ts'
import type { VarsScene } from './template-vars.ts'

/** One try with what the provider said. */
export interface Attempted {
  readonly allowed: Allowed
  readonly fate: Fate
  readonly startedAt: Instant
  readonly endedAt: Instant
}

export interface SettleDeps {
  readonly db: Db
  readonly senders: Senders
  readonly clock: Clock
  readonly random: Random
  readonly metrics: Metrics
  readonly keyring: { open(shop: ShopId): Promise<ShopVault> }
  readonly lease?: Millis
  readonly log: { warn(fields: object, text: string): void }
}

/** Records fates in batches and decides what comes next: done, again later, dead address, account to repair. */
export async function settleAttempts(
  deps: SettleDeps,
  { shop, config }: Pick<VarsScene, 'shop' | 'config'>,
  attempted: readonly Attempted[],
): Promise<void> {
  const settled: Settled[] = []
  const postponed: Postponed[] = []
  const vault = await deps.keyring.open(shop)
  for (const each of attempted) {
    const { allowed, fate } = each
    const { provider } = deps.senders.of(shop, allowed.account, vault)
    const attempt = Math.max(1, allowed.message.tries + (allowed.ask ? 0 : 1))
    const next = nextStep(fate, {
      attempt,
      now: each.endedAt,
      expiresAt: allowed.message.expires_at,
      // A call that was only asked about must not be repeated, whatever the road.
      repeat: provider.repeat,
      schedule: provider.schedule ?? null,
      random: deps.random(1)[0]! / 256,
    })
    const tried = triedOf(each, attempt)
    if (next.kind === 'final') settled.push({ ...tried, state: next.state, code: next.code })
    else postponed.push({ ...tried, dueAt: next.dueAt })
    const { account } = allowed
    deps.metrics.fates.inc({
      shop: config.row.slug,
      channel: account.channel,
      provider: provider.name,
      account: formatId('acct', account.id),
      account_name: account.name,
      fate: fate.kind,
    })
    if (fate.kind === 'unknown') {
      deps.metrics.unknowns.inc({ outcome: next.kind === 'final' ? 'stopped' : 'repeated' })
    }
  }
  // First: once a message is settled nobody comes back to it, and a crash in between would lose its receipts.
  await untilAvailable(deps, () => keepLearned(deps, shop, attempted, vault))
  // Each is tried again by itself: what one has written must not be asked for twice.
  const [kept, back] = await Promise.all([
    untilAvailable(deps, () => settleMessages(deps.db, shop, settled)),
    untilAvailable(deps, () => postponeMessages(deps.db, shop, postponed)),
  ])
  deps.metrics.lateFates.inc(attempted.length - kept.size - back.size)
  await freeSlots(deps, shop, attempted, kept)
  await pauseBroken(deps, shop, attempted)
}

/** What certainly did not arrive takes no slot of the person's day; of several tries, nobody can be that certain. */
async function freeSlots(
  deps: SettleDeps,
  shop: ShopId,
  attempted: readonly Attempted[],
  kept: ReadonlySet<MessageId>,
): Promise<void> {
  const uses = new Map<string, CapUse>()
  const refused = attempted.filter(
    ({ allowed: { message }, fate }) =>
      fate.kind === 'rejected' && message.tries === 0 && kept.has(message.id),
  )
  for (const { allowed } of refused) {
    const { message, capDay: day } = allowed
    const customer = message.customer_id
    if (day === null || customer === null) continue
    const name = `${customer} ${day}`
    uses.set(name, { customer, day, n: (uses.get(name)?.n ?? 0) + 1 })
  }
  await releaseCaps(deps.db, shop, [...uses.values()])
  await releaseSlots(
    deps.db,
    shop,
    refused.flatMap(({ allowed: { message, slots } }) =>
      slots
        ? [{ id: message.id, order: message.order_id, holders: [message.customer_id, message.contact_id] }]
        : [],
    ),
  )
}

const PAUSE: Millis = 250

/**
 * What a provider said is not thrown away because the database is just being restarted: without it, every call in
 * hand would become an unknown outcome. Tried again until the lease is over; the fence makes repeats harmless.
 */
export async function untilAvailable<T>(
  { clock, lease = LEASE }: Pick<SettleDeps, 'clock' | 'lease'>,
  work: () => Promise<T>,
): Promise<T> {
  for (let waited = 0; ; waited += PAUSE) {
    try {
      return await work()
    } catch (error) {
      if (!(isUnavailable(error) || isRetryable(error)) || waited >= lease) throw error
      await new Promise<void>((resolve) => void clock.after(PAUSE, resolve))
    }
  }
}

function triedOf({ allowed, fate, startedAt, endedAt }: Attempted, n: number) {
  return {
    id: allowed.message.id,
    fence: allowed.fence,
    account: allowed.account.id,
    n,
    startedAt,
    endedAt,
    fate: fate.kind,
    code: 'code' in fate ? fate.code : null,
    providerRef: fate.kind === 'sent' ? fate.providerRef : null,
  }
}

/** What a fate says beyond its message: dead addresses, and the references by which receipts will come. Repeatable. */
async function keepLearned(
  deps: SettleDeps,
  shop: ShopId,
  attempted: readonly Attempted[],
  vault: ShopVault,
): Promise<void> {
  const dead = attempted.flatMap(({ allowed, fate }) =>
    fate.kind === 'rejected' && fate.blame === 'address' && allowed.message.contact_id !== null
      ? [{ id: allowed.message.contact_id, reason: fate.code }]
      : [],
  )
  const refs = attempted.flatMap(({ allowed, fate }) => {
    const { provider } = deps.senders.of(shop, allowed.account, vault)
    if (fate.kind !== 'sent' || fate.providerRef === null || !provider.readCallback) return []
    return [{ account: allowed.account.id, providerRef: fate.providerRef, message: allowed.message.id }]
  })
  await Promise.all([
    suppressContacts(deps.db, shop, dead, deps.clock.now()),
    rememberReceiptRefs(deps.db, shop, refs),
  ])
}

async function pauseBroken(deps: SettleDeps, shop: ShopId, attempted: readonly Attempted[]): Promise<void> {
  const broken = attempted.find(({ fate }) => fate.kind === 'operator')
  if (broken && 'code' in broken.fate)
    await pauseAccount(deps, shop, broken.allowed.account.id, broken.fate.code)
}

/** Nothing leaves through an account that a person must repair; its messages wait, and say why. */
export async function pauseAccount(
  deps: Pick<SettleDeps, 'db' | 'clock' | 'log'>,
  shop: ShopId,
  account: AccountId,
  code: string,
): Promise<void> {
  // Both or neither: a paused row that no process reads anew would go on being called.
  const changed = await transaction(deps.db, async (tx) => {
    // As who sets or removes an account: the shop's row before the account's.
    await lockShopSettings(tx, shop)
    const did = await setAccountState(tx, shop, account, 'paused', code, deps.clock.now())
    if (did) await bumpConfig(tx, shop)
    return did
  })
  if (!changed) return
  deps.log.warn({ shop, account, code }, 'account paused: a person must repair it')
}
