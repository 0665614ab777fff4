import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { foretold, happened, keptEvent, live } from '../../test/kit/flow-real.ts'
import { scriptedProvider } from '../../test/kit/scripted-provider.ts'
import { account, event, MONDAY, openWorld, type World } from '../../test/kit/world.ts'
import { savePreferences } from '../db/contacts.ts'
import { validateFlow } from '../domain/flow/validate.ts'
import type { CustomerId } from '../domain/ids.ts'
import { DAY, HOUR, MINUTE } from '../domain/time.ts'

const numRuns = process.env.DINGDONG_LONG === '1' ? 400 : 60

const PROVIDERS = (['email', 'sms', 'inbox', 'command'] as const).map((channel) =>
  scriptedProvider(channel, 'harmless'),
)
let world: World
let shops = 0
beforeAll(async () => {
  world = await openWorld({ providers: PROVIDERS })
}, 60_000)
afterAll(() => world?.close())

type Step = Readonly<Record<string, unknown>> & { readonly kind: string; readonly ahead?: number }
const lasting = fc.constantFrom('1m', '50m', '3h', '14h', '1d')
const channels = fc.uniqueArray(fc.constantFrom('email', 'sms', 'inbox'), { minLength: 1 })
const condition = fc.constantFrom(
  'has(order.expiresAt)',
  'order.attempts > 1',
  'order.lastFailure.class == "insufficient_funds"',
  'order.total.minor > 5000',
)
const send = fc.record({
  kind: fc.constant('send'),
  to: fc.constant('buyer'),
  template: fc.constant('hello'),
  channels,
  purpose: fc.constantFrom('reminder', 'service', 'promotion', 'essential', undefined),
  expiresIn: fc.constantFrom('30m', '5h', undefined),
  collapse: fc.constantFrom('same', undefined),
  inSession: fc.constantFrom(true, undefined),
})
const cascade = fc.record({
  kind: fc.constant('cascade'),
  template: fc.constant('hello'),
  mode: fc.constantFrom('sequential', 'cheapest'),
  channels,
  maxGap: fc.constantFrom('10m', '3h'),
})
const link = fc.constant(['link.clicked'])
const step = fc.oneof(
  { weight: 4, arbitrary: send },
  { weight: 2, arbitrary: cascade },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait'), for: lasting }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'wait', until: 'order.expiresAt - duration("30m")' }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('waitFor'), event: link, timeout: lasting }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('branch'), when: condition, ahead: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('split'), ahead: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'act', command: 'cancel_order' }) },
) as fc.Arbitrary<Step>

const drawnFlow = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 7 }),
  purpose: fc.constantFrom('reminder', 'service'),
  holdout: fc.constantFrom(0, 50),
  afterExpiry: fc.constantFrom('end', 'allow', 'reopen'),
  stopWhen: fc.constantFrom([], ['paid', 'closed']),
  when: fc.option(condition, { nil: undefined, freq: 1 }),
})
type Drawn = typeof drawnFlow extends fc.Arbitrary<infer T> ? T : never

/** Steps lead forward only. Where counts are tight all goes by mail, one after the other, so that slots go in one order. */
function build({ steps, when, ...rest }: Drawn, tight: boolean): object {
  const spaced = tight
    ? steps.flatMap((each) =>
        'channels' in each
          ? [
              { ...each, channels: ['email'] },
              { kind: 'wait', for: '2m' },
            ]
          : [each],
      )
    : steps
  const name = (at: number) => `s${Math.min(at, spaced.length)}`
  const made = spaced.map(({ ahead = 0, ...each }: Step, at) => {
    const id = name(at)
    const next = name(at + 1)
    const far = name(at + 1 + ahead)
    // biome-ignore lint/suspicious/noThenProperty: a step id, never a function
    if (each.kind === 'branch') return { ...each, id, then: far }
    if (each.kind === 'waitFor') return { ...each, id, onTimeout: next }
    if (each.kind !== 'split') return { ...each, id }
    const arms = [
      { name: 'a', share: 50, next: far },
      { name: 'b', share: 50, next },
    ]
    return { kind: 'split', id, experiment: `x${at}`, arms }
  })
  const words = { zh: '试', en: 'Tried' }
  const flow = {
    key: 'tried',
    family: 'tried',
    title: words,
    description: words,
    audience: 'buyer',
    trigger: { on: ['payment.failed'], when },
    once: { per: 'burst', rest: '1h' },
    ...rest,
    steps: [...made, { id: name(spaced.length), kind: 'stop', reason: 'over' }],
  }
  return JSON.parse(JSON.stringify(flow)) as object
}

const ADDRESSES = { email: 'buyer@example.org', phone: '+8613800138000', externalId: 'buyer' }

/** Nine times of ten the first. */
const often = <T>(usual: T, ...others: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) })

const addresses: fc.Arbitrary<readonly (keyof typeof ADDRESSES)[]> = fc.oneof(
  fc.constant(['email', 'phone', 'externalId'] as const),
  fc.subarray(['email', 'phone', 'externalId'] as const),
)
const history = fc.record({
  tight: fc.boolean(),
  hour: fc.nat(47),
  addresses,
  timeZone: fc.constantFrom('America/New_York', undefined),
  segment: fc.constantFrom('office', undefined),
  expires: fc.constantFrom(20 * MINUTE, 5 * HOUR, 3 * DAY, undefined),
  code: fc.constantFrom('insufficient_funds', 'incorrect_cvc'),
  /** A failure that was told to its end two days before. */
  before: fc.boolean(),
  late: often(0, 30 * MINUTE, 2 * DAY),
  off: often([], ['email'], ['reminder']),
  paused: often(null, 7 * HOUR),
  killed: often(false, true),
  deadMail: often(false, true),
})
type History = typeof history extends fc.Arbitrary<infer T> ? T : never

async function openShop(flow: object, { tight }: History) {
  const name = `trial-${++shops}`
  return world.openShop(name, {
    accounts: PROVIDERS.map((provider) => account(provider)),
    flows: [JSON.stringify(flow)],
    settings: {
      capPerDay: tight ? 2 : 50,
      caps: tight ? [{ name: 'few', max: 3, within: '30h' }] : [],
      quiet: { sms: [{ from: '21:00', to: '08:00' }], email: [{ from: '22:00', to: '07:00' }] },
    },
  })
}

/** Plays the history up to the event, tries the flow on it, then lets it really happen. */
async function compare(flow: object, drawn: History) {
  const shop = await openShop(flow, drawn)
  const { db, engine, clock } = world
  const reality = { db, engine, clock, shop: shop.id }
  const start = MONDAY + drawn.hour * HOUR
  clock.set(start)
  const no = `T-${shops}`
  const customer = {
    ...Object.fromEntries(drawn.addresses.map((each) => [each, ADDRESSES[each]])),
    timeZone: drawn.timeZone,
    segment: drawn.segment,
  }
  const order = { no, total: { minor: 9_900, currency: 'CNY' }, title: 'A thing' }
  const failed = (id: string, time: number, expiresAt?: number) =>
    event(
      'payment.failed',
      no,
      {
        order: { ...order, ...(expiresAt === undefined ? {} : { expiresAt }) },
        payment: { id, rail: 'stripe', failure: { code: 'card_declined', declineCode: drawn.code } },
      },
      { time },
    )
  await shop.keep([event('order.created', no, { order, customer }, { time: start })])
  await engine.worker.drain()
  if (drawn.before) {
    await shop.keep([failed('first', start)])
    await live(reality)
    clock.set(Math.max(clock.now(), start) + 2 * DAY)
  }
  await setUp(shop.id, drawn)
  const expires = drawn.expires === undefined ? undefined : clock.now() + drawn.expires
  const [kept] = await shop.keep([failed('second', clock.now() - drawn.late, expires)])
  const loaded = (await engine.configs.get(shop.id)).flows[0]!
  const tried = await engine.flowTrials.run(shop.id, loaded, {
    kind: 'event',
    event: await keptEvent(reality, kept!.id),
  })
  const told = foretold(tried!)
  // Trying leaves nothing behind: another trial says the same.
  const again = await engine.flowTrials.run(shop.id, loaded, {
    kind: 'event',
    event: await keptEvent(reality, kept!.id),
  })
  expect(foretold(again!)).toEqual(told)
  await live(reality)
  return { told, real: await happened(reality, 'tried', kept!.id) }
}

async function setUp(shop: Parameters<typeof savePreferences>[1], drawn: History): Promise<void> {
  const [row] = await world.rows<{ id: CustomerId }>('select id from customer where shop_id = $1', [shop])
  if (row) {
    const pausedUntil = drawn.paused === null ? null : world.clock.now() + drawn.paused
    await savePreferences(world.db, shop, row.id, { off: drawn.off, pausedUntil })
  }
  if (drawn.killed) await world.rows('update flow set killed = true where shop_id = $1', [shop])
  if (drawn.deadMail)
    await world.rows(`update contact set state = 'suppressed' where shop_id = $1 and channel = 'email'`, [
      shop,
    ])
}

const twice: Step = {
  kind: 'send',
  to: 'buyer',
  template: 'hello',
  channels: ['email'],
  purpose: 'reminder',
  collapse: 'same',
}
/** Of two messages of one moment with one collapse key the first is replaced before it is judged. */
const REPLACED = [[], ['email' as const]].map((addresses): [Drawn, History] => [
  {
    steps: [twice, twice],
    purpose: 'reminder',
    holdout: 0,
    afterExpiry: 'end',
    stopWhen: ['paid', 'closed'],
    when: undefined,
  },
  {
    tight: false,
    hour: 12,
    addresses,
    timeZone: undefined,
    segment: undefined,
    expires: undefined,
    code: 'insufficient_funds',
    before: false,
    late: 0,
    off: [],
    paused: null,
    killed: false,
    deadMail: false,
  },
])

test('a trial foretells what really happens when nothing else does', async () => {
  const seen = { sent: 0, dropped: 0 }
  await fc.assert(
    fc.asyncProperty(drawnFlow, history, async (drawn, played) => {
      const flow = build(drawn, played.tight)
      fc.pre(validateFlow(flow).ok)
      const { told, real } = await compare(flow, played)
      expect(told).toEqual(real)
      for (const { state } of real.said) {
        if (state === 'sent') seen.sent++
        if (state === 'dropped') seen.dropped++
      }
    }),
    { numRuns, examples: REPLACED },
  )
  // What never occurs is not compared.
  expect(seen.sent).toBeGreaterThan(numRuns / 4)
  expect(seen.dropped).toBeGreaterThan(numRuns / 6)
}, 900_000)
