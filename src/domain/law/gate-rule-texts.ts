import type { LawScene } from './finding.ts'
import { type LawObstacle, registeredOnly } from './gate-rules.ts'
import type { Rule, Words } from './rule.ts'
import { fill, insteadText, sourceText } from './source-text.ts'

type Language = 'zh' | 'en'

const words = (zh: string, en: string): Words => ({ zh, en })

const LAW_DROP_TEXTS = {
  rule: words(
    '账号“{account}”适用规则 {rule}：{says}。',
    'The account {account} is under the rule {rule}: {says}.',
  ),
  excerpt: words(
    '模板 {template} 中违反它的是“{word}”。',
    'What breaks it in the template {template}: “{word}”.',
  ),
  about: words(
    '模板 {template} 中违反它的是“{word}”（{about}）。',
    'What breaks it in the template {template}: “{word}” ({about}).',
  ),
  hours: words(
    '允许的时段：收件人当地 {from} 到 {to}。',
    'Its hours: from {from} to {to} on the receiver’s clock.',
  ),
  change: words(
    '修改模板 {template}（dingdong template set；可先用 dingdong law check 检查），再重新发送。',
    'Change the template {template} (dingdong template set; "dingdong law check" tells beforehand), and resend the message.',
  ),
  linkless: words(
    '账号“{account}”没有 registeredLink（已报备的链接），而这条消息只能带这个链接。',
    'The account {account} has no registeredLink, the address on file with the carrier, and this message may write no other.',
  ),
  fileLink: words(
    '向运营商报备一个链接，写入账号的 registeredLink（dingdong account set {id} --settings 文件），再重新发送。',
    'Have an address filed with the carrier and name it as the account’s registeredLink (dingdong account set {id} --settings FILE), then resend the message.',
  ),
  noWay: words(
    '模板 {template} 要求付款，却没有写出账号“{account}”可以带的付款途径。',
    'The template {template} asks for payment and writes no way to it that the account {account} may carry.',
  ),
  writeWay: words(
    '在模板 {template} 中写入 {names}，再重新发送。',
    'Write {names} into the template {template}, and resend the message.',
  ),
  gone: words(
    '按今天的规则、模板和账号，已经没有不能发送的理由。',
    'By the rules, the template and the accounts of today nothing of the law stands in its way.',
  ),
  resend: words(
    '重新发送这条消息：dingdong message resend {message}。',
    'Resend the message: dingdong message resend {message}.',
  ),
} as const satisfies Record<string, Words>

/** A message that a law kept back, the account it would have gone through, and what the law has against it. */
export interface LawDropSeen {
  /** `msg_…` */
  readonly message: string
  readonly template: string
  readonly account: { readonly id: string; readonly name: string; readonly scene: LawScene }
  readonly obstacles: readonly LawObstacle[]
}

export interface LawDropTold {
  readonly why: readonly string[]
  readonly change: readonly string[]
}

/** Each rule with its source and date, and what would have to change, in sentences. */
export function explainLawDrop(seen: LawDropSeen, language: Language): LawDropTold {
  const { message, template, account, obstacles } = seen
  const say: Say = (text, params = {}) =>
    fill(text[language], { message, template, account: account.name, id: account.id, ...params })
  if (obstacles.length === 0) return { why: [say(LAW_DROP_TEXTS.gone)], change: [say(LAW_DROP_TEXTS.resend)] }
  const told = obstacles.map((obstacle) => tell(obstacle, account.scene, say, language))
  const once = (lines: readonly string[]) => [...new Set(lines)]
  // Texts in several languages break the same rule in several places: it is named once.
  const byRule = Map.groupBy(told, ({ why }) => why[0])
  return {
    why: [...byRule.values()].flatMap((same) => once(same.flatMap(({ why }) => why))),
    change: once(told.flatMap(({ change }) => change)),
  }
}

type Say = (text: Words, params?: Readonly<Record<string, string>>) => string

function tell(obstacle: LawObstacle, scene: LawScene, say: Say, language: Language): LawDropTold {
  const ruled = (rule: Rule) => [
    say(LAW_DROP_TEXTS.rule, { rule: rule.id, says: rule.says[language] }),
    sourceText(rule, language),
  ]
  switch (obstacle.kind) {
    case 'law': {
      const { rule, excerpt, about } = obstacle.finding
      const text = about === null ? LAW_DROP_TEXTS.excerpt : LAW_DROP_TEXTS.about
      const found = excerpt === '' ? [] : [say(text, { word: excerpt, about: about?.[language] ?? '' })]
      const change = rule.kind === 'banned' ? [] : [say(LAW_DROP_TEXTS.change)]
      return { why: [...ruled(rule), ...found], change: [insteadText(rule, language), ...change] }
    }
    case 'no_registered_link': {
      const rule = registeredOnly(scene)
      const why = [say(LAW_DROP_TEXTS.linkless), ...(rule === null ? [] : ruled(rule))]
      return { why, change: [say(LAW_DROP_TEXTS.fileLink)] }
    }
    case 'no_way_to_pay': {
      const names = obstacle.names.map((name) => `{{ ${name} }}`).join(language === 'zh' ? '、' : ' and ')
      return { why: [say(LAW_DROP_TEXTS.noWay)], change: [say(LAW_DROP_TEXTS.writeWay, { names })] }
    }
    case 'consent':
      return { why: ruled(obstacle.rule), change: [insteadText(obstacle.rule, language)] }
    case 'hours': {
      const { rule } = obstacle
      const hours = say(LAW_DROP_TEXTS.hours, { from: rule.from, to: rule.to })
      return { why: [...ruled(rule), hours], change: [insteadText(rule, language)] }
    }
  }
}
