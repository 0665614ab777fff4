import type { Edit, LawScene, Part } from './finding.ts'
import type { RuleOf } from './rule.ts'
import { REGISTERED } from './whole.ts'

interface Range {
  readonly from: number
  readonly to: number
}

/** What may be written for a link that may not: the address on file; abroad the order's own; else its clause goes. */
export function insteadOfLink(
  { allow }: RuleOf<'links'>,
  { registered }: LawScene,
  { liquid, clauseAround }: Pick<Part, 'liquid' | 'clauseAround'>,
  range: Range,
): Edit {
  const whole = wholeLink(liquid, range)
  if (allow === 'noShorteners') return { ...whole, text: '{{ links.order }}' }
  return registered === null ? clauseAround(whole) : { ...whole, text: `{{ ${REGISTERED} }}` }
}

/** A link may have so much on either side of the part by which it was found. */
const LONGEST_SIDE = 200
const BEFORE = /(?:[A-Za-z][A-Za-z0-9+.-]*:\/\/)?[A-Za-z0-9.@_-]*$/
const BEHIND = /^(?:[A-Za-z0-9/?#&=%_.~:@+,!\uff01-\uff5e-]|\{\{[^{}]*\}\})*/

/** The link that was found by a part of it, with its scheme and path, which may be values. */
function wholeLink(liquid: string, { from, to }: Range): Range {
  const before = BEFORE.exec(liquid.slice(Math.max(0, from - LONGEST_SIDE), from))?.[0] ?? ''
  const behind = BEHIND.exec(liquid.slice(to, to + LONGEST_SIDE))?.[0] ?? ''
  return { from: from - before.length, to: to + behind.replace(/[.,!?:，。！？：]+$/, '').length }
}

/**
 * The clause a word stands in, to be left out: a sentence with a hole says nothing. The text is gone through once,
 * however many words are found in it.
 */
export function clausesOf(text: string): (range: Range) => Edit {
  const ends = [...text.matchAll(/[，。；！？,;!?\n、]/g)].map(({ index }) => index)
  return ({ from, to }) => {
    const before = ends[firstFrom(ends, from) - 1]
    const after = ends[firstFrom(ends, to)]
    return { from: before === undefined ? 0 : before + 1, to: (after ?? text.length - 1) + 1, text: '' }
  }
}

/** The index of the first of ascending numbers that is not below `least`. */
function firstFrom(ascending: readonly number[], least: number): number {
  let from = 0
  let to = ascending.length
  while (from < to) {
    const middle = (from + to) >> 1
    if (ascending[middle]! < least) from = middle + 1
    else to = middle
  }
  return from
}

/** Makes all edits; those that overlap become one, with what the longer one writes. */
export function edited(text: string, edits: readonly Edit[]): string {
  const one: Edit[] = []
  for (const edit of [...edits].sort((a, b) => a.from - b.from || b.to - a.to)) {
    const last = one.at(-1)
    if (last === undefined || edit.from >= last.to) one.push(edit)
    else {
      const longer = edit.to - edit.from > last.to - last.from ? edit : last
      const put = longer.text === '' && edit.from === edit.to ? edit.text : longer.text
      one[one.length - 1] = { from: last.from, to: Math.max(last.to, edit.to), text: put }
    }
  }
  let out = ''
  let at = 0
  for (const { from, to, text: put } of one) {
    out += text.slice(at, from) + put
    at = to
  }
  return out + text.slice(at)
}
