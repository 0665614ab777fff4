import { lintWords } from '../template/lint/lint.ts'
import { replaceMarks } from '../template/marks.ts'
import { ofKind } from './book.ts'
import { mayCarry, SOME_LINK } from './carry.ts'
import { type Finding, type LawDraft, type LawScene, refuses } from './check.ts'
import { edited } from './edits.ts'

/** What would make a version possible where there is none. */
export const NEEDS = ['registered_link', 'another_channel', 'other_words'] as const
export type Need = (typeof NEEDS)[number]

/**
 * The nearest version of a text that publishing takes: what breaks a rule is replaced or left out, clause by clause,
 * what leads to payment is added; where nothing sensible is left, a neutral notice. `null` where there is none.
 */
export function nearestLawful(scene: LawScene, draft: LawDraft, findings: readonly Finding[]): string | null {
  const [part] = draft.parts
  const wrong = findings.filter(refuses)
  if (part === undefined || isBanned(wrong)) return null
  const chinese = /\p{Script=Han}/u.test(part.liquid)
  const repaired = tidy(
    edited(
      part.liquid,
      wrong.flatMap(({ edits }) => edits),
    ),
  )
  const texts = [
    repaired,
    ...(draft.asksToPay ? ledOn(repaired, scene, chinese) : []),
    ...neutral(scene, draft, chinese),
    ...neutral(scene, draft, true),
  ]
  return texts.find((text) => saysSomething(text) && isPublished(scene, draft, text)) ?? null
}

/** Why there is no version that may go. */
export function neededFor(scene: LawScene, draft: LawDraft, findings: readonly Finding[]): Need {
  if (isBanned(findings.filter(refuses))) return 'another_channel'
  const linked =
    scene.registered === null && nearestLawful({ ...scene, registered: SOME_LINK }, draft, findings)
  return linked ? 'registered_link' : 'other_words'
}

const isBanned = (wrong: readonly Finding[]) => wrong.some(({ rule }) => rule.kind === 'banned')

/** By everything that publishing looks at in the words themselves. */
function isPublished(scene: LawScene, draft: LawDraft, text: string): boolean {
  const { purpose, asksToPay } = draft
  const parts = [{ place: draft.parts[0]!.place, liquid: text }]
  const source = { channel: 'sms', locale: 'en', purpose, asksToPay, text } as const
  return mayCarry(scene, { purpose, asksToPay, parts }) && lintWords(source, 'en').length === 0
}

/** With what leads the buyer to payment there. */
function ledOn(text: string, { registered }: LawScene, chinese: boolean): readonly string[] {
  const base = text.replace(/(?<![\s。.])[\s。.]+$/, '')
  if (registered === null)
    return [chinese ? `${base}，请打开 {{ links.order }} 查看` : `${base}: {{ links.order }}`]
  const code = chinese ? '，短码 {{ order.short_code }}' : ' with code {{ order.short_code }}'
  return base.includes('{{ links.registered }}')
    ? [`${base}${code}`]
    : [`${base}${chinese ? '，请在' : '. See'} {{ links.registered }}${chinese ? ' 查看' : ''}${code}`]
}

function tidy(text: string): string {
  return text
    .replace(/(https?:\/\/\s*)+(?=https?:|\{\{-?\s*links\.)/gi, '')
    .replace(/[ \t]{2,}/g, ' ')
    .replace(/([，。；！？、])[，；、]+/g, '$1')
    .replace(/^[\s，。；！？、,.;!?]+/, '')
    .replace(/(?<![，、；,;])[，、；,;]+$/, '')
    .trim()
}

/** Words of its own, beside values. */
function saysSomething(text: string): boolean {
  return (replaceMarks(text, () => '').match(/[\p{L}\p{N}]/gu) ?? []).length >= 6
}

/** What may be said everywhere: something has changed, and where to look. */
function neutral(scene: LawScene, { purpose, asksToPay }: LawDraft, chinese: boolean): readonly string[] {
  const promotes = purpose === 'promotion'
  const last = promotes ? (ofKind(scene.rules, 'mustSay')[0]?.oneOf[0] ?? '') : ''
  const end = last === '' ? '' : `${chinese ? '，' : '. '}${last}`
  return neutralWords(scene, { withCode: !promotes, asksToPay, chinese }).map((text) => `${text}${end}`)
}

function neutralWords(
  { registered }: LawScene,
  { withCode, asksToPay, chinese }: { withCode: boolean; asksToPay: boolean; chinese: boolean },
): readonly string[] {
  if (registered !== null) {
    const code = withCode
      ? chinese
        ? '，短码 {{ order.short_code }}'
        : ' with code {{ order.short_code }}'
      : ''
    return [
      chinese
        ? `您的订单状态有更新，请在 {{ links.registered }} 查看${code}`
        : `Your order has news. See {{ links.registered }}${code}`,
    ]
  }
  if (asksToPay)
    return [
      chinese
        ? '您的订单状态有更新，请打开 {{ links.order }} 查看'
        : 'Your order has news: {{ links.order }}',
    ]
  return [
    chinese ? '您的订单状态有更新，请到店铺网站查看' : 'Your order has news. Please see the shop’s website',
  ]
}
