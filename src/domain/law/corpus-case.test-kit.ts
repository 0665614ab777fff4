import type { Purpose } from '../message.ts'

/** One message and what the law should say: `law | purpose | text`. Purpose `pay` is a reminder that asks for payment. */
export interface CorpusCase {
  readonly law: string
  readonly purpose: Purpose
  readonly asksToPay: boolean
  readonly text: string
}

export const cases = (text: string): readonly CorpusCase[] =>
  lines(text).map((line) => {
    const [law, purpose, ...rest] = line.split(' | ')
    return {
      law: law!,
      purpose: purpose === 'pay' ? 'reminder' : (purpose as Purpose),
      asksToPay: purpose === 'pay',
      text: JSON.parse(`"${rest.join(' | ').replaceAll('"', '\\"')}"`) as string,
    }
  })

/** Everyone's law who sends in mainland China, and the country's own. */
export const LAWS = ['tencent', 'aliyun', 'huawei', 'qiniu', 'volcengine', 'cn'] as const

export const under = (laws: readonly string[], texts: readonly string[]): readonly CorpusCase[] =>
  laws.flatMap((law) => texts.map((text) => ({ law, purpose: 'service', asksToPay: false, text }) as const))

export const lines = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

/** Each under the country's law, which is everybody's, and by turns under a vendor's beside it. */
export const inTurn = (texts: readonly string[]): readonly CorpusCase[] =>
  texts.flatMap((text, at) => under(['cn', LAWS[at % (LAWS.length - 1)]!], [text]))
