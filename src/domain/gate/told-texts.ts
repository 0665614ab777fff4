import type { Language } from './reason-texts.ts'

/** Which order’s message goes first, and which that is where it is known. */
export interface ToldSeen {
  readonly order: string
  readonly message: { readonly id: string; readonly channel: string; readonly template: string } | undefined
}

export function explainTold({ order, message }: ToldSeen, language: Language): string {
  const named = message && `${message.template} → ${message.channel}, ${message.id}`
  return language === 'zh'
    ? `先发的是订单 ${order} 的消息${named ? `（${named.replace(', ', '，')}）` : ''}。`
    : `What goes first is the message of order ${order}${named ? ` (${named})` : ''}.`
}
