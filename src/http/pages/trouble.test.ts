import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSite, orderEvent, type Site } from '../../../test/kit/site.ts'

let site: Site
let cookie: string
beforeAll(async () => {
  site = await openSite()
  cookie = await site.login()
})
afterAll(() => site?.close())

const PATH = '/outbox/trouble?lang=en'
const page = async (lang = 'en') =>
  (await site.call('GET', `/outbox/trouble?lang=${lang}`, { headers: { cookie } })).text
const set = (at: string, name: string, times: number | string = 1, headers = {}) =>
  site.call('POST', PATH, {
    form: { at, name, times: String(times) },
    headers: { cookie, origin: site.deps.publicUrl(), ...headers },
  })
const faultsOf = (to: string) =>
  site.lab.smtp.received
    .list()
    .filter((mail) => mail.to === to)
    .map(({ faults }) => faults.join())

describe('trouble on purpose', () => {
  it('befalls as many messages as were asked for, and the page says how many it has met', async () => {
    expect(await page()).toContain('All is well')
    expect((await set('email', 'address', 1)).headers.get('location')).toBe(`${PATH}#email`)
    expect(await page()).toContain('Refuses the address · met by 0 of 1 so far')
    for (const name of ['one', 'two']) {
      const customer = { email: `${name}@example.org` }
      await site.keep(site.shop, orderEvent(`t-${name}`, 'order.paid', `T-${name}`, { customer }))
    }
    expect([...faultsOf('one@example.org'), ...faultsOf('two@example.org')].sort()).toEqual([
      '',
      'refuse_address',
    ])
    expect(await page()).toContain('Over: Refuses the address (1)')
    expect(await page('zh')).toContain('已结束：拒收这个地址（1 条）')
  })

  it('ends when it is told to, each simulator by itself', async () => {
    await set('sms', 'no_receipt', 5)
    await set('webhook', 'slow', 5)
    await set('sms', '')
    expect(site.lab.sms.scripted()).toEqual([])
    expect(await page()).toContain('Answers after 5 seconds · met by 0 of 5 so far')
    await set('webhook', '')
    expect(site.lab.webhook.scripted()).toEqual([])
  })

  it.each([
    ['a simulator that is none', 'pigeon', 'later', 1, 'at'],
    ['a trouble that is none', 'email', 'fire', 1, 'name'],
    ['what this one cannot play', 'webhook', 'no_receipt', 1, 'name'],
    ['no message', 'email', 'later', 0, 'times'],
    ['too many', 'email', 'later', 101, 'times'],
    ['no number', 'email', 'later', 'x', 'times'],
  ])('refuses %s by name', async (_, at, name, times, field) => {
    const { status, text } = await set(at, name, times)
    expect(status).toBe(422)
    expect(text).toMatch(new RegExp(`${field}: expected .*, got `))
    for (const { scripted } of [site.lab.smtp, site.lab.sms, site.lab.webhook])
      expect(scripted().filter(({ rule, struck }) => struck < (rule.times ?? 1))).toEqual([])
  })

  it('is for the administrator, from a page of ours', async () => {
    expect((await set('email', 'later', 1, { cookie: '' })).status).not.toBe(303)
    expect((await set('email', 'later', 1, { origin: 'https://evil.example' })).status).toBe(403)
    expect(site.lab.smtp.scripted().map(({ rule }) => rule.fault.kind)).not.toContain('limit')
  })
})
