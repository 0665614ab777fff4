import { checkTemplate, type Finding, type LawDraft, type LawScene, refuses } from './check.ts'
import { piecesOf } from './pieces.ts'
import { REGISTERED } from './whole.ts'

/** One of a shop's accounts as the law sees it. */
export interface Road {
  /** `acct_…`, and what the shop calls it. */
  readonly id: string
  readonly name: string
  readonly scene: LawScene
}

/** A text that a template offers: one locale on the road's channel. */
export interface OfferedText {
  readonly locale: string
  readonly draft: LawDraft
}

/** What keeps a text from being sent through an account. */
export type Obstacle =
  | { readonly kind: 'law'; readonly locale: string; readonly finding: Finding }
  /** It asks for payment and leads nowhere that this account may write. `names`: what would. */
  | { readonly kind: 'no_way_to_pay'; readonly locale: string; readonly names: readonly string[] }
  /** Its words, or the law for reminders, need the one address on file, and the account has none. */
  | { readonly kind: 'no_registered_link'; readonly locale: string }

export const LACKS = ['no_way_to_pay', 'no_registered_link'] as const
export type Lack = (typeof LACKS)[number]

/** What becomes of a template on one account. */
export type Carried =
  /** At least one text may go; the others are never chosen there. */
  | { readonly kind: 'carried'; readonly keptBack: readonly Obstacle[] }
  /** Nothing that could be written may go: the law bans such a message there altogether. */
  | { readonly kind: 'banned'; readonly finding: Finding }
  | { readonly kind: 'refused'; readonly obstacles: readonly Obstacle[] }

/** Stands in for a registered link that is not there, to see what else a text lacks. */
export const SOME_LINK = 'https://registered.invalid'

/**
 * Whether an account may carry a text: it breaks no rule there, has no hole where the registered link should stand,
 * and leads to payment if it asks for it. Publishing and the gate both go by this.
 */
export const mayCarry = (scene: LawScene, draft: LawDraft): boolean =>
  obstaclesOf(scene, '', draft).length === 0

/** What a text lacks there, beside the rules that it breaks. */
export const lacksOf = (scene: LawScene, draft: LawDraft): readonly Lack[] =>
  obstaclesOf(scene, '', draft).flatMap(({ kind }) => (kind === 'law' ? [] : [kind]))

/** Judges all texts that a template offers to one account. */
export function carriedBy(scene: LawScene, texts: readonly OfferedText[]): Carried {
  const judged = texts.map(({ locale, draft }) => obstaclesOf(scene, locale, draft))
  const all = judged.flat()
  if (judged.length === 0 || judged.some((obstacles) => obstacles.length === 0))
    return { kind: 'carried', keptBack: all }
  const bans = judged.map((obstacles) => obstacles.find(isBan))
  if (bans.every((ban) => ban !== undefined)) return { kind: 'banned', finding: bans[0]!.finding }
  // Where the link alone is missing, the shop is told that and not what to write instead of a text that is right.
  const right = judged.find((obstacles) => obstacles.every(({ kind }) => kind === 'no_registered_link'))
  return { kind: 'refused', obstacles: right ?? all }
}

const isBan = (obstacle: Obstacle): obstacle is Extract<Obstacle, { kind: 'law' }> =>
  obstacle.kind === 'law' && obstacle.finding.rule.kind === 'banned'

function obstaclesOf(scene: LawScene, locale: string, draft: LawDraft): readonly Obstacle[] {
  const broken = (under: LawScene) =>
    checkTemplate(under, draft)
      .filter(refuses)
      .map((finding): Obstacle => ({ kind: 'law', locale, finding }))
  if (scene.registered !== null || !needsRegistered(scene, draft))
    return [...broken(scene), ...lacks(scene, locale, draft)]
  const withLink = { ...scene, registered: SOME_LINK }
  return [{ kind: 'no_registered_link', locale }, ...broken(withLink), ...lacks(withLink, locale, draft)]
}

function lacks(scene: LawScene, locale: string, draft: LawDraft): readonly Obstacle[] {
  if (!draft.asksToPay || leadsToPayment(scene, draft)) return []
  const names = onlyRegistered(scene) ? [REGISTERED, 'order.short_code'] : ['links.order']
  return [{ kind: 'no_way_to_pay', locale, names }]
}

/** Of reminders the address on file is the only way to pay where no other may be written. */
function needsRegistered(scene: LawScene, draft: LawDraft): boolean {
  return (draft.asksToPay && onlyRegistered(scene)) || writes(scene, draft).has(REGISTERED)
}

const onlyRegistered = ({ rules }: LawScene) =>
  rules.some((rule) => rule.kind === 'links' && rule.allow === 'registered' && rule.severity === 'refuse')

/**
 * A link to the order or its payment; or one fixed address and what to type there. Whether the law lets it be
 * written is another question.
 */
function leadsToPayment(scene: LawScene, draft: LawDraft): boolean {
  const written = writes(scene, draft)
  if (written.has('links.pay') || written.has('links.order')) return true
  const fixed = written.has(REGISTERED) || draft.parts.some(({ liquid }) => /https?:\/\//.test(liquid))
  return fixed && (written.has('order.short_code') || written.has('order.no'))
}

/** Names whose values stand in the text as this account would write it. */
function writes({ registered }: LawScene, { parts }: LawDraft): ReadonlySet<string> {
  return new Set(
    parts.flatMap(({ liquid }) =>
      piecesOf(liquid, registered !== null).flatMap((piece) => (piece.kind === 'value' ? [piece.path] : [])),
    ),
  )
}
