import type { FieldProblem } from '../domain/errors.ts'
import type { LawScene } from '../domain/law/check.ts'
import { lawDraft, lawProblems } from '../domain/template/law-problems.ts'
import type { KeptTemplate } from './presets.ts'

/** What keeps a version that was published once from being in force again: the law, or the accounts, may have changed. */
export function templateBack(
  body: unknown,
  laws: readonly LawScene[],
  language: 'en' | 'zh',
): readonly FieldProblem[] {
  const problems = (body as KeptTemplate).variants
    .filter(({ channel }) => channel === 'sms')
    .flatMap((variant) =>
      lawProblems(laws, lawDraft(variant), language).map((each) => ({
        ...each,
        path: `${variant.locale}.${variant.channel}.${each.path}`,
      })),
    )
  return [...new Map(problems.map((each) => [`${each.path} ${each.problem}`, each])).values()]
}
