/** Words that do not belong into a message to a buyer, and what to say instead. */
export interface Unwanted {
  /** As they read; `…` stands for up to eight characters (Chinese) or three words (English). */
  readonly words: readonly string[]
  readonly better: string
}

/**
 * Words that blame the reader. A failed payment is nobody's fault to the one who reads about it: say what may not
 * have matched and what to do now.
 */
export const BLAME: readonly Unwanted[] = [
  { words: ['输错', '填错', '写错', '输入错误', '输入有误', '填写错误', '填写有误'], better: '卡号里可能有一位没对上' },
  { words: ['您操作错误', '你操作错误', '操作失误', '操作有误', '操作不当', '误操作'], better: '这一步没有完成' },
  { words: ['您的错误', '你的错误', '您的失误', '您的过错', '您的问题', '您的原因', '因您…导致'], better: '这次没有成功' },
  { words: ['您忘记', '您忘了', '你忘记', '你忘了', '您没有及时', '您未及时', '您迟迟'], better: '还差一步' },
  { words: ['您的余额不足', '你的余额不足', '您余额不足', '您的卡余额不足', '您没钱'], better: '余额或额度可能差了一点' },
  { words: ['您未能', '您没能', '您仍未', '您拒绝', '您拖欠', '后果自负'], better: '付款还没有完成' },
  {
    words: ['you entered the wrong', 'you entered an incorrect', 'you entered an invalid', 'you mistyped', 'you typed…wrong'],
    better: 'one digit may not match',
  },
  { words: ['you gave us the wrong', 'you provided…incorrect', 'you provided…invalid', 'you provided the wrong'], better: 'one detail may not match' },
  { words: ['your mistake', 'your error', 'your fault', 'you made a mistake', 'you made an error'], better: 'this did not go through' },
  { words: ['you forgot', 'you failed to', 'you neglected', 'you did not bother'], better: 'one step is left' },
  { words: ['you have no money', 'you do not have enough money', "you don't have enough money", 'you cannot afford'], better: 'the balance or limit may be a little short' },
  { words: ["you still haven't paid", 'you still have not paid', 'you refused to pay', 'you owe us'], better: 'the payment is not complete yet' },
] // biome-ignore format: a table

/**
 * Words that name a risk decision. The rails forbid showing those to the buyer (Stripe "Declines", Adyen "Refusal
 * reasons", PayPal "Processor response codes", read 2026-11): whoever tests stolen cards learns from them, and an
 * honest buyer is insulted.
 */
export const RISK: readonly Unwanted[] = [
  {
    words: ['风控', '风险', '欺诈', '诈骗', '盗刷', '盗卡', '黑名单', '可疑', '洗钱', '异常交易', '交易异常', '账户异常', '挂失', '失窃', '被盗', '冻结'],
    better: '这次付款没有完成，可以换一种方式，或联系我们',
  },
  {
    words: [
      'fraud', 'fraudulent', 'risk', 'risky', 'high-risk', 'suspicious', 'suspected', 'blacklist', 'blacklisted',
      'blocklist', 'blocklisted', 'stolen', 'lost card', 'money laundering', 'flagged', 'frozen',
    ],
    better: 'this payment did not go through; another way to pay, or a word with us, takes it from here',
  },
] // biome-ignore format: a table

/** Words that promise that the goods are kept. True only while the shop's confirmed reservation lasts. */
export const KEPT: readonly string[] = [
  '为您保留', '为你保留', '给您保留', '给您留着', '帮您留着', '替您留着', '为您预留', '为你预留', '已保留', '已预留', '已锁定库存',
  'kept for you', 'keeping it for you', 'keep it for you', 'reserved for you', 'saved for you', 'held for you',
  'holding it for you', 'on hold for you', 'set aside for you', 'put aside for you',
] // biome-ignore format: a table

const HAN = /\p{Script=Han}/u

/** Invisible characters and the space between Chinese characters, by which a word could be hidden from a reader of code. */
const HIDING = /[\u00ad\u200b-\u200f\u2060\ufeff]|(?<=\p{Script=Han})\s+(?=\p{Script=Han})/gu

/** Text as words are looked for in it: one form of each character, small letters, single spaces, straight quotes. */
export function plain(text: string): string {
  return text.normalize('NFKC').replace(HIDING, '').replace(/[’‘]/g, "'").replace(/\s+/g, ' ').toLowerCase()
}

const PATTERNS = new Map<string, RegExp>()

function patternOf(words: string): RegExp {
  const known = PATTERNS.get(words)
  if (known) return known
  const han = HAN.test(words)
  const gap = han ? '.{0,8}' : "(?: [\\w'-]+){0,3} "
  const source = words
    .split('…')
    .map((part) => part.trim().replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join(gap)
  // "risk-free" is no risk.
  const pattern = new RegExp(han ? source : `(?<![\\w-])${source}(?![\\w-])`, 'u')
  PATTERNS.set(words, pattern)
  return pattern
}

/** The first of `words` that `text` (made `plain`) contains. */
export const findWords = (text: string, words: readonly string[]): string | null =>
  words.find((each) => patternOf(each).test(text)) ?? null

/** The first unwanted words in `text` (made `plain`), with what to say instead. */
export function findUnwanted(
  text: string,
  list: readonly Unwanted[],
): { readonly found: string; readonly better: string } | null {
  for (const { words, better } of list) {
    const found = findWords(text, words)
    if (found !== null) return { found, better }
  }
  return null
}
