import type { ShopId } from '../domain/ids.ts'
import type { MasterKey } from '../domain/seal/master.ts'
import { type Clock, SECOND, toIso } from '../domain/time.ts'
import type { Lab } from '../lab/lab.ts'
import { demoConnections } from './demo-secrets.ts'
import { COMMANDS_PATH } from './demo-shop.ts'
import { signStandard } from './demo-sign.ts'

/** Posts a body and gives the status. */
export type Post = (url: string, headers: Readonly<Record<string, string>>, body: string) => Promise<number>

/**
 * The demo shop's own system: does what it is ordered to (cancel this order) and reports that it did, through the
 * same public callback that a real shop's system would use. The returned function ends it.
 */
export function answerCommands(options: {
  readonly lab: Lab
  readonly shop: ShopId
  readonly master: MasterKey
  readonly clock: Clock
  readonly url: string
  readonly post: Post
  readonly log: { warn(fields: object, text: string): void }
}): () => void {
  const { lab, shop, clock, post, log } = options
  const own = demoConnections(options.master, shop).find((each) => each.source === 'standard-webhooks')!
  const done = new Set<string>()

  async function cancelled(no: string, command: string): Promise<void> {
    const now = clock.now()
    const body = JSON.stringify({
      id: `cancelled-${command}`,
      type: 'order.cancelled',
      time: toIso(now),
      subject: no,
      data: { order: { no, reason: 'unpaid' } },
    })
    const headers = signStandard(own.secret!, `cancelled-${command}`, Math.floor(now / SECOND), body)
    const status = await post(`${options.url}/in/${shop}/${own.token}`, headers, body)
    if (status >= 300) log.warn({ status }, 'the demo shop could not report a cancelled order')
  }

  return lab.webhook.received.onMessage(({ accepted, to, content }) => {
    if (!accepted || to !== COMMANDS_PATH || content.type !== 'order.cancel') return
    const { command, order } = content.data as { command?: string; order?: { no?: string | null } | null }
    if (!command || !order?.no || done.has(command)) return
    done.add(command)
    cancelled(order.no, command).catch((error) => log.warn({ err: error }, 'the demo shop could not report'))
  })
}
