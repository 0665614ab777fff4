import type { Switches } from '../db/switches.ts'
import type { Context } from './command.ts'
import { FLOWS } from './texts/flows.ts'
import { say } from './texts/text.ts'

/** Which of the kill switches above a flow is on, the widest first; `null` when none is. */
export function stoppedBy({ all_killed, killed }: Pick<Switches, 'all_killed' | 'killed'>): StoppedBy | null {
  return all_killed ? 'all' : killed ? 'shop' : null
}
export type StoppedBy = 'all' | 'shop'

/** The line that nobody may overlook while a kill switch is on, with the command that takes it back; `null` when none is. */
export function stoppedLine(
  { screen, language }: Context,
  shop: string,
  switches: Pick<Switches, 'all_killed' | 'killed' | 'flows'>,
): string | null {
  const by = stoppedBy(switches)
  const { flows } = switches
  if (by === null && flows.length === 0) return null
  const text = by === 'all' ? FLOWS.allStopped : by === 'shop' ? FLOWS.shopStopped : FLOWS.flowsStopped
  const params = { shop, flows: flows.join(', '), flow: flows[0] ?? '' }
  return screen.paint(['bold', 'red'], `! ${say(text, language, params)}`)
}
