import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../../test/database.ts'
import { quietLog, testMaster, travelClock } from '../../test/kit/engine.ts'
import { presetsForTests } from '../../test/kit/presets.ts'
import { MONDAY } from '../../test/kit/world.ts'
import { addGauges } from '../app/gauges.ts'
import { ensureInstallation } from '../db/shops.ts'
import { createKeyring } from '../pipeline/keyring.ts'
import { createMetrics } from '../pipeline/metrics.ts'
import { openShop } from '../pipeline/open-shop.ts'
import { commandRunner } from './command.test-kit.ts'
import { checkStopped } from './doctor-shops.ts'

const FLOW = 'payment-failed-funds'
let database: TestDatabase
const run: ReturnType<typeof commandRunner> = (...call) => commandRunner(database.url, tmpdir())(...call)

beforeAll(async () => {
  database = await testDatabase()
  await ensureInstallation(database.db, MONDAY)
  const presets = await presetsForTests()
  const random = (bytes: number) => randomBytes(bytes)
  const keyring = createKeyring({ db: database.db, master: testMaster, random })
  const details = { locale: 'zh-CN', timeZone: 'Asia/Shanghai', currency: 'CNY', country: 'CN' }
  const given = {
    flows: presets.flows.filter(({ key }) => [FLOW, 'order-paid'].includes(key)),
    templates: presets.templates,
  }
  for (const slug of ['shop', 'other']) {
    const row = { slug, name: '店', settings: {}, demo: false, ...details }
    await openShop({ db: database.db, keyring, random }, row, given, [], MONDAY)
  }
})
afterAll(() => database?.close())

const SWITCHES = [
  ['all', [], { everything: true }, '--everything'],
  ['shop', [], { 'whole-shop': true, wholeShop: true, shop: 'shop' }, '--whole-shop --shop shop'],
  ['flow', [FLOW], { shop: 'shop' }, `${FLOW} --shop shop`],
] as const

afterEach(async () => {
  for (const [, args, options] of SWITCHES) await run('flow unkill', args, options)
})

async function gauge(): Promise<readonly string[]> {
  const metrics = createMetrics()
  const { db } = database
  addGauges({ metrics, db, clock: travelClock(MONDAY), intake: { waiting: () => 0 }, log: quietLog })
  return [...(await metrics.registry.metrics()).matchAll(/^dingdong_kill_switches\{level="(\w+)"\} (\d+)/gm)]
    .filter(([, , count]) => count !== '0')
    .map(([, level]) => level!)
}

it.each(SWITCHES)(
  'of %s that is left on shows wherever one looks, with the way back',
  async (level, args, options, back) => {
    expect(await checkStopped(database.db)).toEqual([])
    expect(await gauge()).toEqual([])
    const quiet = await run('flow list', [], { shop: 'shop' })
    expect(quiet.shown).not.toContain('unkill')

    await run('flow kill', args, options)
    expect((await checkStopped(database.db)).map(({ state, text }) => [state, text?.toLowerCase()])).toEqual([
      ['warn', `stopped${level}`],
    ])
    expect(await gauge()).toEqual([level])
    for (const list of ['flow list', 'account list'] as const)
      expect((await run(list, [], { shop: 'shop' })).shown).toContain(`dingdong flow unkill ${back}`)
    const { result } = await run('flow list', [], { shop: 'shop' })
    const byKey = (result as unknown as { key: string; stoppedBy: string | null }[]).map(
      ({ key, stoppedBy }) => [key, stoppedBy],
    )
    expect(Object.fromEntries(byKey)).toEqual({
      'order-paid': level === 'flow' ? null : level,
      [FLOW]: level,
    })
    // Of another shop only what is stopped for everybody.
    expect((await run('flow list', [], { shop: 'other' })).shown.includes('unkill')).toBe(level === 'all')
    const shops = (await run('shop list', [])).result as unknown as {
      slug: string
      stoppedBy: string | null
    }[]
    expect(shops.find(({ slug }) => slug === 'shop')?.stoppedBy).toBe(level === 'flow' ? null : level)
  },
)

it('stops what was meant or nothing: two answers to the question what it is are refused', async () => {
  for (const command of ['flow kill', 'flow unkill'] as const) {
    for (const [args, options] of [
      [[], {}],
      [[FLOW], { wholeShop: true, shop: 'shop' }],
      [[FLOW], { everything: true }],
      [[], { wholeShop: true, everything: true, shop: 'shop' }],
    ] as const)
      await expect(run(command, args, options)).rejects.toMatchObject({
        exit: 2,
        message: expect.stringContaining('one of them, and no other'),
      })
    await expect(run(command, [], { everything: true, shop: 'shop' })).rejects.toThrow(/every shop; for one/)
  }
  expect(await checkStopped(database.db)).toEqual([])
})
