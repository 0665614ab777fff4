import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../../test/database.ts'
import { testMaster } from '../../test/kit/engine.ts'
import { presetsForTests } from '../../test/kit/presets.ts'
import { MONDAY } from '../../test/kit/world.ts'
import { readLaw } from '../app/law.ts'
import { compileTemplate } from '../app/presets.ts'
import { findProvider } from '../channels/registry.ts'
import { listAudit } from '../db/audit.ts'
import { transaction } from '../db/connect.ts'
import { listFlows, listTemplates } from '../db/flows.ts'
import { listRules, setRuleEnabled } from '../db/rules.ts'
import { ensureInstallation, readShop } from '../db/shops.ts'
import type { ShopId } from '../domain/ids.ts'
import { systemClock } from '../domain/time.ts'
import { smsRoads } from '../pipeline/account-laws.ts'
import { createKeyring } from '../pipeline/keyring.ts'
import { openAccount, openShop } from '../pipeline/open-shop.ts'
import { presetStates } from '../pipeline/preset-states.ts'
import { type Preset, type Presets, presetOf } from '../pipeline/presets.ts'
import { takePresets } from '../pipeline/take-presets.ts'
import { commandRunner } from './command.test-kit.ts'
import { checkPresets } from './doctor-shops.ts'
import type { Language } from './texts/text.ts'

const random = (bytes: number) => randomBytes(bytes)

let database: TestDatabase
let folder: string
let presets: Presets
let keyring: ReturnType<typeof createKeyring>
const run = (name: string, args: readonly string[], options = {}, language: Language = 'en') =>
  commandRunner(database.url, folder, language)(name, args, options)

beforeAll(async () => {
  database = await testDatabase()
  folder = await mkdtemp(path.join(tmpdir(), 'dingdong-presets-'))
  await ensureInstallation(database.db, MONDAY)
  presets = await presetsForTests()
  keyring = createKeyring({ db: database.db, master: testMaster, random })
})
afterAll(async () => {
  await database?.close()
  await rm(folder, { recursive: true, force: true })
})

const FLOWS = ['order-paid', 'payment-failed-funds', 'payment-failed-risk']
const TEMPLATES = ['order_paid', 'order_refunded']
const RULES = ['large-order', 'same-ip']

/** As an earlier program had shipped it. */
const earlier = (preset: Preset): Preset => {
  const body = JSON.parse(preset.body)
  const change =
    preset.kind === 'template'
      ? { source: `# earlier\n${body.source}` }
      : { title: { ...body.title, en: 'Earlier' } }
  return presetOf(preset.kind, preset.key, { ...body, ...change })
}
const older = <T extends Preset>(all: readonly T[], keys: readonly string[]): T[] =>
  all.map((each) => (keys.includes(each.key) ? { ...each, ...earlier(each) } : each))

/** A shop that an earlier program opened, whose people then edited one of each kind. */
async function oldShop(slug: string): Promise<ShopId> {
  const details = { locale: 'zh-CN', timeZone: 'Asia/Shanghai', currency: 'CNY', country: 'CN' }
  const row = { slug, name: '店', settings: {}, demo: false, ...details }
  const then = {
    flows: older(presets.flows, FLOWS).filter(({ key }) => key !== 'unpaid-cancel'),
    templates: older(presets.templates, TEMPLATES).filter(({ key }) => key !== 'payment_failed_risk'),
    rules: older(presets.rules!, RULES),
  }
  // Two templates may say the same.
  then.templates.push({ ...then.templates[0]!, key: 'twin' })
  const opened = await openShop({ db: database.db, keyring, random }, row, then, [], MONDAY)
  await run('flow set', ['payment-failed-funds', 'day=22h'], { shop: slug })
  const file = path.join(folder, 'order_refunded.yaml')
  const { shown } = await run('template show', ['order_refunded'], { shop: slug })
  await writeFile(file, `# ours\n${shown}\n`)
  await run('template set', [file], { shop: slug })
  return opened!.id
}

type Listed = { kind: string; key: string; state: string; version: number | null; newer: boolean }[]
const list = async (shop: string) => (await run('preset list', [], { shop })).result as unknown as Listed
const stateOf = async (shop: string, key: string) => (await list(shop)).find((each) => each.key === key)!
const inForce = async (shop: ShopId, key: string) =>
  [
    ...(await listFlows(database.db, shop)),
    ...(await listTemplates(database.db, shop)),
    ...(await listRules(database.db, shop)),
  ].find((each) => each.key === key)!
const hashOf = (key: string) =>
  [...presets.flows, ...presets.templates, ...presets.rules!].find((each) => each.key === key)!.hash
const doctorSays = async (shop: ShopId) =>
  checkPresets(database.db, (await readShop(database.db, shop))!, presets)

describe('preset list', () => {
  it('tells what is current, what has a newer one, what is edited and what is not there', async () => {
    const shop = await oldShop('listed')
    const states = await list('listed')
    const some = (state: string, newer: boolean) =>
      states
        .filter((each) => each.state === state && each.newer === newer)
        .map(({ key }) => key)
        .sort()
    expect(some('older', true)).toEqual(
      ['large-order', 'order-paid', 'order_paid', 'payment-failed-risk', 'same-ip'].sort(),
    )
    expect(some('edited', true)).toEqual(['order_refunded', 'payment-failed-funds'])
    expect(some('missing', false)).toEqual(['payment_failed_risk', 'unpaid-cancel'])
    expect(some('current', false)).toHaveLength(states.length - 9)
    // Edited from what is shipped still: there is nothing newer.
    await run('flow set', ['payment-failed-details'], { holdout: '5', shop: 'listed' })
    expect(await stateOf('listed', 'payment-failed-details')).toMatchObject({ state: 'edited', newer: false })
    expect(await doctorSays(shop)).toMatchObject([
      { state: 'warn', text: 'presetsNewer', params: { count: 5 } },
    ])
    const { shown } = await run('preset list', [], { shop: 'listed' }, 'zh')
    expect(shown).toMatch(/流程\s+payment-failed-funds\s+v2\s+已编辑，预设有新版/)
    expect(shown).toMatch(/5 项有新版。全部采用：dingdong preset take --all/)
  })

  it('knows what was brought back by undo for what it is', async () => {
    await oldShop('undone')
    await run('flow undo', ['payment-failed-funds'], { shop: 'undone' })
    expect(await stateOf('undone', 'payment-failed-funds')).toMatchObject({ state: 'older', version: 3 })
  })

  it('knows what flow add and rule add bring for presets', async () => {
    const shop = await oldShop('added')
    await run('flow add', [], { shop: 'added' })
    for (const table of ['rule', 'rule_version'])
      await database.db.query(`delete from ${table} where shop_id = $1`, [shop])
    await run('rule add', [], { shop: 'added' })
    expect(await stateOf('added', 'unpaid-cancel')).toMatchObject({ state: 'current' })
    const { rows } = await database.db.query<{ n: number }>(
      `select count(*)::int as n from definition where not preset and hash = any($1::bytea[])`,
      [[...presets.flows, ...presets.rules!].map(({ hash }) => hash)],
    )
    expect(rows[0]!.n).toBe(0)
  })
})

describe('preset take', () => {
  it('takes all newer ones as new versions, leaves what is edited, and each can be undone', async () => {
    const shop = await oldShop('all')
    await transaction(database.db, (tx) => setRuleEnabled(tx, shop, 'same-ip', false, MONDAY))
    const before = await inForce(shop, 'large-order')
    const { result, shown } = await run('preset take', [], { all: true, shop: 'all' })
    expect(result.taken).toHaveLength(6)
    for (const key of ['order-paid', 'payment-failed-risk', 'order_paid', 'large-order', 'same-ip'])
      expect(await inForce(shop, key)).toMatchObject({ version: 2, definition_hash: hashOf(key) })
    // A flow brings the words it speaks with.
    expect(await inForce(shop, 'payment_failed_risk')).toMatchObject({ version: 1 })
    expect(await inForce(shop, 'same-ip')).toMatchObject({ enabled: false })
    expect(await inForce(shop, 'payment-failed-funds')).toMatchObject({ version: 2 })
    expect(shown).toMatch(/Edited, left as they are: order_refunded, payment-failed-funds/)
    expect(await listAudit(database.db, shop, null, 50)).toContainEqual(
      expect.objectContaining({
        action: 'preset.take',
        target: 'order-paid',
        detail: { kind: 'flow', version: 2, replaced: 1 },
      }),
    )
    expect(await doctorSays(shop)).toEqual([])
    const again = await run('preset take', [], { all: true, shop: 'all' })
    expect(again.result.taken).toEqual([])
    expect(again.shown).toMatch(/nothing newer/)
    await run('rule undo', ['large-order'], { shop: 'all' })
    expect(await inForce(shop, 'large-order')).toMatchObject({
      version: 3,
      definition_hash: before.definition_hash,
    })
    const history = (await run('rule history', ['large-order'], { shop: 'all' })).result
    expect(history).toMatchObject([{ version: 3, sameAs: 1, inForce: true }, { version: 2 }, { version: 1 }])
  })

  it('replaces what is edited only by name, and says how it comes back', async () => {
    const shop = await oldShop('named')
    const mine = await inForce(shop, 'payment-failed-funds')
    const { shown, result } = await run('preset take', ['payment-failed-funds', 'order-received'], {
      shop: 'named',
    })
    expect(result).toMatchObject({
      taken: [{ key: 'payment-failed-funds', version: 3, replaced: 2, edited: true }],
      same: [{ key: 'order-received' }],
      edited: [{ key: 'order_refunded' }],
    })
    expect(shown).toMatch(
      /own text is version 2; dingdong flow undo payment-failed-funds --shop named brings/,
    )
    expect(await inForce(shop, 'order-paid')).toMatchObject({ version: 1 })
    await run('flow undo', ['payment-failed-funds'], { shop: 'named' })
    expect((await inForce(shop, 'payment-failed-funds')).definition_hash).toEqual(mine.definition_hash)
    expect(await stateOf('named', 'payment-failed-funds')).toMatchObject({ state: 'edited' })
  })

  it('refuses what it does not know or the shop lacks, with what to do', async () => {
    await oldShop('refused')
    const refused = (names: readonly string[], options = {}) =>
      run('preset take', names, { shop: 'refused', ...options }).then(
        () => 'it was not refused',
        (error: Error) => error.message,
      )
    expect(await refused([])).toMatch(/by name, or --all/)
    expect(await refused(['order-payed'])).toMatch(/did you mean order-paid\?/)
    expect(await refused(['unpaid-cancel'], { all: true })).toMatch(/run: dingdong flow add unpaid-cancel/)
    expect(await stateOf('refused', 'order-paid')).toMatchObject({ version: 1 })
  })

  it('keeps out what the law of an account forbids, and takes the rest', async () => {
    const shop = await oldShop('lawful')
    const settings = {
      request: {
        url: 'https://sms.example.com/',
        body: { kind: 'form', fields: { to: '{{to}}', text: '{{text}}' } },
      },
      success: { status: true },
      law: 'tencent',
      signature: '星河小店',
      registeredLink: { url: 'https://shop.example.cn/d' },
    }
    const account = { channel: 'sms', provider: 'sms-http', name: 'Tencent', settings } as const
    await transaction(database.db, (tx) => openAccount({ keyring, random }, tx, shop, account, MONDAY))
    // A later program whose English-only words lead to a link that varies.
    const { source } = JSON.parse(presets.templates.find(({ key }) => key === 'order_delivered')!.body)
    const [head] = source.split('  zh-CN:\n')
    const [, english] = source.split('\n  en:\n')
    const text = `${head}  en:\n${english}`
    const made = await compileTemplate(systemClock(), 'order_delivered', text, 'en', [])
    if (!made.ok) throw new Error(JSON.stringify(made.problems))
    const later = presets.templates.map((each) => (each.key === made.value.key ? made.value : each))
    const row = (await readShop(database.db, shop))!
    const providers = (name: string) => findProvider(name).found ?? undefined
    const law = await readLaw('en')
    const roads = await smsRoads({ db: database.db, keyring, law, providers }, row, MONDAY)
    const done = await transaction(database.db, async (tx) => {
      const states = await presetStates(tx, shop, { ...presets, templates: later })
      const scene = { tx, shop, roads, by: 'test', now: MONDAY, language: 'en' } as const
      return takePresets(scene, states, { names: [], all: true })
    })
    expect(done.refused).toMatchObject([
      { key: 'order_delivered', problems: [{ path: 'en.sms.text', rule: 'tencent-links' }] },
    ])
    expect(done.taken.map(({ key }) => key)).toContain('order-paid')
    expect(await inForce(shop, 'order_delivered')).toMatchObject({ version: 1 })
  })
})
