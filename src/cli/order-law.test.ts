import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testRandom } from '../../test/kit/fixed.ts'
import { openSite, orderEvent, type Site } from '../../test/kit/site.ts'
import { listAccounts } from '../db/accounts.ts'
import { planMessages } from '../db/messages.ts'
import { findOrder } from '../db/orders.ts'
import { saveAccountSettings } from '../db/reseal.ts'
import { bumpConfig } from '../db/shops.ts'
import { type ContactId, type CustomerId, newId } from '../domain/ids.ts'
import type { Purpose } from '../domain/message.ts'
import { DAY, HOUR, MINUTE } from '../domain/time.ts'
import { commandRunner } from './command.test-kit.ts'

let site: Site
let folder: string
beforeAll(async () => {
  site = await openSite()
  folder = await mkdtemp(path.join(tmpdir(), 'dingdong-order-law-'))
}, 60_000)
afterAll(async () => {
  await site?.close()
  await rm(folder, { recursive: true, force: true })
})

/** Lays settings over those of the shop's SMS account. */
async function smsAccount(changes: object): Promise<void> {
  const { db, keyring } = site.deps
  const { sealer } = await keyring.open(site.shop.id)
  const row = (await listAccounts(db, site.shop.id)).find(({ channel }) => channel === 'sms')!
  const place = { shop: site.shop.id, column: 'account.settings', row: row.id }
  const settings = { ...JSON.parse(sealer.openText(row.settings, place)), ...changes }
  await saveAccountSettings(db, site.shop.id, row.id, sealer.seal(JSON.stringify(settings), place))
  await bumpConfig(db as never, site.shop.id)
}

/** Plans an SMS about the order, as a flow's step does, and lets the gate judge it. */
async function sms(no: string, purpose: Purpose, template: string): Promise<void> {
  const { db } = site.deps
  const phone = '+8613800138000'
  await site.keep(site.shop, orderEvent(`s-${no}`, 'payment.started', no, { customer: { phone } }))
  const order = (await findOrder(db, site.shop.id, { kind: 'order_no', value: no }))!
  const { rows } = await db.query<{ id: ContactId; customer_id: CustomerId }>(
    `select id, customer_id from contact where shop_id = $1 and channel = 'sms'`,
    [site.shop.id],
  )
  const now = site.clock.now()
  const plan = {
    id: newId('msg', now, testRandom),
    orderId: order,
    customerId: rows[0]!.customer_id,
    contactId: rows[0]!.id,
    ...{ runId: null, flow: null, flowVersion: null, step: null, inSessionUntil: null, dedupeKey: null },
    ...{ collapseKey: null, resendOf: null, vars: null, stops: [], audience: 'buyer' as const },
    ...{ channel: 'sms' as const, purpose, priority: 2, category: 'news', template },
    ...{ dueAt: now, expiresAt: now + 3 * DAY },
  }
  await planMessages(db, site.shop.id, [plan], now)
  await site.engine.worker.drain()
}

const told = async (no: string, lang: string) => {
  const { json } = await site.call('GET', `/v1/orders/${no}/timeline?lang=${lang}`, { key: site.shop.key })
  return json.entries.find(({ kind }: { kind: string }) => kind === 'message').message
}
const shown = async (no: string, language: 'zh' | 'en') =>
  (
    await commandRunner(site.engine.database.url, folder, language)('order', [no], {
      url: site.url,
      key: site.shop.key,
    })
  ).shown

describe('what the gate kept back for the law’s sake', () => {
  it('is told with the rule, its source and date, and what to do instead: a vendor’s ban', async () => {
    await smsAccount({ law: 'tencent' })
    await sms('LAW-1', 'reminder', 'payment_failed_details')
    const zh = await told('LAW-1', 'zh')
    expect([zh.state, zh.verdict]).toEqual(['dropped', 'drop:law'])
    expect(zh.why.slice(-2)).toEqual([
      '账号“lab”适用规则 tencent-no-dunning：这家服务商不允许催款类短信，提醒付款的短信不能发送。',
      expect.stringMatching(/^依据：腾讯云短信《正文模板审核标准》（2025-06-17） https:.* 核对。$/),
    ])
    expect(zh.wouldHelp.at(-1)).toBe('可以这样：改用邮件、站内信或聊天渠道提醒付款。')
    const en = await shown('LAW-1', 'en')
    expect(en).toMatch(
      /is under the rule tencent-no-dunning: .*\n +Source: .* checked on \d{4}-\d\d-\d\d\.\n/,
    )
    expect(en).toMatch(/→ What may be done: remind by mail, inbox or chat instead\./)
    expect(await shown('LAW-1', 'zh')).toMatch(/规则 tencent-no-dunning：[\s\S]*→ 可以这样：/)
  })

  it('a registered link that is missing, with the command that names it', async () => {
    await smsAccount({ law: undefined, registeredLink: undefined })
    await sms('LAW-2', 'reminder', 'payment_failed_details')
    const en = await told('LAW-2', 'en')
    expect(en.verdict).toBe('drop:law')
    expect(en.why.join('\n')).toMatch(
      /The account lab has no registeredLink[\s\S]*under the rule \S+:[\s\S]*Source: /,
    )
    expect(en.wouldHelp.at(-1)).toMatch(/dingdong account set acct_\w+ --settings FILE/)
    await smsAccount({ registeredLink: { url: 'https://shop.example/d' } })
    expect((await told('LAW-2', 'en')).wouldHelp.at(-1)).toMatch(
      /^Resend the message: dingdong message resend msg_/,
    )
  })

  it('an hour that the law does not allow, with its hours, and the consent that it wants', async () => {
    await smsAccount({ law: 'tencent' })
    await sms('LAW-3', 'promotion', 'order_paid')
    const dropped = async (reason: string, lang: string) => {
      await site.deps.db.query(
        `update message set verdict = 'drop:' || $2 where shop_id = $1
           and order_id = (select id from orders where shop_id = $1 and no = 'LAW-3')`,
        [site.shop.id, reason],
      )
      return told('LAW-3', lang)
    }
    const zh = await dropped('law_no_hour', 'zh')
    expect(zh.why).toContain('允许的时段：收件人当地 08:00 到 20:00。')
    expect(zh.why.join('\n')).toMatch(/规则 cn-hours：.*\n依据：.*\n允许的时段/)
    const en = await dropped('law_consent', 'en')
    expect(en.why.join('\n')).toMatch(/under the rule cn-consent: .*\nSource: .* checked on /)
    expect(en.wouldHelp.at(-1)).toMatch(/^What may be done: /)
  })
})

it('a channel that a cascade leaves out for the law’s sake names the rule, its source and date', async () => {
  await smsAccount({ law: 'tencent' })
  const expiresAt = site.clock.now() + HOUR
  await site.keep(
    site.shop,
    orderEvent('law-9', 'payment.failed', 'LAW-9', {
      order: { no: 'LAW-9', total: { minor: 90_000, currency: 'CNY' }, expiresAt },
      customer: { phone: '+8613800138999' },
      payment: { id: 'law-9', rail: 'stripe', failure: { code: 'incorrect_cvc' } },
    }),
  )
  for (const minute of [20, 50, 60]) {
    site.clock.set(expiresAt - HOUR + minute * MINUTE)
    await site.engine.worker.drain()
  }
  const en = await shown('LAW-9', 'en')
  expect(en).toMatch(/last left out: .*sms \(under the law of the receiver’s country and the account no text/)
  expect(en).toMatch(/The rule tencent-no-dunning: .*\n +Source: .* checked on \d{4}-\d\d-\d\d\./)
  expect(en).toMatch(/What may be done: remind by mail, inbox or chat instead\./)
  expect(await shown('LAW-9', 'zh')).toMatch(
    /sms（按收件人所在国家或地区及账号的规定，[\s\S]*规则 tencent-no-dunning：[\s\S]*依据：/,
  )
})
