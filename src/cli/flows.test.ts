import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type TestDatabase, testDatabase } from '../../test/database.ts'
import { testMaster } from '../../test/kit/engine.ts'
import { presetsForTests } from '../../test/kit/presets.ts'
import { MONDAY } from '../../test/kit/world.ts'
import { flowSwitches, listAudit } from '../db/audit.ts'
import { listFlows, listTemplates, readDefinitions } from '../db/flows.ts'
import { ensureInstallation, readShop } from '../db/shops.ts'
import type { Flow } from '../domain/flow/flow.ts'
import type { ShopId } from '../domain/ids.ts'
import { createKeyring } from '../pipeline/keyring.ts'
import { openShop } from '../pipeline/open-shop.ts'
import { commandRunner } from './command.test-kit.ts'

const FUNDS = 'payment-failed-funds'
const random = (bytes: number) => randomBytes(bytes)

let database: TestDatabase
let folder: string
let shop: ShopId
const run: ReturnType<typeof commandRunner> = (...call) => commandRunner(database.url, folder)(...call)

beforeAll(async () => {
  database = await testDatabase()
  folder = await mkdtemp(path.join(tmpdir(), 'dingdong-flows-'))
  await ensureInstallation(database.db, MONDAY)
  const presets = await presetsForTests()
  const details = { locale: 'zh-CN', timeZone: 'Asia/Shanghai', currency: 'CNY', country: 'CN' }
  const row = { slug: 'shop', name: '店', settings: {}, demo: false, ...details }
  const keyring = createKeyring({ db: database.db, master: testMaster, random })
  // As a program opened it that had no other flow yet.
  const older = {
    flows: presets.flows.filter(({ key }) => key === FUNDS),
    templates: presets.templates.filter(({ key }) => key.startsWith('payment_failed_')),
  }
  shop = (await openShop({ db: database.db, keyring, random }, row, older, [], MONDAY))!.id
})
afterAll(async () => {
  await database?.close()
  await rm(folder, { recursive: true, force: true })
})

async function file(name: string, content: string): Promise<string> {
  const place = path.join(folder, name)
  await writeFile(place, content)
  return place
}

const preset = (name: string) => readFile(new URL(`../../flows/${name}.yaml`, import.meta.url), 'utf8')

async function inForce(key = FUNDS) {
  const row = (await listFlows(database.db, shop)).find((each) => each.key === key)!
  const [kept] = await readDefinitions(database.db, [row.definition_hash])
  return { ...row, flow: kept!.body as Flow }
}

/** Everything of the shop that a refusal must leave as it is. */
async function everything() {
  const [flows, templates, config] = await Promise.all([
    listFlows(database.db, shop),
    listTemplates(database.db, shop),
    readShop(database.db, shop),
  ])
  return { flows, templates, config: config!.config_version }
}

async function refused(name: string, args: readonly string[], options: Record<string, string> = {}) {
  const before = await everything()
  const error: unknown = await run(name, args, options).then(
    () => new Error('it was not refused'),
    (thrown: unknown) => thrown,
  )
  expect(await everything()).toEqual(before)
  return (error as Error).message
}

describe('flow set', () => {
  it('changes parameters and holdout, publishes a version, notes it and tells running processes', async () => {
    const config = (await readShop(database.db, shop))!.config_version
    const { result } = await run(
      'flow set',
      [FUNDS, 'first=2h', 'sms_from=300', 'sms_from.usd=40', 'sms_from.SGD=none'],
      { holdout: '10' },
    )
    expect(result).toEqual({ flow: FUNDS, version: 2 })
    const { flow, version } = await inForce()
    expect(version).toBe(2)
    expect([flow.params.first!.value, flow.holdout]).toEqual(['2h', 10])
    const { sms_from } = flow.params
    expect(sms_from!.value).toMatchObject({ CNY: 300, USD: 40, JPY: 4000 })
    expect(sms_from!.value).not.toHaveProperty('SGD')
    expect(flow.params.day!.value).toBe('23h')
    expect((await readShop(database.db, shop))!.config_version).toBe(config + 1)
    const [noted] = await listAudit(database.db, shop, null, 1)
    expect(noted).toMatchObject({
      action: 'flow.set',
      target: FUNDS,
      detail: {
        version: 2,
        params: { first: '2h', sms_from: 300, 'sms_from.usd': 40, 'sms_from.SGD': 'none' },
        holdout: 10,
      },
    })
    expect((await run('flow list', [])).result).toMatchObject([{ key: FUNDS, holdoutPercent: 10 }])
  })

  it('brings an earlier version back as a new one, and says which versions there are', async () => {
    const { result } = await run('flow set', [FUNDS], { versionOf: '1' })
    expect(result).toMatchObject({ version: 3 })
    const { flow } = await inForce()
    expect([flow.params.first!.value, flow.holdout]).toEqual(['1h', 0])
    expect(await refused('flow set', [FUNDS], { versionOf: '9' })).toMatch(/no version 9; it is at version 3/)
  })

  it('takes what flow show --yaml gives, edited', async () => {
    const { shown } = await run('flow show', [FUNDS], { yaml: true })
    const edited = await file('funds.yaml', shown.replace('value: 23h', 'value: 20h'))
    await run('flow set', [FUNDS, 'first=90m'], { file: edited })
    const { flow, version } = await inForce()
    expect([version, flow.params.day!.value, flow.params.first!.value]).toEqual([4, '20h', '90m'])
    expect(flow.steps).toMatchObject(parse(await preset(FUNDS)).steps)
  })

  it('says everything that is wrong with values at once, with the nearest name, and changes nothing', async () => {
    const message = await refused('flow set', [FUNDS, 'frst=2h', 'day=soon', 'apart=20', 'sms_from=lots'])
    expect(message).toMatch(/params\.frst: no such parameter; did you mean first\?/)
    expect(message).toMatch(/params\.day: expected a length of time such as 90s.*came soon/)
    expect(message).toMatch(/params\.apart: expected a length of time/)
    expect(message).toMatch(
      /params\.sms_from: expected a number above 0, for a currency as in sms_from.JPY=4000, .*came lots/,
    )
    expect(await refused('flow set', [FUNDS], { holdout: '70' })).toMatch(/holdout/)
    expect(await refused('flow set', [FUNDS], { holdout: 'half' })).toMatch(/--holdout.*0 … 50/)
    expect(await refused('flow set', [FUNDS, 'day=900d'])).toMatch(/at most 400d/)
    expect(await refused('flow set', [FUNDS])).toMatch(/Nothing to change/)
    expect(await refused('flow set', ['payment-failed-fund', 'first=1h'])).toMatch(
      /did you mean payment-failed-funds\?/,
    )
  })

  it('refuses a file with an amount in a currency that is not there, by its line and with the nearest', async () => {
    const edited = (await preset(FUNDS)).replace('CNY: 200', 'RMB: 200')
    const message = await refused('flow set', [FUNDS], { file: await file('rmb.yaml', edited) })
    expect(message).toMatch(
      /params\.sms_from\.value\.RMB: expected a currency of ISO 4217; came RMB, did you mean CNY\? \(line 40/,
    )
  })

  it('refuses a file whose steps go round in a circle, with every other fault and its line', async () => {
    const head = (await preset(FUNDS)).split('steps:')[0]!
    const steps = `steps:
  - { id: ask, kind: branch, when: order.healing, then: again, else: over }
  - { id: again, kind: branch, when: order.atempts > 2, then: ask, else: over }
  - { id: over, kind: stop, reason: said_enough }
`
    const message = await refused('flow set', [FUNDS], { file: await file('circle.yaml', head + steps) })
    expect(message).toMatch(/The flow was not changed/)
    expect(message).toMatch(/ask → again → ask run in a circle.*line \d+/)
    expect(message).toMatch(/atempts.*did you mean.*attempts.*line \d+/)
  })

  it('says of a parameter what was expected, what came, and where it stands', async () => {
    const text = await preset(FUNDS)
    const line = text.split('\n').findIndex((each) => each.includes('value: 23h')) + 1
    for (const value of ['"-24h"', '999999999999d', '5', 'soon']) {
      const edited = text.replace('value: 23h', `value: ${value}`)
      const message = await refused('flow set', [FUNDS], { file: await file('value.yaml', edited) })
      const came = value.replaceAll('"', '')
      expect(message).toMatch(new RegExp(`params\\.day\\.value: .*came ${came} \\(line ${line},`))
    }
    expect(await refused('flow set', [FUNDS, 'sms_from=-1'])).toMatch(
      /sms_from: expected a number above 0.*came -1/,
    )
    expect(await refused('flow set', [FUNDS, 'day='])).toMatch(
      /"day=" must look like name=value, e\.g\. day=23h/,
    )
    await expect(run('rule set', ['large-order'])).rejects.toThrow(/Nothing to change/)
  })

  it('shows the first of very many faults, and how many more there are', async () => {
    const tabs = (await preset(FUNDS)).replace(/^( {2})+/gm, (indent) => '\t'.repeat(indent.length / 2))
    const message = await refused('flow set', [FUNDS], { file: await file('tabs.yaml', tabs) })
    expect(message.split('\n')).toHaveLength(12)
    expect(message).toMatch(/\n {2}flow: … and \d{2,} more$/)
  })

  it('refuses a file about another flow, or with words the shop does not have', async () => {
    const text = (await preset(FUNDS)).replace('payment_failed_day', 'payment_failed_dya')
    const message = await refused('flow set', [FUNDS], {
      file: await file('words.yaml', text.replace(FUNDS, 'x-funds')),
    })
    expect(message).toMatch(/no template "payment_failed_dya"; did you mean payment_failed_day\?/)
    expect(message).toMatch(/about the flow "x-funds"/)
  })

  it('two at once both count: the second changes what the first has made', async () => {
    const { version } = await inForce()
    await Promise.all([run('flow set', [FUNDS, 'watch=3d']), run('flow set', [FUNDS, 'healing=15m'])])
    const after = await inForce()
    expect(after.version).toBe(version + 2)
    expect([after.flow.params.watch!.value, after.flow.params.healing!.value]).toEqual(['3d', '15m'])
  })
})

describe('flow show', () => {
  it('shows parameters, steps, version and holdout, and the nearest name of one that is not there', async () => {
    await run('flow set', [FUNDS, 'first=1h'], { holdout: '5' })
    const { shown, result } = await run('flow show', [FUNDS])
    for (const part of [`${FUNDS} v`, 'first=1h', 'wait_first', 'for params.first', 'holdout 5 %', '.USD=30'])
      expect(shown).toContain(part)
    expect(/sms_from\S*/.exec(shown)![0]).toBe('sms_from.CNY=200')
    expect(result).toMatchObject({ key: FUNDS, holdout: 5, enabled: true })
    expect(await refused('flow show', ['payment-faild-funds'])).toMatch(/did you mean payment-failed-funds\?/)
  })
})

describe('flow add', () => {
  it('adds what is asked for, off, with the templates it needs, and leaves what is there', async () => {
    const before = await inForce()
    const { result } = await run('flow add', ['order-paid', FUNDS])
    expect(result).toEqual({ added: ['order-paid'], templates: ['order_paid'], there: [FUNDS], on: false })
    expect((await inForce('order-paid')).enabled).toBe(false)
    expect(await inForce()).toEqual(before)
    expect(await flowSwitches(database.db, shop)).toMatchObject([
      { action: 'flow.disable', target: 'order-paid' },
    ])
    expect(await refused('flow add', ['order-payed'])).toMatch(/did you mean order-paid\?/)
  })

  it('adds all that are missing, on when asked, and then nothing', async () => {
    const { result } = await run('flow add', [], { on: true })
    expect(result.added).toContain('unpaid-cancel')
    const names = (await listTemplates(database.db, shop)).map(({ key }) => key)
    for (const { key, enabled } of await listFlows(database.db, shop)) {
      expect(enabled, key).toBe(key !== 'order-paid')
      const { flow } = await inForce(key)
      for (const step of flow.steps) if ('template' in step) expect(names).toContain(step.template)
    }
    const { shown } = await run('flow add', [])
    expect(shown).toMatch(/No flow is missing/)
  })
})

describe('a policy about what flows send', () => {
  it('is taken as the guide shows it', async () => {
    const guide = await readFile(new URL('../../docs/guides/who-hears-what-when.md', import.meta.url), 'utf8')
    const settings = await file('policy.yaml', /```yaml\n([\s\S]*?)```/.exec(guide)![1]!)
    const { result } = await run('policy set', [], { settings })
    expect(result).toMatchObject({ settings: { levels: { membership: 'low' } } })
  })

  it('names categories and templates that are there, else the nearest', async () => {
    const wrong = `levels: { orderz: low, order_paid: low, payments: low }
caps:
  - { name: a, max: 1, within: day, of: { category: membreship } }
  - { name: b, max: 1, within: day, of: { template: order_piad } }
  - { name: c, max: 1, within: day, of: { category: cancel_order, template: order_paid } }
quiet: { sms: [{ from: "08:00", to: "08:00" }], email: [{ from: "22:00", to: "08:00" }] }
`
    const message = await refused('policy set', [], { settings: await file('typos.yaml', wrong) })
    expect(message).toMatch(
      /levels\.orderz: .*"orderz"; did you mean orders\? .*There are: .*payment-recovery/,
    )
    // The name of a template leads to the category of the flow that sends it, and the place is named once.
    expect(message.match(/levels\.order_paid.*/g)).toEqual([
      expect.stringMatching(/"order_paid"; did you mean orders\?/),
    ])
    expect(message).toMatch(/caps\.0\.of\.category: .*did you mean membership\?/)
    expect(message).toMatch(/caps\.1\.of\.template: .*did you mean order_paid\?/)
    expect(message).toMatch(/quiet\.sms\.0: .*both 08:00/)
    expect(message.split('\n')).toHaveLength(6)
    expect(
      await refused('shop set', [], { settings: await file('level.yaml', 'levels: { memberhip: low }') }),
    ).toMatch(/did you mean membership\?/)
    await expect(
      run('replay', [], { policy: await file('replay.yaml', 'levels: { orderz: low }') }),
    ).rejects.toThrow(/did you mean orders\?/)
  })
})

describe('flow on and off', () => {
  it('switches a flow, and notes it where "why not started" looks', async () => {
    await run('flow on', ['order-paid'])
    expect((await inForce('order-paid')).enabled).toBe(true)
    await run('flow off', ['order-paid'])
    expect((await inForce('order-paid')).enabled).toBe(false)
    const turned = (await flowSwitches(database.db, shop)).filter(({ target }) => target === 'order-paid')
    expect(turned.map(({ action }) => action).toSorted()).toEqual([
      'flow.disable',
      'flow.disable',
      'flow.enable',
    ])
    expect(await refused('flow on', ['order-piad'])).toMatch(/did you mean order-paid\?/)
  })
})
