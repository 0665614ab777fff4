import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testRandom } from '../../test/kit/engine.ts'
import { openSite, type Site, type TestShop } from '../../test/kit/site.ts'
import { transaction } from '../db/connect.ts'
import { listFlows } from '../db/flows.ts'
import { openAccount } from '../pipeline/open-shop.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site?.close())

const get = (path: string, of: TestShop = site.shop) => site.call('GET', path, { key: of.key })
const put = (path: string, json: object, of: TestShop = site.shop) =>
  site.call('PUT', path, { key: of.key, json })
const undo = (path: string, json: object, of: TestShop = site.shop) =>
  site.call('POST', `${path}/undo`, { key: of.key, json })

const words = (text: string, more: object = {}) =>
  JSON.stringify({
    purpose: 'service',
    title: { 'zh-CN': '已付款', en: 'Paid' },
    variants: { 'zh-CN': { inbox: { title: '已付款', text }, ...more } },
  })

describe('templates over the API', () => {
  const PATH = '/v1/templates/order_refunded'

  it('are listed, and each is given back as it was written', async () => {
    const { items } = (await get('/v1/templates')).json
    const one = items.find(({ key }: { key: string }) => key === 'order_refunded')
    expect(one).toMatchObject({ version: 1 })
    expect(one.variants).toContainEqual(expect.objectContaining({ locale: 'zh-CN', channel: 'inbox' }))
    const shown = (await get(PATH)).json
    expect(shown).toMatchObject({ key: 'order_refunded', version: 1, publishedBy: 'preset' })
    expect(shown.source).toMatch(/^purpose: .*\n[\s\S]*\{订单号\}/)
    expect((await put(PATH, { basedOn: 1, source: shown.source })).json).toEqual({
      key: 'order_refunded',
      version: 1,
      changed: false,
      kept: [],
    })
  })

  it('are published from the version they were made from; who comes second is told and loses nothing', async () => {
    const before = (await get(PATH)).json
    const [first, second] = await Promise.all(
      ['您的订单 {订单号} 已退款。', '订单 {订单号}：钱已退回。'].map((text) =>
        put(PATH, { basedOn: 1, source: words(text) }),
      ),
    )
    const [good, late] = first!.status === 200 ? [first!, second!] : [second!, first!]
    expect([good.status, good.json]).toEqual([
      200,
      { key: 'order_refunded', version: 2, changed: true, kept: [] },
    ])
    expect([late.status, late.json.error.code]).toEqual([409, 'VERSION_MOVED'])
    expect(late.json.error.message).toMatch(/made from version 1, but version 2 .*key:key_.*basedOn 2/)
    expect((await get(`${PATH}?version=1`)).json).toEqual(before)
    expect((await get(`${PATH}?version=3`)).status).toBe(404)
    const config = await site.engine.configs.get(site.shop.id)
    const [variant] = config.templates.get('order_refunded')!.variants
    expect(JSON.stringify(variant)).toContain('{{ order.no }}')
  })

  it('are refused with everything that is wrong, each with field, rule and source', async () => {
    const account = {
      channel: 'sms',
      provider: 'sms-http',
      name: 'Tencent',
      settings: {
        ...site.lab.sms.account(),
        law: 'tencent',
        registeredLink: { url: 'https://shop.example/d' },
      },
    } as const
    const deps = { keyring: site.deps.keyring, random: testRandom }
    await transaction(site.deps.db, (tx) => openAccount(deps, tx, site.other.id, account, site.clock.now()))
    const source = words('订单 {订单好} 已更新', {
      sms: { text: '您的订单已更新，请打开 https://a.cn/x 查看' },
    })
    const answer = await put('/v1/templates/fresh', { basedOn: 0, source }, site.other)
    expect([answer.status, answer.json.error.code]).toEqual([422, 'TEMPLATE_INVALID'])
    const { fields } = answer.json.error
    expect(fields).toContainEqual({
      path: 'zh-CN.inbox.text',
      code: 'UNKNOWN_NAME_NEAR',
      problem: expect.stringContaining('订单号'),
    })
    expect(fields).toContainEqual({
      path: 'zh-CN.sms.text',
      code: 'LAW',
      rule: 'tencent-links',
      source: expect.stringContaining('cloud.tencent.com'),
      problem: expect.stringContaining('https://a.cn'),
    })
    expect((await get('/v1/templates/fresh', site.other)).status).toBe(404)
    const layout = await put('/v1/templates/layout', { basedOn: 0, source: words('x') })
    expect([layout.status, layout.json.error.code]).toEqual([422, 'FIELD_INVALID'])
  })

  it('are brought back; two who undo at once undo once, and a second undo undoes the first', async () => {
    const path = '/v1/templates/order_partly_delivered'
    expect((await undo(path, { basedOn: 1 })).json.error.code).toBe('UNDO_NOTHING')
    const first = (await get(path)).json
    await put(path, { basedOn: 1, source: words('订单 {订单号} 的一部分已送达。') })
    const both = await Promise.all([undo(path, { basedOn: 2 }), undo(path, { basedOn: 2 })])
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409])
    expect((await get(path)).json).toMatchObject({ version: 3, source: first.source, content: first.content })
    expect((await undo(path, { basedOn: 3 })).json).toEqual({
      key: 'order_partly_delivered',
      version: 4,
      back: 2,
      changed: true,
    })
    expect((await undo(path, { basedOn: 4, to: 9 })).json.error.code).toBe('UNDO_NOTHING')
    const page = (await get(`${path}/versions?limit=3`)).json
    expect(page.items.map(({ version }: { version: number }) => version)).toEqual([4, 3, 2])
    const rest = (await get(`${path}/versions?before=${page.next}`)).json
    expect(rest).toMatchObject({ items: [{ version: 1, content: first.content }], next: null })
    const { items } = (await get('/v1/audit')).json
    const noted = items.filter(({ target }: { target: string }) => target === 'order_partly_delivered')
    // Rows of one instant have no order.
    expect(noted.map(({ action }: { action: string }) => action).sort()).toEqual([
      'template.set',
      'template.undo',
      'template.undo',
    ])
  })
})

describe('flows over the API', () => {
  const PATH = '/v1/flows/payment-failed-funds'

  it('are shown whole, published from what was shown, and brought back', async () => {
    const shown = (await get(PATH)).json
    expect(shown).toMatchObject({
      version: 1,
      enabled: true,
      killed: false,
      flow: { family: expect.any(String) },
    })
    expect((await put(PATH, { basedOn: 1, source: shown.source })).json).toMatchObject({ changed: false })
    const flow = { ...shown.flow, holdout: 10 }
    expect((await put(PATH, { basedOn: 1, source: JSON.stringify(flow) })).json).toMatchObject({ version: 2 })
    const late = await put(PATH, { basedOn: 1, source: shown.source })
    expect([late.status, late.json.error.code]).toEqual([409, 'VERSION_MOVED'])
    const { items } = (await get('/v1/flows')).json
    expect(items.find(({ key }: { key: string }) => key === 'payment-failed-funds').holdoutPercent).toBe(10)
    expect((await undo(PATH, { basedOn: 2 })).json).toMatchObject({ version: 3, back: 1 })
    expect((await get(`${PATH}?version=2`)).json.flow.holdout).toBe(10)
    expect((await get(`${PATH}/versions`)).json.items).toHaveLength(3)
  })

  it('are refused with everything that is wrong, words that are not there too', async () => {
    const { flow } = (await get(PATH)).json
    const source = JSON.stringify(flow).replaceAll('payment_failed_day', 'payment_failed_dya')
    const answer = await put('/v1/flows/mine', { basedOn: 0, source })
    expect([answer.status, answer.json.error.code]).toEqual([422, 'FLOW_INVALID'])
    expect(answer.json.error.fields).toEqual(
      expect.arrayContaining([
        { path: expect.stringMatching(/^steps\[\d+\]\.template$/), problem: expect.stringContaining('_dya') },
        { path: 'key', problem: expect.stringContaining('payment-failed-funds') },
      ]),
    )
    const unread = await put('/v1/flows/mine', { basedOn: 0, source: 'a: [' })
    expect(unread.json.error).toMatchObject({ code: 'FLOW_INVALID', fields: [{ path: 'flow' }] })
  })

  it('that are new are off until they are switched on', async () => {
    const { flow } = (await get(PATH)).json
    const source = JSON.stringify({ ...flow, key: 'mine' })
    expect((await put('/v1/flows/mine', { basedOn: 0, source })).json).toMatchObject({ version: 1 })
    const mine = async () =>
      (await listFlows(site.deps.db, site.shop.id)).find(({ key }) => key === 'mine')!.enabled
    expect(await mine()).toBe(false)
    await site.call('POST', '/v1/flows/mine/enable', { key: site.shop.key })
    expect(await mine()).toBe(true)
  })
})

describe('a version that cannot be', () => {
  const past = 99_999_999_999
  it.each([
    ['GET', `/v1/flows/order-paid?version=${past}`, undefined],
    ['GET', `/v1/flows/order-paid?version=${2 ** 31 - 1}`, undefined],
    ['GET', `/v1/flows/order-paid/versions?before=${past}`, undefined],
    ['GET', `/v1/templates/order_paid?version=${past}`, undefined],
    ['GET', `/v1/templates/order_paid/versions?before=${past}`, undefined],
    ['POST', '/v1/flows/order-paid/undo', { basedOn: 1, to: past }],
    ['POST', '/v1/templates/order_paid/undo', { basedOn: 1, to: past }],
    ['POST', '/v1/rules/large-order/set', { version: past }],
  ] as const)('%s %s says up to where there could be one', async (method, path, json) => {
    const answer = await site.call(method, path, { key: site.shop.key, ...(json ? { json } : {}) })
    expect(answer.status).toBe(422)
    expect(answer.json.error.fields[0].problem).toContain('2147483646')
  })
})

describe('a name that is not there', () => {
  it.each([
    ['GET', '/v1/flows/order-pad', undefined, 'there is no flow "order-pad"; did you mean order-paid?'],
    ['GET', '/v1/flows/order-paid?version=7', undefined, 'there is no version 7; the newest is 1.'],
    ['GET', '/v1/flows/order-pad/versions', undefined, 'did you mean order-paid?'],
    ['GET', '/v1/flows/order-pad/comparison', undefined, 'did you mean order-paid?'],
    ['POST', '/v1/flows/order-pad/kill', undefined, 'did you mean order-paid?'],
    ['POST', '/v1/flows/order-pad/undo', { basedOn: 1 }, 'did you mean order-paid?'],
    [
      'GET',
      '/v1/templates/ordr_paid',
      undefined,
      'there is no template "ordr_paid"; did you mean order_paid?',
    ],
    ['GET', '/v1/templates/order_paid?version=7', undefined, 'there is no version 7; the newest is 1.'],
    ['POST', '/v1/rules/large-order/set', { version: 7 }, 'there is no version 7; the newest is 1.'],
  ] as const)('%s %s names the nearest that is', async (method, path, json, said) => {
    const answer = await site.call(method, path, { key: site.shop.key, ...(json ? { json } : {}) })
    expect(answer.status).toBe(404)
    expect(answer.json.error.fields[0].problem).toContain(said)
  })

  it('that cannot be one says what a name looks like', async () => {
    const answer = await put('/v1/templates/order-paid', { basedOn: 0, source: words('一') })
    expect(answer.json.error.fields[0].problem).toContain('small letters, digits and _ such as order_paid')
  })

  it('of a change is given back with those there are', async () => {
    const answer = await site.call('POST', '/v1/flows/order-paid/stop', { key: site.shop.key })
    expect(answer.json.error.fields[0].problem).toBe(
      'expected one of enable, disable, kill, revive, got "stop"',
    )
  })
})

describe('another shop', () => {
  it('sees nothing of what this one calls its own, and changes nothing of it', async () => {
    const { flow } = (await get('/v1/flows/payment-failed-funds')).json
    const ours = JSON.stringify({ ...flow, key: 'ours' })
    for (const holdout of [0, 5])
      await put('/v1/flows/ours', {
        basedOn: holdout / 5,
        source: ours.replace(/"holdout":\d+/, `"holdout":${holdout}`),
      })
    for (const [basedOn, text] of ['一 {订单号}', '二 {订单号}'].entries())
      await put('/v1/templates/ours', { basedOn, source: words(text) })
    for (const path of ['/v1/flows/ours', '/v1/templates/ours']) {
      const before = (await get(path)).json
      expect(before.version).toBe(2)
      for (const what of ['', '?version=1', '/versions'])
        expect([path, what, (await get(path + what, site.other)).status]).toEqual([path, what, 404])
      expect((await undo(path, { basedOn: 2 }, site.other)).status).toBe(404)
      const source = path.includes('flows') ? ours : words('三 {订单号}')
      expect((await put(path, { basedOn: 2, source }, site.other)).status).toBe(409)
      expect((await put(path, { basedOn: 0, source }, site.other)).json).toMatchObject({ version: 1 })
      expect((await get(path)).json).toEqual(before)
    }
  })
})
