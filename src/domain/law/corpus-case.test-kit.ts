import type { Purpose } from '../message.ts'

/** One message and what the law should say: `law | purpose | text`. Purpose `pay` is a reminder that asks for payment. */
export interface CorpusCase {
  readonly law: string
  readonly purpose: Purpose
  readonly asksToPay: boolean
  readonly text: string
}

export const cases = (text: string): readonly CorpusCase[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [law, purpose, ...rest] = line.split(' | ')
      return {
        law: law!,
        purpose: purpose === 'pay' ? 'reminder' : (purpose as Purpose),
        asksToPay: purpose === 'pay',
        text: JSON.parse(`"${rest.join(' | ').replaceAll('"', '\\"')}"`) as string,
      }
    })
