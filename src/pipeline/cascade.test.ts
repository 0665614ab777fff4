import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { flowText } from '../../test/kit/flow-texts.ts'
import { type ScriptedProvider, scriptedProvider } from '../../test/kit/scripted-provider.ts'
import { waitUntil } from '../../test/kit/wait-until.ts'
import { account, event, MONDAY, openWorld, type TestShop, type World } from '../../test/kit/world.ts'
import { type AccountId, formatId, type MessageId } from '../domain/ids.ts'
import { HOUR, MINUTE } from '../domain/time.ts'
import { replaySince } from './replay.ts'

let world: World
let mail: ScriptedProvider
let sms: ScriptedProvider
let inbox: ScriptedProvider
/** An SMS road whose account says what a segment costs. */
let dear: ScriptedProvider
/** SMS roads that reach one country each, at prices of their own. */
let china: ScriptedProvider
let america: ScriptedProvider
let shops = 0

beforeAll(async () => {
  mail = scriptedProvider('email', 'harmless')
  sms = scriptedProvider('sms', 'visible')
  inbox = scriptedProvider('inbox', 'harmless')
  dear = { ...scriptedProvider('sms', 'visible', { name: 'dear-sms' }), segmentPriceOf: () => 80 }
  const bound = (name: string, country: string, price: number): ScriptedProvider => ({
    ...scriptedProvider('sms', 'visible', { name }),
    countriesOf: () => [country],
    segmentPriceOf: () => price,
  })
  china = bound('china-sms', 'CN', 45)
  america = bound('america-sms', 'US', 90)
  world = await openWorld({ providers: [mail, sms, inbox, dear, china, america] })
})
afterAll(() => world?.close())
beforeEach(() => world.clock.set(MONDAY))

const CASCADE = flowText({
  key: 'cascade',
  on: 'payment.failed',
  purpose: 'reminder',
  more: 'once: { per: burst, rest: 1h }\nstopWhen: [paid, closed]',
  steps: [
    '  - { id: last, kind: cascade, channels: [email, inbox, sms], template: hello, acted: over }',
    '  - { id: over, kind: stop, reason: over }',
  ].join('\n'),
})

const newShop = (accounts: readonly ScriptedProvider[] = [mail, sms, inbox]) =>
  world.openShop(`cascade-${++shops}`, {
    flows: [CASCADE],
    accounts: accounts.map((provider) => account(provider)),
    settings: { capPerDay: 50 },
  })

/** A failed payment of an order that lives for another hour. */
async function fail(shop: TestShop, no: string, phone = '+8613800000001'): Promise<void> {
  const customer = { email: `${no}@example.org`, phone, externalId: no }
  await shop.keep([
    event('payment.failed', no, {
      order: { no, title: 'x', expiresAt: MONDAY + HOUR },
      customer,
      payment: { id: `p-${no}`, failure: { code: 'x' } },
    }),
  ])
  await world.engine.worker.drain()
}

/** Minute by minute, as workers wake up. */
async function until(minutes: number, engines = [world.engine]): Promise<void> {
  const from = (world.clock.now() - MONDAY) / MINUTE
  for (let minute = from + 1; minute <= minutes; minute++) {
    world.clock.set(MONDAY + minute * MINUTE)
    await Promise.all(engines.map((engine) => engine.worker.drain()))
  }
}

const messages = (shop: TestShop) =>
  world.rows<{ id: string; channel: string; state: string; at: number }>(
    `select id, channel, state, (created_at - ${MONDAY}) / ${MINUTE} as at from message where shop_id = $1 order by created_at, id`,
    [shop.id],
  )
const accountOf = async (message: string) => {
  const [row] = await world.rows<{ account_id: AccountId }>('select account_id from message where id = $1', [
    message,
  ])
  return formatId('acct', row!.account_id)
}
const said = async (shop: TestShop) =>
  (await messages(shop)).map(({ channel, state, at }) => `${at} ${channel} ${state}`)

describe('a message that was taken and did not arrive', () => {
  it.each([
    ['failed', 1],
    ['delivered', 20],
  ])('as a receipt says (%s), has the next channel take its turn after %d minutes', async (status, at) => {
    const shop = await newShop()
    await fail(shop, `R-${status}`)
    const [first] = await messages(shop)
    const message = { id: formatId('msg', first!.id as MessageId), status }
    const receipt = event('message.receipt', null, {
      message,
      extra: { account: await accountOf(first!.id) },
    })
    await shop.keep([{ ...receipt, time: MONDAY + 1 }])
    await world.engine.worker.drain()
    await until(25)
    expect((await said(shop)).slice(0, 2)).toEqual(['0 email sent', `${at} inbox sent`])
  })
})

describe('a cascade that goes by cost', () => {
  const BY_COST = CASCADE.replace('kind: cascade,', 'kind: cascade, mode: cheapest,').replace(
    'channels: [email, inbox, sms]',
    'channels: [sms, email, inbox]',
  )
  const open = (settings: object, road: ScriptedProvider) =>
    world.openShop(`cascade-${++shops}`, {
      flows: [BY_COST],
      accounts: [mail, road, inbox].map((provider) => account(provider)),
      settings: { capPerDay: 50, ...settings },
    })
  const costs = async (shop: TestShop) => {
    const [row] = await world.rows<{ costs: { last: { channel: string }[] } }>(
      `select progress->'costs' as costs from run where shop_id = $1`,
      [shop.id],
    )
    return row!.costs.last
  }

  it('takes the account’s price of a segment and the segments of the template’s words', async () => {
    const shop = await open({ costs: { email: 60 } }, dear)
    await fail(shop, 'C-20')
    await until(45)
    expect(await said(shop)).toEqual(['0 inbox sent', '20 email sent', '40 sms sent'])
    // "hello" and a title of 16 characters, one segment.
    expect(await costs(shop)).toEqual([
      { channel: 'inbox', segments: 1, each: 0, cost: 0 },
      { channel: 'email', segments: 1, each: 60, cost: 60 },
      { channel: 'sms', segments: 1, each: 80, cost: 80 },
    ])
  })

  it.each([
    ['as an event comes', ''],
    ['as a timer is over', '  - { id: pause, kind: wait, for: 1m }\n'],
  ])('takes the account that reaches the receiver: %s', async (_when, before) => {
    const shop = await world.openShop(`cascade-${++shops}`, {
      flows: [BY_COST.replace('  - { id: last', `${before}  - { id: last`)],
      accounts: [mail, china, america, inbox].map((provider, at) => account(provider, { position: at + 1 })),
      settings: { capPerDay: 50, costs: { email: 60 } },
    })
    await fail(shop, `C-${shops}`, '+12133734253')
    await until(2)
    expect(await costs(shop)).toContainEqual({ channel: 'sms', segments: 1, each: 90, cost: 90 })
    const other = await world.openShop(`cascade-${++shops}`, {
      flows: [BY_COST.replace('  - { id: last', `${before}  - { id: last`)],
      accounts: [mail, america, china, inbox].map((provider, at) => account(provider, { position: at + 1 })),
      settings: { capPerDay: 50, costs: { email: 60 } },
    })
    world.clock.set(MONDAY)
    await fail(other, `C-${shops}`)
    await until(2)
    expect(await costs(other)).toContainEqual({ channel: 'sms', segments: 1, each: 45, cost: 45 })
  })

  it('goes by the shop’s price where the account says none, and by a typical one else', async () => {
    const cheap = await open({ costs: { email: 60, sms: 7 } }, sms)
    await fail(cheap, 'C-21')
    expect((await costs(cheap)).map(({ channel }) => channel)).toEqual(['inbox', 'sms', 'email'])
    const plain = await open({}, sms)
    await fail(plain, 'C-22')
    expect(await costs(plain)).toEqual([
      { channel: 'email', segments: 1, each: 0, cost: 0 },
      { channel: 'inbox', segments: 1, each: 0, cost: 0 },
      { channel: 'sms', segments: 1, each: 50, cost: 50 },
    ])
  })

  it('begins though the SMS account’s settings cannot be opened', async () => {
    const shop = await open({}, dear)
    await world.db.query(
      "update account set settings = 'broken'::bytea where shop_id = $1 and channel = 'sms'",
      [shop.id],
    )
    await world.db.query('update shop set config_version = config_version + 1 where id = $1', [shop.id])
    world.engine.configs.forget(shop.id)
    await fail(shop, 'C-23')
    expect(await costs(shop)).toContainEqual({ channel: 'sms', segments: 1, each: 50, cost: 50 })
    expect(await said(shop)).toEqual(['0 email sent'])
  })
})

describe('a cascade', () => {
  it('goes on over the order’s remaining life until something is done about it', async () => {
    const shop = await newShop()
    await fail(shop, 'C-1')
    await until(25)
    expect(await said(shop)).toEqual(['0 email sent', '20 inbox sent'])
    await shop.keep([event('message.read', 'C-1')], { trust: 'authenticated' })
    await until(70)
    expect(await said(shop)).toEqual(['0 email sent', '20 inbox sent'])
  })

  it('says no more when it is acted on at the moment of its next turn', async () => {
    const shop = await newShop()
    await fail(shop, 'C-0')
    await until(19)
    world.clock.set(MONDAY + 20 * MINUTE)
    await shop.keep([event('message.read', 'C-0')], { trust: 'authenticated' })
    // The news is applied as soon as it is kept; nobody has looked at timers yet.
    world.engine.worker.decideSoon(shop.id)
    await waitUntil('the news is applied', async () => {
      const waiting = await world.rows('select from todo where shop_id = $1', [shop.id])
      return waiting.length === 0
    })
    await until(70)
    expect(await said(shop)).toEqual(['0 email sent'])
  })

  it('is left out of a replay: what became of its messages is not in the order’s record', async () => {
    const shop = await newShop([sms, inbox])
    await fail(shop, 'C-9')
    await until(5)
    expect((await said(shop)).length).toBeGreaterThan(1)
    const deps = { db: world.db, keyring: world.engine.keyring, configs: world.engine.configs }
    const { runs, differences } = await replaySince(deps, shop.id, 0, world.clock.now())
    expect({ runs, differences }).toEqual({ runs: 0, differences: [] })
  })

  it('goes past what the gate drops for good, a minute later', async () => {
    const shop = await newShop([sms, inbox])
    await fail(shop, 'C-2')
    await until(3)
    expect(await said(shop)).toEqual(['0 email dropped', '1 inbox sent'])
  })

  it('leaves out addresses that are dead', async () => {
    const shop = await newShop()
    await shop.buyer({ email: 'C-3@example.org', externalId: 'C-3' })
    await world.rows(
      `update contact set state = 'suppressed' where shop_id = $1 and channel = 'email' returning id`,
      [shop.id],
    )
    await fail(shop, 'C-3')
    await until(40)
    expect(await said(shop)).toEqual(['0 inbox sent', '30 sms sent'])
  })

  it('says nothing on a channel twice, whoever works on it, and when its run is replayed from before', async () => {
    const shop = await newShop()
    const other = world.another()
    await fail(shop, 'C-4')
    const [before] = await world.rows<{ id: string; step: string; due_at: number; progress: object }>(
      'select id, step, due_at, progress from run where shop_id = $1',
      [shop.id],
    )
    await until(30, [world.engine, other])
    expect(await said(shop)).toEqual(['0 email sent', '20 inbox sent'])
    // The process dies with the run's row unwritten, and the next one starts from what was there.
    await world.rows(
      `update run set step = $3, due_at = $4, progress = $5::jsonb where shop_id = $1 and id = $2 returning id`,
      [shop.id, before!.id, before!.step, before!.due_at, JSON.stringify(before!.progress)],
    )
    await until(58, [world.engine, other])
    const channels = (await messages(shop)).map(({ channel }) => channel)
    expect(channels.toSorted()).toEqual(['email', 'inbox', 'sms'])
  })
})
