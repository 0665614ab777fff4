import type { Purpose } from '../message.ts'
import type { Followed } from './follow.ts'
import type { Piece } from './pieces.ts'
import type { MessageType, Rule, Words } from './rule.ts'
import type { Whole } from './whole.ts'
import type { WordBook, WordFound } from './words.ts'

/** What is held against the law: a template's parts, or one text as it would arrive. */
export interface LawDraft {
  readonly purpose: Purpose
  readonly asksToPay: boolean
  readonly parts: readonly { readonly place: string; readonly liquid: string }[]
}

/** What is known about the account that would carry it. */
export interface LawScene {
  readonly rules: readonly Rule[]
  readonly words: WordBook
  /** Without brackets. */
  readonly signature: string | null
  readonly registered: string | null
}

/** A change that would take a finding away: in the part's source. */
export interface Edit {
  readonly from: number
  readonly to: number
  readonly text: string
}

/** One place where one rule is broken. */
export interface Finding {
  readonly rule: Rule
  /** `text`, `subject`, … */
  readonly place: string
  /** The words in question as their author wrote them; empty where something is missing. */
  readonly excerpt: string
  /** The group a word belongs to. */
  readonly about: Words | null
  readonly edits: readonly Edit[]
}

/** One part taken to pieces, as the checks look at it. */
export interface Part {
  readonly place: string
  readonly liquid: string
  readonly pieces: readonly Piece[]
  /** With values as marks, and with the literals inside them. */
  readonly plain: Whole
  readonly literal: Whole
  /** Everything that its branches and names can make of it. */
  readonly followed: Followed
  /** Leaves out the clause around a stretch of `liquid`. */
  readonly clauseAround: (range: { readonly from: number; readonly to: number }) => Edit
  /** Every word of a group in a text of this part. */
  readonly wordsOf: (whole: Whole, group: string) => readonly WordFound[]
}

export interface Checking {
  readonly scene: LawScene
  readonly draft: LawDraft
  readonly type: MessageType
  /** A rendered text: everything that is to be known is in it. */
  readonly rendered: boolean
  readonly parts: readonly Part[]
}

export function finding(
  rule: Rule,
  part: Part,
  range: { readonly from: number; readonly to: number } | null,
  edits: readonly Edit[] = [],
  about: Words | null = null,
): Finding {
  const excerpt = range === null ? '' : part.liquid.slice(range.from, range.to).slice(0, 60)
  return { rule, place: part.place, excerpt, about, edits }
}
