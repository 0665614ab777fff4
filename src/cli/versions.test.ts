import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../../test/database.ts'
import { testMaster } from '../../test/kit/engine.ts'
import { presetsForTests } from '../../test/kit/presets.ts'
import { MONDAY } from '../../test/kit/world.ts'
import { filesIn } from '../app/files-in.ts'
import { listAudit } from '../db/audit.ts'
import { transaction } from '../db/connect.ts'
import { listFlows, listTemplates } from '../db/flows.ts'
import { ensureInstallation } from '../db/shops.ts'
import type { ShopId } from '../domain/ids.ts'
import { systemClock } from '../domain/time.ts'
import { createKeyring } from '../pipeline/keyring.ts'
import { openAccount, openShop } from '../pipeline/open-shop.ts'
import { type Presets, presetTemplates } from '../pipeline/presets.ts'
import { createMjmlCompiler } from '../templates/mjml.ts'
import { commandRunner } from './command.test-kit.ts'

const TEMPLATES = new URL('../../flows/templates/', import.meta.url)
const FUNDS = 'payment-failed-funds'
const random = (bytes: number) => randomBytes(bytes)

let database: TestDatabase
let folder: string
let shop: ShopId
let presets: Presets
let keyring: ReturnType<typeof createKeyring>
const run: ReturnType<typeof commandRunner> = (...call) => commandRunner(database.url, folder)(...call)

beforeAll(async () => {
  database = await testDatabase()
  folder = await mkdtemp(path.join(tmpdir(), 'dingdong-versions-'))
  await ensureInstallation(database.db, MONDAY)
  presets = await presetsForTests()
  const details = { locale: 'zh-CN', timeZone: 'Asia/Shanghai', currency: 'CNY', country: 'CN' }
  const row = { slug: 'shop', name: '店', settings: {}, demo: false, ...details }
  keyring = createKeyring({ db: database.db, master: testMaster, random })
  shop = (await openShop({ db: database.db, keyring, random }, row, presets, [], MONDAY))!.id
})
afterAll(async () => {
  await database?.close()
  await rm(folder, { recursive: true, force: true })
})

const refusal = (name: string, args: readonly string[], options: Record<string, string> = {}) =>
  run(name, args, options).then(
    () => 'it was not refused',
    (error: Error) => error.message,
  )

const template = async (key: string) =>
  (await listTemplates(database.db, shop)).find((each) => each.key === key)!
const flow = async (key: string) => (await listFlows(database.db, shop)).find((each) => each.key === key)!

/** As `dingdong template show KEY > file` leaves it. */
async function written(key: string, options: Record<string, string> = {}): Promise<string> {
  return `${(await run('template show', [key], options)).shown}\n`
}

async function set(key: string, text: string) {
  const file = path.join(folder, 'edited')
  await writeFile(file, text)
  return (await run('template set', [key, file])).result
}

/** Shown texts of `history`: version, and which older one it repeats. */
async function history(kind: 'flow' | 'template', key: string) {
  const items = (await run(`${kind} history`, [key])).result as unknown as {
    version: number
    inForce: boolean
    sameAs: number | null
  }[]
  return items.map(({ version, sameAs }) => [version, sameAs])
}

describe('template show', () => {
  it('writes every preset as its author did, and publishing that changes nothing', async () => {
    const files = await filesIn(TEMPLATES)
    const shown: Record<string, string> = {}
    for (const { key } of presets.templates) shown[`${key}.yaml`] = await written(key)
    const { 'layout.yaml': layout, ...theirs } = files
    expect(shown).toEqual(theirs)
    const mjml = createMjmlCompiler(systemClock())
    try {
      const again = await presetTemplates({ ...shown, 'layout.yaml': layout! }, { compileMjml: mjml.compile })
      const hashes = Object.fromEntries(again.map(({ key, hash }) => [key, hash.toString('hex')]))
      const kept = (await listTemplates(database.db, shop)).map((row) => [
        row.key,
        row.definition_hash.toString('hex'),
      ])
      expect(hashes).toEqual(Object.fromEntries(kept))
    } finally {
      await mjml.close()
    }
  })

  it('gives back what was set: notes, names in braces and line ends, and setting it makes no version', async () => {
    const text = (await readFile(new URL('order_refunded.yaml', TEMPLATES), 'utf8')).replace(
      'purpose:',
      '# 我们的说法 {订单号}\npurpose:',
    )
    expect(await set('order_refunded', `\uFEFF${text.replaceAll('\n', '\r\n')}\n\n`)).toMatchObject({
      version: 2,
      changed: true,
    })
    expect(await written('order_refunded')).toBe(text)
    const before = await template('order_refunded')
    const unchanged = await set('order_refunded', await written('order_refunded'))
    expect(unchanged).toMatchObject({ version: 2, changed: false })
    expect(await template('order_refunded')).toEqual(before)
  })

  it('shows some of the words as they were written, and an earlier version whole', async () => {
    const sms = await run('template show', ['order_paid'], { locale: 'zh-CN', channel: 'sms' })
    expect(sms.shown).toContain('{备案链接} 输入短码 {订单短码}')
    expect(await written('order_refunded', { version: '1' })).toBe(
      await readFile(new URL('order_refunded.yaml', TEMPLATES), 'utf8'),
    )
    expect(await refusal('template show', ['order_refunded'], { version: '9' })).toMatch(
      /has no version 9; it is at version 2/,
    )
  })

  it('shows what was published before the author’s file was kept as it was compiled, and says so', async () => {
    const key = 'order_partly_delivered'
    await database.db.query(
      `update definition set body = body - 'source' where hash = (
         select definition_hash from template_version where shop_id = $1 and key = $2)`,
      [shop, key],
    )
    const { shown, result } = await run('template show', [key])
    expect(shown).toMatch(/was not kept[\s\S]*zh-CN email[\s\S]*\{\{ order\.no \}\}/)
    expect(result.source).toBeNull()
  })
})

describe('template undo', () => {
  it('brings back what was said before, and a second undo undoes the first', async () => {
    const key = 'order_received'
    const first = await written(key)
    expect(await refusal('template undo', [key])).toMatch(/has never said anything else/)
    const second = first.replace(/您/g, '你')
    await set(key, second)
    expect((await run('template undo', [key])).result).toMatchObject({ version: 3, back: 1 })
    expect(await written(key)).toBe(first)
    expect((await run('template undo', [key])).result).toMatchObject({ version: 4, back: 2 })
    expect(await written(key)).toBe(second)
    expect((await run('template undo', [key], { to: '1' })).result).toMatchObject({ version: 5, back: 1 })
    expect(await history('template', key)).toEqual([
      [5, 1],
      [4, 2],
      [3, 1],
      [2, null],
      [1, null],
    ])
    const noted = { action: 'template.undo', target: key, detail: { version: 5, back: 1 } }
    expect(await listAudit(database.db, shop, null, 50)).toContainEqual(expect.objectContaining(noted))
    expect(await refusal('template undo', [key], { to: '8' })).toMatch(/no version 8; it is at version 5/)
  })

  it('is refused where the law of an account that came since forbids those words', async () => {
    const key = 'order_delivered'
    const whole = await written(key)
    // Its English SMS leads to the order by a link that varies, which no Chinese account may carry.
    const [chinese, english] = whole.split('\n  en:\n')
    const [head] = whole.split('  zh-CN:\n')
    await set(key, `${head}  en:\n${english}`)
    await set(key, `${chinese}\n`)
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
    expect(await refusal('template undo', [key])).toMatch(
      /was not brought back[\s\S]*en\.sms\.text: .*tencent-links.*cloud\.tencent\.com/,
    )
    expect((await template(key)).version).toBe(3)
    // The whole file has a Chinese text too, and that one may go there.
    expect((await run('template undo', [key], { to: '1' })).result).toMatchObject({ version: 4, back: 1 })
  })
})

describe('flow undo', () => {
  it('brings a flow’s text back in the same way; show takes a version', async () => {
    const shown = async (options = {}) =>
      (await run('flow show', [FUNDS], options)).result as unknown as { params: { day: { value: string } } }
    const day = async (options = {}) => (await shown(options)).params.day.value
    const first = await day()
    await run('flow set', [FUNDS, 'day=22h'])
    expect((await run('flow undo', [FUNDS])).result).toMatchObject({ flow: FUNDS, version: 3, back: 1 })
    expect(await day()).toBe(first)
    expect(await day({ version: '2' })).toBe('22h')
    await run('flow undo', [FUNDS])
    expect(await day()).toBe('22h')
    expect(await history('flow', FUNDS)).toEqual([
      [4, 2],
      [3, 1],
      [2, null],
      [1, null],
    ])
    expect(await refusal('flow show', [FUNDS], { version: '7' })).toMatch(
      /has no version 7; it is at version 4/,
    )
    expect((await flow(FUNDS)).enabled).toBe(true)
  })

  it('takes back from flow show --yaml what it gave, for every preset', async () => {
    for (const { key } of presets.flows) {
      const { definition_hash: before } = await flow(key)
      const file = path.join(folder, 'flow.yaml')
      await writeFile(file, (await run('flow show', [key], { yaml: true })).shown)
      await run('flow set', [key], { file })
      expect([key, (await flow(key)).definition_hash]).toEqual([key, before])
    }
  })
})
