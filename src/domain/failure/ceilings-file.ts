import * as z from 'zod'
import { day } from '../day.ts'
import { parseDuration } from '../flow/duration.ts'
import type { CeilingRule } from './ceilings.ts'
import { type RailLanguage, type RailProblem, readRailFile } from './rail-file.ts'

const name = z.string().regex(/^[a-z][a-z0-9_]{0,59}$/, 'expected small letters, digits and underscores')
const code = z.string('expected the code in quotes: without them YAML reads a number').min(1).max(10)
const LENGTH = 'expected a duration such as 30d, 24h or 15m'
// A bare number is no text, and is told the same.
const duration = z.string(LENGTH).transform((text, context) => {
  const ms = parseDuration(text)
  if (ms !== null) return ms
  context.addIssue(LENGTH)
  return z.NEVER
})

const never = z
  .strictObject({ codes: z.array(code).default([]), advice: z.array(code).default([]) })
  .refine(({ codes, advice }) => codes.length + advice.length > 0, 'expected "codes" or "advice"')
const count = z.strictObject({
  limit: z.int().min(1),
  of: z.enum(['tries', 'reattempts']),
  window: duration,
  sameAmount: z.boolean(),
})

const rule = z.strictObject({
  rule: name,
  scheme: name,
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'expected a country code such as BR')
    .optional(),
  from: day.optional(),
  to: day.optional(),
  unverified: z.literal(true).optional(),
  never: never.optional(),
  count: count.optional(),
  wait: z.record(code, duration).optional(),
  fee: z.string().optional(),
  source: z.string().min(1),
})
type Rule = z.infer<typeof rule>

/** The rules of `rails/ceilings.yaml`, or everything wrong with it. */
export function readCeilings(
  fileName: string,
  content: string,
  language: RailLanguage = 'en',
): { readonly rules: readonly CeilingRule[] } | { readonly problems: readonly RailProblem[] } {
  const read = readRailFile(fileName, content, z.strictObject({ rules: z.array(rule).min(1) }), language)
  if ('problems' in read) return read
  const problems: RailProblem[] = []
  const rules: CeilingRule[] = []
  for (const [n, each] of read.value.rules.entries()) {
    const does = whatItDoes(each)
    if (does === null)
      problems.push(read.at(['rules', n], 'expected exactly one of "never", "count" and "wait"'))
    else rules.push(ruleOf(each, does))
    if (each.from !== undefined && each.to !== undefined && each.from >= each.to)
      problems.push(read.at(['rules', n, 'to'], 'must be later than "from"'))
    if (read.value.rules.findIndex((other) => other.rule === each.rule) < n)
      problems.push(read.at(['rules', n, 'rule'], `"${each.rule}" stands here twice`))
  }
  return problems.length > 0 ? { problems } : { rules }
}

function whatItDoes({ never: stop, count: limit, wait }: Rule): CeilingRule['does'] | null {
  if ([stop, limit, wait].filter((each) => each !== undefined).length !== 1) return null
  if (stop) return { kind: 'never', codes: new Set(stop.codes), advice: new Set(stop.advice) }
  if (limit) return { kind: 'count', ...limit }
  return { kind: 'wait', after: new Map(Object.entries(wait!)) }
}

function ruleOf(each: Rule, does: CeilingRule['does']): CeilingRule {
  const { rule: key, scheme, country = null, from = null, to = null, unverified = false, fee = null } = each
  return { rule: key, scheme, country, from, to, unverified, fee, source: each.source, does }
}
