const NOT_ZH =
  '(?:不要|不用|不必|不需要|不想|不希望|别|勿|莫|停止)(?:再|继续|老|总|一直|随便|给|向|对|被|我|你们|您们|来){0,5}'
const MESSAGE_ZH = '(?:短信|信息|消息|推送|广告|营销)'

/** A wish that messages end: 请不要再发短信了, 别打扰我, 不想再收到你们的消息. */
const ZH: readonly RegExp[] = [
  new RegExp(`${NOT_ZH}发(?:来|送|给|我|任何|这些|这种|这类|此类|垃圾|什么){0,3}${MESSAGE_ZH}`, 'u'),
  new RegExp(`${NOT_ZH}发(?:来|给我|我|这些|这种)?(?:了|啦)(?!货)`, 'u'),
  new RegExp(`${NOT_ZH}(?:打扰|骚扰|烦我|推送|群发)`, 'u'),
  new RegExp(`${NOT_ZH}(?:收到?|看到?|接收|接到)[^，。！？；,.!?;]{0,6}${MESSAGE_ZH}`, 'u'),
  new RegExp(`(?:拒绝|拒收|谢绝)(?:再|接收|任何|所有|你们的|此类|这类){0,3}${MESSAGE_ZH}`, 'u'),
] // biome-ignore format: a table

const MESSAGE_EN = '(?:texts?|texting|messages?|messaging|sms|reminders?|spam|spamming)'
const ABOUT_EN =
  '(?:(?:sending|getting|receiving|send|get|receive|want|to|me|us|you|any|more|these|those|this|your|the|all|of|with|ever|again|please|further|such|stupid|so|many) ){0,8}'

/** The same in English: please stop texting me, do not send me any more messages, no more texts. */
const EN: readonly RegExp[] = [
  new RegExp(`(?<!(?:not|n't|dont|never|didnt|wont|cannot) )\\b(?:stop|quit|cease) ${ABOUT_EN}(?:${MESSAGE_EN}|contacting|bothering|sending)\\b`),
  new RegExp(`\\b(?:do not|don't|dont|never) ${ABOUT_EN}${MESSAGE_EN}\\b`),
  /\b(?:do not|don't|dont|never) (?:ever )?(?:contact|bother) (?:me|us)\b(?! (?:by|on|before|after|until|at)\b)/,
  new RegExp(`(?:^|please |pls )no (?:more|further) ${ABOUT_EN}${MESSAGE_EN}\\b`),
  /\b(?:take|remove) (?:me|us|my number|this number) (?:off|from)\b|\bopt me out\b|\b(?:want|like|wish) to (?:opt out|unsubscribe)\b/,
  /^(?:please|pls|just) stop(?: (?:it|this|now))?$|\bleave me alone\b/,
] // biome-ignore format: a table

/** True for a sentence that asks for no more messages, in any reasonable words (47 CFR 64.1200(a)(10)). */
export function saysToStop(text: string): boolean {
  const sentences = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[’‘]/g, "'")
    .split(/[。！？；.!?;\n]/)
  return sentences.some((sentence) => {
    const zh = sentence.replace(/\s+/g, '')
    const en = sentence.replace(/[^\p{L}\p{N}']+/gu, ' ').trim()
    return ZH.some((each) => each.test(zh)) || EN.some((each) => each.test(en))
  })
}
