import type { Rule, RuleOf } from './rule.ts'

/**
 * Holds wherever words or links are ruled about: what cannot be told before it is rendered cannot be held against a
 * rule. Carriers approve texts with holes for values, nothing that is put together on the way.
 */
export const READABLE: RuleOf<'readable'> = {
  id: 'readable',
  kind: 'readable',
  severity: 'refuse',
  says: {
    zh: '短信和微信模板要写什么，必须能从模板里直接读出来',
    en: 'what an SMS or WeChat template writes must be plain from the template itself',
  },
  instead: {
    zh: '把文字直接写在正文里，只留 {订单号} 这样的变量',
    en: 'write the words in the text itself, with nothing but variables such as {order.no} in it',
  },
  source: { title: 'Dingdong, docs/guides/message-law.md' },
  checked: '2026-11-25',
  law: '*',
  channel: 'sms',
  countries: ['*'],
  file: '',
}

const READING: ReadonlySet<Rule['kind']> = new Set(['links', 'words', 'characters', 'mustSay', 'mustNotSay'])

/** Whether any of the rules reads the text. Mail keeps the whole template language. */
export const isRead = (rules: readonly Rule[]): boolean =>
  rules.some(({ channel, kind }) => channel !== 'email' && READING.has(kind))
