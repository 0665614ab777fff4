import type { Purpose } from '../message.ts'
import type { Instant } from '../time.ts'
import { type AccountLaw, type LawBook, rulesFor } from './book.ts'
import { CHECKS } from './checks.ts'
import { clausesOf } from './edits.ts'
import type { Checking, Finding, LawDraft, LawScene, Part } from './finding.ts'
import { follow } from './follow.ts'
import { piecesOf } from './pieces.ts'
import { wordReader } from './read-words.ts'
import { isRead, READABLE } from './readable.ts'
import type { LawChannel, MessageType, Rule } from './rule.ts'
import { wholeOf } from './whole.ts'

export type { Finding, LawDraft, LawScene } from './finding.ts'

/** The law of one account's road on the day of `now`. */
export function sceneOf(
  book: LawBook,
  channel: LawChannel,
  account: AccountLaw,
  country: string,
  now: Instant,
): LawScene {
  const place = { channel, law: account.law, country: account.country ?? country }
  return {
    rules: rulesFor(book, place, now),
    words: book.words,
    signature: account.signature,
    registered: account.registered?.url ?? null,
  }
}

/** Everything in a template that breaks a rule, with the place; nothing is rendered. */
export function checkTemplate(scene: LawScene, draft: LawDraft): readonly Finding[] {
  return check(scene, draft, false)
}

/** The same for a text as it would arrive: values may have brought in what the template did not say. */
export function checkText(
  scene: LawScene,
  draft: {
    readonly purpose: Purpose
    readonly asksToPay: boolean
    readonly text: string
    readonly type?: MessageType
  },
): readonly Finding[] {
  const { purpose, asksToPay, text, type } = draft
  return check(scene, { purpose, asksToPay, parts: [{ place: 'text', liquid: text }] }, true, type)
}

/** Whether a finding keeps the message from being published and sent. */
export const refuses = ({ rule }: Finding) => rule.severity === 'refuse'

function check(scene: LawScene, draft: LawDraft, rendered: boolean, type?: MessageType): readonly Finding[] {
  if (scene.rules.length === 0) return []
  const parts = draft.parts.map(({ place, liquid }) => partOf(scene, place, liquid, rendered))
  const checking: Checking = { scene, draft, type: type ?? typeOf(draft, parts), rendered, parts }
  const rules = isRead(scene.rules) ? [...scene.rules, READABLE] : scene.rules
  const found = rules.filter((rule) => applies(rule, checking)).flatMap((rule) => run(rule, checking))
  return distinct(found)
}

function run<K extends Rule['kind']>(
  rule: Extract<Rule, { kind: K }>,
  checking: Checking,
): readonly Finding[] {
  return (CHECKS[rule.kind] as (rule: Rule, checking: Checking) => readonly Finding[])(rule, checking)
}

function partOf(scene: LawScene, place: string, liquid: string, rendered: boolean): Part {
  const { registered } = scene
  const pieces = rendered
    ? [{ kind: 'text', text: liquid, from: 0 } as const]
    : piecesOf(liquid, registered !== null)
  const plain = wholeOf(pieces, 'plain', registered)
  const read = { place, liquid, pieces, plain, clauseAround: clausesOf(liquid), wordsOf: wordReader(scene) }
  if (rendered) return { ...read, literal: plain, followed: { ways: [], unclear: [] } }
  return { ...read, literal: wholeOf(pieces, 'literal', registered), followed: follow(liquid, registered) }
}

function applies({ types, purposes }: Rule, { type, draft }: Checking): boolean {
  return (types?.includes(type) ?? true) && (purposes?.includes(draft.purpose) ?? true)
}

/** 营销 for promotion, 验证码 for what carries a code, else 通知. */
function typeOf({ purpose }: Pick<LawDraft, 'purpose'>, parts: readonly Part[]): MessageType {
  if (purpose === 'promotion') return 'marketing'
  const code = parts.some(({ pieces }) =>
    pieces.some((piece) => piece.kind === 'value' && piece.path === 'code'),
  )
  return purpose === 'essential' && code ? 'code' : 'notice'
}

/** Each place once for each rule; where a vendor says the same as everybody there, the vendor is quoted. */
function distinct(found: readonly Finding[]): readonly Finding[] {
  const spot = ({ rule, place, excerpt }: Finding) => `${rule.kind} ${rule.severity} ${place} ${excerpt}`
  const ownWords = new Set(found.filter(({ rule }) => rule.law !== '*').map(spot))
  const kept = found.filter((each) => each.rule.law !== '*' || !ownWords.has(spot(each)))
  return [...new Map(kept.map((each) => [`${each.rule.id} ${each.place} ${each.excerpt}`, each])).values()]
}
