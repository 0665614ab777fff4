import type { AccountRow } from '../db/accounts.ts'
import { type Db, isRetryable, isUnavailable } from '../db/connect.ts'
import { readBodies } from '../db/messages.ts'
import { beginCalls, giveBackClaims, heartbeat } from '../db/work.ts'
import { formatId, type MessageId, type Random, type ShopId } from '../domain/ids.ts'
import type { Channel, Content, Fate, OutboundMessage } from '../domain/message.ts'
import { type Clock, type Millis, SECOND } from '../domain/time.ts'
import type { Renderer } from '../templates/renderer.ts'
import { type Allowed, type GateDeps, type Gated, LEASE, passGate, returnTokens } from './gate.ts'
import type { Keyring, ShopVault } from './keyring.ts'
import type { Metrics } from './metrics.ts'
import { createPace } from './pace.ts'
import { attempt, isMissingKey, renderMessages } from './render.ts'
import type { Senders } from './senders.ts'
import { type Attempted, pauseAccount, settleAttempts, untilAvailable } from './settle.ts'
import type { ShopConfigs } from './shop-config.ts'
import { createSlots } from './slots.ts'
import { unsubscribeLink, type VarsScene } from './template-vars.ts'

export interface DeliverDeps {
  readonly db: Db
  readonly keyring: Keyring
  readonly configs: ShopConfigs
  readonly senders: Senders
  readonly renderer: Renderer
  readonly clock: Clock
  readonly random: Random
  readonly publicUrl: () => string
  readonly metrics: Metrics
  /** How long a claim holds without a heartbeat; default `LEASE`. */
  readonly lease?: Millis
  readonly log: { warn(fields: object, text: string): void; error(fields: object, text: string): void }
}

export interface Delivery {
  /** Gates and hands over due messages of one shop and channel; gives how many it took up and when to come again. */
  deliver(shop: ShopId, channel: Channel): Promise<{ readonly taken: number; readonly retryIn: number }>
  /** Lengthens the leases of everything in our hands. */
  beat(): Promise<void>
  inFlight(): number
}

/** What waits longer than this after its gate is gated again: a payment may have come meanwhile. */
const FRESH = SECOND
/** One call may last so long; within the lease even when one heartbeat is lost. */
const CALL_LIMIT = 35 * SECOND

/** A message with its words, about to be handed over. */
interface Ready {
  readonly allowed: Allowed
  readonly outbound: OutboundMessage
  /** Sealed words to keep with the call; `null` when an earlier try kept them. */
  readonly body: Buffer | null
}

interface KeptBody {
  readonly to: string
  readonly locale: string
  readonly content: Content
}

export function createDelivery(deps: DeliverDeps): Delivery {
  const held = new Map<ShopId, Map<MessageId, number>>()
  const pace = createPace()
  const slots = createSlots()
  /** One turn at a time takes up what the next crash would set aside: see `apart` in the gate. */
  let suspecting = false
  const lease = deps.lease ?? LEASE
  const gateDeps: GateDeps = { ...deps, repeatOf: deps.senders.repeatOf }

  async function deliver(shop: ShopId, channel: Channel) {
    const config = await deps.configs.get(shop)
    const account = config.accounts.get(channel)?.find((each) => each.state === 'ok') ?? null
    const wanted = pace.claim(account?.id ?? null, account?.concurrency ?? 1)
    const suspects = !suspecting
    if (suspects) suspecting = true
    try {
      const gated = await passGate(gateDeps, shop, channel, { wanted, suspects })
      if (gated === null) return { taken: 0, retryIn: 0 }
      note(channel, gated)
      if (gated.allowed.length > 0) await holding(shop, gated)
      return { taken: gated.taken, retryIn: gated.retryIn }
    } finally {
      if (suspects) suspecting = false
    }
  }

  /** Hands over while heartbeats keep the leases; gives back what a fault of ours left unused. */
  async function holding(shop: ShopId, gated: Gated): Promise<void> {
    hold(shop, gated.allowed)
    try {
      await handOver(shop, gated)
    } catch (error) {
      // Nobody's fault: what has not been begun need not wait for its lease, nor count as a crash.
      if (isRetryable(error) || isMissingKey(error) || isUnavailable(error))
        await untilAvailable(deps, () => giveBackClaims(deps.db, shop, unbegun(gated)))
      throw error
    } finally {
      release(shop, gated.allowed)
    }
  }

  async function handOver(shop: ShopId, gated: Gated): Promise<void> {
    const vault = await deps.keyring.open(shop)
    const scene: VarsScene = {
      shop,
      config: gated.config,
      vault,
      publicUrl: deps.publicUrl(),
      now: gated.gatedAt,
    }
    const account = gated.allowed.find((each) => !each.ask)?.account ?? gated.allowed[0]!.account
    if (!(await canOpen(scene, account, gated))) return
    const ready = await prepare(scene, gated)
    const size = pace.chunk(account.id, account.concurrency)
    for (let from = 0; from < ready.length; from += size) {
      if (!isFresh(scene)) return putBack(scene, ready.slice(from))
      if (!(await call(scene, ready.slice(from, from + size)))) {
        return putBack(scene, ready.slice(from + size))
      }
    }
  }

  /** Whether the gate's word still counts; in either direction, as a clock set back must not keep old verdicts fresh. */
  const isFresh = (scene: VarsScene) => Math.abs(deps.clock.now() - scene.now) <= FRESH

  /** Returns messages whose turn did not come in time, for the gate to look at them again. */
  async function putBack({ shop }: VarsScene, late: readonly Ready[]): Promise<void> {
    if (late.length === 0) return
    await giveBackClaims(deps.db, shop, late.map(claimOf), true)
    await returnTokens(deps.db, shop, late[0]!.allowed.account, late.length)
    deps.metrics.regated.inc(late.length)
  }

  /** An account that this program cannot open must be repaired by a person; its messages wait meanwhile. */
  async function canOpen({ shop, vault }: VarsScene, account: AccountRow, gated: Gated): Promise<boolean> {
    try {
      deps.senders.of(shop, account, vault)
      return true
    } catch (error) {
      deps.log.error({ err: error, shop, account: account.id }, 'an account cannot be opened')
      await giveBackClaims(deps.db, shop, unbegun(gated))
      await pauseAccount(deps, shop, account.id, 'settings_unusable')
      return false
    }
  }

  /** Words for everything that will be sent; asks about calls that broke off; ends what has no words. */
  async function prepare(scene: VarsScene, gated: Gated): Promise<readonly Ready[]> {
    const { shop, vault } = scene
    const toAsk = gated.allowed.filter((each) => each.ask)
    const toSend = gated.allowed.filter((each) => !each.ask)
    const retries = toSend.filter((each) => each.message.tries > 0)
    const [kept] = await Promise.all([
      retries.length > 0
        ? readBodies(
            deps.db,
            shop,
            retries.map(({ message }) => message.id),
          )
        : [],
      toAsk.length > 0 && askAbout(scene, toAsk),
    ])
    const bodyOf = new Map(kept.map((row) => [row.message_id, row.body]))
    const ready: Ready[] = []
    const wordless: Attempted[] = []
    for (const allowed of toSend) {
      const body = bodyOf.get(allowed.message.id)
      if (!body) continue
      const words = attempt(() => openBody(shop, vault, allowed, body))
      if ('ok' in words) ready.push({ allowed, outbound: outbound(scene, allowed, words.ok), body: null })
      else wordless.push(noWords(scene, allowed, 'unreadable', words.detail))
    }
    const fresh = toSend.filter(({ message }) => !bodyOf.has(message.id))
    for (const worded of await renderMessages(deps.renderer, scene, fresh)) {
      const { allowed } = worded
      if ('failed' in worded) {
        wordless.push(noWords(scene, allowed, worded.failed, worded.detail))
        continue
      }
      const to = attempt(() => addressOf(scene, allowed))
      if (!('ok' in to)) {
        wordless.push(noWords(scene, allowed, 'unreadable', to.detail))
        continue
      }
      const body = { to: to.ok, locale: worded.locale, content: worded.content }
      const sealed = vault.sealer.seal(JSON.stringify(body), {
        shop,
        column: 'message_body.body',
        row: allowed.message.id,
      })
      ready.push({ allowed, outbound: outbound(scene, allowed, body), body: sealed })
    }
    if (wordless.length > 0) await settleAttempts(deps, shop, wordless)
    return ready
  }

  /** The fate of a message that cannot be put into words: it ends alone, the others go on. */
  function noWords(scene: VarsScene, allowed: Allowed, code: string, detail: string): Attempted {
    deps.log.warn({ shop: scene.shop, message: allowed.message.id, detail }, `no words: ${code}`)
    const fate: Fate = { kind: 'rejected', blame: 'content', code }
    return { allowed, fate, startedAt: scene.now, endedAt: scene.now }
  }

  /** Commits "calling", then uses the socket, then records what was said; `false`: the account is out of order. */
  async function call(scene: VarsScene, batch: readonly Ready[]): Promise<boolean> {
    const { shop, vault } = scene
    const begun = await beginCalls(
      deps.db,
      shop,
      batch.map((each) => ({ ...claimOf(each), body: each.body })),
      lease,
    )
    const ours = batch.filter((each) => begun.has(each.outbound.id))
    deps.metrics.lostClaims.inc(batch.length - ours.length)
    if (ours.length === 0) return true
    let inOrder = true
    const { account } = ours[0]!.allowed
    const { sender } = deps.senders.of(shop, account, vault)
    const started = deps.clock.now()
    const attempted = await eachAtMost(account.concurrency, ours, (each) =>
      slots.use(account.id, account.concurrency, async (): Promise<Attempted | Ready> => {
        const startedAt = deps.clock.now()
        // Those before it took longer than thought, or other turns had the slots; or a person must repair the
        // account: knocking on with a wrong password would get it locked.
        if (!inOrder || !isFresh(scene)) return each
        const fate = await guarded(each.outbound, (signal) => sender.send(each.outbound, signal))
        if (fate.kind === 'operator') inOrder = false
        return { allowed: each.allowed, fate, startedAt, endedAt: deps.clock.now() }
      }),
    )
    const made = attempted.filter((each) => 'fate' in each)
    if (made.length > 0) {
      pace.note(account.id, made.length, deps.clock.now() - started, account.concurrency)
      await settleAttempts(deps, shop, made)
    }
    await putBack(
      scene,
      attempted.filter((each) => 'outbound' in each),
    )
    return inOrder
  }

  /** Runs a call with its time limit. A provider that throws has a bug; what it did is then unknown. */
  async function guarded(
    message: OutboundMessage,
    work: (signal: AbortSignal) => Promise<Fate>,
  ): Promise<Fate> {
    const abort = new AbortController()
    const cancel = deps.clock.after(CALL_LIMIT, () => abort.abort())
    try {
      return await work(abort.signal)
    } catch (error) {
      deps.log.error({ err: error, message: message.id }, 'a provider threw instead of returning a fate')
      return { kind: 'unknown', code: 'provider_bug' }
    } finally {
      cancel()
    }
  }

  /** A call broke off in another worker and a repeat would be seen: only the provider can tell. */
  async function askAbout(scene: VarsScene, toAsk: readonly Allowed[]): Promise<void> {
    const { shop, vault } = scene
    const bodies = await readBodies(
      deps.db,
      shop,
      toAsk.map(({ message }) => message.id),
    )
    const bodyOf = new Map(bodies.map((row) => [row.message_id, row.body]))
    const attempted = await eachAtMost(4, toAsk, async (allowed): Promise<Attempted> => {
      const startedAt = deps.clock.now()
      const body = bodyOf.get(allowed.message.id)
      const { sender } = deps.senders.of(shop, allowed.account, vault)
      const lost: Fate = { kind: 'unknown', code: 'worker_lost' }
      const message = body && outbound(scene, allowed, openBody(shop, vault, allowed, body))
      const fate =
        message && sender.ask
          ? await guarded(message, async (signal) => (await sender.ask!(message, signal)) ?? lost)
          : lost
      return { allowed, fate, startedAt, endedAt: deps.clock.now() }
    })
    await settleAttempts(deps, shop, attempted)
  }

  function hold(shop: ShopId, allowed: readonly Allowed[]): void {
    const mine = held.get(shop) ?? new Map<MessageId, number>()
    held.set(shop, mine)
    for (const { message, fence } of allowed) mine.set(message.id, fence)
  }

  function release(shop: ShopId, allowed: readonly Allowed[]): void {
    const mine = held.get(shop)
    // Another turn may have claimed it anew by now.
    for (const { message, fence } of allowed) if (mine?.get(message.id) === fence) mine.delete(message.id)
    if (mine?.size === 0) held.delete(shop)
  }

  function note(channel: Channel, gated: Gated): void {
    const { metrics } = deps
    metrics.takeovers.inc(gated.takeovers)
    metrics.verdicts.inc({ channel, verdict: 'send' }, gated.allowed.length)
    metrics.verdicts.inc({ channel, verdict: 'hold' }, gated.held)
    for (const { state } of gated.finished) {
      metrics.verdicts.inc({ channel, verdict: state })
      if (state === 'unknown') metrics.unknowns.inc({ outcome: 'stopped' })
    }
  }

  return {
    deliver,
    async beat() {
      for (const [shop, messages] of held) {
        await heartbeat(
          deps.db,
          shop,
          [...messages].map(([id, fence]) => ({ id, fence })),
          lease,
        )
      }
    },
    inFlight: () => [...held.values()].reduce((sum, messages) => sum + messages.size, 0),
  }
}

const unbegun = ({ allowed }: Gated) =>
  allowed.flatMap(({ message, fence, ask }) => (ask ? [] : [{ id: message.id, fence }]))

const claimOf = ({ allowed }: Ready) => ({ id: allowed.message.id, fence: allowed.fence })

function openBody(shop: ShopId, vault: ShopVault, { message }: Allowed, body: Buffer): KeptBody {
  const place = { shop, column: 'message_body.body', row: message.id }
  return JSON.parse(vault.sealer.openText(body, place)) as KeptBody
}

function addressOf({ shop, vault }: VarsScene, { message }: Allowed): string {
  if (message.address === null || message.contact_id === null) return ''
  return vault.sealer.openText(message.address, { shop, column: 'contact.address', row: message.contact_id })
}

function outbound(scene: VarsScene, { message, account }: Allowed, body: KeptBody): OutboundMessage {
  return {
    shop: scene.shop,
    id: message.id,
    idempotencyKey: formatId('msg', message.id),
    channel: account.channel,
    purpose: message.purpose,
    to: body.to,
    locale: body.locale,
    content: body.content,
    unsubscribeUrl: unsubscribeLink(scene, message),
    attempt: message.tries + 1,
    createdAt: message.created_at,
  }
}

/** `work` over all items, `limit` at a time, results in order. */
async function eachAtMost<Item, Result>(
  limit: number,
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  if (items.length <= limit) return Promise.all(items.map(work))
  const results: Result[] = new Array(items.length)
  let next = 0
  const lane = async () => {
    while (next < items.length) {
      const at = next++
      results[at] = await work(items[at]!)
    }
  }
  await Promise.all(Array.from({ length: limit }, lane))
  return results
}
