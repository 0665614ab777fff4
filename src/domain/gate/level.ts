import type { Purpose } from '../message.ts'
import type { Instant } from '../time.ts'
import { LEVELS, type Level } from './input.ts'

const BY_PURPOSE: Readonly<Record<Purpose, Level>> = {
  essential: 'urgent',
  service: 'high',
  reminder: 'normal',
  promotion: 'low',
}

/** How much a message matters: what the shop says of its category, else by its purpose. */
export function levelOf(
  message: { readonly purpose: Purpose; readonly category: string },
  levels: Readonly<Record<string, Level>>,
): Level {
  return levels[message.category] ?? BY_PURPOSE[message.purpose]
}

/** The order in which messages take an account's scarce rate, 0 first: answers to the buyer's own act are urgent. */
export function priorityOf(
  message: { readonly purpose: Purpose; readonly category: string; readonly inSessionUntil: Instant | null },
  levels: Readonly<Record<string, Level>>,
): number {
  return message.inSessionUntil === null ? LEVELS.indexOf(levelOf(message, levels)) : 0
}
