import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { testRandom } from '../../test/kit/engine.ts'
import { openSite, type Site } from '../../test/kit/site.ts'
import { addMember, addMemberContact } from '../db/accounts.ts'
import { newId } from '../domain/ids.ts'
import { DAY, HOUR, MINUTE } from '../domain/time.ts'
import type { Asker } from './code-asker.ts'
import { memberByCode, sendMemberCode } from './member-code.ts'

const STRANGER = '203.0.113.9'
const OWN = '198.51.100.1'
const MINE = 'a'.repeat(22) as Asker
const THEIRS = 'b'.repeat(22) as Asker
const MAX = 'max@shop.example'

let site: Site
let member: string

beforeAll(async () => {
  site = await openSite()
  member = await hire(MAX)
}, 60_000)
afterAll(() => site?.close())
beforeEach(() => site.clock.set(site.clock.now() + 2 * DAY))

async function hire(email: string): Promise<string> {
  const { db } = site.engine.database
  const now = site.clock.now()
  const id = newId('mem', now, testRandom)
  await addMember(db, site.shop.id, { id, name: email, roles: ['finance'], locale: 'zh' }, now)
  const contact = newId('con', now, testRandom)
  const { sealer, index } = await site.engine.keyring.open(site.shop.id)
  await addMemberContact(
    db,
    site.shop.id,
    id,
    {
      id: contact,
      channel: 'email',
      index: index('contact.email', email),
      address: sealer.seal(email, { shop: site.shop.id, column: 'contact.address', row: contact }),
    },
    now,
  )
  return id
}

const browserAt = (address: string) => ({ asker: address === OWN ? MINE : THEIRS, address })

async function ask(address: string, email = MAX): Promise<void> {
  const config = await site.engine.configs.get(site.shop.id)
  await sendMemberCode(site.deps, config, email, browserAt(address))
  await site.engine.worker.drain()
}
const codes = () =>
  site.lab.smtp.received.list().flatMap(({ content }) => /\b(\d{6})\b/.exec(content!.subject)?.[1] ?? [])
const enter = (code: string, address = OWN) =>
  memberByCode(site.deps, site.shop.id, MAX, browserAt(address), code)
const not = (code: string) => (code === '111111' ? '111112' : '111111')

describe('a stranger who asks for a member’s codes', () => {
  it('leaves the member some of them, in every hour and every day', async () => {
    const before = codes().length
    for (let minute = 0; minute < 10; minute++) {
      await ask(STRANGER)
      site.clock.set(site.clock.now() + MINUTE)
    }
    expect(codes().length).toBe(before + 3)
    await ask(OWN)
    expect(await enter(codes().at(-1)!)).toBe(member)
    for (let hour = 0; hour < 10; hour++) {
      site.clock.set(site.clock.now() + HOUR)
      await ask(STRANGER)
    }
    expect(codes().length).toBe(before + 6)
    await ask(OWN)
    expect(await enter(codes().at(-1)!)).toBe(member)
  })

  it('does not end the code that was just sent', async () => {
    await ask(OWN)
    const live = codes().at(-1)!
    site.clock.set(site.clock.now() + MINUTE)
    await ask(STRANGER)
    expect(await enter(live)).toBe(member)
  })

  it('does not keep the member waiting for theirs', async () => {
    await ask(STRANGER)
    const sent = codes().length
    await ask(OWN)
    expect(codes().length).toBe(sent + 1)
    expect(await enter(codes().at(-1)!)).toBe(member)
  })

  it('is counted by network, whoever the addresses belong to', async () => {
    for (let n = 0; n < 30; n++) await ask(STRANGER, `nobody${n}@shop.example`)
    const sent = codes().length
    await ask(STRANGER)
    expect(codes().length).toBe(sent)
    await ask(OWN)
    expect(codes().length).toBe(sent + 1)
  })
})

describe('a stranger who tries codes', () => {
  it('does not use up those of the member, however often', async () => {
    await ask(OWN)
    const live = codes().at(-1)!
    for (let n = 0; n < 60; n++) expect(await enter(not(live), STRANGER)).toBeNull()
    await ask(STRANGER)
    for (let n = 0; n < 60; n++) expect(await enter(not(live), STRANGER)).toBeNull()
    expect(await enter(live)).toBe(member)
  })

  it('is not let in by the code of another browser, right though it is', async () => {
    await ask(OWN)
    const live = codes().at(-1)!
    expect(await enter(live, STRANGER)).toBeNull()
    await ask(STRANGER)
    expect(await enter(live, STRANGER)).toBeNull()
    expect(await enter(live)).toBe(member)
  })

  it('has five looks at the code of their own browser', async () => {
    await ask(STRANGER)
    const theirs = codes().at(-1)!
    for (let n = 0; n < 5; n++) await enter(not(theirs), STRANGER)
    expect(await enter(theirs, STRANGER)).toBeNull()
  })

  it('and has been wrong fifty times in a day has one look a code, as has everybody behind that address', async () => {
    for (let n = 0; n < 50; n++) await enter('x', STRANGER)
    await ask(STRANGER)
    expect(await enter(codes().at(-1)!, STRANGER)).toBe(member)
    site.clock.set(site.clock.now() + MINUTE)
    await ask(STRANGER)
    await enter('x', STRANGER)
    expect(await enter(codes().at(-1)!, STRANGER)).toBeNull()
  })

  it('does not lock out the browser that asked, over HTTP', async () => {
    const send = (path: string, form: Record<string, string>, cookie = '') =>
      site.call('POST', path, {
        form: { shop: String(site.shop.id), email: MAX, ...form },
        headers: { origin: site.url, ...(cookie === '' ? {} : { cookie }) },
      })
    const planned = site.background()
    const asked = await send('/member', {})
    const cookie = asked.headers.get('set-cookie')!
    expect(cookie).toMatch(/^dd_asker=[\w-]{22}; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/)
    await planned
    await site.engine.worker.drain()
    const live = codes().at(-1)!
    for (let n = 0; n < 6; n++) expect((await send('/member/code', { code: not(live) })).status).toBe(422)
    const right = await send('/member/code', { code: live }, cookie.split(';')[0])
    expect(right.headers.get('set-cookie')).toMatch(/^dd_member=/)
  })

  it('leaves no trace of who asked that could be read', async () => {
    await ask(OWN)
    const { rows } = await site.engine.database.db.query<{ asker: Buffer }>('select asker from code_ask')
    for (const { asker } of rows) expect(asker.toString('latin1')).not.toContain('aaa')
  })
})
