import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { testRandom } from '../../test/kit/engine.ts'
import { shopRows } from '../../test/kit/shop-rows.ts'
import { MONDAY, openWorld, type TestShop, type World, watched } from '../../test/kit/world.ts'
import { createHttpClient, type OwnedHttpClient } from '../channels/http-client.ts'
import { smsHttp } from '../channels/sms-http.ts'
import { listAccounts, setAccountState } from '../db/accounts.ts'
import { saveAccountSettings } from '../db/reseal.ts'
import { bumpConfig } from '../db/shops.ts'
import { formatId } from '../domain/ids.ts'
import { DAY, HOUR, type Instant, SECOND } from '../domain/time.ts'
import { type SmsLab, startSmsLab } from '../lab/sms-lab.ts'
import { strandedWithout } from './stranded.ts'

// Two gateways as in real life: one of China, one of the world. Each message goes to whom reaches its receiver.

let world: World
let china: SmsLab
let abroad: SmsLab
let http: OwnedHttpClient
let seen = { china: 0, abroad: 0 }
let shops = 0

beforeAll(async () => {
  // The gateways are there before the world whose time they live in.
  const clock = {
    now: (): Instant => world?.clock.now() ?? MONDAY,
    after: (delay: number, wake: () => void) => world.clock.after(delay, wake),
  }
  china = await startSmsLab({ clock, random: testRandom })
  abroad = await startSmsLab({ clock, random: testRandom })
  http = createHttpClient({ allowOrigins: [china.origin, abroad.origin] })
  world = await openWorld({
    findProvider: (name) => (name === 'sms-http' ? smsHttp : undefined),
    http: http.request,
  })
})
afterAll(async () => {
  await world?.close()
  await Promise.all([http?.close(), china?.close(), abroad?.close()])
})
beforeEach(() => {
  world.clock.set(MONDAY)
  seen = { china: china.received.counts().accepted, abroad: abroad.received.counts().accepted }
})

const drain = () => world.engine.worker.drain()
const arrived = () => ({
  china: china.received.counts().accepted - seen.china,
  abroad: abroad.received.counts().accepted - seen.abroad,
})

interface Told {
  readonly countries?: readonly string[]
  readonly rate?: number
}

function gateway(name: string, lab: SmsLab, { countries, rate }: Told) {
  const settings = { ...lab.account(), law: 'none', ...(countries ? { countries } : {}) }
  return {
    channel: 'sms',
    provider: 'sms-http',
    name,
    settings,
    position: name === 'china' ? 1 : 2,
    ratePerSecond: rate ?? null,
  } as const
}

async function open(first: Told, second: Told | null) {
  const shop = await world.openShop(`roads-${++shops}`, {
    accounts: [gateway('china', china, first), ...(second ? [gateway('abroad', abroad, second)] : [])],
    settings: { quiet: {}, capPerDay: 50 },
  })
  // The latest address is whose buyer was asked for.
  const buyer = (phone: string, at: Instant) => {
    world.clock.set(at)
    return shop.buyer({ phone })
  }
  const buyers = {
    cn: await buyer('+8613800138000', MONDAY - 2),
    us: await buyer('+12133734253', MONDAY - 1),
  }
  world.clock.set(MONDAY)
  return {
    shop,
    say: (to: keyof typeof buyers, n: number, more: object = {}) =>
      shop.plan(
        Array.from({ length: n }, () => ({
          to: buyers[to],
          channel: 'sms' as const,
          expiresAt: MONDAY + 10 * DAY,
          ...more,
        })),
      ),
  }
}

const ends = async (shop: TestShop) =>
  (await shopRows(world).messages(shop)).map(({ state, verdict }) => `${state} ${verdict ?? ''}`).sort()

async function pause(shop: TestShop, name: string, state: 'ok' | 'paused') {
  const account = (await listAccounts(world.db, shop.id)).find((each) => each.name === name)!
  await setAccountState(world.db, shop.id, account.id, state, 'test', world.clock.now())
  await bumpConfig(world.db, shop.id)
}

it('tells how many messages would be dropped without one of several accounts: those that it alone reaches', async () => {
  const { shop, say } = await open({ countries: ['CN'] }, { countries: ['US'] })
  await say('us', 2)
  await say('cn', 3)
  const rows = (await listAccounts(world.db, shop.id)).filter(({ channel }) => channel === 'sms')
  const deps = {
    db: world.db,
    keyring: world.engine.keyring,
    clock: world.clock,
    providers: (name: string) => (name === 'sms-http' ? smsHttp : undefined),
  }
  const without = (name: string, among = rows) =>
    strandedWithout(deps, shop.id, rows.find((each) => each.name === name)!, among)
  expect([await without('abroad'), await without('china')]).toEqual([2, 3])
  // Without the channel's last one nothing of it goes any more.
  const alone = rows.filter(({ name }) => name === 'abroad')
  expect(await without('abroad', alone)).toBe(5)
  await drain()
})

describe('of accounts that reach different countries', () => {
  it('each message takes the one that reaches its receiver, in one turn', async () => {
    const { shop, say } = await open({ countries: ['CN'] }, {})
    await say('us', 2)
    await say('cn', 3)
    await say('us', 1)
    await drain()
    expect(arrived()).toEqual({ china: 3, abroad: 3 })
    expect(new Set(china.received.list().map(({ to }) => to))).toEqual(new Set(['+8613800138000']))
    expect((await ends(shop)).every((each) => each.startsWith('sent send'))).toBe(true)
  })

  it('what they answered is counted apart, though one provider speaks to both', async () => {
    const { shop, say } = await open({ countries: ['CN'] }, {})
    await say('cn', 2)
    await say('us', 1)
    await drain()
    const { values } = await world.engine.metrics.fates.get()
    const own = values.filter(({ labels }) => labels.shop === `roads-${shops}`)
    const counted = own.map(({ labels: { account_name, fate }, value }) => `${account_name} ${fate} ${value}`)
    expect(counted.sort()).toEqual(['abroad sent 1', 'china sent 2'])
    const ids = (await listAccounts(world.db, shop.id)).map(({ id }) => formatId('acct', id))
    expect(ids).toEqual(expect.arrayContaining(own.map(({ labels }) => labels.account)))
  })

  it('so do messages whose receivers nobody has in hand: the address is opened once', async () => {
    const { shop, say } = await open({ countries: ['CN'] }, { countries: ['US', 'CA'] })
    let reads = 0
    const other = world.another((db) =>
      watched(db, (name) => {
        if (name === 'contact_by_id') reads++
      }),
    )
    for (const each of [1, 2]) {
      await say('us', 1)
      await say('cn', 1)
      await other.worker.drain()
      expect([arrived(), reads]).toEqual([{ china: each, abroad: each }, 1])
    }
    expect(await ends(shop)).toHaveLength(4)
  })

  it('one that is paused keeps its own receivers waiting and nobody else', async () => {
    const { shop, say } = await open({ countries: ['CN'] }, { countries: ['US'] })
    await pause(shop, 'china', 'paused')
    await say('cn', 1)
    await say('us', 1)
    await drain()
    expect(arrived()).toEqual({ china: 0, abroad: 1 })
    expect(await ends(shop)).toEqual([
      expect.stringMatching(/^sent /),
      expect.stringMatching(/^waiting hold@\d+:account_paused$/),
    ])
    await pause(shop, 'china', 'ok')
    world.clock.set(MONDAY + HOUR)
    await drain()
    expect(arrived()).toEqual({ china: 1, abroad: 1 })
  })

  it('another that reaches the receiver stands in for one that is paused', async () => {
    const { shop, say } = await open({ countries: ['CN'] }, {})
    await pause(shop, 'china', 'paused')
    await say('cn', 1)
    await drain()
    expect(arrived()).toEqual({ china: 0, abroad: 1 })
  })

  it('where none reaches the receiver the message ends, and says so', async () => {
    const { shop, say } = await open({ countries: ['CN'] }, { countries: ['DE'] })
    await say('us', 1)
    await say('cn', 1)
    await drain()
    expect(arrived()).toEqual({ china: 1, abroad: 0 })
    expect(await ends(shop)).toEqual(['dropped drop:account_country', expect.stringMatching(/^sent /)])
  })

  it('one whose settings cannot be opened is paused, and the others go on', async () => {
    const { shop, say } = await open({ countries: ['CN'] }, { countries: ['US'] })
    const [first] = await listAccounts(world.db, shop.id)
    await saveAccountSettings(world.db, shop.id, first!.id, Buffer.from('broken'))
    await bumpConfig(world.db, shop.id)
    await say('cn', 1)
    await say('us', 1)
    await drain()
    world.clock.set(MONDAY + HOUR)
    await drain()
    expect(arrived()).toEqual({ china: 0, abroad: 1 })
    expect(await ends(shop)).toEqual([
      expect.stringMatching(/^sent /),
      expect.stringMatching(/^waiting hold@\d+:account_paused$/),
    ])
    expect((await listAccounts(world.db, shop.id))[0]!.state_reason).toBe('settings_unusable')
  })

  it('a gateway that writes Chinese numbers only is not asked to write others', async () => {
    const { shop, say } = await open({}, {})
    const [first] = await listAccounts(world.db, shop.id)
    const { sealer } = await world.engine.keyring.open(shop.id)
    const place = { shop: shop.id, column: 'account.settings', row: first!.id }
    const settings = sealer.seal(JSON.stringify({ ...china.account(), law: 'none', number: 'cn' }), place)
    await saveAccountSettings(world.db, shop.id, first!.id, settings)
    await bumpConfig(world.db, shop.id)
    await say('us', 1)
    await drain()
    expect([arrived(), await ends(shop)]).toEqual([
      { china: 0, abroad: 1 },
      [expect.stringMatching(/^sent /)],
    ])
  })
})

describe('the rate of one account', () => {
  it('does not slow the other, however many wait for it, and is kept', async () => {
    const { shop, say } = await open({ countries: ['CN'], rate: 2 }, { countries: ['US'] })
    await say('cn', 600, { purpose: 'essential' })
    await say('us', 5, { dueAt: MONDAY + 1 })
    world.clock.set(MONDAY + 1)
    await drain()
    expect(arrived()).toEqual({ china: 1, abroad: 5 })
    expect(
      (await ends(shop)).filter((each) => /^waiting hold@\d+:account_busy$/.test(each)).length,
    ).toBeGreaterThan(400)
    // As workers wake up: neither faster than the rate nor slower.
    for (let n = 1; n <= 20; n++) {
      world.clock.set(MONDAY + 1 + (n * SECOND) / 2)
      await drain()
      expect(arrived().china).toBe(1 + n)
    }
  })

  it('lets the most urgent go first', async () => {
    const { shop, say } = await open({ countries: ['CN'], rate: 1 }, { countries: ['US'] })
    const plain = { purpose: 'reminder' as const, priority: 2 }
    await say('cn', 10, plain)
    const [key] = await say('cn', 1, { purpose: 'essential', priority: 0 })
    await say('us', 1, { priority: 1 })
    await drain()
    expect(arrived()).toEqual({ china: 1, abroad: 1 })
    const sent = (await shopRows(world).messages(shop)).filter(({ state }) => state === 'sent')
    expect(sent.map(({ id }) => id)).toContain(key)
  })

  it('gives back what was granted and not used, of every account', async () => {
    const { shop, say } = await open({ countries: ['CN'], rate: 100 }, { countries: ['US'], rate: 100 })
    await say('us', 3)
    await drain()
    const left = await world.rows<{ name: string; tokens: number }>(
      `select a.name, r.tokens from account_rate as r join account as a on a.shop_id = r.shop_id and a.id = r.account_id
       where r.shop_id = $1 order by a.name`,
      [shop.id],
    )
    expect(left).toEqual([
      { name: 'abroad', tokens: 2 },
      { name: 'china', tokens: 5 },
    ])
  })
})

describe('a shop whose account reaches everybody', () => {
  it('pays nothing for it: no address is read to choose a road', async () => {
    const { shop, say } = await open({}, null)
    const names: string[] = []
    const other = world.another((db) => watched(db, (name) => void names.push(name)))
    await say('us', 1)
    await other.delivery.deliver(shop.id, 'sms')
    expect(arrived()).toEqual({ china: 1, abroad: 0 })
    expect(names).not.toContain('contact_by_id')
  })
})
