import type { Db } from '../db/connect.ts'
import { readBodies } from '../db/messages.ts'
import type { OwnStop } from '../domain/delivery/own-stop.ts'
import { formatId, type MessageId, type ShopId } from '../domain/ids.ts'
import type { Content, Fate, OutboundMessage } from '../domain/message.ts'
import type { Renderer } from '../templates/renderer.ts'
import { attempt } from './attempt.ts'
import type { Allowed } from './gate.ts'
import type { ShopVault } from './keyring.ts'
import type { LawDesk } from './law-desk.ts'
import type { Recall } from './recall.ts'
import { renderMessages } from './render.ts'
import { type Attempted, type SettleDeps, settleAttempts } from './settle.ts'
import { shortCodes } from './short-codes.ts'
import { findSubjects, type OpenSubject } from './subjects.ts'
import { unsubscribeLink, type VarsScene } from './template-vars.ts'

/** A message with its words, about to be handed over. */
export interface Ready {
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

export interface ReadyDeps extends SettleDeps {
  readonly db: Db
  readonly renderer: Renderer
  readonly recall: Recall
  readonly desk: LawDesk
}

/** Words for everything that will be sent, the same as before where there were some; ends what has none. */
export async function putIntoWords(
  deps: ReadyDeps,
  scene: VarsScene,
  toSend: readonly Allowed[],
): Promise<readonly Ready[]> {
  const bodyOf = await keptBodies(deps, scene, toSend)
  const ready: Ready[] = []
  const wordless: Attempted[] = []
  for (const allowed of toSend) {
    const body = bodyOf.get(allowed.message.id)
    if (!body) continue
    const words = attempt(() => openBody(scene.shop, scene.vault, allowed, body))
    if ('ok' in words) ready.push({ allowed, outbound: outbound(scene, allowed, words.ok), body: null })
    else wordless.push(noWords(deps, scene, allowed, 'unreadable', words.detail))
  }
  const fresh = toSend.filter(({ message }) => !bodyOf.has(message.id))
  const [subjects, codes] = await Promise.all([
    fresh.length > 0 ? findSubjects(deps, scene, fresh) : new Map<MessageId, OpenSubject>(),
    shortCodes(deps.db, scene, fresh),
  ])
  const lawOf = ({ account }: Allowed) => deps.senders.lawOf(scene.shop, account, scene.vault)
  const law = { desk: deps.desk, lawOf, codes }
  for (const worded of await renderMessages(deps.renderer, scene, fresh, subjects, law)) {
    const { allowed } = worded
    const to = attempt(() => subjects.get(allowed.message.id)!().address ?? '')
    if ('failed' in worded) wordless.push(noWords(deps, scene, allowed, worded.failed, worded.detail))
    else if (!('ok' in to)) wordless.push(noWords(deps, scene, allowed, 'unreadable', to.detail))
    else {
      const { locale, content } = worded
      ready.push(sealed(scene, allowed, { to: to.ok, locale, content }))
    }
  }
  if (wordless.length > 0) await settleAttempts(deps, scene, wordless)
  return ready
}

/** What was said at an earlier try: a repeat must say the same. */
async function keptBodies(
  { db }: ReadyDeps,
  { shop }: VarsScene,
  toSend: readonly Allowed[],
): Promise<ReadonlyMap<string, Buffer>> {
  const retries = toSend.filter((each) => each.message.tries > 0)
  if (retries.length === 0) return new Map()
  const kept = await readBodies(
    db,
    shop,
    retries.map(({ message }) => message.id),
  )
  return new Map(kept.map((row) => [row.message_id, row.body]))
}

function sealed(scene: VarsScene, allowed: Allowed, body: KeptBody): Ready {
  const place = { shop: scene.shop, column: 'message_body.body', row: allowed.message.id }
  const bytes = scene.vault.sealer.seal(JSON.stringify(body), place)
  return { allowed, outbound: outbound(scene, allowed, body), body: bytes }
}

/** The fate of a message that cannot be put into words: it ends alone, the others go on. */
function noWords(
  deps: ReadyDeps,
  scene: VarsScene,
  allowed: Allowed,
  code: OwnStop,
  detail: string,
): Attempted {
  deps.log.warn({ shop: scene.shop, message: allowed.message.id, detail }, `no words: ${code}`)
  const fate: Fate = { kind: 'rejected', blame: 'content', code }
  return { allowed, fate, startedAt: scene.now, endedAt: scene.now }
}

export function openBody(shop: ShopId, vault: ShopVault, { message }: Allowed, body: Buffer): KeptBody {
  const place = { shop, column: 'message_body.body', row: message.id }
  return JSON.parse(vault.sealer.openText(body, place)) as KeptBody
}

export function outbound(scene: VarsScene, { message, account }: Allowed, body: KeptBody): OutboundMessage {
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
