import type { ExplainedCode, Explanation } from '../domain/failure/explain.ts'
import type { Context } from './command.ts'
import { CODES } from './texts/codes.ts'
import { say, type Text } from './texts/text.ts'

/** `declineCode insufficient_funds · Stripe decline codes: not enough funds · unverified …` */
export function becauseText({ screen, language }: Context, code: ExplainedCode): string {
  const known = {
    table: [code.list, code.meaning].filter(Boolean).join(language === 'zh' ? '：' : ': '),
    shop: say(CODES.byShop, language),
    nobody: say(CODES.byNobody, language),
  }[code.knownBy]
  const parts = [
    `${code.field} ${code.code} → ${code.class}, ${code.advice}`,
    known,
    code.generic ? say(CODES.generic, language) : '',
    code.note ?? '',
    code.unverified ? screen.paint('yellow', say(CODES.unverified, language)) : '',
  ]
  return parts.filter(Boolean).join(' · ')
}

/** Why a failure has its class: what decided it, what decided the advice, and every other code it came with. */
export function failureLines(context: Context, said: Explanation): readonly string[] {
  const { screen, language } = context
  const line = (label: Text, text: string) =>
    `${say(label, language)}${language === 'zh' ? '：' : ': '}${text}`
  const { decidedBy, adviceFrom } = said
  const apart = adviceFrom !== null && adviceFrom.field !== decidedBy?.field ? adviceFrom : null
  return [
    line(CODES.class, `${screen.paint('yellow', said.class)} ${said.classText}`),
    line(CODES.because, decidedBy === null ? say(CODES.noCode, language) : becauseText(context, decidedBy)),
    ...(apart === null ? [] : [line(CODES.adviceBecause, becauseText(context, apart))]),
    ...otherCodes(said).map((each) => line(CODES.also, becauseText(context, each))),
  ]
}

/**
 * Codes beside the deciding ones. Without the wrapper (`code: card_declined`) around a code that decided: it says only
 * where to look.
 */
export function otherCodes({ codes, decidedBy, adviceFrom }: Explanation): readonly ExplainedCode[] {
  const shown = [decidedBy?.field, adviceFrom?.field]
  return codes.filter(
    ({ field, generic }) => !shown.includes(field) && !(generic && field === 'code' && decidedBy !== null),
  )
}
