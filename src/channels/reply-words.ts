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

const PLACE =
  '(?:THE|MY|OUR|YOUR|A|AN|THIS|THAT) (?:\\w+ )?(?:SHOP|STORE|HOUSE|HOME|OFFICE|PLACE|CORNER|DOOR|GATE|DESK|COUNTER|ADDRESS|STATION|BUILDING|ENTRANCE|WAREHOUSE|RECEPTION|FLAT|BRANCH|NEIGHBOU?R)'
const VISIT =
  '(?:TODAY|TONIGHT|TOMORROW|LATER|SOON|AGAIN|HERE|AT|ON|AFTER|BEFORE|AROUND|BETWEEN|NEXT|THIS|TO (?:PICK|COLLECT|GET|SEE)|(?:MON|TUES|WEDNES|THURS|FRI|SATUR|SUN)DAY|\\d)'
/** Who writes "stop by the shop" comes to see us. Whatever is not surely that, is STOP: "stop at once", "stop by now". */
const COMES = `(?: (?:BY|IN) ${VISIT}\\b| (?:BY|IN|AT|IN AT) ${PLACE}\\b| BY (?:THE|MY|OUR|A|AN) (?!WAY|POWER|LAW|ORDER|END|CLOSE|AUTHORITY|NAME|LATEST|TIME))`
/** A longer sentence counts when it begins or ends with an unmistakable word; single letters do not. */
const IN_A_SENTENCE = new RegExp(
  `^(退订|退訂|STOP(?!${COMES})|UNSUBSCRIBE)(?![\\p{L}\\p{N}])|(退订|退訂|UNSUBSCRIBE)$`,
  'u',
)

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
  return IN_A_SENTENCE.test(plain) || saysToStop(text)
}
