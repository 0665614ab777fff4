import { simplified } from '../domain/law/traditional.ts'

/** 分别, 特别, 性别 are no 别. */
const NO_ZH = '(?:不要|不用|不必|不需要|不想|不希望|(?<![分特性级个区类差告])别|勿|莫|停止)'
const MORE_ZH = '(?:再|继续|老|总|一直|随便|给|向|对|被|我|你们|您们|来)'
const NOT_ZH = `${NO_ZH}${MORE_ZH}{0,5}`
const MESSAGE_ZH = '(?:短信|信息|消息|推送|广告|营销)'
const SOME_ZH = '[^，。！？；,.!?;]{0,6}'

/** A wish that messages end: 请不要再发短信了, 别打扰我, 不想再收到你们的消息. */
const ZH: readonly RegExp[] = [
  new RegExp(`${NOT_ZH}发(?:来|送|给|我|任何|这些|这种|这类|此类|垃圾|什么){0,3}${MESSAGE_ZH}(?!验证)`, 'u'),
  new RegExp(`${NOT_ZH}(?:打扰|骚扰|烦我|推送|群发)`, 'u'),
  new RegExp(`${NO_ZH}再${MORE_ZH}{0,4}(?:收到?|看到?|接收|接到)${SOME_ZH}${MESSAGE_ZH}`, 'u'),
  // Without 再 not after 别, nor 不要 when it is about seeing: 别看到消息不回 asks for an answer.
  new RegExp(`(?:停止|不(?:要|用|必|需要|想|希望))${MORE_ZH}{0,5}(?:收到?|接收|接到)${SOME_ZH}${MESSAGE_ZH}`, 'u'),
  new RegExp(`不(?:想|希望)${MORE_ZH}{0,5}看到?${SOME_ZH}${MESSAGE_ZH}`, 'u'),
  new RegExp(`(?:拒绝|拒收|谢绝)(?:再|接收|任何|所有|你们的|此类|这类){0,3}${MESSAGE_ZH}`, 'u'),
  new RegExp(`不(?:需要|要|想要)(?:再|任何|贵店|这些|这种|这类|此类){0,3}(?:你们的?|你的|垃圾|广告|营销)${MESSAGE_ZH}`, 'u'),
  new RegExp(`${NO_ZH}再(?:${MORE_ZH}|跟|和|与|同){0,4}联系(?:了|我们?(?!一下|的|老|爱|妻|家|同|朋)|$)`, 'u'),
  /^(?:请|麻烦)?(?:你们)?(?:立即|立刻|马上)?停止(?:发送|推送)(?:了|吧)?$/u,
] // biome-ignore format: a table

/** 别发了 may be about goods (先别发了，我改地址): with a word of goods, or of a change, it counts for nothing. */
const NO_MORE_ZH = new RegExp(
  `(?<!(?<!首)先)${NOT_ZH}发(?:来|给我|我|这些|这种)?(?:了|啦)(?!货)|${NO_ZH}再${MORE_ZH}{0,4}(?:收到|接收|看到)(?:了|啦|$)`,
  'u',
)
const GOODS_ZH =
  /地址|货|退款|退钱|退了|快递|顺丰|包裹|收件|取件|自提|尺码|颜色|型号|款式|数量|(?:换|改)(?!了?个?(?:手机|电话|号))|(?<!号码?|电话|打|找)错(?!号|人|了?号码)|(?<!再)收到了?$/u

const MESSAGE_EN = '(?:texts?|texting|messages?|messaging|sms|reminders?|spam|spamming)'
const ABOUT_EN =
  '(?:(?:sending|getting|receiving|send|get|receive|see|want|to|me|us|you|a|an|any|another|more|these|those|this|your|the|all|of|with|from|ever|again|please|further|such|stupid|so|many) ){0,8}'
const NOT_EN = "(?:do not|don't|dont|never)"
/** Not "you never send me a text", "I don't text": those tell, or complain, and ask for nothing. */
const ASKING_EN = '(?<!\\b(?:i|you|we|they|he|she|it|who) )\\b'
const SEND_EN = `(?:send ${ABOUT_EN}${MESSAGE_EN}|(?:text|message|sms|spam)\\b)`
/** What goes with the goods, and what is to be done instead. */
const WITH_GOODS_EN =
  '(?! (?:on|in|inside|with) (?:the|my|a|this|that|her|his) (?:cards?|gifts?|cakes?|box|parcel|package|present|flowers|bouquet|wrapping|note|label|envelope|cup|mug|shirt)\\b)'
const CALL_EN = '(?<!\\ba (?:text|message|sms)(?= (?:just |please |a |you can ){0,3}(?:phone )?call\\b))'
/** Who asks not to text somebody else: "told you not text my wife". */
const OTHERS_EN =
  '(?! (?:him|her|them|(?:my|the) (?:wife|husband|partner|mother|mom|mum|father|dad|son|daughter|courier|driver|neighbou?r|boss))\\b(?! (?:or|and|nor) (?:me|us)\\b))'

/** The same in English: please stop texting me, do not send me any more messages, no more texts. */
const EN: readonly RegExp[] = [
  new RegExp(`(?<!(?:not|n't|dont|never|didnt|wont|cannot) )\\b(?:stop|quit|cease) ${ABOUT_EN}(?:${MESSAGE_EN}|contacting|bothering|sending)\\b`),
  new RegExp(`\\b(?:${NOT_EN}|no longer) (?:ever |really )?(?:want|wish|need|care) ${ABOUT_EN}${MESSAGE_EN}\\b${CALL_EN}${WITH_GOODS_EN}`),
  new RegExp(`${ASKING_EN}${NOT_EN} (?:you (?:ever|dare) )?(?:ever |please |again ){0,2}${SEND_EN}\\b`),
  new RegExp(`\\b(?:ask|asked|request|requested|prefer|rather|demand|insist|told|tell)(?: that)? you (?:${NOT_EN}|not|no longer) (?:to )?(?:ever )?${SEND_EN}\\b${OTHERS_EN}`),
  new RegExp(`\\byou (?:must|should|may|shall) (?:not|never|no longer) (?:ever )?${SEND_EN}\\b`),
  new RegExp(`${ASKING_EN}${NOT_EN} (?:ever )?(?:contact|bother) (?:me|us)\\b(?! (?:by|on|before|after|until|at)\\b)`),
  new RegExp(`(?:^|please |pls )no (?:more|further) ${ABOUT_EN}${MESSAGE_EN}\\b`),
  /\b(?:take|remove) (?:me|us|my number|this number) (?:off|from)\b(?! hold\b| (?:the |your |this )?(?:wait|waiting|waitlist|pickup|pick|delivery|guest|queue|line|orders?|group|team|route)\b)/,
  /\bopt me out\b|\b(?:want|like|wish) to (?:opt out|unsubscribe)\b/,
  /^(?:please|pls|just) stop(?: (?:it|this|now))?$|\bleave (?:me|us) alone\b/,
  /^(?:please |pls |i )?opt out(?: please| now| me)?$/,
  /^(?:please |pls |just )?(?:remove|delete) (?:me|us|(?:my|this)(?: phone| mobile)? number)(?: please| now| immediately)?$/,
  /\bcancel (?:(?:all|any|of|the|these|those|this|your|my) ){0,3}(?:texts|texting|messages|reminders|sms|spam)\b/,
  new RegExp(`${ASKING_EN}${NOT_EN} (?:ever )?send (?:me|us) (?:anything|nothing|any ?more|stuff)(?: (?:again|else|more|any ?more|ever|please))*$`),
] // biome-ignore format: a table

/** Between two commas, or at the end: "wrong number, stop". */
const STOP_EN = /^(?:please |pls |just |now |so |enough ){0,2}stop(?: (?:please|it|this|now|texting))?$/

/** True for a sentence that asks for no more messages, in any reasonable words (47 CFR 64.1200(a)(10)). */
export function saysToStop(text: string): boolean {
  const plain = [...text.normalize('NFKC').toLowerCase().replace(/[’‘]/g, "'")].map(simplified).join('')
  const sentences = plain.split(/[。！？；.!?;\n]/)
  const aboutGoods = sentences.some((sentence) => GOODS_ZH.test(zhOf(sentence)))
  return sentences.some((sentence) => {
    const zh = zhOf(sentence)
    if (ZH.some((each) => each.test(zh))) return true
    if (!aboutGoods && !zh.startsWith('先') && NO_MORE_ZH.test(zh)) return true
    const en = enOf(sentence)
    return (
      EN.some((each) => each.test(en)) || sentence.split(/[,，]/).some((part) => STOP_EN.test(enOf(part)))
    )
  })
}

const zhOf = (sentence: string) => sentence.replace(/\s+/g, '')
const enOf = (sentence: string) => sentence.replace(/[^\p{L}\p{N}']+/gu, ' ').trim()
