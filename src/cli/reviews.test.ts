import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSite, orderEvent, type Site } from '../../test/kit/site.ts'
import { HOUR, MINUTE } from '../domain/time.ts'
import { hireMember } from '../http/reviews.test-kit.ts'
import { commandRunner } from './command.test-kit.ts'

let site: Site
let folder: string
beforeAll(async () => {
  site = await openSite()
  folder = await mkdtemp(path.join(tmpdir(), 'dingdong-reviews-'))
  for (const [name, role] of [
    ['Finn', 'finance'],
    ['Olga', 'operator'],
  ] as const)
    await hireMember(site, site.shop, { name, roles: [role], mail: `${name.toLowerCase()}@shop.example` })
  for (const [nth, minor] of [600_000, 720_000, 880_000].entries())
    await site.keep(site.shop, {
      ...orderEvent(`row-${nth}`, 'order.created', `A-${nth}`, {
        order: { total: { minor, currency: 'CNY' }, title: `${nth}` },
        customer: { email: 'buyer@example.org' },
      }),
      time: site.clock.now() - HOUR + nth * MINUTE,
    })
}, 60_000)
afterAll(async () => {
  await site?.close()
  await rm(folder, { recursive: true, force: true })
})

const run = async (language: 'zh' | 'en', name: string, ...args: string[]) => {
  const options = { url: site.url, key: site.shop.key }
  return (await commandRunner(site.engine.database.url, folder, language)(name, args, options)).shown
}
async function idOf(no: string, rule: string): Promise<string> {
  const { items } = (await site.call('GET', '/v1/reviews', { key: site.shop.key })).json
  return items.find((each: Record<string, string>) => each.no === no && each.rule === rule).review
}

it('a review is shown with everything needed to decide, in the reader’s language', async () => {
  const id = await idOf('A-2', 'high-value-row')
  const en = await run('en', 'review show', id)
  for (const part of [
    'A-2  CN¥8,800.00  Waiting  ',
    'High-value orders in a row: 3 orders of 2,000 CNY or more in a row',
    'A-1 · 7,200 CNY · Waiting for payment',
    'This is a notice; this rule holds nothing up.',
    'so far (Asia/Shanghai, UTC+8)',
  ])
    expect(en).toContain(part)
  const zh = await run('zh', 'review show', id)
  for (const part of [
    '待处理',
    'A-1 · 7,200 CNY · 待付款',
    '这是一条提示',
    '订单经过（Asia/Shanghai, UTC+8）',
  ])
    expect(zh).toContain(part)
  const list = await run('zh', 'review list')
  expect(list).toMatch(/待处理 +A-2 +连续大额订单 .*等待财务/)
})

it('what is passed on says to whom and until when; again it is refused, and who decided is named', async () => {
  const [one, two] = [await idOf('A-0', 'large-order'), await idOf('A-1', 'large-order')]
  expect(await run('zh', 'review escalate', one)).toMatch(
    /：已转交。由运营（Olga）处理，之后没有下一级；\d\d-\d\d/,
  )
  expect(await run('en', 'review escalate', two)).toMatch(
    /was passed on\. It is with the operators \(Olga\); nobody/,
  )
  await expect(run('en', 'review escalate', two)).rejects.toThrow(
    /has been with the operators \(Olga\) since/,
  )
  expect(await run('zh', 'review approve', one)).toBe(`${one}：已通过。`)
  expect(await run('en', 'review reject', two)).toContain('is rejected; the shop’s system is asked to cancel')
  await expect(run('en', 'review approve', two)).rejects.toThrow(/already rejected by test \(key_/)
  expect(await run('zh', 'review show', two)).toMatch(/由 test \(key_\w+\) 拒绝/)
})

it('the list of rules names the first amounts of a table, and how many more there are', async () => {
  expect(await run('en', 'rule list')).toMatch(/large-order .*limit=5000 CNY \(\+\d+\) answer=4h/)
  await run('en', 'rule set', 'large-order', 'limit=8000,limit.USD=900')
  expect(await run('en', 'rule list')).toMatch(/large-order .*limit=8000 CNY \(\+\d+\)/)
})

it('a rule takes its values apart, as a flow does, or with commas', async () => {
  await run('en', 'rule set', 'large-order', 'limit=7000,', 'answer=2h')
  expect(await run('en', 'rule list')).toMatch(/large-order .*limit=7000 CNY \(\+\d+\) answer=2h/)
  await run('en', 'rule set', 'large-order', 'limit=8000,answer=3h')
  expect(await run('en', 'rule list')).toMatch(/large-order .*limit=8000 CNY \(\+\d+\) answer=3h/)
  await expect(run('en', 'rule set', 'large-order', ',')).rejects.toThrow(/Nothing to change/)
})
