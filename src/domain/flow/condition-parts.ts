import { type ASTNode, serialize } from '@marcbachmann/cel-js'
import { type Answer, type Expression, type Facts, holds } from './condition.ts'
import type { ParamFacts } from './facts.ts'

/** One part of a condition and what it said. */
export interface ConditionPart {
  readonly source: string
  readonly value: boolean
  /** Why it could not be worked out, which counts as false. Quotes no values. */
  readonly detail: string | null
}

/**
 * The parts of a condition that made it false: of `a && b` those that are false, of `a || b` all, of `!a` the whole.
 * A condition of one part names itself. For reading, not for the hot path: it parses each part anew.
 */
export function whyFalse(expression: Expression, params: ParamFacts, facts: Facts): readonly ConditionPart[] {
  const partOf = (node: ASTNode): ConditionPart => {
    // Written anew: a node's place in the text leaves out its brackets.
    const source = serialize(node)
    const answer = evaluate(source, params, facts)
    return { source, value: answer.value, detail: answer.detail ?? null }
  }
  return blamed(expression.run.ast, partOf)
}

function blamed(node: ASTNode, partOf: (node: ASTNode) => ConditionPart): readonly ConditionPart[] {
  if (node.op === '&&' || node.op === '||') {
    const parts = (node.args as readonly ASTNode[]).map((side) => ({ side, part: partOf(side) }))
    const guilty = parts.filter(({ part }) => !part.value)
    return guilty.flatMap(({ side }) => blamed(side, partOf))
  }
  return [partOf(node)]
}

function evaluate(source: string, params: ParamFacts, facts: Facts): Answer {
  try {
    return holds({ source, run: params.environment.parse(source) }, facts)
  } catch {
    // A part that cannot stand alone, such as the body of a list macro: only its whole can be said.
    return { value: false, detail: 'cannot be looked at by itself' }
  }
}
