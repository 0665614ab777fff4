import type { Db } from '../db/connect.ts'
import { readBodies } from '../db/messages.ts'
import { beginCalls, giveBackClaims, heartbeat } from '../db/work.ts'
import { formatId, type MessageId, type Random, type ShopId } from '../domain/ids.ts'
import type { Channel, Content, Fate, OutboundMessage } from '../domain/message.ts'
import { type Clock, type Millis, SECOND } from '../domain/time.ts'
import type { Renderer } from '../templates/renderer.ts'
import { type Allowed, type GateDeps, type Gated, LEASE, passGate } from './gate.ts'
import type { Keyring, ShopVault } from './keyring.ts'
import type { Metrics } from './metrics.ts'
import { createPace } from './pace.ts'
import { renderMessages } from './render.ts'
import type { Senders } from './senders.ts'
import { type Attempted, settleAttempts } from './settle.ts'
import type { ShopConfigs } from './shop-config.ts'
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
  const lease = deps.lease ?? LEASE
  const gateDeps: GateDeps = { ...deps, repeatOf: deps.senders.repeatOf }

  async function deliver(shop: ShopId, channel: Channel) {
    const config = await deps.configs.get(shop)
    const account = config.accounts.get(channel)?.find((each) => each.state === 'ok') ?? null
    const gated = await passGate(
      gateDeps,
      shop,
      channel,
      pace.claim(account?.id ?? null, account?.concurrency ?? 1),
    )
    if (gated === null) return { taken: 0, retryIn: 0 }
    note(channel, gated)
    hold(shop, gated.allowed)
    try {
      if (gated.allowed.length > 0) await handOver(shop, gated)
    } finally {
      release(shop, gated.allowed)
    }
    return { taken: gated.taken, retryIn: gated.retryIn }
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
    const ready = await prepare(scene, gated)
    const { account } = gated.allowed[0]!
    const size = pace.chunk(account.id, account.concurrency)
    for (let from = 0; from < ready.length; from += size) {
      // In either direction: a clock that was set back must not keep old verdicts fresh.
      if (Math.abs(deps.clock.now() - gated.gatedAt) > FRESH) {
        await giveBackClaims(deps.db, shop, ready.slice(from).map(claimOf))
        deps.metrics.regated.inc(ready.length - from)
        return
      }
      await call(scene, ready.slice(from, from + size))
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
    for (const allowed of toSend) {
      const body = bodyOf.get(allowed.message.id)
      if (body)
        ready.push({
          allowed,
          outbound: outbound(scene, allowed, openBody(shop, vault, allowed, body)),
          body: null,
        })
    }
    const fresh = toSend.filter(({ message }) => !bodyOf.has(message.id))
    const wordless: Attempted[] = []
    for (const worded of await renderMessages(deps.renderer, scene, fresh)) {
      const { allowed } = worded
      if ('failed' in worded) {
        deps.log.warn(
          { shop, message: allowed.message.id, detail: worded.detail },
          `no words: ${worded.failed}`,
        )
        const fate: Fate = { kind: 'rejected', blame: 'content', code: worded.failed }
        wordless.push({ allowed, fate, startedAt: scene.now, endedAt: scene.now })
        continue
      }
      const body = { to: addressOf(scene, allowed), locale: worded.locale, content: worded.content }
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

  /** Commits "calling", then uses the socket, then records what the provider said. */
  async function call(scene: VarsScene, batch: readonly Ready[]): Promise<void> {
    const { shop, vault } = scene
    const begun = await beginCalls(
      deps.db,
      shop,
      batch.map((each) => ({ ...claimOf(each), body: each.body })),
      lease,
    )
    const ours = batch.filter((each) => begun.has(each.outbound.id))
    deps.metrics.lostClaims.inc(batch.length - ours.length)
    if (ours.length === 0) return
    const { account } = ours[0]!.allowed
    const { sender } = deps.senders.of(shop, account, vault)
    const started = deps.clock.now()
    const attempted = await eachAtMost(
      account.concurrency,
      ours,
      async ({ allowed, outbound }): Promise<Attempted> => {
        const startedAt = deps.clock.now()
        const fate = await guarded(outbound, (signal) => sender.send(outbound, signal))
        return { allowed, fate, startedAt, endedAt: deps.clock.now() }
      },
    )
    pace.note(account.id, ours.length, deps.clock.now() - started, account.concurrency)
    await settleAttempts(deps, shop, attempted)
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
    for (const { message } of allowed) mine?.delete(message.id)
    if (mine?.size === 0) held.delete(shop)
  }

  function note(channel: Channel, gated: Gated): void {
    const { metrics } = deps
    metrics.takeovers.inc(gated.takeovers)
    metrics.verdicts.inc({ channel, verdict: 'send' }, gated.allowed.length)
    metrics.verdicts.inc({ channel, verdict: 'hold' }, gated.held)
    for (const { state } of gated.finished) metrics.verdicts.inc({ channel, verdict: state })
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
