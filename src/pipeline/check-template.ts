import type { FieldProblem } from '../domain/errors.ts'
import type { Road } from '../domain/law/carry.ts'
import { offeredVariants, underLaw } from '../templates/law.ts'
import type { KeptTemplate } from './presets.ts'

/** What keeps a version that was published once from being in force again: the law, or the accounts, may have changed. */
export const templateBack = (
  body: unknown,
  roads: readonly Road[],
  language: 'en' | 'zh',
): readonly FieldProblem[] =>
  underLaw(offeredVariants((body as KeptTemplate).variants), roads, language).problems
