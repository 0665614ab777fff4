import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const BIN = fileURLToPath(new URL('../../bin/dingdong.mjs', import.meta.url))

/** Runs the command in a terminal of that language, with no database anywhere near. */
function classify(args: readonly string[], LANG = 'C.UTF-8') {
  const env = { ...process.env, LANG, LC_ALL: '', DINGDONG_DATA_DIR: '/nonexistent' }
  return new Promise<{ readonly exit: number; readonly out: string; readonly err: string }>((resolve) => {
    execFile(process.execPath, [BIN, ...args], { env, encoding: 'utf8' }, (error, out, err) =>
      resolve({ exit: Number(error?.code ?? 0), out, err }),
    )
  })
}

describe('dingdong classify', () => {
  it('explains a code in the language of the terminal', async () => {
    const en = await classify(['classify', 'stripe', 'insufficient_funds'])
    expect(en).toMatchObject({ exit: 0, err: '' })
    expect(en.out).toMatch(/^Class +insufficient_funds +not enough money or credit$/m)
    expect(en.out).toMatch(/^First move +another way to pay now/m)
    expect(en.out).toMatch(/^Source +docs\.stripe\.com\/declines\/codes/m)
    const zh = await classify(['classify', 'stripe', 'stolen_card'], 'zh_CN.UTF-8')
    expect(zh.out).toMatch(/^类别 +risk_block +被风控拒绝$/m)
    expect(zh.out).toMatch(/^买家 +看不到原因/m)
  })

  it('takes advice, network codes and a day, and prints JSON', async () => {
    const args = ['classify', 'stripe', 'generic_decline', '--network', '57', '--at', '2026-10-25', '--json']
    const { out } = await classify([...args, '--advice', 'try_again_later'])
    expect(JSON.parse(out)).toMatchObject({
      class: 'other',
      advice: 'LATER',
      decidedBy: { field: 'networkCode', validFrom: Date.parse('2026-10-25T00:00:00Z') },
      adviceFrom: { field: 'adviceCode' },
    })
  })

  it('suggests near names for a rail and a code it does not know, and ends with 3', async () => {
    const { exit, err } = await classify(['classify', 'strip', 'insuficient_funds'])
    expect(exit).toBe(3)
    expect(err).toMatch(/no rail "strip"; did you mean stripe\?/)
    expect(err).toMatch(/"insuficient_funds" of strip; did you mean insufficient_funds\?/)
  })

  it('refuses a day that is none, and a class that is none, naming what was expected', async () => {
    expect(await classify(['classify', 'stripe', 'x', '--at', 'tomorrow'])).toMatchObject({ exit: 2 })
    const set = await classify(['code', 'set', 'stripe', 'x', 'expired_cart'])
    expect(set).toMatchObject({ exit: 2 })
    expect(set.err).toMatch(
      /expected one of network_timeout, .*; got "expired_cart"; did you mean expired_card\?/,
    )
  })
})
