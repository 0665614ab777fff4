import type { Db } from '../db/connect.ts'
import { readBodies } from '../db/messages.ts'
import type { Fate } from '../domain/message.ts'
import { attempt } from './attempt.ts'
import { type CallDeps, eachAtMost, guarded } from './calls.ts'
import type { Allowed } from './gate.ts'
import { openBody, outbound } from './ready.ts'
import { type Attempted, type SettleDeps, settleAttempts } from './settle.ts'
import type { VarsScene } from './template-vars.ts'

type AskDeps = SettleDeps & CallDeps & { readonly db: Db }

const LOST: Fate = { kind: 'unknown', code: 'worker_lost' }
const AT_ONCE = 4

/** Calls broke off in another worker and a repeat would be seen: only the provider can tell what became of them. */
export async function askAbout(deps: AskDeps, scene: VarsScene, toAsk: readonly Allowed[]): Promise<void> {
  if (toAsk.length === 0) return
  const bodies = await readBodies(
    deps.db,
    scene.shop,
    toAsk.map(({ message }) => message.id),
  )
  const bodyOf = new Map(bodies.map((row) => [row.message_id, row.body]))
  const attempted = await eachAtMost(AT_ONCE, toAsk, async (allowed): Promise<Attempted> => {
    const startedAt = deps.clock.now()
    const fate = await ask(deps, scene, allowed, bodyOf.get(allowed.message.id))
    return { allowed, fate, startedAt, endedAt: deps.clock.now() }
  })
  await settleAttempts(deps, scene, attempted)
}

/** What the provider says; a call of which nothing can be read any more stays unknown. */
async function ask(
  deps: AskDeps,
  scene: VarsScene,
  allowed: Allowed,
  body: Buffer | undefined,
): Promise<Fate> {
  const { sender } = deps.senders.of(scene.shop, allowed.account, scene.vault)
  const words = body && attempt(() => openBody(scene.shop, scene.vault, allowed, body))
  if (!words || !('ok' in words) || !sender.ask) return LOST
  const message = outbound(scene, allowed, words.ok)
  return guarded(deps, message, async (signal) => (await sender.ask!(message, signal)) ?? LOST)
}
