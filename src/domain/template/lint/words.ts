/** Words that do not belong into a message to a buyer, and what to say instead. */
export interface Unwanted {
  /** As they read; `…` stands for up to eight characters of one clause (Chinese) or three words (English), 您 also for 你. */
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
    words: [
      '是您的错', '是您的责任', '是您的失误', '是您的疏忽', '是您的操作', '是您的卡', '是您的原因', '是您自己', '是您没', '是您未',
      '怪您', '您的疏忽', '您的责任', '您的操作有', '您的操作错', '您疏忽', '您粗心', '您大意', '您不小心', '您漏填', '您漏了', '您错过了',
    ],
    better: '这一步没有完成',
  },
  {
    words: ['您搞错', '您弄错', '您看错', '您记错', '您选错', '您点错', '您打错', '您用错', '您自己…错', '您填的…不', '您输的…不', '您写的…不'],
    better: '卡号里可能有一位没对上',
  },
  {
    words: [
      ...['您输入的', '您填写的', '您填的', '您输的', '您提供的', '您留的'].flatMap((who) => [
        `${who}…错`, `${who}…误`, `${who}…不对`, `${who}…不正确`, `${who}…不符`, `${who}…无效`,
      ]),
    ],
    better: '卡号里可能有一位没对上',
  },
  {
    words: [
      ...['因您', '由于您', '因为您'].flatMap((who) => [
        `${who}…错`, `${who}…误`, `${who}…未`, `${who}…没`, `${who}…不足`, `${who}…不当`, `${who}…不符`, `${who}…失败`, `${who}…导致`,
        `${who}…造成`, `${who}个人`, `${who}自身`, `${who}自己`, `${who}的原因`, `${who}的操作`,
      ]),
    ],
    better: '这次没有成功',
  },
  {
    words: [
      ...['you entered', 'you typed', 'you put in', 'you put', 'you filled in', 'you gave', 'you provided', 'you submitted', 'you used'].flatMap(
        (did) => ['wrong', 'wrongly', 'incorrect', 'incorrectly', 'invalid', 'bad'].map((how) => `${did}…${how}`),
      ),
      ...['wrong', 'incorrect', 'invalid', 'bad'].flatMap((how) =>
        ['you entered', 'you typed', 'you gave', 'you provided', 'you used', 'you put in'].map((did) => `${how}…${did}`),
      ),
      'you got…wrong', 'you misspelled', 'you misspelt', 'you mixed up', 'you messed up', 'you chose the wrong', 'you picked the wrong',
      'your wrong', 'your incorrect', 'your typo',
    ],
    better: 'one digit may not match',
  },
  {
    words: [
      'your own mistake', 'your own error', 'your own fault', 'your oversight', 'your negligence', 'your carelessness', 'your wrongdoing',
      'on your part', 'user error', 'because of you', 'because you did not', "because you didn't", 'because you have not', "because you haven't",
      'because you entered', 'because you failed', 'you are to blame', 'blame yourself', 'be more careful', 'you were careless',
    ],
    better: 'this did not go through',
  },
  {
    words: [
      'you should have', 'you ought to have', 'you were supposed to', 'you overlooked', 'you ignored', 'you missed the', 'you missed your',
      'you let…expire', 'you never paid', 'you never finished', 'you never completed', 'you did not pay', "you didn't pay",
      'you did not complete', "you didn't complete", 'you did not finish', "you didn't finish", 'you did not enter', "you didn't enter",
    ],
    better: 'one step is left',
  },
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

/** What takes the blame away, or only looks like blame. */
const KIND: readonly string[] = [
  '不是您的错', '不是您的问题', '不是您的原因', '不是您的责任', '不是您的失误', '不是您的操作', '不是您的卡', '并非您的原因', '不是因为您', '不是由于您', '不怪您',
  '您的问题已', '您的问题我们', '解答您的问题', '回复您的问题', '回答您的问题', '关于您的问题',
  'not your fault', 'not your mistake', 'not your error', "isn't your fault", "wasn't your fault", 'nothing on your part', 'no action on your part',
  'no mistake on your part', 'no error on your part', 'nothing to do on your part',
] // biome-ignore format: a table

/** The text without what takes the blame away. */
export const withoutKind = (text: string): string =>
  KIND.reduce((left, words) => left.replace(new RegExp(patternOf(words), 'gu'), ' … '), text)

/**
 * Words that name a risk decision. The rails forbid showing those to the buyer (Stripe "Declines", Adyen "Refusal
 * reasons", PayPal "Processor response codes", read 2026-11): whoever tests stolen cards learns from them, and an
 * honest buyer is insulted.
 */
export const RISK: readonly Unwanted[] = [
  {
    words: ['风控', '风险', '欺诈', '诈骗', '盗刷', '盗卡', '黑名单', '可疑', '洗钱', '异常交易', '交易…异常', '账户…异常', '账号…异常', '付款存在异常', '支付存在异常', '行为异常', '不是您本人', '非您本人', '挂失', '失窃', '被盗', '冻结'],
    better: '这次付款没有完成，可以换一种方式，或联系我们',
  },
  {
    words: [
      'fraud', 'fraudulent', 'risk', 'risky', 'high-risk', 'suspicious', 'suspected', 'blacklist', 'blacklisted',
      'blocklist', 'blocklisted', 'stolen', 'lost card', 'money laundering', 'flagged', 'frozen',
      'not be you', 'not really you', 'unusual activity', 'unusual transaction', 'unusual payment', 'unauthorised', 'unauthorized',
    ],
    better: 'this payment did not go through; another way to pay, or a word with us, takes it from here',
  },
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
  const gap = han ? '[^，。！？；,.!?;\\n]{0,8}' : "(?: [\\w'-]+){0,3} "
  const source = words
    .split('…')
    .map((part) => part.trim().replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join(gap)
    .replaceAll('您', '[您你]')
  // "risk-free" is no risk.
  const pattern = new RegExp(han ? source : `(?<![\\w-])${source}(?![\\w-])`, 'u')
  PATTERNS.set(words, pattern)
  return pattern
}

/** The first of `words` that `text` (made `plain`) contains. */
const findWords = (text: string, words: readonly string[]): string | null =>
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
