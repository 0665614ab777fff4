import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type ScriptedProvider, scriptedProvider } from '../../test/kit/scripted-provider.ts'
import { connectSource } from '../../test/kit/scripted-source.ts'
import { shopRows } from '../../test/kit/shop-rows.ts'
import { account, MONDAY, openWorld, type TestShop, type World } from '../../test/kit/world.ts'
import { signStripe } from '../app/demo-sign.ts'
import { createHttpClient, type OwnedHttpClient } from '../channels/http-client.ts'
import type { ConnectionId } from '../domain/ids.ts'
import { DAY, HOUR, MINUTE, SECOND, systemClock } from '../domain/time.ts'
import { type LabIntent, type StripeLab, startStripeLab } from '../lab/stripe-lab.ts'
import { openSettings } from '../sources/connection-settings.ts'
import { SOURCES } from '../sources/registry.ts'

// From Stripe's own callback to what the buyer reads: the program's rules, its preset flows, a strict Stripe.

const SECRET = 'whsec_story_secret'
const FLOWS = new URL('../../flows/', import.meta.url)
/** The presets as they are, with one small text for all of them. */
const PRESETS = readdirSync(FLOWS)
  .filter((name) => /^payment-.*\.yaml$/.test(name))
  .map((name) => readFileSync(new URL(name, FLOWS), 'utf8').replace(/template: \w+/g, 'template: hello'))

let world: World
let lab: StripeLab
let client: OwnedHttpClient
let mail: ScriptedProvider
let shop: TestShop
let connection: ConnectionId
let settings: { readonly secrets: string[]; readonly apiKey: string; readonly apiUrl: string }
let count = 0

beforeAll(async () => {
  mail = scriptedProvider('email', 'harmless')
  lab = await startStripeLab({
    clock: { ...systemClock(), now: () => world.clock.now() },
    random: (n) => Buffer.alloc(n, 7),
  })
  client = createHttpClient({ allowOrigins: [lab.origin] })
  world = await openWorld({
    providers: [mail],
    findSource: (name) => SOURCES.get(name),
    http: client.request,
  })
  settings = { secrets: [SECRET], apiKey: lab.apiKey, apiUrl: lab.origin }
})
afterAll(async () => {
  await world.close()
  await client.close()
  await lab.close()
})
beforeEach(async () => {
  world.clock.set(MONDAY)
  shop = await world.openShop(`story-${++count}`, { flows: PRESETS, accounts: [account(mail)] })
  connection = await connectSource(world, shop, 'stripe', settings)
})

/** A payment fails at Stripe, and Stripe calls back. */
async function fails(outcome: 'succeeds' | 'declined'): Promise<LabIntent> {
  const intent = lab.failed({
    id: `pi_story${count}`,
    orderNo: `S-${count}`,
    card: { brand: 'visa', fingerprint: `fp_story${count}` },
    outcomes: [outcome],
  })
  const answer = await client.request(
    {
      url: `${lab.origin}/v1/payment_intents/${intent.id}`,
      method: 'GET',
      headers: { authorization: `Bearer ${lab.apiKey}`, 'stripe-version': '2025-02-24.acacia' },
      body: null,
      timeout: 5 * SECOND,
    },
    AbortSignal.timeout(10 * SECOND),
  )
  const object = JSON.parse(answer.kind === 'answer' ? answer.body : 'null')
  const created = Math.floor(world.clock.now() / SECOND)
  const type = 'payment_intent.payment_failed'
  const body = Buffer.from(JSON.stringify({ id: `evt_story${count}`, type, created, data: { object } }))
  const headers = signStripe(SECRET, created, body.toString())
  const source = SOURCES.get('stripe')!
  const opened = openSettings(source, JSON.stringify(settings))!
  const received = source.receive(
    opened.settings,
    { method: 'POST', query: {}, headers, body },
    world.clock.now(),
  )
  if (received.kind !== 'events') throw new Error(received.kind)
  await shop.keep(received.events, { connection })
  await world.engine.worker.drain()
  return intent
}

async function go(ms: number): Promise<void> {
  world.clock.set(MONDAY + ms)
  await world.engine.worker.drain()
}
const said = async () =>
  (await shopRows(world).messages(shop)).map(({ flow, step, state }) => `${flow} ${step} ${state}`)
const confirms = ({ id }: LabIntent) =>
  lab.seen.filter((one) => one.method === 'POST' && one.path.includes(id)).length
const reads = ({ id }: LabIntent) =>
  lab.seen.filter((one) => one.method === 'GET' && one.path.includes(id)).length

it('a payment that the platform broke is asked about, tried after two minutes, and the buyer reads only that it is fixed', async () => {
  const intent = await fails('succeeds')
  // One look was ours, to make the callback.
  expect([reads(intent) - 1, confirms(intent), await said()]).toEqual([1, 0, []])
  await go(2 * MINUTE - 1)
  expect([confirms(intent), await said()]).toEqual([0, []])
  await go(2 * MINUTE)
  expect([confirms(intent), await said()]).toEqual([1, ['payment-healed good_news sent']])
  for (const later of [3 * MINUTE, 10 * MINUTE, HOUR, DAY, 2 * DAY, 8 * DAY]) await go(later)
  expect([confirms(intent), await said()]).toEqual([1, ['payment-healed good_news sent']])
})

it('one that fails again is told at once, and the ladder goes on from there', async () => {
  const intent = await fails('declined')
  await go(2 * MINUTE)
  expect([confirms(intent), await said()]).toEqual([1, ['payment-failed-timeout first sent']])
  for (const later of [10 * MINUTE, HOUR, DAY + 2 * MINUTE]) await go(later)
  expect(await said()).toEqual(['payment-failed-timeout first sent', 'payment-failed-timeout day sent'])
  expect(confirms(intent)).toBe(1)
})

it('one that nobody may heal is told after the ladder’s own two minutes', async () => {
  await world.db.query('update connection set enabled = false where shop_id = $1', [shop.id])
  await world.db.query('update shop set config_version = config_version + 1 where id = $1', [shop.id])
  const intent = await fails('succeeds')
  expect(await said()).toEqual([])
  await go(2 * MINUTE)
  expect([confirms(intent), await said()]).toEqual([0, ['payment-failed-timeout first sent']])
})
