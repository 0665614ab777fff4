const WITHIN = '[^，。！？；,.!?;\\n]{0,4}?'
const SHORT = 'it|this|that|these|them|one|some|two|both|everything|aside'
const OF_SOMETHING = 'your|the|a|an'
/** A thing's second word begins no other thing, so that there is one way only to read a text. */
const SECOND = `(?: (?!(?:${SHORT}|${OF_SOMETHING}|for) )[\\w'-]+)?`
const THING = `(?: (?:${SHORT}|(?:${OF_SOMETHING}) [\\w'-]+${SECOND})){0,6}`

/** 无法为您保留, cannot keep: who says that it is not kept promises nothing. 不仅为您保留 and "not only keep" do. */
const DENIED_ZH = '(?<!(?:不|无法|没法|没能|没有|未|未能|难以)(?:再|能|会|能再|会再|继续|能继续|会继续)?)'
const DENIED_EN =
  "(?<!(?:\\bnot|\\bcannot|n't|\\bnever|\\bno longer|\\bunable to|\\bnor) (?:be |being |been |ever |yet |longer )?)"

/** What promises that the goods are kept. True only while the shop's confirmed reservation lasts. */
const KEPT: readonly RegExp[] = [
  new RegExp(`${DENIED_ZH}[为给帮替][您你]${WITHIN}(?:(?:保留|预留)(?!的?(?:手机|电话|号码|信息))|(?<!保|预)留(?![言意下心学神住影念步存])|占(?!用)|(?<!解)锁)`, 'u'),
  /已(?:保留|预留|锁定库存)|(?:名额|位置|座位|这件|库存)(?:都|还|已|已经|先)?(?:留着|留好|占着|占好|锁好|锁住)/u,
  new RegExp(`${DENIED_EN}(?<![\\w-]|\\bon )(?:keep|keeps|keeping|kept|saves?|saved|saving|holds?|holding|held|reserves?|reserved|reserving)${THING} for you(?![\\w-])`, 'u'),
  new RegExp(`${DENIED_EN}(?<![\\w-])(?:set|sets|setting|put|puts|putting)${THING} aside(?: just)? for you(?![\\w-])`, 'u'),
  new RegExp(`${DENIED_EN}(?<![\\w-])on hold for you(?![\\w-])`, 'u'),
] // biome-ignore format: a table

/** So many of something; steps, days and papers are no goods. */
const SO_MANY =
  '\\s?[\\d一二两三四五六七八九十几]+\\s?[件个份套台张双本盒](?!\\s?(?:步骤|环节|工作日|月|星期|小时|钟|发票|问题|包裹|表格|文件))'
const STOCK_ZH = '(?:库存|现货|存货|名额|余量|余票|座位|空位|全场|全店|仓库|店里|本店|货架)'
/** 只有2张票了; not 只有1件签收了, which tells what became of it. */
const GOODS_LEFT = '(?:(?![到发收签送退寄取付坏丢破])\\p{Script=Han}){0,3}'
const DENIED_RUSH = '(?<!不是|并非|不怕|不必担心|不用担心|无需担心)'
const NO_HURRY =
  "(?<!(?:\\bnot|n't|\\bno|\\bnever|\\bwithout|\\bno need to|\\bno reason to|\\b(?:not|n't) (?:need|have) to) )"

/** What says that little is left, or that others are quicker: true only of news from the stock itself. */
const SCARCE: readonly RegExp[] = [
  new RegExp(`(?:只|仅|就)(?:剩|剩下|余)(?:最后)?${SO_MANY}|最后${SO_MANY}`, 'u'),
  // 有 alone counts things of any kind (只有一张发票).
  new RegExp(`${STOCK_ZH}[^，。！？；,.!?;\\n]{0,4}(?:只|仅|就)有${SO_MANY}|(?:只|仅|就)有${SO_MANY}(?:\\s?的?${STOCK_ZH}|可(?:买|售|订|抢|拍)|在售|${GOODS_LEFT}了)`, 'u'),
  new RegExp(`${DENIED_RUSH}(?:手慢无|手快有|欲购从速|售完即止|先到先得|即将售罄|马上(?:就)?(?:抢完|卖完|售罄)|快(?:抢完|卖完)了)`, 'u'),
  /(?<![\w-])(?:only|just) (?:\d+|one|two|three|four|five|a few|a couple)(?: of (?:them|these))?(?: (?:items?|pieces?|units?|copies|copy|keys?|places?|seats?|spots?))?(?: are| is)? (?:left|remaining|remain|in stock)(?![\w-])/u,
  new RegExp(`${NO_HURRY}(?<![\\w-])hurry(?![\\w-])`, 'u'),
  /(?<![\w-])(?:selling fast|going fast|almost (?:gone|sold out)|nearly sold out|while stocks? lasts?|before (?:it's|it is|they're|they are) gone|last chance)(?![\w-])/u,
] // biome-ignore format: a table

function firstOf(text: string, patterns: readonly RegExp[]): string | null {
  for (const pattern of patterns) {
    const found = pattern.exec(text)
    if (found) return found[0]
  }
  return null
}

/** The words in `text` (made `plain`) that promise that the goods are kept. */
export const findKept = (text: string): string | null => firstOf(text, KEPT)

/** The words in `text` (made `plain`) that say that little is left. */
export const findScarce = (text: string): string | null => firstOf(text, SCARCE)
