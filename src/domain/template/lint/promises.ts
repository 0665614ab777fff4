const WITHIN = '[^，。！？；,.!?;\\n]{0,4}?'
const SHORT = 'it|this|that|these|them|one|some|two|both|everything|aside'
const OF_SOMETHING = 'your|the|a|an'
/** A thing's second word begins no other thing, so that there is one way only to read a text. */
const SECOND = `(?: (?!(?:${SHORT}|${OF_SOMETHING}|for) )[\\w'-]+)?`
const THING = `(?: (?:${SHORT}|(?:${OF_SOMETHING}) [\\w'-]+${SECOND})){0,6}`

/** What promises that the goods are kept. True only while the shop's confirmed reservation lasts. */
const KEPT: readonly RegExp[] = [
  new RegExp(`[为给帮替][您你]${WITHIN}(?:(?:保留|预留)(?!的?(?:手机|电话|号码|信息))|(?<!保|预)留(?![言意下心学神住影念步存])|占(?!用)|(?<!解)锁)`, 'u'),
  /已(?:保留|预留|锁定库存)|(?:名额|位置|座位|这件|库存)(?:都|还|已|已经|先)?(?:留着|留好|占着|占好|锁好|锁住)/u,
  new RegExp(`(?<![\\w-])(?:keep|keeps|keeping|kept|saves?|saved|saving|holds?|holding|held|reserves?|reserved|reserving)${THING} for you(?![\\w-])`, 'u'),
  new RegExp(`(?<![\\w-])(?:set|sets|setting|put|puts|putting)${THING} aside(?: just)? for you(?![\\w-])`, 'u'),
  /(?<![\w-])on hold for you(?![\w-])/u,
] // biome-ignore format: a table

/** What says that little is left, or that others are quicker: true only of news from the stock itself. */
const SCARCE: readonly RegExp[] = [
  /(?:只|仅|就)(?:剩|剩下|余|有)(?:最后)?\s?[\d一二两三四五六七八九十几]+\s?[件个份套台张双本盒]|最后\s?[\d一二两三四五六七八九十几]+\s?[件个份套台张双本盒]/u,
  /手慢无|手快有|欲购从速|售完即止|先到先得|即将售罄|马上(?:就)?(?:抢完|卖完|售罄)|快(?:抢完|卖完)了/u,
  /(?<![\w-])(?:only|just) (?:\d+|one|two|three|four|five|a few|a couple)(?: of (?:them|these))?(?: (?:items?|pieces?|units?|copies|copy|keys?|places?|seats?|spots?))?(?: are| is)? (?:left|remaining|remain|in stock)(?![\w-])/u,
  /(?<![\w-])(?:hurry(?!-)|selling fast|going fast|almost (?:gone|sold out)|nearly sold out|while stocks? lasts?|before (?:it's|it is|they're|they are) gone|last chance)(?![\w-])/u,
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
