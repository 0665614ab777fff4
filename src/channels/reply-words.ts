import { simplified } from '../domain/law/traditional.ts'
import { saysToStop } from './reply-sentences.ts'

/**
 * What people answer to make messages stop. China: 退订, TD, T, N, R as the messages themselves announce them
 * ("拒收请回复R"); elsewhere the words of the CTIA handbook and of 47 CFR 64.1200(a)(10).
 */
const STOP: ReadonlySet<string> = new Set([
  '退订',
  '回T',
  '回复T',
  '回TD',
  '回复TD',
  '拒收',
  '取消订阅',
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

const NAMED_PLACE =
  '(?:SHOP|STORE|HOUSE|HOME|OFFICE|PLACE|CORNER|DOOR|GATE|DESK|COUNTER|STATION|BUILDING|ENTRANCE|WAREHOUSE|RECEPTION|LOBBY|HALL|YARD|GARAGE|DRIVEWAY|FLAT|BRANCH|NEIGHBOU?R)'
const NUMBERED_PLACE = '(?:GATE|NUMBER|NO|DOOR|FLAT|ENTRANCE|UNIT|BLOCK|FLOOR|PLATFORM|ROOM) [A-Z]?\\d{1,4}'
const PLACE = `(?:(?:THE|MY|OUR|YOUR|A|AN|THIS|THAT) (?:\\w+ )?${NAMED_PLACE}|${NUMBERED_PLACE}|FRONT OF)\\b`
const DAY = '(?:TOMORROW|(?:MON|TUES|WEDNES|THURS|FRI|SATUR|SUN)DAY)'
const VISIT = `(?:${DAY}|LATER|SOON|AGAIN|HERE|AT|ON|AFTER|BEFORE|AROUND|BETWEEN|NEXT|THIS|TO (?:PICK|COLLECT|GET|SEE)|\\d)`
/** Who writes "stop by the shop" comes to see us. Whatever is not surely that, is STOP: "stop at once", "stop by today". */
const COMES = `(?: (?:BY|IN) ${VISIT}\\b| IN (?:TODAY|TONIGHT)\\b| (?:BY|IN|AT|IN AT) ${PLACE}| BY (?:THE|MY|OUR|A|AN) (?!WAY|POWER|LAW|ORDER|END|CLOSE|AUTHORITY|NAME|LATEST|TIME))(?!.* OR (?:I|WE|ELSE)\\b)`
/** "Stop the order" is about the order, "stop order updates" is not. */
const OTHER_THING =
  ' (?:THE |MY |THIS |THAT )?(?:PAYMENT|ORDER|DELIVERY|SHIPMENT|SHIPPING|PARCEL|PACKAGE|TRANSACTION|COURIER|DRIVER)S?\\b(?! (?:\\w+ ){0,2}(?:TEXT|MESSAGE|MSG|SMS|REMINDER|UPDATE|NOTIFICATION|NOTICE|ALERT|EMAIL|SPAM)(?:S|ING)?\\b)'
/** A longer sentence counts when it begins or ends with an unmistakable word; single letters do not. */
const IN_A_SENTENCE = new RegExp(
  `^(退订|STOP(?!${COMES})(?!${OTHER_THING})|UNSUBSCRIBE)(?![\\p{L}\\p{N}])|(退订|UNSUBSCRIBE)$`,
  'u',
)

const NONE: ReadonlySet<string> = new Set()

/**
 * True when a reply asks us to stop, however it is typed: `ｔｄ`, `“退订”`, `Stop.`, `opt out`, `退订 谢谢`. `more`: what
 * law files name beside the words that are understood everywhere. A sentence that says so in other words counts, too.
 */
export function asksToStop(text: string, more: ReadonlySet<string> = NONE): boolean {
  const plain = [...text.normalize('NFKC').toUpperCase()]
    .map(simplified)
    .join('')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
  const joined = plain.replaceAll(' ', '').replace(/(?<=.)(?:谢谢|多谢)$/u, '')
  if (STOP.has(joined) || more.has(joined)) return true
  return IN_A_SENTENCE.test(plain) || saysToStop(text)
}
