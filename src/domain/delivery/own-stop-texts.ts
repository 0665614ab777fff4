import type { Rule, Words } from '../law/rule.ts'
import { fill, insteadText, sourceText } from '../law/source-text.ts'
import { brokenRuleOf, type OwnStop, type Wordless } from './own-stop.ts'

type Language = 'zh' | 'en'

const words = (zh: string, en: string): Words => ({ zh, en })

/** What a message that we ended ourselves is said to be. */
export const OWN_STOP_STATE = words(
  '叮咚在发出前拦下了它，没有交给服务商。',
  'Dingdong stopped it just before it was handed over; no provider has seen it.',
)

/** `{template}` and `{channel}` are filled in. */
export const WORDLESS_TEXTS: Readonly<Record<Wordless, { readonly why: Words; readonly change: Words }>> = {
  template_missing: {
    why: words(
      '模板 {template} 没有可以用于渠道 {channel} 的文字。',
      'The template {template} has no text that may go by {channel}.',
    ),
    change: words(
      '为模板补上这个渠道的文字（dingdong template show {template}，改好后 dingdong template set），再重新发送。',
      'Give the template a text for this channel (dingdong template show {template}, then dingdong template set), and resend the message.',
    ),
  },
  unreadable: {
    why: words(
      '这条消息要用的资料已无法读取：可能已按请求删除，或加密它的密钥不在了。',
      'What this message was to say can no longer be read: it was erased on request, or the key that sealed it is gone.',
    ),
    change: words(
      '如果主密钥刚换过或刚恢复过备份，请放回当时的主密钥（dingdong doctor 会检查），再重新发送。',
      'If the master key was changed or a backup restored, put the key of that time back (dingdong doctor looks into it), and resend the message.',
    ),
  },
  render_timeout: {
    why: words(
      '模板 {template} 生成文字的时间太长，被中止。',
      'Making the words of the template {template} took too long and was broken off.',
    ),
    change: words(
      '简化模板，尤其是循环（dingdong template set），再重新发送。',
      'Make the template simpler, its loops above all (dingdong template set), and resend the message.',
    ),
  },
  render_refused: {
    why: words(
      '模板 {template} 最近多次超时，暂停使用十分钟。',
      'The template {template} timed out too often of late and is not used for ten minutes.',
    ),
    change: words(
      '简化模板（dingdong template set）或等十分钟，再重新发送。',
      'Make the template simpler (dingdong template set) or wait ten minutes, and resend the message.',
    ),
  },
  render_error: {
    why: words(
      '模板 {template} 无法用这笔订单的内容生成文字，或生成的文字太长。',
      'The template {template} could not be filled with what is known of this order, or its text grew too long.',
    ),
    change: words(
      '检查并修改模板（dingdong template show {template}、dingdong template set），再重新发送。',
      'Look at the template and correct it (dingdong template show {template}, dingdong template set), and resend the message.',
    ),
  },
}

export const LAW_STOP_TEXTS = {
  broken: words('成文后的内容违反规则 {rule}：{says}。', 'Its finished text breaks the rule {rule}: {says}.'),
  gone: words(
    '成文后的内容违反规则 {rule}；这条规则已不在规则文件中。',
    'Its finished text breaks the rule {rule}, which is no longer in the law files.',
  ),
  found: words(
    '其中“{word}”来自订单或店铺的名称。',
    '“{word}” came in with the name of the order, a product or the shop.',
  ),
  about: words(
    '其中“{word}”（{about}）来自订单或店铺的名称。',
    '“{word}” ({about}) came in with the name of the order, a product or the shop.',
  ),
  change: words(
    '修改模板 {template}，让它不写入这样的内容（dingdong template set；可先用 dingdong law check 检查），或更改订单里的名称，再重新发送。',
    'Change the template {template} so that it does not write such a thing (dingdong template set; "dingdong law check" tells beforehand), or the name in the order, and resend the message.',
  ),
} as const satisfies Record<string, Words>

/** What in the order's or shop's names the rule is against. */
export interface LawWord {
  readonly word: string
  readonly about: Words | null
}

export interface OwnStopSeen {
  readonly code: OwnStop
  readonly template: string
  readonly channel: string
  /** `null` where the code names none, or one that no law file has any more. */
  readonly rule: Rule | null
  readonly found: readonly LawWord[]
}

/** Why we ended a message just before it was handed over, and what would have to change, in sentences. */
export function explainOwnStop(
  { code, template, channel, rule, found }: OwnStopSeen,
  language: Language,
): { readonly why: readonly string[]; readonly change: readonly string[] } {
  const say = (text: Words, params: Readonly<Record<string, string>>) => fill(text[language], params)
  const name = brokenRuleOf(code)
  if (name === null) {
    const { why, change } = WORDLESS_TEXTS[code as Wordless]
    const about = { template, channel }
    return { why: [say(why, about)], change: [say(change, about)] }
  }
  const change = say(LAW_STOP_TEXTS.change, { template })
  if (rule === null) return { why: [say(LAW_STOP_TEXTS.gone, { rule: name })], change: [change] }
  return {
    why: [
      say(LAW_STOP_TEXTS.broken, { rule: name, says: rule.says[language] }),
      sourceText(rule, language),
      ...found.map(({ word, about }) =>
        about === null
          ? say(LAW_STOP_TEXTS.found, { word })
          : say(LAW_STOP_TEXTS.about, { word, about: about[language] }),
      ),
    ],
    change: [insteadText(rule, language), change],
  }
}
