import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSite, orderEvent, type Site } from '../../test/kit/site.ts'

let site: Site

beforeAll(async () => {
  site = await openSite()
  await site.keep(
    site.shop,
    orderEvent('u1', 'payment.failed', 'U-1', {
      payment: { id: 'pay_1', rail: 'mygate', failure: { code: 'E42' } },
    }),
  )
}, 60_000)
afterAll(() => site?.close())

const E42 = '/v1/failure-codes/mygate/E42'
const get = (path: string, key = site.shop.key, headers = {}) => site.call('GET', path, { key, headers })
const put = (json: object, path = E42, key = site.shop.key) => site.call('PUT', path, { key, json })
const remove = (path = E42, key = site.shop.key) => site.call('DELETE', path, { key })
const unknown = async (key = site.shop.key) => (await get('/v1/failure-codes/unknown', key)).json.items

describe('a failure code', () => {
  it('that nobody knows is listed until the shop has decided it', async () => {
    expect(await unknown()).toEqual([
      { rail: 'mygate', code: 'E42', seen: 1, firstAt: expect.any(Number), lastAt: expect.any(Number) },
    ])
    expect(await unknown(site.other.key)).toEqual([])
    expect((await get(E42)).json).toMatchObject({
      class: 'other',
      advice: 'NEW_METHOD',
      codes: [{ knownBy: 'nobody' }],
    })

    const made = await put({ class: 'insufficient_funds', advice: 'LATER' })
    expect([made.status, made.json]).toEqual([
      200,
      { rail: 'mygate', code: 'E42', class: 'insufficient_funds', advice: 'LATER' },
    ])
    expect((await get(E42)).json).toMatchObject({
      class: 'insufficient_funds',
      decidedBy: { knownBy: 'shop' },
    })
    expect(await unknown()).toEqual([])
    expect((await get('/v1/failure-codes')).json.items).toMatchObject([{ rail: 'mygate', code: 'E42' }])

    expect((await remove()).json).toEqual({ rail: 'mygate', code: 'E42' })
    expect((await get(E42)).json).toMatchObject({ class: 'other' })
    expect(await unknown()).toHaveLength(1)
    const again = await remove()
    expect([again.status, again.json.error.code]).toEqual([404, 'NOT_FOUND'])
  })

  it('is not decided with fields that there are not, nor where blanks would keep it from ever counting', async () => {
    const fit = { class: 'other', advice: 'LATER' }
    const stray = await put({ ...fit, advise: 'NEVER' })
    expect([stray.status, JSON.stringify(stray.json.error.fields)]).toEqual([
      422,
      expect.stringContaining('advise'),
    ])
    for (const path of ['mygate/E42%20', 'mygate/%20E42', 'mygate/%20', '%20mygate/E42'])
      expect((await put(fit, `/v1/failure-codes/${path}`)).status, path).toBe(422)
    expect((await get('/v1/failure-codes')).json.items).toEqual([])
    // Some rails' codes are sentences.
    expect((await put(fit, '/v1/failure-codes/adyen/Not%20enough%20balance')).status).toBe(200)
    await remove('/v1/failure-codes/adyen/Not%20enough%20balance')
  })

  it('is decided for one shop only', async () => {
    await put({ class: 'expired_card', advice: 'NEW_METHOD' }, '/v1/failure-codes/stripe/do_not_honor')
    const theirs = await get('/v1/failure-codes/stripe/do_not_honor', site.other.key)
    expect(theirs.json).toMatchObject({ class: 'other', decidedBy: { knownBy: 'table' } })
    expect((await get('/v1/failure-codes', site.other.key)).json.items).toEqual([])
    expect((await remove('/v1/failure-codes/stripe/do_not_honor', site.other.key)).status).toBe(404)
    expect((await get('/v1/failure-codes/stripe/do_not_honor')).json.class).toBe('expired_card')
    await remove('/v1/failure-codes/stripe/do_not_honor')
  })

  it('leaves its decisions in the audit log', async () => {
    await put({ class: 'wrong_details', advice: 'FIX_THEN_RETRY' }, '/v1/failure-codes/mygate/audited')
    await remove('/v1/failure-codes/mygate/audited')
    const { items } = (await get('/v1/audit')).json as { items: { target: string; action: string }[] }
    const own = items.filter(({ target }) => target === 'mygate/audited')
    expect(own.sort((a, b) => (a.action < b.action ? -1 : 1))).toMatchObject([
      { action: 'failure_code.set', detail: { class: 'wrong_details', advice: 'FIX_THEN_RETRY' } },
      { action: 'failure_code.unset' },
    ])
  })

  it('is explained in the language asked for', async () => {
    const path = '/v1/failure-codes/stripe/insufficient_funds'
    const zh = await get(path, site.shop.key, { 'accept-language': 'zh-CN' })
    expect(zh.json).toMatchObject({ class: 'insufficient_funds', decidedBy: { meaning: '余额不足' } })
    const en = await get(path, site.shop.key, { 'accept-language': 'en' })
    expect(en.json).toMatchObject({ classText: 'not enough money or credit', buyerIsTold: true })
    expect((await get('/v1/failure-codes/stripe/stolen_card')).json).toMatchObject({
      class: 'risk_block',
      classForBuyer: 'other',
      buyerIsTold: false,
    })
  })

  it('cannot be decided wrongly: the answer names what was expected', async () => {
    const wrong = await put({ class: 'funds', advice: 'SOON' })
    expect([wrong.status, wrong.json.error.code]).toEqual([422, 'FIELD_INVALID'])
    const text = JSON.stringify(wrong.json.error.fields)
    for (const word of ['class', 'advice', 'insufficient_funds', 'AUTO_ONCE']) expect(text).toContain(word)
    expect((await put({ class: 'other' })).status).toBe(422)
    expect(
      (await put({ class: 'other', advice: 'LATER' }, `/v1/failure-codes/${'x'.repeat(41)}/E1`)).status,
    ).toBe(422)
  })
})
