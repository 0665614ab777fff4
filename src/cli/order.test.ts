import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testRandom } from '../../test/kit/engine.ts'
import { openSite, orderEvent, type Site } from '../../test/kit/site.ts'
import { addMember, addMemberContact } from '../db/accounts.ts'
import { bumpConfig } from '../db/shops.ts'
import { type Id, newId } from '../domain/ids.ts'
import { DAY, HOUR } from '../domain/time.ts'
import { MEMBER_COOKIE, makeMemberSession } from '../http/session.ts'
import { commandRunner } from './command.test-kit.ts'

let site: Site
let folder: string
let finn: Id<'mem'>
beforeAll(async () => {
  site = await openSite()
  folder = await mkdtemp(path.join(tmpdir(), 'dingdong-order-'))
  finn = await hire('Finn', 'finance')
  await hire('Olga', 'operator')
}, 60_000)
afterAll(async () => {
  await site?.close()
  await rm(folder, { recursive: true, force: true })
})

async function hire(name: string, role: string): Promise<Id<'mem'>> {
  const now = site.clock.now()
  const id = newId('mem', now, testRandom)
  await addMember(site.deps.db, site.shop.id, { id, name, roles: [role], locale: 'en' }, now)
  const contact = newId('con', now, testRandom)
  const { sealer, index } = await site.engine.keyring.open(site.shop.id)
  const mail = `${name.toLowerCase()}@shop.example`
  const place = { shop: site.shop.id, column: 'contact.address', row: contact }
  const address = { index: index('contact.email', mail), address: sealer.seal(mail, place) }
  await addMemberContact(site.deps.db, site.shop.id, id, { id: contact, channel: 'email', ...address }, now)
  await bumpConfig(site.deps.db as never, site.shop.id)
  return id
}

const later = async (span: number) => {
  site.clock.set(site.clock.now() + span)
  await site.engine.worker.drain()
}
const large = (no: string) =>
  site.keep(site.shop, {
    ...orderEvent(`large-${no}`, 'order.created', no, {
      order: { no, total: { minor: 880_000, currency: 'CNY' }, title: `年度会员 ${no}` },
      customer: { email: `${no.toLowerCase()}@example.org`, name: '林小姐' },
      client: { ip: '203.0.113.42' },
    }),
    time: site.clock.now(),
  })

/** Somebody does this about the order's review, by a key of the shop's or as Finn. */
async function decide(no: string, change: string, as: 'key' | 'Finn') {
  const { json } = await site.call('GET', '/v1/reviews?state=all', { key: site.shop.key })
  const { review } = json.items.find(
    (each: { no: string; rule: string }) => each.no === no && each.rule === 'large-order',
  )
  const session = makeMemberSession(
    site.deps.sessionKey,
    { shop: site.shop.id, member: finn },
    site.clock.now(),
    testRandom,
  )
  const who =
    as === 'key'
      ? { key: site.shop.key }
      : { headers: { cookie: `${MEMBER_COOKIE}=${session}`, origin: site.url } }
  const answer = await site.call('POST', `/v1/reviews/${review}/${change}`, {
    json: { note: '电话 13800138000' },
    ...who,
  })
  expect([no, change, answer.status]).toEqual([no, change, 200])
  await later(1)
}

/** The order in every form: the API's entries about reviews, the command's result, and what a person reads. */
async function everyForm(no: string, rule = 'large-order') {
  const timeline = await site.call('GET', `/v1/orders/${no}/timeline`, { key: site.shop.key })
  const show = (language: 'zh' | 'en') =>
    commandRunner(site.engine.database.url, folder, language)('order', [no], {
      url: site.url,
      key: site.shop.key,
    })
  const [zh, en] = [await show('zh'), await show('en')]
  expect(en.result).toEqual(
    (await site.call('GET', `/v1/orders/${no}/timeline?lang=en`, { key: site.shop.key })).json,
  )
  const reviews = timeline.json.entries.filter(
    (entry: { kind: string; rule?: string }) => entry.kind === 'review' && entry.rule === rule,
  )
  const { title } = reviews[0]
  const news = reviews.map(({ what, by, tell }: Record<string, string>) => [what, by, tell])
  const lines = (shown: string, word: string) =>
    shown.split('\n').filter((line) => line.includes(` ${word} `))
  for (const personal of ['林小姐', `${no.toLowerCase()}@`, '203.0.113', '13800138000'])
    expect(JSON.stringify(reviews) + lines(en.shown, 'review').join()).not.toContain(personal)
  return {
    reviews,
    news,
    zh: lines(zh.shown, `复核 ${title.zh}`),
    en: lines(en.shown, `review ${title.en}`),
    whole: en.shown,
  }
}

const key = () => expect.stringMatching(/ \(key_[0-9a-z]{26}\)$/)

describe('an order’s timeline tells of its review in every form', () => {
  it('when it is opened: by which rule, with what it saw, and when it goes further', async () => {
    await large('L-1')
    const seen = await everyForm('L-1')
    expect(seen.news).toEqual([
      ['opened', null, 'finance'],
      ['next', null, 'finance'],
    ])
    expect(seen.reviews[0]).toMatchObject({
      rule: 'large-order',
      ruleVersion: 1,
      action: 'hold',
      title: { zh: '大额订单', en: 'Large order' },
      matched: {
        zh: '订单金额 8,800 CNY，超过限额 5,000 CNY',
        en: 'order 8,800 CNY, above the limit of 5,000 CNY',
      },
      at: site.clock.now(),
    })
    expect(seen.reviews[1].at).toBe(site.clock.now() + 4 * HOUR)
    expect(seen.zh[0]).toMatch(/复核 大额订单 需要人工复核$/)
    expect(seen.zh[1]).toMatch(/复核 大额订单 等待财务，到时转交下一级$/)
    expect(seen.en[0]).toMatch(/review Large order waits for a person$/)
    expect(seen.whole).toMatch(/above the limit of 5,000 CNY\n +large-order v1 · hold · rev_/)
  })

  it('when somebody passes it on, when nobody answers, and when it is rejected', async () => {
    await large('L-2')
    await decide('L-2', 'escalate', 'key')
    await later(4 * HOUR)
    await decide('L-2', 'reject', 'Finn')
    const seen = await everyForm('L-2')
    expect(seen.news).toEqual([
      ['opened', null, 'finance'],
      ['escalated', key(), 'operator'],
      ['escalated', 'time', 'operator'],
      ['rejected', 'Finn', 'operator'],
    ])
    expect(seen.zh.slice(1)).toEqual([
      expect.stringMatching(/已转交运营 · test \(key_/),
      expect.stringMatching(/已转交运营 · 无人处理$/),
      expect.stringMatching(/已拒绝 · Finn$/),
    ])
    expect(seen.en[2]).toMatch(/put to the operators · nobody answered in time$/)
  })

  it('when it is put to the last role: nobody comes after them', async () => {
    await large('L-5')
    await decide('L-5', 'escalate', 'key')
    const seen = await everyForm('L-5')
    expect(seen.reviews.map(({ goesTo }: { goesTo: string | null }) => goesTo)).toEqual([null, null, null])
    expect(seen.zh.at(-1)).toMatch(/等待运营，之后没有下一级，到时再次提醒$/)
    expect(seen.en.at(-1)).toMatch(/waits for the operators; nobody comes after them, they are told again$/)
  })

  it('when it is approved, taken back, and approved again', async () => {
    await large('L-3')
    await decide('L-3', 'approve', 'Finn')
    await decide('L-3', 'reopen', 'key')
    await decide('L-3', 'approve', 'key')
    const seen = await everyForm('L-3')
    expect(seen.news).toEqual([
      ['opened', null, 'finance'],
      ['approved', 'Finn', 'finance'],
      ['reopened', key(), 'finance'],
      ['approved', key(), 'finance'],
    ])
    expect(seen.zh[2]).toMatch(/决定已撤回，等待财务 · test \(key_/)
    expect(seen.en[1]).toMatch(/approved · Finn$/)
  })

  it('when the order’s end leaves nothing to decide', async () => {
    await large('L-4')
    await site.keep(site.shop, orderEvent('c4', 'order.cancelled', 'L-4'))
    const seen = await everyForm('L-4')
    expect(seen.news).toEqual([
      ['opened', null, 'finance'],
      ['expired', 'closed', 'finance'],
    ])
    expect(seen.zh[1]).toMatch(/已结束，无需处理 · 订单已关闭$/)
    expect(seen.en[1]).toMatch(/over, nothing to decide · the order was closed$/)
  })

  it('when it is a flag that nobody looks at', async () => {
    const twice = (no: string) =>
      orderEvent(`twice-${no}`, 'order.created', no, {
        order: {
          no,
          total: { minor: 1_000, currency: 'CNY' },
          title: '月卡',
          items: [{ name: '月卡', quantity: 1 }],
        },
        customer: { email: 'twice@example.org' },
      })
    await site.keep(site.shop, twice('F-1'))
    await later(1)
    await site.keep(site.shop, twice('F-2'))
    const open = await everyForm('F-2', 'duplicate-order')
    expect(open.news.map(([what]: string[]) => what)).toEqual(['opened', 'next'])
    expect(open.zh[1]).toMatch(/到时自动收起$/)
    await later(7 * DAY)
    const seen = await everyForm('F-2', 'duplicate-order')
    expect(seen.news.at(-1)).toEqual(['expired', 'time', open.reviews[0].tell])
    expect(seen.en.at(-1)).toMatch(/over, nothing to decide · nobody answered in time$/)
  })

  it('when two orders turn out to be one: the stricter answer, with whoever gave it', async () => {
    await large('M-1')
    await later(1)
    await large('M-2')
    await decide('M-1', 'approve', 'key')
    await decide('M-2', 'reject', 'Finn')
    await site.keep(
      site.shop,
      orderEvent('m', 'order.updated', 'M-1', {
        refs: [
          { kind: 'order_no', value: 'M-1' },
          { kind: 'order_no', value: 'M-2' },
        ],
      }),
    )
    const seen = await everyForm('M-1')
    expect(seen.news).toEqual([
      ['opened', null, 'finance'],
      ['approved', key(), 'finance'],
      ['rejected', 'Finn', 'finance'],
    ])
  })
})
