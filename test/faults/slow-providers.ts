import type { SourceEvent } from '../../src/domain/event.ts'
import type { Arena } from '../kit/arena.ts'

/** Every answer takes a moment, so that whenever a fault strikes, messages are in somebody's hands. */
export async function slowProviders({ lab }: Arena): Promise<readonly SourceEvent[]> {
  const slow = [{ fault: { kind: 'slow', ms: 40 } }] as const
  lab.smtp.script(slow)
  lab.sms.script(slow)
  lab.webhook.script(slow)
  return []
}
