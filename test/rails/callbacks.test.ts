import { afterAll, beforeAll, expect, it } from 'vitest'
import { findOrderBy } from '../../src/http/order-seen.ts'
import { openSite, type Site } from '../kit/site.ts'
import { type ConnectedRail, type ConnectedRails, connectRails } from './connected-rails.ts'

let site: Site
let connected: ConnectedRails
beforeAll(async () => {
  site = await openSite()
  connected = await connectRails(site)
}, 60_000)
afterAll(async () => {
  await connected?.close()
  await site?.close()
})

const rail = (name: string): ConnectedRail => connected.rails.find((each) => each.name === name)!
const view = async (no: string) => (await findOrderBy(site.deps, site.shop.id, no))?.view

it.each([
  ['wechat-pay', 200, '{"code":"SUCCESS","message":"成功"}'],
  ['alipay', 200, 'success'],
  ['epay', 200, 'success'],
])(
  'a payment of %s goes from the rail’s own notice to a paid order, told twice and counted once',
  async (name, status, answer) => {
    const { lab, url } = rail(name)
    const no = `PAID-${name}`
    lab.noticesTo(url)
    lab.scriptNotices([{ fault: { kind: 'duplicate_notice' } }])
    lab.place({ no, minor: 1999 })
    lab.step(no, { kind: 'pay' })
    await lab.noticesDone()
    const tries = lab.tries().filter((each) => each.no === no)
    expect(tries.map((each) => [each.status, each.answer, each.taken])).toEqual([
      [status, answer, true],
      [status, answer, true],
    ])
    await site.engine.worker.drain()
    expect(await view(no)).toMatchObject({
      status: 'paid',
      paid: [{ minor: 1999, currency: 'CNY' }],
      paidAt: site.clock.now(),
    })
  },
)

it.each([
  ['wechat-pay', /^\{"code":"FAIL","message":".{5,64}"\}$/],
  ['alipay', /^fail$/],
  ['epay', /^fail$/],
])('%s hears in its own words that a notice was not taken', async (name, words) => {
  const { url } = rail(name)
  const forged = await fetch(url, { method: 'POST', body: 'sign=x' })
  expect(forged.status).toBe(401)
  expect(await forged.text()).toMatch(words)
})

it('a payment of another sum than the order’s total can be seen', async () => {
  const { lab, url } = rail('alipay')
  lab.noticesTo(url)
  await site.keep(site.shop, {
    id: 'created-short',
    type: 'order.created',
    source: 'test',
    time: site.clock.now(),
    subject: 'SHORT',
    data: { refs: [], order: { no: 'SHORT', total: { minor: 1999, currency: 'CNY' }, title: '月卡' } },
  })
  lab.place({ no: 'SHORT', minor: 1, title: 'something else' })
  lab.step('SHORT', { kind: 'pay' })
  await lab.noticesDone()
  await site.engine.worker.drain()
  expect(await view('SHORT')).toMatchObject({
    status: 'paid',
    title: '月卡',
    total: { minor: 1999 },
    paid: [{ minor: 1 }],
  })
})

it('keys of the rails stand in no log', async () => {
  const secrets = connected.rails.flatMap(({ lab }) => {
    const { apiV3Keys = [], keys = [], privateKey = '' } = lab.settings() as Record<string, string[] & string>
    return [...apiV3Keys, ...keys, ...String(privateKey).split('\n').slice(1, -2)]
  })
  for (const each of connected.rails) await each.ask('NEVER-PLACED')
  expect(secrets.length).toBeGreaterThan(20)
  for (const secret of secrets) expect(site.logged()).not.toContain(secret)
})
