import type { AccountRow } from '../db/accounts.ts'
import { beginCalls, type Claimed, giveBackClaims } from '../db/calls.ts'
import type { ShopId } from '../domain/ids.ts'
import { type Millis, SECOND } from '../domain/time.ts'
import { askAbout } from './ask.ts'
import { type CallDeps, eachAtMost, guarded } from './calls.ts'
import type { Allowed, Gated } from './gate.ts'
import { returnTokens } from './grants.ts'
import type { Keyring } from './keyring.ts'
import type { Pace } from './pace.ts'
import { putIntoWords, type Ready, type ReadyDeps } from './ready.ts'
import { type Attempted, pauseAccount, settleAttempts } from './settle.ts'
import type { Slots } from './slots.ts'
import type { VarsScene } from './template-vars.ts'

/** What waits longer than this after its gate is gated again: a payment may have come meanwhile. */
const FRESH = SECOND

export interface HandOverDeps extends ReadyDeps, CallDeps {
  readonly keyring: Keyring
  readonly publicUrl: () => string
  readonly pace: Pace
  readonly slots: Slots
  readonly lease: Millis
  readonly log: ReadyDeps['log'] & CallDeps['log']
}

/**
 * Told when nothing is left but to wait for the provider; `room`: even with all that was taken up the account makes
 * fewer calls at once than it may.
 */
export type OnCall = (at: { readonly room: boolean }) => void

/**
 * Takes what the gate let through to its accounts, each at its own pace and with its own troubles.
 */
export async function handOver(
  deps: HandOverDeps,
  shop: ShopId,
  gated: Gated,
  onCall: OnCall,
): Promise<void> {
  const vault = await deps.keyring.open(shop)
  const scene: VarsScene = {
    shop,
    config: gated.config,
    vault,
    publicUrl: deps.publicUrl(),
    now: gated.gatedAt,
  }
  const byAccount = [...Map.groupBy(gated.allowed, ({ account }) => account.id).values()]
  const ends = await Promise.allSettled(byAccount.map((own) => handOverTo(deps, scene, own, onCall)))
  // Only when all have ended: the leases of those still calling are kept until then.
  for (const end of ends) if (end.status === 'rejected') throw end.reason
}

/** Words, "calling", the call, its fate: for what goes through one account. */
async function handOverTo(
  deps: HandOverDeps,
  scene: VarsScene,
  allowed: readonly Allowed[],
  onCall: OnCall,
): Promise<void> {
  const { account } = allowed[0]!
  if (!(await canOpen(deps, scene, account, allowed))) return
  const [asked, toSend] = [allowed.filter((each) => each.ask), allowed.filter((each) => !each.ask)]
  const [ready] = await Promise.all([putIntoWords(deps, scene, toSend), askAbout(deps, scene, asked)])
  const size = deps.pace.chunk(account.id, account.concurrency)
  for (let from = 0; from < ready.length; from += size) {
    if (!isFresh(deps, scene)) return putBack(deps, scene, ready.slice(from))
    const isLast = from + size >= ready.length
    const begins: OnCall = ({ room }) => onCall({ room: room && isLast })
    if (!(await call(deps, scene, ready.slice(from, from + size), begins))) {
      return putBack(deps, scene, ready.slice(from + size))
    }
  }
}

/** Whether the gate's word still counts; in either direction, as a clock set back must not keep old verdicts fresh. */
const isFresh = ({ clock }: HandOverDeps, scene: VarsScene) => Math.abs(clock.now() - scene.now) <= FRESH

/** Returns messages whose turn did not come in time, for the gate to look at them again. */
async function putBack(deps: HandOverDeps, { shop }: VarsScene, late: readonly Ready[]): Promise<void> {
  if (late.length === 0) return
  await giveBackClaims(deps.db, shop, late.map(claimOf), true)
  await returnTokens(deps.db, shop, late[0]!.allowed.account, late.length)
  deps.metrics.regated.inc(late.length)
}

/** An account that this program cannot open must be repaired by a person; its messages wait meanwhile. */
async function canOpen(
  deps: HandOverDeps,
  { shop, vault }: VarsScene,
  account: AccountRow,
  allowed: readonly Allowed[],
): Promise<boolean> {
  try {
    deps.senders.of(shop, account, vault)
    return true
  } catch (error) {
    deps.log.error({ err: error, shop, account: account.id }, 'an account cannot be opened')
    const claims = unbegun(allowed)
    await giveBackClaims(deps.db, shop, claims)
    await returnTokens(deps.db, shop, account, claims.length)
    await pauseAccount(deps, shop, account.id, 'settings_unusable')
    return false
  }
}

/** Commits "calling", then uses the socket, then records what was said; `false`: the account is out of order. */
async function call(
  deps: HandOverDeps,
  scene: VarsScene,
  batch: readonly Ready[],
  onCall: OnCall,
): Promise<boolean> {
  const { shop, vault } = scene
  const begun = await beginCalls(
    deps.db,
    shop,
    batch.map((each) => ({ ...claimOf(each), body: each.body })),
    deps.lease,
  )
  const ours = batch.filter((each) => begun.has(each.outbound.id))
  deps.metrics.lostClaims.inc(batch.length - ours.length)
  if (ours.length === 0) return true
  let inOrder = true
  const { account } = ours[0]!.allowed
  const { sender } = deps.senders.of(shop, account, vault)
  const started = deps.clock.now()
  onCall({ room: deps.slots.free(account.id, account.concurrency) > ours.length })
  const attempted = await eachAtMost(account.concurrency, ours, (each) =>
    deps.slots.use(account.id, account.concurrency, async (): Promise<Attempted | Ready> => {
      const startedAt = deps.clock.now()
      // Those before it took longer than thought, or other turns had the slots; or a person must repair the
      // account: knocking on with a wrong password would get it locked.
      if (!inOrder || !isFresh(deps, scene)) return each
      const fate = await guarded(deps, each.outbound, (signal) => sender.send(each.outbound, signal))
      if (fate.kind === 'operator') inOrder = false
      return { allowed: each.allowed, fate, startedAt, endedAt: deps.clock.now() }
    }),
  )
  const made = attempted.filter((each) => 'fate' in each)
  if (made.length > 0) {
    deps.pace.note(account.id, made.length, deps.clock.now() - started, account.concurrency)
    await settleAttempts(deps, scene, made)
  }
  await putBack(
    deps,
    scene,
    attempted.filter((each) => 'outbound' in each),
  )
  return inOrder
}

/** What has been claimed only: of calls that are asked about nobody may say that they were not begun. */
export const unbegun = (allowed: readonly Allowed[]): readonly Claimed[] =>
  allowed.flatMap(({ message, fence, ask }) => (ask ? [] : [{ id: message.id, fence }]))

const claimOf = ({ allowed }: Ready) => ({ id: allowed.message.id, fence: allowed.fence })
