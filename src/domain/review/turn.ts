import { roleText } from '../flow/role-texts.ts'
import type { Instant } from '../time.ts'
import type { Action } from './rule.ts'
import { clockText, type Language, zoneText } from './words.ts'

type Words = Readonly<Record<Language, string>>

const EFFECTS = {
  flag: { zh: '这是一条提示，这条规则不暂停任何操作。', en: 'This is a notice; this rule holds nothing up.' },
  hold: {
    zh: '处理前，不会再提醒买家付款。',
    en: 'Until somebody decides, the buyer is not reminded to pay.',
  },
  holdShop: {
    zh: '处理前，不会再提醒买家付款，商店系统也会暂停这笔订单。',
    en: 'Until somebody decides, the buyer is not reminded to pay and the shop’s system holds the order.',
  },
} as const satisfies Record<string, Words>

/** Another review that holds the order: `rev_…` and the title of its rule. */
export interface Holding {
  readonly id: string
  readonly title: Words
}

/** What a review that waits holds up; of one that holds nothing, what else does. */
export function effectWords(
  { action, holds_shop: holdsShop }: { readonly action: Action; readonly holds_shop: boolean },
  others: readonly Holding[],
  language: Language,
): string {
  if (action === 'hold') return EFFECTS[holdsShop ? 'holdShop' : 'hold'][language]
  if (others.length === 0) return EFFECTS.flag[language]
  const zh = language === 'zh'
  const named = others.map(({ id, title }) => (zh ? `${title.zh}（${id}）` : `${title.en} (${id})`))
  return zh
    ? `${EFFECTS.flag.zh}但这笔订单正等待其他复核：${named.join('、')}。`
    : `${EFFECTS.flag.en} But the order is held until somebody decides about: ${named.join(', ')}.`
}

export interface Turn {
  readonly action: Action
  readonly roles: readonly string[]
  readonly level: number
  /** When it goes further; `null` for one that does not wait. */
  readonly due_at: Instant | null
}

const DECISIONS = new Set(['approved', 'rejected', 'expired'])

/** Since when it is with the role at `level`, by its log of [at, what, by, level]: to be told again changes nothing. */
export function withSince(
  log: readonly (readonly [at: Instant, what: string, by: string | null, level: number])[],
  level: number,
): Instant | null {
  const other = log.findLastIndex(([, what, , at]) => at !== level || DECISIONS.has(what))
  return log[other + 1]?.[0] ?? null
}

/** The role and who has it: `finance (Finn)`. */
export function whoWords(role: string, people: readonly string[], language: Language): string {
  const words = roleText(role, language)
  if (people.length === 0) return words
  return language === 'zh' ? `${words}（${people.join('、')}）` : `${words} (${people.join(', ')})`
}

/** What decides without a name. */
const CAUSES: Readonly<Record<string, Words>> = {
  paid: { zh: '订单已付款', en: 'the order was paid' },
  paid_in_full: { zh: '订单已付清', en: 'the order was paid in full' },
  closed: { zh: '订单已结束', en: 'the order ended' },
  merged: { zh: '与另一订单合并', en: 'the order became part of another' },
  time: { zh: '无人查看，已到期', en: 'nobody looked in time' },
  admin: { zh: '管理员', en: 'the administrator' },
}

/** `by` as people read it: a name stays, a fact and the administrator get words. */
export const byWords = (by: string, language: Language): string => CAUSES[by]?.[language] ?? by

/** `approved by Finn`, `over: the order was paid`. */
export function decidedWords(state: string, by: string, language: Language): string {
  const who = byWords(by, language)
  const zh = language === 'zh'
  switch (state) {
    case 'approved':
      return zh ? `由 ${who} 通过` : `approved by ${who}`
    case 'rejected':
      return zh ? `由 ${who} 拒绝` : `rejected by ${who}`
    default:
      return zh ? `自动结束：${who}` : `over: ${who}`
  }
}

/** The roles after the one whose turn it is that somebody has. */
export const furtherRoles = ({ roles, level }: Pick<Turn, 'roles' | 'level'>, staffed: ReadonlySet<string>) =>
  roles.filter((role, at) => at > level && staffed.has(role))

/**
 * Whose turn it is, until when, and what comes then: `It is with finance (Finn) until 11-25 22:30 (Asia/Shanghai,
 * UTC+8). Then it goes to the operators.` Empty when nobody is waited for.
 */
export function turnWords(
  turn: Turn,
  staffed: ReadonlySet<string>,
  people: readonly string[],
  timeZone: string,
  language: Language,
): string {
  const { action, roles, level, due_at: dueAt } = turn
  if (dueAt === null || action === 'flag') return ''
  const zh = language === 'zh'
  const who = whoWords(roles[level] ?? roles[0]!, people, language)
  const until = clockText(dueAt, timeZone, language)
  const zone = zoneText(timeZone, dueAt)
  const [next] = furtherRoles(turn, staffed)
  if (next === undefined)
    return zh
      ? `由${who}处理，之后没有下一级；${until}（${zone}）仍未处理会再次提醒。`
      : `It is with ${who}; nobody comes after them. At ${until} (${zone}) they are told again.`
  const further = roleText(next, language)
  return zh
    ? `由${who}处理；${until}（${zone}）仍未处理则转交${further}。`
    : `It is with ${who} until ${until} (${zone}). Then it goes to ${further}.`
}
