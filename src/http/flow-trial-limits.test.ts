import { afterAll, beforeAll, expect, it } from 'vitest'
import { flowText } from '../../test/kit/flow-texts.ts'
import { openSite, type Site } from '../../test/kit/site.ts'
import { MOST_WORDS } from '../pipeline/trial-messages.ts'
import { MOST_MESSAGES } from '../pipeline/try-flow.ts'

const LONG = 49_000
let site: Site
beforeAll(async () => {
  site = await openSite()
  const template = (text: string) => `
purpose: essential
title: { zh-CN: 长信, en: Long letter }
variants:
  zh-CN: { inbox: { title: 长信, text: '${text}' } }
  en: { inbox: { title: Long letter, text: '${text}' } }
`
  for (const [key, text] of [
    ['short', '你好'],
    ['long', `{{ order.no }}${'长'.repeat(LONG)}`],
  ] as const) {
    const source = template(text)
    const { status, text: answer } = await site.call('PUT', `/v1/templates/${key}`, {
      key: site.shop.key,
      json: { source, basedOn: 0 },
    })
    expect([status, answer]).toEqual([200, expect.anything()])
  }
}, 60_000)
afterAll(() => site?.close())

/** So many messages, a minute's wait, and again for as long as the order lives. */
const circle = (sends: number, template: string, wait = 'for: 1m, next: s0') =>
  flowText({
    key: 'circle',
    on: 'order.created',
    purpose: 'essential',
    steps: [
      ...Array.from(
        { length: sends },
        (_, at) => `  - { id: s${at}, kind: send, to: buyer, channels: [inbox], template: ${template} }`,
      ),
      `  - { id: pause, kind: wait, ${wait} }`,
    ].join('\n'),
  })
const tryIt = (source: string, shop = site.shop) =>
  site.call('POST', '/v1/flows/circle/test?lang=en', { key: shop.key, json: { source } })

type Seen = { readonly outcome: string; readonly text: string | null }
const messagesIn = (json: { steps: { messages: Seen[] }[] }) => json.steps.flatMap(({ messages }) => messages)

it('leaves a circle that says much after a hundred messages, and says that it goes on', async () => {
  const { status, json } = await tryIt(circle(90, 'short'))
  expect([status, json.cut, json.end]).toEqual([200, true, null])
  const messages = messagesIn(json)
  expect(messages).toHaveLength(MOST_MESSAGES)
  // What is not looked at is not told, not even that its step was reached.
  expect(json.steps.at(-1).messages).toHaveLength(1)
})

it('leaves off when there is no room for more words, in the middle of a moment too', async () => {
  const { text, json } = await tryIt(circle(90, 'long'))
  expect(json.cut).toBe(true)
  const said = messagesIn(json).flatMap(({ text }) => text ?? [])
  expect(said.length).toBe(Math.ceil(MOST_WORDS / (LONG + 'SAMPLE-1'.length)))
  expect(messagesIn(json).at(-1)).toMatchObject({ outcome: 'waiting', text: null })
  expect(text.length).toBeLessThan(2 * MOST_WORDS)
})

it('tells all of what ends within these bounds', async () => {
  const { json } = await tryIt(circle(90, 'short', 'for: 1m'))
  expect([json.cut, json.end.status]).toEqual([false, 'done'])
  expect(messagesIn(json)).toHaveLength(90)
})

it('renders the same words once', async () => {
  const { renderer } = site.engine
  const { render } = renderer
  let rendered = 0
  renderer.render = (jobs) => {
    rendered += jobs.length
    return render(jobs)
  }
  const { json } = await tryIt(circle(90, 'short'))
  renderer.render = render
  const said = messagesIn(json).flatMap(({ text }) => text ?? [])
  expect([said.length > 80, rendered]).toEqual([true, 1])
})

it('lets others have their turn between one message and the next', async () => {
  const { renderer } = site.engine
  const { render } = renderer
  let turns = 0
  let pending = setImmediate(function count() {
    turns++
    pending = setImmediate(count)
  })
  const at: number[] = []
  renderer.render = (jobs) => {
    at.push(turns)
    return render(jobs)
  }
  // Words of their own at both ends, and eighty times the first in between.
  await tryIt(
    circle(81, 'short').replace(
      'id: s80, kind: send, to: buyer, channels: [inbox], template: short',
      (last) => last.replace('short', 'long'),
    ),
  )
  renderer.render = render
  clearImmediate(pending)
  expect(at).toHaveLength(2)
  expect(at[1]! - at[0]!).toBeGreaterThanOrEqual(80)
})

it('runs one at a time in a shop, and says so', async () => {
  const { run } = site.deps.flowTrials
  const begun = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  site.deps.flowTrials.run = async (shop, ...given) => {
    if (shop === site.shop.id) {
      begun.resolve()
      await goOn.promise
    }
    return run(shop, ...given)
  }
  const first = tryIt(circle(1, 'short'))
  await begun.promise
  const { status, json, headers } = await tryIt(circle(1, 'short'))
  expect([status, json.error.code]).toEqual([429, 'TRIAL_RUNNING'])
  expect(json.error.message).toMatch(/one at a time.*try again/)
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  expect(
    (await site.call('POST', '/v1/flows/order-paid/test', { key: site.other.key, json: {} })).status,
  ).toBe(200)
  goOn.resolve()
  expect((await first).status).toBe(200)
  site.deps.flowTrials.run = run
  expect((await tryIt(circle(1, 'short'))).status).toBe(200)
  // A refusal leaves the shop free.
  expect((await tryIt('no flow')).status).toBe(422)
  expect((await tryIt(circle(1, 'short'))).status).toBe(200)
})

it('is tried so often in a minute and no more', async () => {
  const codes = new Set<number>()
  for (let nr = 0; nr < 61; nr++)
    codes.add((await site.call('POST', '/v1/flows/nothing/test', { key: site.shop.key, json: {} })).status)
  expect(codes).toEqual(new Set([404, 429]))
})
