import type { MessageRow } from '../db/messages.ts'
import type { RunRow } from '../db/runs.ts'
import { explainCosts } from '../domain/flow/cost-texts.ts'
import { explainLeftOut } from '../domain/flow/left-out.ts'
import { explainStop, type Unheard } from '../domain/flow/stop-texts.ts'
import type { LawBook } from '../domain/law/book.ts'
import type { Language } from './language.ts'

/** Why a run did and ended as it did, and what could be otherwise next time, in sentences. */
export interface RunTold {
  readonly why: readonly string[]
  readonly change: readonly string[]
}

interface Scene {
  readonly currency: string
  readonly law: LawBook
  readonly language: Language
}

export function tellRun(
  run: RunRow,
  messages: readonly MessageRow[],
  { currency, law, language }: Scene,
): RunTold {
  const { flow, stop_reason: reason } = run
  const costs = Object.entries(run.progress.costs ?? {})
  const rule = (id: string) => law.rules.find((each) => each.id === id)
  const stop =
    reason === null ? null : explainStop({ flow, reason, unheard: unheard(run, messages) }, language)
  const left = Object.entries(run.progress.leftOut ?? {}).map(([step, channels]) =>
    explainLeftOut({ step, flow, rule }, channels, language),
  )
  return {
    why: [
      ...costs.map(([step, channels]) => explainCosts(step, channels, currency, language)),
      ...left.flatMap(({ why }) => why),
      ...(stop === null ? [] : [stop.why]),
    ],
    change: [
      ...new Set([...left.flatMap(({ change }) => change), ...(stop?.change == null ? [] : [stop.change])]),
    ],
  }
}

/** States of messages that nobody got. */
const UNSAID: ReadonlySet<string> = new Set(['dropped', 'failed'])

/** Why the buyer got no reminder of a run, where that can be said. */
function unheard({ arm, progress }: RunRow, messages: readonly MessageRow[]): Unheard | undefined {
  if (arm === 'held') return 'held'
  if (messages.some(({ state }) => !UNSAID.has(state))) return undefined
  const left = Object.values(progress.leftOut ?? {})
  return messages.length > 0 || left.length > 0 ? 'kept' : undefined
}
