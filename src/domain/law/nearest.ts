import { ofKind } from './book.ts'
import { checkTemplate, checkText, type Finding, type LawDraft, type LawScene, refuses } from './check.ts'
import { edited } from './edits.ts'

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
    edited(
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

function tidy(text: string): string {
  return text
    .replace(/(https?:\/\/\s*)+(?=https?:|\{\{-?\s*links\.)/gi, '')
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
