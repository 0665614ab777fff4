import { ofKind } from './book.ts'
import { checkTemplate, checkText, type Finding, type LawDraft, type LawScene, refuses } from './check.ts'
import type { Edit } from './finding.ts'

/**
 * The nearest version of a text that breaks no rule: what is wrong is replaced or left out, clause by clause; where
 * nothing sensible is left, a neutral notice. `null` where nothing may be said on this road at all.
 */
export function nearestLawful(
  scene: LawScene,
  draft: LawDraft,
  findings: readonly Finding[],
  rendered = false,
): string | null {
  const [part] = draft.parts
  const wrong = findings.filter(refuses)
  if (part === undefined || wrong.some(({ rule }) => rule.kind === 'banned')) return null
  const chinese = /\p{Script=Han}/u.test(part.liquid)
  const repaired = tidy(
    apply(
      part.liquid,
      wrong.flatMap(({ edits }) => edits),
    ),
  )
  for (const text of [repaired, neutral(scene, draft, chinese), neutral(scene, draft, true)])
    if (saysSomething(text) && isLawful(scene, draft, text, rendered)) return text
  return null
}

function isLawful(scene: LawScene, draft: LawDraft, text: string, rendered: boolean): boolean {
  const { purpose, asksToPay } = draft
  const place = draft.parts[0]!.place
  const found = rendered
    ? checkText(scene, { purpose, asksToPay, text })
    : checkTemplate(scene, { purpose, asksToPay, parts: [{ place, liquid: text }] })
  return !found.some(refuses)
}

/** Edits from the end on; of two that overlap the longer counts. */
function apply(text: string, edits: readonly Edit[]): string {
  const sorted = [...edits].sort((a, b) => b.to - a.to || a.from - b.from)
  let out = text
  let before = text.length + 1
  for (const { from, to, text: put } of sorted) {
    if (to > before) continue
    out = out.slice(0, from) + put + out.slice(to)
    before = from
  }
  return out
}

function tidy(text: string): string {
  return text
    .replace(/[ \t]{2,}/g, ' ')
    .replace(/([，。；！？、])[，；、]+/g, '$1')
    .replace(/^[\s，。；！？、,.;!?]+/, '')
    .replace(/[，、；,;]+$/, '')
    .trim()
}

/** Words of its own, beside values. */
function saysSomething(text: string): boolean {
  return (text.replace(/\{[{%][\s\S]*?[%}]\}/g, '').match(/[\p{L}\p{N}]/gu) ?? []).length >= 6
}

/** What may be said everywhere: something has changed, and where to look. */
function neutral(scene: LawScene, { purpose }: LawDraft, chinese: boolean): string {
  const link = scene.registered === null ? '' : ' {{ links.registered }}'
  const last = purpose === 'promotion' ? (ofKind(scene.rules, 'mustSay')[0]?.oneOf[0] ?? '') : ''
  const code = purpose === 'promotion' || link === '' ? '' : ' {{ order.short_code }}'
  if (chinese) {
    const text = link === '' ? '您的订单状态有更新，请到店铺网站查看' : `您的订单状态有更新，请在${link} 查看`
    return `${text}${code === '' ? '' : `，短码${code}`}${last === '' ? '' : `，${last}`}`
  }
  const text =
    link === '' ? 'Your order has news. Please see the shop’s website' : `Your order has news. See${link}`
  return `${text}${code === '' ? '' : ` with code${code}`}${last === '' ? '' : `. ${last}`}`
}
