import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSite, orderEvent, type Site } from '../../test/kit/site.ts'
import { setContactState } from '../db/contacts.ts'
import type { ContactId } from '../domain/ids.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site?.close())

describe('one-click unsubscribe (RFC 8058)', () => {
  it('works by one POST without cookies in either encoding, and not by GET', async () => {
    await site.keep(
      site.shop,
      orderEvent('un', 'order.paid', 'U-1', { customer: { email: 'leaver@example.org' } }),
    )
    const { rows } = await site.deps.db.query<{ id: string }>(
      `select unnest(contact_ids) as id from orders where no = 'U-1'`,
    )
    const id = rows[0]!.id
    const link = `/u/${await site.link(site.shop, 'unsubscribe', id)}`
    const state = async () =>
      (
        await site.deps.db.query<{ state: string; state_reason: string }>(
          'select state, state_reason from contact where id = $1',
          [id],
        )
      ).rows[0]!
    expect((await site.call('GET', link)).text).toContain('l***@example.org')
    expect((await state()).state).toBe('ok')
    const body =
      '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'
    const answer = await site.call('POST', link, {
      body,
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
    })
    expect(answer.status).toBe(200)
    expect(await state()).toEqual({ state: 'unsubscribed', state_reason: 'one_click' })
    expect((await site.call('POST', link, { form: { 'List-Unsubscribe': 'One-Click' } })).status).toBe(200)
    const again = await site.call('GET', `${link}?lang=en`)
    expect(again.text).toContain('You are unsubscribed')
    expect(again.text).toContain('press “Use this address again”')
    expect(again.text).not.toContain('List-Unsubscribe')
    expect((await site.call('GET', `${link}?lang=zh`)).text).toContain('点“重新使用这个地址”')
    const preferences = /href="(\/p\/[^"]+)"/.exec(again.text)![1]!
    expect((await site.call('GET', preferences)).text).toContain('Use this address again')
    await site.call('POST', preferences, { form: { action: 'resume_address' } })
    expect((await state()).state).toBe('ok')
    expect((await site.call('GET', link)).text).toContain('List-Unsubscribe')
    await setContactState(site.deps.db, site.shop.id, id as ContactId, 'suppressed', 'bounced', 1)
    expect((await site.call('POST', preferences, { form: { action: 'resume_address' } })).status).toBe(422)
    expect((await state()).state).toBe('suppressed')
  })
})
