import type { Credentials } from './sms-submit.ts'

export type SmsLabAccount = ReturnType<typeof smsLabAccount>

/**
 * How the general HTTP gateway provider is set up for the lab's gateway: the demo shop's account, and an example
 * of every part such a set-up may have.
 */
export function smsLabAccount(url: string, known: Credentials, callbackSecret: string | null) {
  return {
    request: {
      method: 'POST',
      url,
      headers: {
        'X-Api-Key': '{{api_key}}',
        'X-Timestamp': '{{timestamp}}',
        'X-Signature': '{{signature}}',
      },
      body: { kind: 'json', value: { to: '{{to}}', text: '{{text}}', id: '{{id}}' } },
    },
    credentials: { api_key: known.apiKey, api_secret: known.apiSecret },
    sign: { over: '{{timestamp}}.{{body}}', hash: 'sha256', key: 'api_secret', encoding: 'hex' },
    success: { json: 'code', equals: 'OK' },
    ref: { json: 'message_id' },
    code: { json: 'code' },
    codes: { BAD_NUMBER: 'address', BAD_TEXT: 'content', BAD_KEY: 'operator', TOO_FAST: 'retry:1' },
    ...(callbackSecret === null
      ? {}
      : {
          callbackSecret,
          callback: {
            check: { kind: 'hmac', header: 'x-signature', timestampHeader: 'x-timestamp', encoding: 'hex' },
            format: 'json',
            receipt: {
              ref: 'message_id',
              id: 'id',
              status: 'status',
              delivered: ['DELIVRD'],
              code: 'code',
              time: 'time',
            },
            reply: { from: 'from', text: 'text', time: 'time' },
          },
        }),
  } as const
}
