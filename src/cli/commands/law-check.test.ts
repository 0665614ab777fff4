import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { commandEnder } from '../command.test-kit.ts'
import type { Language } from '../texts/text.ts'

const BIN = fileURLToPath(new URL('../../../bin/dingdong.mjs', import.meta.url))

/** Where there is no database, the program's own files are looked at. */
function lawCheck(
  asked: Readonly<Record<string, string | boolean>>,
  { template, language }: { readonly template?: string; readonly language?: Language } = {},
) {
  return commandEnder(null, tmpdir())('law check', template ? [template] : [], asked, language)
}

describe('dingdong law check', () => {
  it('names rule, words, source and the nearest version that may go, and ends with 1', () => {
    const args = [
      'law',
      'check',
      '--text',
      '您的订单已更新，请打开 https://a.cn/x 查看',
      '--provider',
      'tencent',
    ]
    const env = { ...process.env, DINGDONG_DATA_DIR: '/nonexistent', LANG: 'en_GB.UTF-8', LC_ALL: '' }
    const { stdout: text, status } = spawnSync(process.execPath, [BIN, ...args], { encoding: 'utf8', env })
    expect(status).toBe(1)
    for (const part of [
      'tencent-links',
      'https://a.cn',
      'cloud.tencent.com',
      '{{ links.registered }}',
      'not legal advice',
    ])
      expect(text).toContain(part)
  })

  it('says that a reminder leads to no payment, in both languages, and ends with 1', async () => {
    const asked = { text: '您的订单状态有更新，请到店铺网站查看', purpose: 'reminder', asksToPay: true }
    const { shown, exit } = await lawCheck(asked)
    expect([exit, shown]).toEqual([
      1,
      expect.stringMatching(/CN: may not go[\s\S]*A reminder must lead to payment/),
    ])
    expect((await lawCheck(asked, { language: 'zh' })).shown).toContain('提醒付款的短信必须有付款入口')
  })

  it('holds a preset against a vendor, in Chinese', async () => {
    const ended = await lawCheck({ provider: 'tencent' }, { template: 'order_code', language: 'zh' })
    expect(ended.shown).toContain('order_code zh-CN · tencent · CN: 可以发送')
    expect(ended.shown).toContain('不知道签名，未计入')
    expect(ended.exit).toBe(0)
  })

  it('says that nothing was checked where no rules apply', async () => {
    const text = '您的游戏道具已到账，请打开 https://a.cn/x'
    for (const [more, told] of [
      [{ provider: 'none' }, 'none · CN: nothing was checked (none: you take it upon yourself)'],
      [{ law: 'none' }, 'none · CN: nothing was checked'],
      [{ country: 'JP' }, 'JP: nothing was checked (no rules are known there)'],
    ] as const) {
      const { shown, exit } = await lawCheck({ text, ...more })
      expect([shown, exit]).toEqual([expect.stringContaining(told), 0])
      expect(shown).not.toContain('may go')
    }
  })

  it('lets no text go that names a variable that there is not', async () => {
    for (const [text, near] of [
      ['您的订单有更新 {order.payUrl}', 'order.payUrl'],
      ['您的订单有更新 {{ order.noo }}', 'order.noo; did you mean order.no?'],
      ['您的订单有更新 {定单号}', '定单号; did you mean 订单号?'],
    ] as const)
      for (const law of ['aliyun', 'none']) {
        const { shown, exit } = await lawCheck({ text, law })
        expect([shown, exit]).toEqual([expect.stringContaining(`there is no variable ${near}`), 1])
        expect(shown).toContain('may not go')
      }
    const own = await lawCheck({ text: '{% assign no = order.no %}您的订单 {{ no }} 有更新，请查看' })
    expect(own.exit).toBe(0)
  })

  it('suggests the nearest name for a slip, and ends with 2', async () => {
    const { shown, exit } = await lawCheck({ text: 'x', provider: 'tencnet' })
    expect(shown).toMatch(/tencnet.*tencent/s)
    expect(exit).toBe(2)
  })
})
