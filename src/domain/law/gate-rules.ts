import type { ReasonCode } from '../gate/verdict.ts'
import type { Purpose } from '../message.ts'
import { ofKind } from './book.ts'
import { carriedBy, type Obstacle, type OfferedText } from './carry.ts'
import type { LawScene } from './finding.ts'
import type { Rule, RuleOf } from './rule.ts'

/** Reasons of the gate that stand for a law. */
export const LAW_REASONS = ['law', 'law_consent', 'law_hours', 'law_no_hour'] as const satisfies ReasonCode[]
export type LawReason = (typeof LAW_REASONS)[number]

export const isLawReason = (code: ReasonCode): code is LawReason =>
  (LAW_REASONS as readonly ReasonCode[]).includes(code)

/** One thing that a law had against a message at the gate. */
export type LawObstacle =
  | Obstacle
  | { readonly kind: 'consent'; readonly rule: Rule }
  | { readonly kind: 'hours'; readonly rule: RuleOf<'hours'> }

/** Hours and consent are ruled by type; of a promotion only marketing is said, of the rest notices and codes. */
export function isAbout({ types, purposes }: Rule, purpose: Purpose): boolean {
  const marketing = purpose === 'promotion'
  const fits =
    types === undefined ||
    (marketing ? types.includes('marketing') : types.some((type) => type !== 'marketing'))
  return fits && (purposes?.includes(purpose) ?? true)
}

/**
 * What the gate's reason stands for, on the road of one account, with the texts that the template offers there. Empty
 * where nothing of that kind holds (any more): laws, texts and accounts change.
 */
export function lawBehind(
  reason: LawReason,
  scene: LawScene,
  purpose: Purpose,
  texts: readonly OfferedText[],
): readonly LawObstacle[] {
  const rules = scene.rules.filter((rule) => isAbout(rule, purpose))
  switch (reason) {
    case 'law': {
      const said = texts.map(({ locale, draft }) => ({ locale, draft: { ...draft, purpose } }))
      const carried = carriedBy(scene, said)
      if (carried.kind === 'banned') return [{ kind: 'law', locale: '', finding: carried.finding }]
      return carried.kind === 'refused' ? carried.obstacles : []
    }
    case 'law_consent':
      return ofKind(rules, 'consent').map((rule) => ({ kind: 'consent', rule }))
    case 'law_hours':
    case 'law_no_hour':
      return ofKind(rules, 'hours').map((rule) => ({ kind: 'hours', rule }))
  }
}

/** The rule by which only the address on file may be written; `null`: there is none. */
export const registeredOnly = ({ rules }: LawScene): Rule | null =>
  ofKind(rules, 'links').find(({ allow, severity }) => allow === 'registered' && severity === 'refuse') ??
  null
