import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { backup } from '../src/db/backup.ts'
import { migrate } from '../src/db/migrate.ts'
import { restore } from '../src/db/restore.ts'
import { bumpConfig } from '../src/db/shops.ts'
import type { RetryRules } from '../src/domain/healing/rules.ts'
import { DAY, HOUR, type Instant, MINUTE } from '../src/domain/time.ts'
import { hire, large } from '../src/pipeline/review.test-kit.ts'
import { testDatabase } from './database.ts'
import { testRandom } from './kit/fixed.ts'
import { flowText } from './kit/flow-texts.ts'
import { type ScriptedProvider, scriptedProvider } from './kit/scripted-provider.ts'
import { connectSource, type ScriptedSource, scriptedSource } from './kit/scripted-source.ts'
import { account, event, MONDAY, openWorld, type TestShop, type World } from './kit/world.ts'

// What the program tells itself (a payment that never came, a healing that failed, a review nobody answered) is told
// again by a restored database. Whoever heard it from the old system must not hear it twice.

let folder: string
let sms: ScriptedProvider
let mail: ScriptedProvider
let wechat: ScriptedSource
let stripe: ScriptedSource
const worlds: World[] = []

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'restore-'))
  sms = scriptedProvider('sms', 'visible')
  mail = scriptedProvider('email', 'harmless')
  wechat = scriptedSource('wechat-pay')
  stripe = scriptedSource('stripe', { retries: true })
})
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close()
  await rm(folder, { recursive: true })
})

const retries: RetryRules = {
  classOf: () => ({ class: 'network_timeout', advice: 'AUTO_ONCE' }),
  mayRetry: (_tries, now) => ({ kind: 'allowed', notBefore: now, rule: null }),
}
const options = () => ({
  providers: [sms, mail],
  findSource: (name: string) => [wechat, stripe].find((source) => source.name === name),
  retries: () => retries,
})

/** A text message and a mail, at once and an hour later. */
const bothRoads = (key: string, on: string, more: string) =>
  flowText({
    key,
    on,
    more,
    steps: `
  - { id: text, kind: send, to: buyer, channels: [sms], template: hello }
  - { id: letter, kind: send, to: buyer, channels: [email], template: hello }
  - { id: hour, kind: wait, for: 1h }
  - { id: text_again, kind: send, to: buyer, channels: [sms], template: hello }
  - { id: letter_again, kind: send, to: buyer, channels: [email], template: hello }`,
  })
const FLOWS = [
  bothRoads('failed', 'payment.failed', 'once: { per: burst, rest: 1h }\nstopWhen: [paid, closed]').replace(
    '[payment.failed] }',
    "[payment.failed], when: '!order.healing' }",
  ),
  bothRoads('heal', 'payment.heal_failed', 'once: { per: payment }'),
  bothRoads('review', 'review.opened, review.escalated', 'once: { per: event }'),
]
const RULE = readFileSync(new URL('../rules/large-order.yaml', import.meta.url), 'utf8')
const customer = { email: 'buyer@example.org', phone: '+8613800138000' }

async function oldSystem(): Promise<{ world: World; shop: TestShop; go: (ms: number) => Promise<void> }> {
  const world = await openWorld(options())
  worlds.push(world)
  const accounts = [account(sms), account(mail)]
  const settings = { capPerDay: 50 }
  const shop = await world.openShop('old', { flows: FLOWS, rules: [RULE], accounts, settings })
  return { world, shop, go: (ms) => goOn(world, MONDAY + ms) }
}

async function goOn(world: World, at: Instant): Promise<void> {
  world.clock.set(at)
  await world.engine.worker.drain()
}

const file = () => path.join(folder, 'backup')
const backUp = (world: World) =>
  backup({ url: world.database.url, file: file(), now: world.clock.now(), random: testRandom })

/** The old system is gone; what was backed up is restored at `at` and goes on a minute later. */
async function restoredAt(at: Instant): Promise<World> {
  await worlds.pop()!.close()
  const database = await testDatabase({ blank: true, max: 8 })
  await restore({ url: database.url, file: file(), now: at })
  await migrate({ db: database.db, now: at })
  const world = await openWorld({ ...options(), database, start: at + MINUTE })
  worlds.push(world)
  await world.engine.worker.drain()
  return world
}

const idsOf = (road: ScriptedProvider) => road.calls.map((message) => message.id)
const fatesOf = (world: World) =>
  world.rows(
    `select m.step, m.state, m.fate_code from message m where m.channel = 'sms' order by m.created_at, m.id`,
  )
const BLOCKED = ['text', 'text_again'].map((step) => ({ step, state: 'unknown', fate_code: 'restored' }))

it('a failure that was inferred is told once, though the restored system infers it again', async () => {
  const { world, shop, go } = await oldSystem()
  await connectSource(world, shop, 'wechat-pay')
  const payment = { id: 'wx-1', rail: 'wechat' }
  await shop.keep([event('payment.started', 'A-1', { customer, payment }, { time: MONDAY })])
  await go(MINUTE)
  await backUp(world)
  for (const minute of [3, 30, 31, 92]) await go(minute * MINUTE)
  expect([sms.calls.length, mail.calls.length]).toEqual([2, 2])
  const before = idsOf(mail)

  const restored = await restoredAt(MONDAY + 3 * HOUR)
  expect(sms.calls.length).toBe(2)
  expect(await fatesOf(restored)).toEqual(BLOCKED)
  // The mails are handed over again, as the very same mails.
  expect(idsOf(mail)).toEqual([...before, ...before])
})

it('a failure that is inferred only after the restore is told by text message, too', async () => {
  const { world, shop, go } = await oldSystem()
  await connectSource(world, shop, 'wechat-pay')
  const payment = { id: 'wx-1', rail: 'wechat' }
  await shop.keep([event('payment.started', 'A-2', { customer, payment }, { time: MONDAY })])
  await go(MINUTE)
  await backUp(world)
  const restored = await restoredAt(MONDAY + 10 * MINUTE)
  for (const minute of [30, 31, 92]) await goOn(restored, MONDAY + minute * MINUTE)
  expect([sms.calls.length, mail.calls.length]).toEqual([2, 2])
})

it('a healing whose end was told is not told again', async () => {
  const { world, shop, go } = await oldSystem()
  const connection = await connectSource(world, shop, 'stripe')
  const failure = { code: 'processing_error' }
  const failed = event('payment.failed', 'H-1', {
    customer,
    payment: { id: 'pi_1', rail: 'stripe', failure },
  })
  // As a source names what it was told: asking again is the same event.
  const asked = event('payment.failed', 'H-1', { payment: { id: 'pi_1', rail: 'stripe', failure } })
  stripe.answer = () => ({ kind: 'events', events: [asked] })
  await shop.keep([failed], { connection })
  await go(1)
  await backUp(world)
  for (const minute of [2, 3]) await go(minute * MINUTE)
  expect(sms.calls.length).toBe(1)
  const restored = await restoredAt(MONDAY + 3 * HOUR)
  await goOn(restored, MONDAY + 5 * HOUR)
  await goOn(restored, MONDAY + 2 * DAY)
  expect((await fatesOf(restored)).at(0)).toMatchObject({
    step: 'text',
    state: 'unknown',
    fate_code: 'restored',
  })
})

it('a failure that was not applied when the backup was made is not healed a second time', async () => {
  const { world, shop, go } = await oldSystem()
  const connection = await connectSource(world, shop, 'stripe')
  const payment = { id: 'pi_2', rail: 'stripe', failure: { code: 'processing_error' } }
  stripe.answer = () => ({ kind: 'events', events: [event('payment.failed', 'H-2', { payment })] })
  stripe.act = () => ({ kind: 'unknown', code: 'broke_off' })
  await shop.keep([event('payment.failed', 'H-2', { customer, payment })], { connection })
  await backUp(world)
  await go(1)
  await go(3 * MINUTE)
  expect(stripe.tries.length).toBe(1)
  expect(mail.calls.length).toBe(0)

  const restored = await restoredAt(MONDAY + 10 * MINUTE)
  for (const minute of [14, 20]) await goOn(restored, MONDAY + minute * MINUTE)
  expect(stripe.tries.length).toBe(1)
  // The buyer is told instead.
  expect(mail.calls.length).toBe(1)
})

it('a review that was opened and put to the next role is not told again', async () => {
  const { world, shop, go } = await oldSystem()
  for (const role of ['finance', 'operator']) await hire(world, shop, role)
  await bumpConfig(world.db as never, shop.id)
  const order = large('L-1')
  await shop.keep([{ ...order, data: { ...order.data, customer } }])
  await backUp(world)
  await go(0)
  await go(4 * HOUR)
  expect([sms.calls.length, mail.calls.length]).toEqual([3, 3])
  const before = new Set(idsOf(mail))
  expect(before.size).toBe(3)

  const restored = await restoredAt(MONDAY + 6 * HOUR)
  await goOn(restored, MONDAY + 7 * HOUR + 1)
  expect(sms.calls.length).toBe(3)
  expect(new Set(idsOf(mail))).toEqual(before)
})

/** Three text messages and mails, an hour apart: the third comes after the second wait. */
const LADDER = flowText({
  key: 'ladder',
  on: 'order.created',
  more: 'once: { per: order }',
  steps: ['one', 'two', 'three']
    .map(
      (step) => `
  - { id: wait_${step}, kind: wait, for: 1h }
  - { id: text_${step}, kind: send, to: buyer, channels: [sms], template: hello }
  - { id: letter_${step}, kind: send, to: buyer, channels: [email], template: hello }`,
    )
    .join(''),
})

describe('a ladder that was under way', () => {
  const ladder = async () => {
    const world = await openWorld(options())
    worlds.push(world)
    const accounts = [account(sms), account(mail)]
    const shop = await world.openShop('ladder', { flows: [LADDER], accounts, settings: { capPerDay: 50 } })
    await shop.keep([event('order.created', 'W-1', { customer }, { time: MONDAY })])
    await goOn(world, MONDAY)
    await backUp(world)
    return world
  }

  it('says nothing again, though the old system came to each step a little late', async () => {
    const world = await ladder()
    for (const hour of [1, 2, 3]) await goOn(world, MONDAY + hour * HOUR + hour * 400)
    expect([sms.calls.length, mail.calls.length]).toEqual([3, 3])
    const before = idsOf(mail)
    const restored = await restoredAt(MONDAY + 5 * HOUR)
    for (const hour of [6, 7, 8, 9]) await goOn(restored, MONDAY + hour * HOUR)
    expect(sms.calls.length).toBe(3)
    // Handed over again, as the very same mails.
    expect(new Set(idsOf(mail))).toEqual(new Set(before))
  })

  it('sends no text message again, however late the old system was', async () => {
    const world = await ladder()
    for (const minute of [95, 190, 280]) await goOn(world, MONDAY + minute * MINUTE)
    expect(sms.calls.length).toBe(3)
    const restored = await restoredAt(MONDAY + 5 * HOUR)
    for (const hour of [6, 7, 8, 9]) await goOn(restored, MONDAY + hour * HOUR)
    expect(sms.calls.length).toBe(3)
  })

  it('goes on with what the old system cannot have said', async () => {
    await goOn(await ladder(), MONDAY + HOUR + 400)
    const restored = await restoredAt(MONDAY + 90 * MINUTE)
    for (const hour of [2, 3]) await goOn(restored, MONDAY + hour * HOUR + 1)
    expect([sms.calls.length, new Set(idsOf(mail)).size]).toEqual([3, 3])
  })
})

it('after a time without a worker the steps of a ladder keep their distance', async () => {
  const world = await openWorld(options())
  worlds.push(world)
  const accounts = [account(sms), account(mail)]
  const shop = await world.openShop('down', { flows: [LADDER], accounts, settings: { capPerDay: 50 } })
  await shop.keep([event('order.created', 'W-2', { customer }, { time: MONDAY })])
  await goOn(world, MONDAY)
  await goOn(world, MONDAY + 5 * HOUR)
  expect(sms.calls.length).toBe(1)
  await goOn(world, MONDAY + 6 * HOUR)
  expect(sms.calls.length).toBe(2)
})
