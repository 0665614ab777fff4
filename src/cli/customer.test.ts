import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSite, orderEvent, type Site } from '../../test/kit/site.ts'
import { setContactState } from '../db/contacts.ts'
import type { ContactId } from '../domain/ids.ts'
import { SECOND } from '../domain/time.ts'
import { commandEnder } from './command.test-kit.ts'

let site: Site
let folder: string
beforeAll(async () => {
  site = await openSite()
  folder = await mkdtemp(path.join(tmpdir(), 'dingdong-customer-'))
  const order = (no: string, type: string, customer: object) =>
    orderEvent(`${no}-1`, type, no, {
      order: { no, title: 'x', total: { minor: 100, currency: 'CNY' } },
      customer,
    })
  const lin = { email: 'Lin@Example.org', phone: '138 0013 8000', externalId: 'u-77', segment: 'office' }
  await site.keep(site.shop, order('C-1', 'order.paid', lin))
  site.clock.set(site.clock.now() + SECOND)
  await site.keep(site.shop, order('C-2', 'order.created', lin))
  await site.keep(site.other, order('O-1', 'order.paid', { email: 'else@example.org' }))
}, 60_000)
afterAll(async () => {
  await site?.close()
  await rm(folder, { recursive: true, force: true })
})

const end = (command: string, address: string, language: 'en' | 'zh' = 'en', shop = 'first') =>
  commandEnder(site.engine.database.url, folder)(`customer ${command}`, [address], { shop }, language)

it.each(['lin@example.org', '13800138000', '+86 138-0013-8000', 'u-77'])(
  'finds a buyer and their orders by %s, and shows no address whole',
  async (address) => {
    const { exit, shown, result } = await end('show', address)
    expect(exit).toBe(0)
    const { orders, contacts } = result as { orders: { no: string }[]; contacts: { channel: string }[] }
    expect(orders.map(({ no }) => no)).toEqual(['C-2', 'C-1'])
    expect(contacts.map(({ channel }) => channel).toSorted()).toEqual(['email', 'inbox', 'sms'])
    expect(shown).toMatch(/email +L\*\*\*@example\.org +may be used/)
    expect(shown).toContain('Segment: office')
    expect(shown).toMatch(/C-1 .*Paid/)
    expect(shown).toContain('dingdong order C-2 --shop first')
    for (const whole of ['Lin@Example', '13800138000', 'u-77']) expect(shown).not.toContain(whole)
  },
)

it('says how an address was looked for where nobody has it, and sees no other shop’s buyers', async () => {
  expect(await end('show', 'else@example.org')).toMatchObject({
    exit: 3,
    shown: expect.stringContaining(
      'No buyer of the shop "first" has this address (looked for as email, inbox)',
    ),
  })
  expect((await end('show', 'else@example.org', 'zh')).shown).toContain('没有买家使用这个地址')
  expect((await end('show', 'else@example.org', 'en', 'second')).exit).toBe(0)
})

const contact = async (channel: string) =>
  (
    await site.engine.database.db.query('select id, state from contact where shop_id = $1 and channel = $2', [
      site.shop.id,
      channel,
    ])
  ).rows.find(Boolean) as { id: ContactId; state: string }

it('unblocks what a provider has rejected, once, and keeps it in the audit log', async () => {
  const { rows } = await site.engine.database.db.query<{ id: ContactId }>(
    "select id from contact where shop_id = $1 and channel = 'email' and customer_id is not null",
    [site.shop.id],
  )
  const { id } = rows[0]!
  await setContactState(site.deps.db, site.shop.id, id, 'suppressed', 'bounced', 1)
  expect((await end('show', 'lin@example.org')).shown).toContain('not used any more')
  expect((await end('unblock', 'lin@example.org')).shown).toContain('may be used again')
  expect((await end('unblock', 'lin@example.org')).shown).toContain('nothing was changed')
  expect((await end('show', 'lin@example.org')).shown).toMatch(/L\*\*\*@example\.org +may be used/)
  const audit = await site.engine.database.db.query(
    'select action from audit where shop_id = $1 and action = $2',
    [site.shop.id, 'contact.unblock'],
  )
  expect(audit.rows).toHaveLength(1)
})

it('leaves an unsubscription to the one who has unsubscribed', async () => {
  const { id } = await contact('sms')
  await setContactState(site.deps.db, site.shop.id, id, 'unsubscribed', 'reply', 2)
  expect(await end('unblock', '13800138000')).toMatchObject({
    exit: 1,
    shown: expect.stringContaining('Only they take that back'),
  })
  expect((await contact('sms')).state).toBe('unsubscribed')
})
