import { type Amounts, isAmounts } from '../amounts.ts'
import type { FieldProblem } from '../errors.ts'
import { compileExpression, type Expression } from '../flow/condition.ts'
import { parseDuration } from '../flow/duration.ts'
import { misspeltEvents } from '../flow/event-names.ts'
import { type ParamFacts, paramFacts } from '../flow/facts.ts'
import { cameText, paramOf } from '../flow/fields.ts'
import { currencyProblems } from '../flow/param-currencies.ts'
import { type Language, type RawProblem, unknownName } from '../flow/problems.ts'
import type { Validated } from '../flow/run.ts'
import { problemText, readShape, type SchemaProblem } from '../flow/schema-problems.ts'
import { pathText } from '../flow/validate.ts'
import { readYaml } from '../flow/yaml.ts'
import { MINUTE, type Millis } from '../time.ts'
import { MOST_SEEN, type Rule, ruleSchema, type Shared } from './rule.ts'

/** What is counted, with its parameters put in. */
export interface Count {
  readonly by: readonly Shared[]
  readonly of: 'order' | 'payment' | 'failure'
  readonly within: Millis
  readonly reach: number
  readonly inARow: boolean
}

/** A rule made ready for the hot path. */
export interface CompiledRule {
  readonly rule: Rule
  readonly events: ReadonlySet<string>
  /** From this total on, in whole units: by currency, or one number for whatever currency; `null`: from nothing. */
  readonly from: Amounts | number | null
  readonly when: Expression | null
  readonly params: ParamFacts
  readonly count: Count | null
  /** An event older than this opens nothing. */
  readonly startWithin: Millis
  readonly answerWithin: Millis
  readonly tellsBuyer: boolean
}

/** A rule, or everything that is wrong with it at once. */
export function validateRule(input: unknown, language: Language = 'en'): Validated<Rule> {
  const checked = checkRule(input, language)
  if (checked.ok) return checked
  const problems = checked.problems.map(
    (problem): FieldProblem => ({
      path: pathText(problem.path, 'rule'),
      problem: problemText(problem, language),
    }),
  )
  return { ok: false, problems }
}

/** A rule from YAML text, or everything wrong with it, each problem with its line and column. */
export const parseRuleYaml = (text: string, language: Language = 'en'): Validated<Rule> =>
  readYaml(text, language, checkRule, 'rule')

/** Compiles a rule that `validateRule` accepted and throws on any other. */
export function compileRule(rule: Rule): CompiledRule {
  const { compiled, problems } = compile(rule)
  if (problems[0]) throw new Error(`rule ${rule.key}: ${problems[0].path.join('.')}: ${problems[0].code}`)
  return compiled
}

function checkRule(
  input: unknown,
  language: Language,
):
  | { readonly ok: true; readonly value: Rule }
  | { readonly ok: false; readonly problems: readonly SchemaProblem[] } {
  const shape = readShape(ruleSchema, input, language)
  if ('problems' in shape) return { ok: false, problems: shape.problems }
  const { problems } = compile(shape.value)
  const all = [...problems, ...currencyProblems(shape.value.params), ...shapeProblems(shape.value)]
  return all.length === 0 ? { ok: true, value: shape.value } : { ok: false, problems: all }
}

function compile(rule: Rule): { readonly compiled: CompiledRule; readonly problems: readonly RawProblem[] } {
  const problems: RawProblem[] = []
  const take = <T>(result: T | RawProblem, otherwise: T): T => {
    if (typeof result !== 'object' || result === null || !('code' in result)) return result as T
    problems.push(result)
    return otherwise
  }
  const params = paramFacts(
    Object.fromEntries(Object.entries(rule.params).map(([name, { value }]) => [name, value])),
  )
  let when: Expression | null = null
  if (rule.trigger.when !== undefined) {
    const made = compileExpression(rule.trigger.when, 'bool', params, ['trigger', 'when'])
    if ('expression' in made) when = made.expression
    else problems.push(made.problem)
  }
  const { totalFrom } = rule.trigger
  const from = totalFrom === undefined ? null : take(amountOf(rule, totalFrom), { from: 1 }).from
  const { counts } = rule
  const count: Count | null = counts
    ? {
        by: counts.by ?? [],
        of: counts.of,
        within:
          counts.within === undefined ? 0 : take(lengthOf(rule, counts.within, ['counts', 'within']), 0),
        reach: take(numberOf(rule, counts.reach), 1),
        inARow: counts.inARow,
      }
    : null
  const startWithin = take(lengthOf(rule, rule.startWithin, ['startWithin']), MINUTE)
  const answerWithin = take(lengthOf(rule, rule.answerWithin, ['answerWithin']), MINUTE)
  if (answerWithin < MINUTE) problems.push({ path: ['answerWithin'], code: 'rule_answer_short', params: {} })
  const tellsBuyer = take(switchOf(rule), false)
  const events = new Set(rule.trigger.on)
  return {
    problems,
    compiled: { rule, events, from, when, params, count, startWithin, answerWithin, tellsBuyer },
  }
}

/** Rules that need the whole. */
function shapeProblems(rule: Rule): readonly RawProblem[] {
  const problems: RawProblem[] = []
  const { counts, trigger } = rule
  problems.push(...misspeltEvents(['trigger', 'on'], trigger.on))
  const own = trigger.on.findIndex((type) => type.startsWith('review.'))
  if (own >= 0) {
    const name = trigger.on[own]!
    problems.push({ path: ['trigger', 'on', own], code: 'rule_on_review', params: { name } })
  }
  // An event type can be condition enough: a payment that the provider calls unauthorised.
  const ordinary = trigger.on.some((type) => type !== 'payment.unauthorised')
  const tests = trigger.when !== undefined || trigger.totalFrom !== undefined
  if (!counts && !tests && ordinary) problems.push({ path: [], code: 'rule_needs_test', params: {} })
  if (counts) {
    const whole = counts.by !== undefined && counts.within !== undefined
    const none = counts.by === undefined && counts.within === undefined
    if (counts.of === 'failure' ? !none : !whole)
      problems.push({ path: ['counts'], code: 'rule_counts_what', params: {} })
    if (counts.inARow && !tests)
      problems.push({ path: ['counts', 'inARow'], code: 'rule_row_needs_when', params: {} })
  }
  return problems
}

function paramNamed(rule: Rule, text: string, path: RawProblem['path']) {
  const name = paramOf(text) ?? ''
  const found = Object.hasOwn(rule.params, name) ? rule.params[name] : undefined
  return found === undefined
    ? unknownName(path, 'no_param', name, Object.keys(rule.params))
    : { name, value: found.value }
}

function lengthOf(rule: Rule, text: string, path: RawProblem['path']): Millis | RawProblem {
  if (paramOf(text) === null) return parseDuration(text) ?? { path, code: 'how_long_or_param', params: {} }
  const found = paramNamed(rule, text, path)
  if ('code' in found) return found
  const length = typeof found.value === 'string' ? parseDuration(found.value) : null
  const { name, value } = found
  const came = cameText(value)
  return length ?? { path: ['params', name, 'value'], code: 'param_not_duration', params: { name, came } }
}

function numberOf(rule: Rule, reach: number | string): number | RawProblem {
  if (typeof reach === 'number') return reach
  const found = paramNamed(rule, reach, ['counts', 'reach'])
  if ('code' in found) return found
  const { name, value } = found
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MOST_SEEN) return value
  return { path: ['params', name], code: 'param_not_count', params: { name } }
}

function amountOf(rule: Rule, text: string): { readonly from: Amounts | number } | RawProblem {
  const found = paramNamed(rule, text, ['trigger', 'totalFrom'])
  if ('code' in found) return found
  const { name, value } = found
  if (isAmounts(value) || (typeof value === 'number' && value > 0)) return { from: value }
  return { path: ['params', name], code: 'param_not_amount', params: { name } }
}

function switchOf(rule: Rule): boolean | RawProblem {
  if (typeof rule.tellsBuyer === 'boolean') return rule.tellsBuyer
  const found = paramNamed(rule, rule.tellsBuyer, ['tellsBuyer'])
  if ('code' in found) return found
  if (typeof found.value === 'boolean') return found.value
  return { path: ['params', found.name], code: 'param_not_switch', params: { name: found.name } }
}
