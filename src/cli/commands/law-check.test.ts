import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const BIN = fileURLToPath(new URL('../../../bin/dingdong.mjs', import.meta.url))

function lawCheck(args: readonly string[], LANG = 'en_GB.UTF-8') {
  const { stdout, stderr, status } = spawnSync(process.execPath, [BIN, 'law', 'check', ...args], {
    encoding: 'utf8',
    env: { ...process.env, LANG, LC_ALL: '', NO_COLOR: '1' },
  })
  return { text: stdout + stderr, status }
}

describe('dingdong law check', () => {
  it('names rule, words, source and the nearest version that may go, and ends with 1', () => {
    const { text, status } = lawCheck([
      '--text',
      '您的订单已更新，请打开 https://a.cn/x 查看',
      '--provider',
      'tencent',
    ])
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

  it('says that a reminder leads to no payment, in both languages, and ends with 1', () => {
    const args = ['--text', '您的订单状态有更新，请到店铺网站查看', '--purpose', 'reminder', '--asks-to-pay']
    const { text, status } = lawCheck(args)
    expect([status, text]).toEqual([
      1,
      expect.stringMatching(/CN: may not go[\s\S]*A reminder must lead to payment/),
    ])
    expect(lawCheck(args, 'zh_CN.UTF-8').text).toContain('提醒付款的短信必须有付款入口')
  })

  it('holds a preset against a vendor, in Chinese', () => {
    const { text, status } = lawCheck(['order_code', '--provider', 'tencent'], 'zh_CN.UTF-8')
    expect(text).toContain('order_code zh-CN · tencent · CN: 可以发送')
    expect(status).toBe(0)
  })

  it('says that nothing was checked where no rules apply', () => {
    const text = ['--text', '您的游戏道具已到账，请打开 https://a.cn/x']
    for (const [more, told] of [
      [['--provider', 'none'], 'none · CN: nothing was checked (none: you take it upon yourself)'],
      [['--law', 'none'], 'none · CN: nothing was checked'],
      [['--country', 'JP'], 'JP: nothing was checked (no rules are known there)'],
    ] as const) {
      const { text: shown, status } = lawCheck([...text, ...more])
      expect([shown, status]).toEqual([expect.stringContaining(told), 0])
      expect(shown).not.toContain('may go')
    }
  })

  it('lets no text go that names a variable that there is not', () => {
    for (const [text, near] of [
      ['您的订单有更新 {order.payUrl}', 'order.payUrl'],
      ['您的订单有更新 {{ order.noo }}', 'order.noo; did you mean order.no?'],
      ['您的订单有更新 {定单号}', '定单号; did you mean 订单号?'],
    ] as const)
      for (const law of ['aliyun', 'none']) {
        const { text: shown, status } = lawCheck(['--text', text, '--law', law])
        expect([shown, status]).toEqual([expect.stringContaining(`there is no variable ${near}`), 1])
        expect(shown).toContain('may not go')
      }
    expect(lawCheck(['--text', '{% assign no = order.no %}您的订单 {{ no }} 有更新，请查看']).status).toBe(0)
  })

  it('suggests the nearest name for a slip, and ends with 2', () => {
    const { text, status } = lawCheck(['--text', 'x', '--provider', 'tencnet'])
    expect(text).toMatch(/tencnet.*tencent/s)
    expect(status).toBe(2)
  })
})
