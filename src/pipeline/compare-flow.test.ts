import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { flowText, sendStep } from '../../test/kit/flow-texts.ts'
import { type ScriptedProvider, scriptedProvider } from '../../test/kit/scripted-provider.ts'
import { account, event, MONDAY, openWorld, type TestShop, type World } from '../../test/kit/world.ts'
import { setContactState } from '../db/contacts.ts'
import type { ComparedArm } from '../domain/flow/comparison.ts'
import { newcombe, wilson } from '../domain/flow/interval.ts'
import type { ContactId } from '../domain/ids.ts'
import { DAY, HOUR, MINUTE } from '../domain/time.ts'
import { type Comparison, compareFlow } from './compare-flow.ts'
import { replaySince } from './replay.ts'

/** An hour against three, then a word, then a day: of 700 people a fifth is held. */
const split = (shares: readonly [number, number], experiment = 'delay') =>
  flowText({
    key: 'remind',
    on: 'payment.failed',
    purpose: 'reminder',
    more: 'once: { per: order }\nstopWhen: [paid, closed]\nholdout: 20',
    steps: [
      '  - id: draw',
      '    kind: split',
      `    experiment: ${experiment}`,
      `    arms: [{ name: soon, share: ${shares[0]}, next: soon }, { name: late, share: ${shares[1]}, next: late }]`,
      '  - { id: soon, kind: wait, for: 1h, next: word }',
      '  - { id: late, kind: wait, for: 3h }',
      sendStep('word'),
      '  - { id: rest, kind: wait, for: 1d }',
    ].join('\n'),
  })

const PEOPLE = 700
const buyer = (person: number) => ({ email: `p${person}@example.org` })
/** Who pays, and when: a third at once, which no arm has touched, and of the rest whose arm is said below. */
const PAYS_AT_ONCE = (person: number) => person % 7 === 0
const PAYS_LATER = (person: number) => person % 7 === 1 || person % 7 === 2

let world: World
let mail: ScriptedProvider
let shop: TestShop
/** Arm of each person as the run says it, `holdout` for who is held. */
let armOf: ReadonlyMap<number, string>

beforeAll(async () => {
  mail = scriptedProvider('email', 'harmless')
  world = await openWorld({ providers: [mail] })
  shop = await world.openShop('compare', {
    flows: [split([50, 50])],
    accounts: [account(mail)],
    settings: { capPerDay: 50 },
  })
  await at(0, 'payment.failed', everybody, (person) => `A-${person}`)
  await shop.keep([event('payment.failed', 'A-nobody', {}, { time: MONDAY })])
  await world.engine.worker.drain()
  armOf = await armsBy('A')
  await at(0.5, 'order.paid', everybody.filter(PAYS_AT_ONCE), (person) => `A-${person}`)
  await at(2)
  // Of those whom the late arm has not reminded yet nobody pays: the reminder is what helps in this world.
  const helped = everybody.filter((person) => PAYS_LATER(person) && armOf.get(person) === 'soon')
  await at(2.5, 'order.paid', helped, (person) => `A-${person}`)
  await at(4)
  await at(30)
}, 120_000)
afterAll(() => world?.close())

const everybody = Array.from({ length: PEOPLE }, (_, person) => person)

/** At so many hours these events of these people come, and what is due is done. */
async function at(
  hours: number,
  type = '',
  people: readonly number[] = [],
  no: (person: number) => string = String,
): Promise<void> {
  const now = MONDAY + hours * HOUR
  world.clock.set(now)
  const events = people.map((person) => event(type, no(person), { customer: buyer(person) }, { time: now }))
  if (events.length > 0) await shop.keep(events)
  await world.engine.worker.drain()
}

async function armsBy(prefix: string): Promise<ReadonlyMap<number, string>> {
  const rows = await world.rows<{ no: string; arm: string; drawn: string | null }>(
    `select o.no, r.arm, r.progress->'arms'->>'delay' as drawn from run as r
     join orders as o on o.shop_id = r.shop_id and o.id = r.order_id
     where r.shop_id = $1 and o.no like $2 and r.customer_id is not null`,
    [shop.id, `${prefix}-%`],
  )
  return new Map(
    rows.map(({ no, arm, drawn }) => [Number(no.split('-')[1]), arm === 'held' ? 'holdout' : drawn!]),
  )
}

async function compare(since: number | null = null, experiment: string | null = 'delay') {
  const compared = await compareFlow(world.db, shop.id, { flow: 'remind', experiment, since })
  if (!compared.found) throw new Error('the flow is there')
  return compared.comparisons
}
const arm = (comparison: Comparison | undefined, name: string): ComparedArm =>
  comparison!.arms.find((each) => each.arm === name)!
const those = (name: string) => everybody.filter((person) => armOf.get(person) === name)

describe('an experiment', () => {
  it('counts per arm what a hand counts', async () => {
    const [comparison] = await compare()
    expect(comparison).toMatchObject({ experiment: 'delay', inForce: true, countedBefore: null })
    expect(comparison!.arms.map((each) => each.arm)).toEqual(['soon', 'late', 'holdout'])
    for (const name of ['soon', 'late', 'holdout']) {
      const people = those(name)
      const atOnce = people.filter(PAYS_AT_ONCE).length
      const paid = atOnce + (name === 'soon' ? people.filter(PAYS_LATER).length : 0)
      expect(people.length).toBeGreaterThan(100)
      expect(arm(comparison, name)).toMatchObject({
        persons: people.length,
        moved: 0,
        counted: people.length,
        paid,
        runs: people.length,
        running: 0,
        orders: people.length,
        ordersPaid: paid,
        unsubscribed: 0,
        // Who paid at once was never reminded, who is held neither.
        messages: name === 'holdout' ? {} : { email: people.length - atOnce },
        share: wilson({ with: paid, of: people.length }),
      })
    }
    const share = (name: string) => {
      const { paid, counted } = arm(comparison, name)
      return { with: paid, of: counted }
    }
    expect(arm(comparison, 'soon')).toMatchObject({ verdict: 'first', difference: null })
    // Three sevenths against one: no chance about it at so many.
    expect(arm(comparison, 'late')).toMatchObject({
      verdict: 'lower',
      difference: newcombe(share('late'), share('soon')),
    })
    expect(arm(comparison, 'holdout').verdict).toBe('lower')
  })

  it('comes out the same when it is replayed, and a record that says otherwise shows', async () => {
    const deps = { db: world.db, keyring: world.engine.keyring, configs: world.engine.configs }
    const again = () => replaySince(deps, shop.id, 0, world.clock.now())
    const replayed = await again()
    expect(replayed.differences).toEqual([])
    expect(replayed.runs).toBeGreaterThan(300)
    const other = `update run set progress = jsonb_set(progress, '{arms,delay}', to_jsonb($2::text))
      where shop_id = $1 and id = (select run_id from message where shop_id = $1 and run_id is not null
        and run_id in (select id from run where shop_id = $1 and progress->'arms'->>'delay' = $3) limit 1)`
    await world.rows(other, [shop.id, 'late', 'soon'])
    expect((await again()).differences).toMatchObject([
      {
        what: 'run',
        recorded: expect.stringContaining('delay=late'),
        replayed: expect.stringContaining('delay=soon'),
      },
    ])
    await world.rows(
      `update run set progress = jsonb_set(progress, '{arms,delay}', '"soon"') where shop_id = $1
       and progress->'arms'->>'delay' = 'late' and id in (
         select r.id from run as r join orders as o on o.shop_id = r.shop_id and o.id = r.order_id
         where r.shop_id = $1 and o.no = any($2))`,
      [shop.id, those('soon').map((person) => `A-${person}`)],
    )
  })

  it('draws a person the same in a later run, in another process and under a new version of the flow', async () => {
    const other = world.another()
    await shop.publish([split([50, 50]).replace('for: 1d', 'for: 2d')])
    world.clock.set(MONDAY + 31 * HOUR)
    const events = everybody
      .slice(0, 60)
      .map((person) =>
        event('payment.failed', `B-${person}`, { customer: buyer(person) }, { time: world.clock.now() }),
      )
    await shop.keep(events)
    await other.worker.drain()
    const again = await armsBy('B')
    expect(again.size).toBe(60)
    for (const [person, drawn] of again) expect(drawn).toBe(armOf.get(person))
  })

  it('moves a tenth of the people, all into one arm, when the shares go from 50 : 50 to 60 : 40', async () => {
    await shop.publish([split([60, 40])])
    await at(32, 'payment.failed', everybody, (person) => `C-${person}`)
    const moves = [...(await armsBy('C'))].flatMap(([person, is]) =>
      is === armOf.get(person) ? [] : [`${armOf.get(person)} → ${is}`],
    )
    expect(new Set(moves)).toEqual(new Set(['late → soon']))
    // 560 of them are drawn: 56 ± 7.
    expect(moves.length).toBeGreaterThan(28)
    expect(moves.length).toBeLessThan(90)
    const [comparison] = await compare()
    expect(arm(comparison, 'late').moved).toBe(moves.length)
    expect(arm(comparison, 'late').persons).toBe(those('late').length)
  })

  it('counts a person with many runs once, and whose first run is open not yet', async () => {
    const [comparison] = await compare()
    const late = arm(comparison, 'late')
    const second = those('late').filter((person) => person < 60).length
    expect(late).toMatchObject({
      persons: those('late').length,
      counted: those('late').length,
      runs: 2 * those('late').length + second,
      running: those('late').length + second,
      orders: 2 * those('late').length + second,
    })
    // From the day on which only open runs began nothing is known, and nobody wins.
    const [young] = await compare(MONDAY + 31.5 * HOUR)
    expect(young!.countedBefore).toBe(MONDAY + 32 * HOUR)
    for (const each of young!.arms) expect(each).toMatchObject({ counted: 0, share: null, difference: null })
    expect(young!.arms.map(({ verdict }) => verdict)).toEqual(['first', 'unknown', 'unknown'])
  })

  it('cuts all arms at the first run that is still open, so that who waits longer loses nobody', async () => {
    await world.rows(
      `update run set started_at = $3 where shop_id = $1 and order_id =
         (select id from orders where shop_id = $1 and no = $2)`,
      [shop.id, `A-${those('soon')[0]}`, MONDAY - MINUTE],
    )
    const open = `update run set status = $3 where shop_id = $1 and order_id =
      (select id from orders where shop_id = $1 and no = $2)`
    await world.rows(open, [shop.id, `A-${those('late')[0]}`, 'active'])
    const [comparison] = await compare()
    expect(comparison!.countedBefore).toBe(MONDAY)
    expect(comparison!.arms.map(({ counted }) => counted)).toEqual([1, 0, 0])
    await world.rows(open, [shop.id, `A-${those('late')[0]}`, 'done'])
    expect((await compare())[0]!.countedBefore).toBeNull()
  })

  it('counts who unsubscribed, and two buyers who turned out to be one as one', async () => {
    const [one, two] = those('soon')
    const before = arm((await compare())[0], 'soon')
    const [contact] = await world.rows<{ id: ContactId; customer_id: string }>(
      `select c.id, c.customer_id from contact as c join orders as o on o.shop_id = c.shop_id and c.id = any(o.contact_ids)
       where c.shop_id = $1 and o.no = $2`,
      [shop.id, `A-${one}`],
    )
    await setContactState(
      world.db,
      shop.id,
      contact!.id,
      'unsubscribed',
      'preferences_page',
      MONDAY + 5 * DAY,
    )
    await world.rows(
      `update customer set merged_into = $3 where shop_id = $1
       and id = (select customer_id from orders where shop_id = $1 and no = $2)`,
      [shop.id, `A-${two}`, contact!.customer_id],
    )
    expect(arm((await compare())[0], 'soon')).toMatchObject({
      persons: before.persons - 1,
      unsubscribed: 1,
      runs: before.runs,
      orders: before.orders,
    })
  })
})

describe('the holdout', () => {
  it('is compared with all who are treated, whatever arm they had', async () => {
    const comparisons = await compare(null, null)
    expect(comparisons.map(({ experiment }) => experiment)).toEqual(['delay', 'holdout'])
    const [, holdout] = comparisons
    expect(holdout!.arms.map((each) => each.arm)).toEqual(['holdout', 'treated'])
    expect(arm(holdout, 'holdout').persons).toBe(those('holdout').length)
    expect(arm(holdout, 'treated')).toMatchObject({ verdict: 'higher' })
  })
})

describe('an order of which the money went back', () => {
  it('counts as paid no more; where a part went back it does', async () => {
    const paidBefore = arm((await compare())[0], 'soon').paid
    const people = those('soon').filter(PAYS_AT_ONCE)
    const whole = people.slice(0, 5)
    const part = people.slice(5, 12)
    const amount = { minor: 100, currency: 'CNY' }
    await shop.keep([
      ...whole.map((person) => event('order.refunded', `A-${person}`)),
      ...part.map((person) =>
        event('order.refunded', `A-${person}`, { refund: { id: `r-${person}`, amount } }),
      ),
    ])
    await world.engine.worker.drain()
    const [comparison] = await compare()
    expect(paidBefore).toBeGreaterThan(12)
    expect(arm(comparison, 'soon').paid).toBe(paidBefore - whole.length)
    const [, holdout] = await compare(null, null)
    expect(arm(holdout, 'treated').ordersPaid).toBe(
      ['soon', 'late'].reduce((sum, name) => sum + arm(comparison, name).ordersPaid, 0),
    )
  })
})

describe('what is asked for by a name', () => {
  it('may be an experiment that is over; one that never was is refused with what there is', async () => {
    await shop.publish([split([50, 50], 'second')])
    const [over] = await compare(null, 'delay')
    expect(over).toMatchObject({ experiment: 'delay', inForce: false })
    expect(over!.arms.map((each) => each.arm)).toEqual(['soon', 'late', 'holdout'])
    const [fresh] = await compare(null, 'second')
    expect(fresh!.arms).toMatchObject([
      { arm: 'soon', persons: 0, share: null, verdict: 'first' },
      { arm: 'late', persons: 0, share: null, verdict: 'unknown' },
    ])
    const ask = (flow: string, experiment: string) =>
      compareFlow(world.db, shop.id, { flow, experiment, since: null })
    expect(await ask('remind', 'thrid')).toEqual({
      found: false,
      what: 'experiment',
      known: ['second', 'holdout'],
    })
    expect(await ask('remnd', 'delay')).toEqual({ found: false, what: 'flow', known: ['remind'] })
  })
})
