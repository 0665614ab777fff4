import { describe, expect, test } from 'vitest'
import { asksToStop } from './reply-words.ts'

describe('a reply asks to stop', () => {
  test.each(
    '退订|退訂|“退订”|退订。|退订 谢谢|请退订|TD|td|ＴＤ|T|t|回T|N|R|拒收|STOP|stop|Stop.|STOP ALL|stop all|stop please|unsubscribe|UNSUBSCRIBE me|please unsubscribe|opt-out|quit|end|Cancel|revoke'.split(
      '|',
    ),
  )('%s', (text) => expect(asksToStop(text)).toBe(true))
})

describe('a reply does not', () => {
  test.each([
    '',
    ' ',
    '谢谢',
    '好的，退款吧',
    '取消订单',
    'please cancel my order',
    'when does it end',
    'no',
    'yes',
    '收到 TD-200 型号了吗',
    'nonstop',
    'stopped by, nobody home',
    'Can I get a ticket?',
    '👍',
  ])('%s', (text) => expect(asksToStop(text)).toBe(false))
})
