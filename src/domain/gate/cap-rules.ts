import * as z from 'zod'
import { parseDuration } from '../flow/duration.ts'
import { CHANNELS, type Channel, PURPOSES, type Purpose } from '../message.ts'
import { DAY, MINUTE, type Millis } from '../time.ts'
import type { GateCapRule } from './input.ts'
import { roadOf } from './road.ts'

/** Slots are remembered so long; a longer window could not be kept exactly. */
export const LONGEST_WINDOW: Millis = 31 * DAY

const inBounds = (length: Millis | null) => length !== null && length >= MINUTE && length <= LONGEST_WINDOW

const WINDOW = 'expected day (the receiver’s local day) or a length of time from 1m to 31d, such as 72h'
const within = z.string(WINDOW).refine((text) => text === 'day' || inBounds(parseDuration(text)), WINDOW)

/** At most so many messages of a kind to one person or address, in a local day or in any stretch of time. */
export const capRule = z.strictObject({
  /** Names the counter: renaming a rule starts it at nothing. */
  name: z.string().regex(/^[a-z][a-z0-9-]{0,23}$/, 'expected a name of small letters, digits and hyphens'),
  max: z.int().min(1).max(100),
  within,
  /** Whom it protects: a person over all their addresses, or one address (as providers count). */
  to: z.enum(['person', 'address']).default('person'),
  /** What it counts; everything when left out. */
  of: z
    .strictObject({
      purpose: z.enum(PURPOSES).optional(),
      channel: z.enum(CHANNELS).optional(),
      category: z.string().max(48).optional(),
      template: z.string().max(48).optional(),
    })
    .prefault({}),
  /** Counts each template, category or channel by itself. */
  each: z.enum(['template', 'category', 'channel']).optional(),
  /** Counts and stops essential messages and those to members, too: for limits that a provider enforces anyway. */
  all: z.boolean().default(false),
}) // biome-ignore format: one line a field

export type CapRule = Readonly<z.infer<typeof capRule>>

export const capRules = z
  .array(capRule)
  .max(20)
  .superRefine((rules, context) => {
    const seen = new Set<string>()
    for (const [at, { name }] of rules.entries()) {
      if (seen.has(name))
        context.addIssue({
          code: 'custom',
          path: [at, 'name'],
          message: `expected another name: ${name} is used above`,
        })
      seen.add(name)
    }
  })

/** What a rule asks of a message. */
export interface CapMessage {
  readonly purpose: Purpose
  readonly channel: Channel
  readonly category: string
  readonly template: string
  readonly audience: 'buyer' | 'member'
}

/** Does the message count under this rule, and does the rule stop it? Always both or neither. */
export function isCounted(rule: CapRule, message: CapMessage): boolean {
  if (roadOf(message.channel) === 'machine') return false
  if (!rule.all && (message.purpose === 'essential' || message.audience === 'member')) return false
  const { purpose, channel, category, template } = rule.of
  return (
    (purpose === undefined || purpose === message.purpose) &&
    (channel === undefined || channel === message.channel) &&
    (category === undefined || category === message.category) &&
    (template === undefined || template === message.template)
  )
}

/** The counter's name without its day: the rule's, and what it counts by itself. */
export function counterOf(rule: CapRule, message: CapMessage): string {
  return rule.each === undefined ? rule.name : `${rule.name}/${message[rule.each]}`
}

/** Length of the rule's window; `null`: the receiver's local day. */
export const windowOf = (rule: CapRule): Millis | null =>
  rule.within === 'day' ? null : parseDuration(rule.within)

/** Which reason a full counter gives: by what the rule is about. */
export function reasonOf(rule: CapRule): GateCapRule['because'] {
  if (rule.within !== 'day') return 'cap_window'
  if (rule.to === 'address') return 'cap_address'
  if (rule.of.category !== undefined || rule.of.template !== undefined || rule.each === 'category')
    return 'cap_category'
  if (rule.of.channel !== undefined || rule.each === 'channel') return 'cap_channel'
  return rule.of.purpose === undefined ? 'cap_category' : 'cap_purpose'
}
