import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSite, orderEvent, type Site } from '../../test/kit/site.ts'
import { listAccounts } from '../db/accounts.ts'
import { formatId } from '../domain/ids.ts'
import { commandRunner } from './command.test-kit.ts'

let site: Site
let folder: string
beforeAll(async () => {
  site = await openSite()
  folder = await mkdtemp(path.join(tmpdir(), 'dingdong-order-why-'))
}, 60_000)
afterAll(async () => {
  await site?.close()
  await rm(folder, { recursive: true, force: true })
})

const failed = (id: string, no: string, failure: object) =>
  orderEvent(id, 'payment.failed', no, {
    order: { no, title: '季度会员', total: { minor: 12_800, currency: 'CNY' } },
    customer: { email: 'why@example.org' },
    payment: { id: `pay_${id}`, rail: 'stripe', failure },
  } as never)
const show = async (no: string, language: 'zh' | 'en', options: Record<string, boolean> = {}) =>
  (
    await commandRunner(site.engine.database.url, folder, language)('order', [no], {
      url: site.url,
      key: site.shop.key,
      ...options,
    })
  ).shown

describe('an order in the terminal', () => {
  it('tells below each failure its class and what decided it', async () => {
    await site.keep(
      site.shop,
      failed('c1', 'C-1', { code: 'card_declined', declineCode: 'insufficient_funds' }),
    )
    const zh = await show('C-1', 'zh')
    expect(zh).toMatch(
      /payment\.failed .*\n +类别：insufficient_funds 余额或额度不足\n +依据：declineCode insufficient_funds → /,
    )
    // The wrapper around the code that decided says only where to look.
    expect(zh).not.toContain('card_declined')
    expect(await show('C-1', 'en')).toMatch(
      /\n +Class: insufficient_funds not enough money or credit\n +Because: /,
    )
  })

  it('says below an event which address of the buyer cannot be read, and never the address', async () => {
    const customer = { phone: '1380013800', email: 'lin.secret@' }
    await site.keep(site.shop, orderEvent('u1', 'order.created', 'U-1', { order: { no: 'U-1' }, customer }))
    expect((await site.call('GET', '/v1/orders/U-1', { key: site.shop.key })).json.contacts).toEqual([])
    const en = await show('U-1', 'en')
    expect(en).toMatch(
      /order\.created .*\n +The mail address that this event gives .*\n +The phone number .* CN:/,
    )
    const zh = await show('U-1', 'zh')
    expect(zh).toMatch(/order\.created .*\n +事件中的邮箱地址无法识别.*\n +事件中的电话号码.*例如 \+86…。/)
    for (const shown of [en, zh]) expect(shown).not.toMatch(/lin\.secret|13800/)
    const { entries } = (await site.call('GET', '/v1/orders/U-1/timeline', { key: site.shop.key })).json
    expect(entries.find(({ kind }: { kind: string }) => kind === 'event').warnings).toMatchObject([
      { path: 'data.customer.email', code: 'EMAIL_INVALID' },
      { path: 'data.customer.phone', code: 'PHONE_INVALID' },
    ])
  })

  it('says what the source of an event had to leave out', async () => {
    const left = { ...orderEvent('u2', 'order.created', 'U-2', { order: { no: 'U-2' } }) }
    await site.keep(site.shop, { ...left, data: { ...left.data, extra: { left_out: ['customer.phone'] } } })
    expect(await show('U-2', 'en')).toMatch(
      /order\.created .*\n +What this event gives as data\.customer\.phone /,
    )
    expect(await show('U-2', 'zh')).toMatch(/\n +事件中 data\.customer\.phone 的内容过长或格式不符，已忽略/)
  })

  it('says it of a source whose secret is its address, too, which is believed no more than a key', async () => {
    const left = orderEvent('u3', 'order.paid', 'U-3', { order: { no: 'U-3' } })
    const sent = { ...left, source: 'dujiaoka', data: { ...left.data, extra: { left_out: ['order.total'] } } }
    const sender = { shop: site.shop.id, connection: site.shop.internal, trust: 'authenticated' } as const
    await site.engine.intake.keep(sender, [sent])
    await site.engine.worker.drain()
    expect(await show('U-3', 'en')).toMatch(/What this event gives as data\.order\.total /)
  })

  it('tells a stop at the last check as ours, and no try of the provider’s', async () => {
    await site.keep(site.shop, failed('c2', 'C-2', { code: 'incorrect_cvc' }))
    await site.deps.db.query(
      `with stopped as (
         update message set state = 'failed', fate_code = 'law:volcengine-words'
         where shop_id = $1 and order_id = (select id from orders where shop_id = $1 and no = 'C-2') returning id)
       update attempt set fate = 'rejected', code = 'law:volcengine-words'
       where shop_id = $1 and message_id in (select id from stopped)`,
      [site.shop.id],
    )
    expect(await show('C-2', 'zh')).toMatch(
      /叮咚在发出前拦下了它[\s\S]*→ 修改模板[\s\S]*第 1 次：没有交给服务商 \(law:volcengine-words\)/,
    )
    const en = await show('C-2', 'en')
    expect(en).toContain('try 1: not handed to the provider (law:volcengine-words)')
    expect(en).not.toMatch(/It may go|provider refused/)
  })

  it('tells of the message that paused its account that it waits for the repair, not that it may go', async () => {
    const run = commandRunner(site.engine.database.url, folder)
    const to = 'paused@example.org'
    site.lab.smtp.script([{ fault: { kind: 'fail', status: 530 }, to }])
    const event = failed('p1', 'P-1', { code: 'incorrect_cvc' })
    await site.keep(site.shop, { ...event, data: { ...event.data, customer: { email: to } } })
    const [account] = await listAccounts(site.deps.db, site.shop.id)
    expect(account).toMatchObject({ channel: 'email', state: 'paused', state_reason: '530' })
    const id = formatId('acct', account!.id)
    const en = await show('P-1', 'en')
    expect(en).toContain(`Its account ${id} is paused (530): it waits until that is repaired.`)
    expect(en).toContain(`dingdong account resume ${id}`)
    for (const named of [{ shop: 'first' }, { shop: 'first', key: site.shop.key }]) {
      const { shown } = await run('order', ['P-1'], { url: site.url, ...named })
      expect(shown).toContain(
        `Put the account right (dingdong account set --shop first ${id} --settings FILE), then run: dingdong account resume --shop first ${id}`,
      )
      expect(shown).not.toMatch(/dingdong (account|flow|member) [a-z]+ (?!--shop first)/)
    }
    expect(en).toContain('somebody must repair the account (530: the mail server wants a log-in')
    expect(en).not.toContain('It may go')
    const zh = await show('P-1', 'zh')
    expect(zh).toContain(`发送账号 ${id} 已暂停（530）：消息会等到账号修复。`)
    expect(zh).not.toContain('可以发送')
    expect((await run('account list', [], { shop: 'first' })).shown).toContain(
      '530: the mail server wants a log-in',
    )
    site.lab.smtp.script([])
    expect((await run('account resume', [id], { shop: 'first' })).result).toMatchObject({ released: 1 })
    expect(await show('P-1', 'en')).not.toContain('is paused')
  })

  it('prints no control character that came in with an order’s number or a failure’s code', async () => {
    const no = 'N-\u001b[32m1'
    await site.keep(site.shop, failed('n1', no, { code: 'bad\u001b[2J\u202ecode' }))
    const shown = await show(no, 'en')
    expect(shown).toContain('N-\\u001b[32m1')
    expect(shown).toContain('bad\\u001b[2J\\u202ecode')
    expect(shown).not.toContain('\u001b')
    expect(shown).not.toContain('\u202e')
  })

  it('says in one line of an event what conditions of the same shape kept from starting', async () => {
    for (let n = 0; n < 6; n++) {
      site.clock.set(site.clock.now() + 60_000)
      await site.keep(site.shop, failed(`six${n}`, 'SIX', { code: 'insufficient_funds' }))
    }
    const under = (shown: string) => shown.split('没有启动的流程\n')[1]!.split('\n')
    const short = under(await show('SIX', 'zh'))
    const folded = short.filter((line) => line.includes(' ×6 ← payment.failed '))
    expect(folded).toHaveLength(6)
    expect(folded[0]).toMatch(
      /触发条件不成立。 不成立：order\.lastFailure\.class == … {2}payment-failed-authentication、/,
    )
    // What matters stays as it was.
    expect(short.filter((line) => line.includes('这个流程正在为这个订单运行'))).toHaveLength(5)
    expect(short.length).toBeLessThan(30)
    const all = under(await show('SIX', 'zh', { all: true }))
    expect(
      all.filter((line) => line.includes('不成立：order.lastFailure.class == "risk_block"')),
    ).toHaveLength(6)
    expect(all.join()).not.toContain('×')
  })

  it('says once for each event why several flows did not start, with the names of all', async () => {
    await site.keep(site.shop, orderEvent('pp', 'order.paid', 'PP', { order: { no: 'PP' } }))
    for (let n = 0; n < 3; n++) {
      site.clock.set(site.clock.now() + 60_000)
      await site.keep(site.shop, failed(`pp${n}`, 'PP', { code: 'incorrect_cvc' }))
    }
    const paid = (shown: string) => shown.split('\n').filter((line) => line.includes('The order was paid.'))
    const short = await show('PP', 'en')
    expect(paid(short)).toHaveLength(3)
    expect(paid(short)[0]).toMatch(/ ×7 ← payment\.failed {2}The order was paid\. {2}payment-failed-\S+, /)
    expect(short).toContain('×: flows that one reason kept from starting, in one line')
    const all = await show('PP', 'en', { all: true })
    expect(paid(all)).toHaveLength(21)
    expect(all).not.toContain('×')
  })

  it('says once what would start several disabled flows, without the name of one of them', async () => {
    const flows = ['payment-failed-funds', 'payment-failed-risk']
    const turn = async (word: string) => {
      for (const flow of flows)
        expect(
          (await site.call('POST', `/v1/flows/${flow}/${word}`, { key: site.shop.key })).status,
        ).toBeLessThan(300)
      site.clock.set(site.clock.now() + 60_000)
    }
    await turn('disable')
    await site.keep(site.shop, failed('off', 'OFF', { code: 'incorrect_cvc' }))
    const shown = await show('OFF', 'en')
    expect(shown).toMatch(
      / ×2 ← payment\.failed {2}The flow was disabled then\. {2}payment-failed-funds, payment-failed-risk\n +→ Switch it on, and later events start it: dingdong flow on …\.\n/,
    )
    await turn('enable')
  })

  it('has words for states and trust, and the year of what is not of this year', async () => {
    site.clock.set(Date.parse('2026-12-31T16:00:00Z'))
    await site.keep(site.shop, {
      ...orderEvent('y1', 'order.created', 'Y-1', { order: { no: 'Y-1' } }),
      time: site.clock.now(),
    })
    const zh = await show('Y-1', 'zh')
    expect(zh).toMatch(/^Y-1 {2}待付款 {2}/)
    expect(zh).toContain('2027-01-01 00:00:00 事件 order.created 叮咚自己')
    expect(zh).toMatch(/流程 order-received v1 · 已完成/)
    expect(await show('SIX', 'zh')).toMatch(/\n11-23 \d\d:/)
    const en = await show('Y-1', 'en')
    expect(en).toMatch(/^Y-1 {2}Waiting for payment {2}/)
    expect(en).toContain('order.created Dingdong itself')
  })
})
