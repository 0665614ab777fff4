import { saysToStop } from './reply-sentences.ts'

/**
 * What people answer to make messages stop. China: 退订, TD, T, N, R as the messages themselves announce them
 * ("拒收请回复R"); elsewhere the words of the CTIA handbook and of 47 CFR 64.1200(a)(10).
 */
const STOP: ReadonlySet<string> = new Set([
  '退订',
  '退訂',
  '回T',
  '回复T',
  '回TD',
  '回复TD',
  '拒收',
  '取消订阅',
  '取消訂閱',
  '不再接收',
  '不再提醒',
  '别发了',
  'TD',
  'T',
  'N',
  'R',
  'STOP',
  'STOPALL',
  'UNSUBSCRIBE',
  'CANCEL',
  'END',
  'QUIT',
  'REVOKE',
  'OPTOUT',
])

const NONE: ReadonlySet<string> = new Set()

/**
 * True when a reply asks us to stop, however it is typed: `ｔｄ`, `“退订”`, `Stop.`, `opt out`, `退订 谢谢`. `more`: what
 * law files name beside the words that are understood everywhere. A sentence that says so in other words counts, too.
 */
export function asksToStop(text: string, more: ReadonlySet<string> = NONE): boolean {
  const plain = text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
  const joined = plain.replaceAll(' ', '')
  if (STOP.has(joined) || more.has(joined)) return true
  // A longer sentence counts when it begins or ends with an unmistakable word; single letters do not.
  return (
    /^(退订|退訂|STOP(?! BY| AT| IN)|UNSUBSCRIBE)(?![\p{L}\p{N}])|(退订|退訂|UNSUBSCRIBE)$/u.test(plain) ||
    saysToStop(text)
  )
}
