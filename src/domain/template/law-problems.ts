import { checkTemplate, type LawDraft, type LawScene, refuses } from '../law/check.ts'
import { type TemplateProblem, templateProblem } from './problems.ts'
import type { CompiledTemplate } from './template.ts'

/** What of these words the law of some account refuses, each problem with its rule and source. */
export function lawProblems(
  laws: readonly LawScene[],
  draft: LawDraft,
  language: 'en' | 'zh',
): readonly TemplateProblem[] {
  return laws.flatMap((scene) =>
    checkTemplate(scene, draft)
      .filter(refuses)
      .map(({ rule, place, excerpt, about }) => {
        const what = [excerpt && `“${excerpt}”`, about && `(${about[language]})`].filter(Boolean).join(' ')
        const source = rule.source.url ?? rule.source.title
        const problem = templateProblem('LAW', place, language, {
          what: what === '' ? '' : `${what} `,
          says: rule.says[language],
          instead: rule.instead[language],
          rule: rule.id,
          source,
        })
        return { ...problem, rule: rule.id, source }
      }),
  )
}

/** A published variant as the law reads it. */
export function lawDraft({ purpose, asksToPay, parts }: CompiledTemplate): LawDraft {
  return {
    purpose,
    asksToPay: asksToPay ?? false,
    parts: parts.map(({ at, liquid }) => ({ place: at, liquid })),
  }
}
