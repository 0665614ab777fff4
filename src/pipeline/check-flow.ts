import type { Queryable } from '../db/connect.ts'
import { listTemplates } from '../db/flows.ts'
import type { FieldProblem } from '../domain/errors.ts'
import type { Flow } from '../domain/flow/flow.ts'
import { type Language, say, unknownName } from '../domain/flow/problems.ts'
import type { Validated } from '../domain/flow/run.ts'
import { validateFlow } from '../domain/flow/validate.ts'
import type { ShopId } from '../domain/ids.ts'

/** Names of the templates its steps speak with. */
export function templatesOf({ steps }: Flow): readonly string[] {
  return [...new Set(steps.flatMap((step) => ('template' in step ? [step.template] : [])))]
}

/** A flow that may be in force in this shop under `key`: it holds by itself, and its words are there. */
export async function checkShopFlow(
  db: Queryable,
  shop: ShopId,
  key: string,
  input: unknown,
  language: Language,
): Promise<Validated<Flow>> {
  const checked = validateFlow(input, language)
  if (!checked.ok) return checked
  const known = (await listTemplates(db, shop)).map((each) => each.key)
  const flow = checked.value
  const problems: FieldProblem[] = flow.steps.flatMap((step, at) => {
    if (!('template' in step) || known.includes(step.template)) return []
    const { code, params } = unknownName([], 'template_unknown', step.template, known)
    return [{ path: `steps[${at}].template`, problem: say(code, params, language) }]
  })
  if (flow.key !== key)
    problems.push({ path: 'key', problem: say('other_key', { name: flow.key, known: key }, language) })
  return problems.length > 0 ? { ok: false, problems } : checked
}
