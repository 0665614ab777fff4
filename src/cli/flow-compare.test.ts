import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { openSite, orderEvent, type Site } from '../../test/kit/site.ts'
import type { Flow } from '../domain/flow/flow.ts'
import { HOUR } from '../domain/time.ts'
import { replaySince } from '../pipeline/replay.ts'
import { commandRunner } from './command.test-kit.ts'

/** The guide's experiment, done as the guide says. */

const FUNDS = 'payment-failed-funds'
const SHORT = 'payment_failed_funds_short'
let site: Site
let folder: string
const run = (name: string, args: readonly string[], options: object = {}, language: 'zh' | 'en' = 'en') =>
  commandRunner(site.engine.database.url, folder, language)(name, args, {
    ...(name === 'order' ? {} : { shop: 'first' }),
    ...options,
  })

beforeAll(async () => {
  site = await openSite()
  folder = await mkdtemp(path.join(tmpdir(), 'dingdong-compare-'))
  const flow = parse((await run('flow show', [FUNDS], { yaml: true })).shown) as Flow
  const guide = await readFile(new URL('../../docs/guides/recovery-ladder.md', import.meta.url), 'utf8')
  const { steps } = parse(/```yaml\n(steps:.*?)```/s.exec(guide)![1]!) as Flow
  const rest = flow.steps.filter(({ id }) => id !== 'wait_first' && id !== 'first')
  const at = rest.findIndex(({ id }) => id === 'wait_day')
  const edited = path.join(folder, 'funds.yaml')
  await writeFile(edited, stringify({ ...flow, steps: [...rest.slice(0, at), ...steps, ...rest.slice(at)] }))
  const words = path.join(folder, `${SHORT}.yaml`)
  await writeFile(words, (await run('template show', ['payment_failed_funds'])).shown)
  await run('template set', [words])
  await run('flow set', [FUNDS], { file: edited, holdout: '10' })
  site.engine.configs.forget(site.shop.id)
  await site.keep(site.shop, ...people.map((person) => failed(person)))
  site.clock.set(site.clock.now() + 2 * HOUR)
  await site.engine.worker.drain()
}, 90_000)
afterAll(async () => {
  await site?.close()
  await rm(folder, { recursive: true, force: true })
})

const people = Array.from({ length: 30 }, (_, person) => person)
const failed = (person: number) =>
  orderEvent(`f-${person}`, 'payment.failed', `F-${person}`, {
    order: { no: `F-${person}`, payUrl: `https://shop.example/pay/F-${person}` },
    customer: { email: `f${person}@example.org` },
    payment: {
      id: `p-${person}`,
      rail: 'stripe',
      failure: { code: 'card_declined', declineCode: 'insufficient_funds' },
    },
  } as never)

async function runOf(person: number) {
  const { json } = await site.call('GET', `/v1/orders/F-${person}/timeline`, { key: site.shop.key })
  const entries = json.entries as { kind: string; flow?: string; arms: Record<string, string>; arm: string }[]
  return entries.find(({ kind, flow }) => kind === 'run' && flow === FUNDS)!
}

describe('the guide’s experiment', () => {
  it('shows which arms were drawn, in the timeline and in the order’s story', async () => {
    const runs = await Promise.all(people.map(runOf))
    expect(new Set(runs.map(({ arms }) => arms['first-delay']))).toEqual(new Set(['one-hour', 'three-hours']))
    // Two hours on, who waits three has not come to the words.
    for (const { arms } of runs) expect('first-words' in arms).toBe(arms['first-delay'] === 'one-hour')
    const soon = runs.findIndex(({ arms, arm }) => arms['first-words'] === 'short' && arm === 'treated')
    const told = await run('order', [`F-${soon}`], { url: site.url, key: site.shop.key })
    expect(told.shown).toMatch(/payment-failed-funds v2 .*first-delay: one-hour · first-words: short/)
    expect(told.shown).toContain(`${SHORT} → email`)
    expect((await run('flow show', [FUNDS])).shown).toMatch(
      /arms one-hour 50% → one_hour, three-hours 50% → three_hours/,
    )
  })

  it('is compared alike by the command and the API, and is not yet known while it is small', async () => {
    const { result, shown } = await run('flow compare', [FUNDS])
    const { json } = await site.call('GET', `/v1/flows/${FUNDS}/comparison`, { key: site.shop.key })
    expect(result).toEqual(json)
    expect(json).toMatchObject({ key: FUNDS, version: 2, since: null })
    const names = json.comparisons.map((each: { experiment: string }) => each.experiment)
    expect(names).toEqual(['first-delay', 'first-words', 'holdout'])
    const [delay] = json.comparisons
    expect(delay.arms.map(({ arm }: { arm: string }) => arm)).toContain('three-hours')
    const persons = delay.arms.reduce((sum: number, arm: { persons: number }) => sum + arm.persons, 0)
    expect(persons).toBe(30)
    expect(shown).toContain('payment-failed-funds v2 · experiment first-delay')
    expect(shown).toMatch(/one-hour: not yet known: 0 persons counted, at least 100 are needed/)
    expect(shown).toContain('against one-hour: not yet known')
    expect(shown).toContain(
      'This compares the arms of this shop as they were drawn at random, and nothing more.',
    )
    const zh = await run('flow compare', [FUNDS], { experiment: 'first-words' }, 'zh')
    expect(zh.shown).toMatch(/实验 first-words[\s\S]*usual：尚不可知——已有结果的 0 人，至少需要 100 人/)
    expect(zh.shown).toContain('这里只比较本店随机分出的各组，不说明其他任何事。')
  })

  it('tells shares, intervals and the difference once enough is known', async () => {
    const known = `insert into run (shop_id, id, flow, version, subject_id, order_id, customer_id, event_id, iteration,
        status, arm, progress, started_at, updated_at)
      select o.shop_id, gen_random_uuid(), $2, 1, o.id, o.id, gen_random_uuid(), o.id, concat('x', $3::text, $5::int, '-', n), 'done', 'treated',
        jsonb_build_object('arms', jsonb_build_object('old', $3::text)), o.paid_at - 1 + $5::int, 1
      from (select * from orders where shop_id = $1 and paid_at is not null limit 1) as o, generate_series(1, $4) as n`
    await site.keep(site.shop, orderEvent('paid', 'order.paid', 'F-0'))
    // Of 200 and 160 so many began before the payment: those paid, the others had paid before.
    for (const [arm, count, late] of [
      ['a', 112, 0],
      ['a', 28, 10],
      ['b', 96, 0],
      ['b', 64, 10],
    ] as const)
      await site.deps.db.query(known, [site.shop.id, FUNDS, arm, count, late])
    await run('flow set', [FUNDS], { file: await withExperiment('old') })
    const { shown, result } = await run('flow compare', [FUNDS], { experiment: 'old' })
    expect(shown).toContain('a: 112 of 140 persons paid, 80.0 %')
    expect(shown).toMatch(/b: 96 of 160 persons paid, 60\.0 % \(95 % interval 52\.\d to 67\.\d %\)/)
    expect(shown).toMatch(/against a −20\.0 points \(95 % interval −29\.\d to −9\.\d\): lower than a/)
    expect(result).toMatchObject({ comparisons: [{ arms: [{ verdict: 'first' }, { verdict: 'lower' }] }] })
    await site.deps.db.query(`delete from run where shop_id = $1 and iteration like 'x%'`, [site.shop.id])
  })

  it('refuses a name, a day and a flow that are none, with what there is', async () => {
    const refused = (args: readonly string[], options: object) =>
      run('flow compare', args, options).then(
        () => 'it was not refused',
        (error: Error) => error.message,
      )
    expect(await refused([FUNDS], { experiment: 'delay' })).toMatch(
      /no experiment "delay"; there are: .*holdout/,
    )
    expect(await refused([FUNDS], { since: 'yesterday' })).toMatch(
      /--since: expected 2026-11-01, got yesterday/,
    )
    expect(await refused(['payment-failed-fund'], {})).toMatch(/did you mean payment-failed-funds/)
    const ask = (query: string) =>
      site.call('GET', `/v1/flows/${FUNDS}/comparison${query}`, { key: site.shop.key })
    expect((await ask('?experiment=delay')).status).toBe(404)
    const wrong = await ask('?since=2026-02-31')
    expect([wrong.status, wrong.json.error.fields[0].path]).toEqual([422, 'since'])
    const later = (await ask('?since=2027-01-01')).json
    expect(later.comparisons[0].arms.map(({ persons }: { persons: number }) => persons)).toEqual([0, 0])
  })

  it('says of a flow that draws no arms and never has that there is nothing to compare, and how to begin', async () => {
    const { shown } = await run('flow compare', ['payment-failed-other'])
    expect(shown).toBe(
      'payment-failed-other v1 draws no arms: it has neither a split that is an experiment nor a holdout, so there is ' +
        'nothing to compare.\n' +
        'To keep some people without its reminders: dingdong flow set payment-failed-other --shop first --holdout 10',
    )
    const zh = await run('flow compare', ['payment-failed-other'], {}, 'zh')
    expect(zh.shown).toContain('payment-failed-other v1 没有分组')
    // Of a flow with an experiment this would not be true, and only the holdout was asked for.
    const asked = await run('flow compare', ['payment-failed-other'], { experiment: 'holdout' })
    expect(asked.shown).toMatch(/^payment-failed-other v1 has no holdout, so there is nothing to compare\.\n/)
    // A holdout that is refused is not proposed.
    expect((await run('flow compare', ['order-paid'])).shown).toMatch(/neither reminders nor promotions, so/)
    await expect(run('flow set', ['order-paid'], { holdout: '10' })).rejects.toThrow(/holdout/)
    const held = `insert into run (shop_id, id, flow, version, subject_id, customer_id, event_id, iteration, status, arm,
        progress, started_at, updated_at)
      select $1, gen_random_uuid(), 'order-paid', 1, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'x0', 'done',
        'held', '{}', 1, 1`
    await site.deps.db.query(held, [site.shop.id])
    expect((await run('flow compare', ['order-paid'])).shown).toContain('no longer draws its arms')
    await site.deps.db.query(`delete from run where shop_id = $1 and iteration = 'x0'`, [site.shop.id])
  })

  it('says of a flow that is about no order that nothing is paid by it', async () => {
    const { shown, result } = await run('flow compare', ['shop-stock-low'])
    expect(shown).toContain('This flow is about no order, so there is no payment to compare.')
    expect(result.subject).toBe('event')
  })

  it('comes out the same when it is replayed', async () => {
    site.clock.set(site.clock.now() + 2 * HOUR)
    await site.engine.worker.drain()
    const { differences, runs } = await replaySince(site.deps, site.shop.id, 0, site.clock.now())
    expect(differences).toEqual([])
    expect(runs).toBeGreaterThanOrEqual(20)
  })
})

async function withExperiment(name: string): Promise<string> {
  const flow = parse((await run('flow show', [FUNDS], { yaml: true })).shown) as Flow
  const first = {
    id: 'old',
    kind: 'split',
    experiment: name,
    arms: [
      { name: 'a', share: 50 },
      { name: 'b', share: 50 },
    ],
  }
  const place = path.join(folder, 'old.yaml')
  await writeFile(place, stringify({ ...flow, steps: [first, ...flow.steps] }))
  return place
}
