import type { Language } from './reason-texts.ts'

/** Which order spoke for another, and by which message where that is still known. */
export interface ToldSeen {
  readonly order: string
  readonly message: { readonly id: string; readonly channel: string; readonly template: string } | undefined
}

export function explainTold({ order, message }: ToldSeen, language: Language): string {
  const named = message && `${message.template} → ${message.channel}, ${message.id}`
  return language === 'zh'
    ? `代为发出的是订单 ${order} 的消息${named ? `（${named.replace(', ', '，')}）` : ''}。`
    : `What spoke instead is the message of order ${order}${named ? ` (${named})` : ''}.`
}
