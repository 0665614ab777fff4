import { type DemoConnection, demoApiKey, demoConnections } from '../../app/demo-secrets.ts'
import { DEMO_SLUG, demoLanguage, ensureKey } from '../../app/demo-shop.ts'
import { signStripe, signWoo } from '../../app/demo-sign.ts'
import { transaction } from '../../db/connect.ts'
import { findShop } from '../../db/shops.ts'
import { type Millis, toIso } from '../../domain/time.ts'
import { type Command, CommandError, type Context, EXIT } from '../command.ts'
import { type DayAct, planDay } from '../demo-day.ts'
import { readNumber } from '../number-option.ts'
import { play } from '../play.ts'
import { padTo, table } from '../screen.ts'
import { ask, type Server, serverAddress, shopFlag, withKeys } from '../session.ts'
import { OPTIONS } from '../texts/commands.ts'
import { DEMO } from '../texts/demo.ts'
import { ERRORS } from '../texts/errors.ts'
import { say } from '../texts/text.ts'

/** The whole day is planned before it begins. */
const MOST_ORDERS = 100_000
const ORDERS = {
  zh: say(DEMO.orders, 'zh', { most: MOST_ORDERS }),
  en: say(DEMO.orders, 'en', { most: MOST_ORDERS }),
}

/** Reads the demo shop's secrets with the master key; everything it plays goes through the running server's public API. */
export const demo: Command = {
  name: 'demo',
  summary: DEMO.summary,
  options: [
    { flags: '--speed <times>', text: DEMO.speed },
    { flags: '--orders <count>', text: ORDERS },
    { flags: '--url <url>', text: OPTIONS.url },
  ],
  examples: ['dingdong demo', 'dingdong demo --speed 60 --orders 200', 'dingdong demo --speed max --json'],
  async run(context, _args, options) {
    const { screen, language, clock, random } = context
    const asked = Math.ceil(readNumber(context, options, 'orders') ?? 40)
    const orders = Math.min(MOST_ORDERS, asked)
    if (orders < asked) screen.note(say(DEMO.capped, language, { most: MOST_ORDERS, asked }))
    const speed =
      options.speed === 'max' ? Number.POSITIVE_INFINITY : (readNumber(context, options, 'speed') ?? 1200)
    const scene = await openScene(context, options.url)
    const began = clock.now()
    const day = `D${toIso(began).slice(2, 10).replaceAll('-', '')}${began.toString(36).slice(-4).toUpperCase()}`
    const acts = planDay(orders, day, () => random(1)[0]! / 256, scene.language)
    const seconds = Math.round(((acts.at(-1)!.minute - acts[0]!.minute) * 60) / speed)
    const opening = Number.isFinite(speed) ? DEMO.opening : DEMO.openingMax
    screen.line(say(opening, language, { orders, speed, seconds, url: scene.server.url }))
    const { sent, refused, brokenOff } = await playShown(context, scene, acts, speed)
    if (brokenOff) {
      screen.replace('')
      screen.note(say(DEMO.brokenOff, language, { sent, of: acts.length }))
      screen.result({ brokenOff: true, events: sent, of: acts.length })
      return EXIT.interrupted
    }
    screen.replace(screen.paint('dim', say(DEMO.closing, language)))
    const messages = await settled(context, scene.server, began)
    screen.replace('')
    summarise(context, acts, messages, await reviewsWait(context, scene.server), scene.server.of)
    if (refused.length > 0)
      screen.note(say(DEMO.refused, language, { count: refused.length, detail: refused[0]! }))
    return refused.length > 0 ? EXIT.failed : EXIT.ok
  },
}

interface Scene {
  readonly server: Server
  readonly shop: number
  /** The shop's, whatever the terminal speaks. */
  readonly language: 'zh' | 'en'
  readonly connections: readonly DemoConnection[]
}

async function openScene(context: Context, url: string | boolean | undefined): Promise<Scene> {
  const address = await serverAddress(context, url)
  await fetch(`${address}/healthz`).catch(() => {
    throw new CommandError(EXIT.unavailable, say(ERRORS.noServer, context.language, { url: address }))
  })
  return withKeys(context, async ({ pools, key, keyring }) => {
    const shop = await findShop(pools.db, DEMO_SLUG)
    if (!shop?.demo) throw new CommandError(EXIT.notFound, say(ERRORS.demoOnly, context.language))
    const deps = { keyring, clock: context.clock, random: context.random }
    const { text } = await transaction(pools.db, (tx) =>
      ensureKey(deps, tx, shop.id, 'demo', (turn) => demoApiKey(key.master, shop.id, turn)),
    )
    const of = await shopFlag(pools.db, shop)
    return {
      server: { url: address, key: text, shop: DEMO_SLUG, of },
      shop: shop.id,
      language: demoLanguage(shop),
      connections: demoConnections(key.master, shop.id),
    }
  })
}

/** How often something is said where there is no bar to look at. */
const SAID_EVERY = 10_000

/** Plays the day, showing how it goes, until it is over or Ctrl-C. */
async function playShown(context: Context, scene: Scene, acts: readonly DayAct[], speed: number) {
  const { screen, language, clock } = context
  const end = new AbortController()
  const onSignal = () => end.abort()
  process.on('SIGINT', onSignal)
  const passed = () => performance.now()
  let saidAt = passed()
  try {
    const played = await play({
      acts,
      speed,
      clock,
      passed,
      post: (act) => post(context, scene, act),
      onSent(act, sent, left) {
        const text = say(DEMO.going, language, { sent, of: acts.length, left: lengthOf(left, language) })
        progress(context, act, sent, acts.length, sent < acts.length ? text : '')
        if (screen.terminal || passed() - saidAt < SAID_EVERY) return
        saidAt = passed()
        screen.note(text)
      },
      signal: end.signal,
    })
    return { ...played, brokenOff: end.signal.aborted }
  } finally {
    process.off('SIGINT', onSignal)
  }
}

function lengthOf(left: Millis, language: Context['language']): string {
  const seconds = Math.ceil(left / 1000)
  return seconds < 120
    ? say(DEMO.seconds, language, { n: seconds })
    : say(DEMO.minutes, language, { n: Math.round(seconds / 60) })
}

async function post(context: Context, { server, shop, connections }: Scene, act: DayAct): Promise<void> {
  const now = context.clock.now()
  const body = JSON.stringify(act.body(now))
  if (act.by === 'api') {
    await ask(context, server, 'POST', '/v1/events', body)
    return
  }
  const connection = connections.find((each) => each.source === act.by)!
  const headers =
    act.by === 'stripe'
      ? signStripe(connection.secret!, Math.floor(now / 1000), body)
      : act.by === 'woocommerce'
        ? signWoo(connection.secret!, act.topic!, body)
        : { 'content-type': 'application/json' }
  const answer = await fetch(`${server.url}/in/${shop}/${connection.token}`, {
    method: 'POST',
    headers,
    body,
  })
  if (!answer.ok) throw new Error(`${act.by}: HTTP ${answer.status} ${(await answer.text()).slice(0, 300)}`)
}

const BAR = 24

function progress({ screen, language }: Context, act: DayAct, done: number, of: number, going: string): void {
  const full = Math.round((done / of) * BAR)
  const bar = screen.paint('green', '█'.repeat(full)) + screen.paint('dim', '░'.repeat(BAR - full))
  const hour = `${String(Math.floor(act.minute / 60)).padStart(2, '0')}:${String(act.minute % 60).padStart(2, '0')}`
  const label = padTo(say(DEMO[act.what], language), 14)
  screen.replace(`${bar} ${hour}  ${label} ${screen.paint('dim', going)}`)
}

interface Shown {
  readonly message: string
  readonly template: string
  readonly channel: string
  readonly state: string
  readonly dueAt: number | null
  readonly createdAt: number
  readonly why: readonly string[]
}

/** The day's messages, once nothing due is under way any more; waits 20 s at most. */
async function settled(context: Context, server: Server, since: number): Promise<readonly Shown[]> {
  const { clock } = context
  for (let round = 0; ; round++) {
    const messages = await messagesSince(context, server, since)
    const busy = messages.some(
      (each) =>
        ['claimed', 'calling'].includes(each.state) ||
        (each.state === 'waiting' && (each.dueAt ?? 0) <= clock.now()),
    )
    if ((!busy && round > 1) || round >= 40) return messages
    await new Promise<void>((wake) => clock.after(500, wake))
  }
}

async function messagesSince(context: Context, server: Server, since: number): Promise<readonly Shown[]> {
  const found: Shown[] = []
  for (let before: string | null = null; ; ) {
    const route: string = `/v1/messages?limit=100${before ? `&before=${before}` : ''}`
    const page = await ask<{ items: Shown[]; next: string | null }>(context, server, 'GET', route)
    found.push(...page.items.filter((each) => each.createdAt >= since))
    if (page.next === null || page.items.some((each) => each.createdAt < since)) return found
    before = page.next
  }
}

/** Whether anything waits for a person's decision. */
async function reviewsWait(context: Context, server: Server): Promise<boolean> {
  const route = '/v1/reviews?state=waiting&limit=1'
  return (await ask<{ items: readonly object[] }>(context, server, 'GET', route)).items.length > 0
}

function summarise(
  { screen, language }: Context,
  acts: readonly DayAct[],
  messages: readonly Shown[],
  reviewsOpen: boolean,
  of: string,
): void {
  const { paint } = screen
  const groups = [...Map.groupBy(messages, (each) => `${each.template} → ${each.channel}`)].sort(
    ([a], [b]) => (a < b ? -1 : 1),
  )
  screen.line(
    paint('bold', say(DEMO.summaryTitle, language, { events: acts.length, messages: messages.length })),
  )
  const count = (all: readonly Shown[], states: readonly string[]) =>
    all.filter((each) => states.includes(each.state)).length
  const rows = groups.map(([name, all]) => {
    const [sent, later] = [count(all, ['sent']), count(all, ['waiting', 'claimed', 'calling'])]
    const rest = all.length - sent - later
    const part = (style: 'green' | 'yellow' | 'red', text: 'sent' | 'waiting' | 'notSent', n: number) =>
      n === 0 ? '' : paint(style, say(DEMO[text], language, { count: n }))
    return [
      `  ${name}`,
      part('green', 'sent', sent),
      part('yellow', 'waiting', later),
      part('red', 'notSent', rest),
    ]
  })
  for (const line of table(rows)) screen.line(line)
  const reasons = Map.groupBy(
    messages.filter((each) => each.state === 'dropped'),
    (each) => each.why.slice(1).join(' '),
  )
  if (reasons.size > 0) screen.line(say(DEMO.why, language))
  for (const [why, all] of reasons) screen.line(`  ${all.length} × ${paint('dim', why)}`)
  const no = acts.find((act) => act.what === 'failed')?.no
  if (no) screen.line(say(DEMO.next, language, { no, of }))
  if (reviewsOpen) screen.line(say(DEMO.reviews, language, { of }))
  screen.result({
    events: acts.length,
    reviewsOpen,
    messages: groups.map(([name, all]) => ({ name, sent: count(all, ['sent']), total: all.length })),
  })
}
