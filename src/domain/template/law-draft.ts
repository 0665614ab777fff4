import type { LawDraft } from '../law/check.ts'
import type { CompiledTemplate } from './template.ts'

/** A published variant as the law reads it. */
export function lawDraft({ purpose, asksToPay, parts }: CompiledTemplate): LawDraft {
  return {
    purpose,
    asksToPay: asksToPay ?? false,
    parts: parts.map(({ at, liquid }) => ({ place: at, liquid })),
  }
}
