/**
 * Words by which a person says "stop" in reply to a text message. The Chinese forms are those that carriers
 * print under messages (拒收请回复R, 回T/TD退订); the English ones are the CTIA list and those that FCC 24-24
 * names as examples. Checked 2026-11. A reply that contains more is for a person to read.
 */
const WORDS: ReadonlySet<string> = new Set([
  'r', 't', 'td', 'tdd', 'n', 'qx', '退订', '退訂', '拒收', '取消订阅', '不再提醒', '停止',
  'stop', 'stopall', 'end', 'cancel', 'unsubscribe', 'quit', 'revoke', 'optout', 'opt out',
]) // biome-ignore format: a table

/** True when a reply asks for no more messages: the word alone, in any case or width, punctuation ignored. */
export function isOptOut(text: string): boolean {
  const plain = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s.。!！,，;；"'“”‘’()（）【】[\]]+/g, ' ')
    .trim()
  return WORDS.has(plain) || WORDS.has(plain.replaceAll(' ', ''))
}
