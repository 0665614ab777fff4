import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestEngine, type TravelClock, testEngine, travelClock } from '../../test/kit/engine.ts'
import { foretold, happened, keptEvent, live } from '../../test/kit/flow-real.ts'
import { presetsForTests } from '../../test/kit/presets.ts'
import { scriptedProvider } from '../../test/kit/scripted-provider.ts'
import { MONDAY } from '../../test/kit/world.ts'
import type { SourceEvent } from '../domain/event.ts'
import { flowSchema } from '../domain/flow/flow.ts'
import { sampleStories } from '../domain/flow/sample-stories.ts'
import type { ConnectionId, ShopId } from '../domain/ids.ts'
import { maskName } from '../domain/mask.ts'
import type { Content } from '../domain/message.ts'
import { HOUR } from '../domain/time.ts'

const PROVIDERS = (['email', 'sms', 'inbox', 'command'] as const).map((channel) =>
  scriptedProvider(channel, 'harmless'),
)
const ACCOUNTS = PROVIDERS.map(({ channel, name }) => ({ channel, provider: name, name, settings: {} }))

let engine: TestEngine
const clock: TravelClock = travelClock(MONDAY)
beforeAll(async () => {
  engine = await testEngine({ clock, findProvider: (name) => PROVIDERS.find((each) => each.name === name) })
}, 60_000)
afterAll(() => engine?.close())

interface Place {
  readonly shop: ShopId
  readonly internal: ConnectionId
}

/** A shop in which this flow alone is on. */
async function shopWith(key: string, locale: 'zh-CN' | 'en'): Promise<Place> {
  const { id: shop, internal } = await engine.openShop(`${key}-${locale}`, ACCOUNTS)
  await engine.database.db.query('update flow set enabled = (key = $2) where shop_id = $1', [shop, key])
  await engine.database.db.query(
    'update shop set config_version = config_version + 1, locale = $2 where id = $1',
    [shop, locale],
  )
  return { shop, internal }
}

const keep = async ({ shop, internal }: Place, events: readonly SourceEvent[]) =>
  engine.intake.keep({ shop, connection: internal, trust: 'signed' }, events)

/** What a message says, without what differs between a trial and the truth: tokens, short codes, ids of commands. */
const plain = (content: Content) =>
  JSON.stringify(content)
    .replace(/\/(l|o|p)\/[^/\s"\\<&]+/g, '/$1/…')
    .replace(/"command":"msg_\w+"/, '"command":"…"')

/** A name is masked where nobody but the buyer should read it. */
const NAMES = ['李雷', 'Sam']
const masked = (text: string) => NAMES.reduce((all, name) => all.replaceAll(name, maskName(name)), text)

/** The made-up stories that end in such an event, as a shop's system would tell them. */
const stories = (type: string, language: 'zh' | 'en') =>
  sampleStories(type, { language, currency: 'CNY', now: MONDAY }).map(
    (told, nr) =>
      (name: string): SourceEvent[] => {
        const now = clock.now()
        const said = sampleStories(type, { language, currency: 'CNY', now })[nr]!
        expect(said).toHaveLength(told.length)
        return said.map((event, at) => ({
          ...event,
          id: `${name}-${language}-${at}`,
          data: event.data.order
            ? { ...event.data, order: { ...event.data.order, no: `${name}-${language}` } }
            : event.data,
        }))
      },
  )

const flows = (await presetsForTests()).flows

/** Tells a story up to its last event, tries the flow on that, lets it really happen; gives whether it started. */
async function tryOn(place: Place, key: string, story: readonly SourceEvent[]): Promise<boolean> {
  const { shop } = place
  const reality = { db: engine.database.db, engine, clock, shop }
  const flow = (await engine.configs.get(shop)).flows.find((each) => each.key === key)!
  await keep(place, story.slice(0, -1))
  await engine.worker.drain()
  const before = PROVIDERS.map(({ calls }) => calls.length)
  const [kept] = await keep(place, story.slice(-1))
  const event = await keptEvent(reality, kept!.id)
  // An order that nobody knows yet has to come first; then what it led to must not stand in the trial's way.
  if (story.length === 1) await live(reality)
  const tried = (await engine.flowTrials.run(shop, flow, { kind: 'event', event }))!
  await live(reality)
  const real = await happened(reality, key, kept!.id)
  expect(foretold(tried)).toEqual(real)
  const words = tried.trial.steps.flatMap(({ messages }) =>
    messages.flatMap(({ state, words }) => (state === 'sent' && words ? [masked(plain(words.content))] : [])),
  )
  const said = PROVIDERS.flatMap(({ calls }, at) => calls.slice(before[at]))
  expect(words.toSorted()).toEqual(said.map(({ content }) => masked(plain(content))).toSorted())
  return real.run !== null
}

it.each(flows.map(({ key }, at) => [key, at % 2 === 0 ? 'zh' : 'en'] as const))(
  'foretells what %s says, and its words, to a shop of %s',
  async (key, language) => {
    const flow = flowSchema.parse(JSON.parse(flows.find((each) => each.key === key)!.body))
    const place = await shopWith(key, language === 'zh' ? 'zh-CN' : 'en')
    let started = 0
    for (const [nr, story] of flow.trigger.on.flatMap((type) => stories(type, language)).entries()) {
      clock.set(MONDAY + nr * 5 * HOUR)
      if (await tryOn(place, key, story(`${key}-${nr}`))) started++
    }
    expect(started).toBeGreaterThan(0)
  },
  60_000,
)
