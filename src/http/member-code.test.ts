import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { testRandom } from '../../test/kit/engine.ts'
import { openSite, type Site } from '../../test/kit/site.ts'
import { addMember, addMemberContact } from '../db/accounts.ts'
import { newId } from '../domain/ids.ts'
import { DAY, HOUR, MINUTE } from '../domain/time.ts'
import { memberByCode, sendMemberCode } from './member-code.ts'

const STRANGER = '203.0.113.9'
const OWN = '198.51.100.1'
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

async function ask(address: string, email = MAX): Promise<void> {
  await sendMemberCode(site.deps, await site.engine.configs.get(site.shop.id), email, address)
  await site.engine.worker.drain()
}
const codes = () =>
  site.lab.smtp.received.list().flatMap(({ content }) => /\b(\d{6})\b/.exec(content!.subject)?.[1] ?? [])
const enter = (code: string) => memberByCode(site.deps, site.shop.id, MAX, code)

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
    const sent = codes().length
    site.clock.set(site.clock.now() + MINUTE - 1)
    await ask(STRANGER)
    expect(codes().length).toBe(sent)
    expect(await enter(live)).toBe(member)
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
