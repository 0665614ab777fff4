import { findMasterKey, MasterKeyMissing } from '../../app/master-key.ts'
import type { Queryable } from '../../db/connect.ts'
import { listFlows, readDefinitions } from '../../db/flows.ts'
import { latestMessages, type MessageRow } from '../../db/messages.ts'
import { firstId } from '../../db/partitions.ts'
import { listRules } from '../../db/rules.ts'
import type { ShopRow } from '../../db/shops.ts'
import { readSwitches } from '../../db/switches.ts'
import { eventsAfter, orderNos, type SeenEvent } from '../../db/tail.ts'
import { readEvents } from '../../db/todo.ts'
import type { Flow } from '../../domain/flow/flow.ts'
import { heardTypes } from '../../domain/flow/heard-types.ts'
import { explainReasons } from '../../domain/gate/explain.ts'
import { decodeVerdict, plainVerdict } from '../../domain/gate/verdict.ts'
import { type EventId, formatId, type OrderId, type ShopId } from '../../domain/ids.ts'
import { isUndelivered } from '../../domain/message.ts'
import type { Rule } from '../../domain/review/rule.ts'
import { SealError } from '../../domain/seal/fault.ts'
import { nearest } from '../../domain/template/nearest.ts'
import type { Instant } from '../../domain/time.ts'
import { createKeyring } from '../../pipeline/keyring.ts'
import { openEvent } from '../../pipeline/open-event.ts'
import { type Command, type Context, EXIT } from '../command.ts'
import { localTime } from '../local-time.ts'
import { MOST_LAST, readNumber } from '../number-option.ts'
import { type Sent, senderWords } from '../sender-words.ts'
import { chooseShop, type Session, withDatabase } from '../session.ts'
import { stoppedLine } from '../stopped.ts'
import { EVENTS, OPTIONS } from '../texts/commands.ts'
import { nearText } from '../texts/errors.ts'
import { FLOWS } from '../texts/flows.ts'
import { codeText, MESSAGE_STATES, wordFor } from '../texts/states.ts'
import { say } from '../texts/text.ts'

/** How often is looked, and how far back: what commits late has an older id than what was seen already. */
const EVERY = 500
const OVERLAP = 10_000
const LATEST = MOST_LAST

/** Reads the database itself; shows types, order numbers, states and reasons, no personal data. Ends with Ctrl-C. */
export const tail: Command = {
  name: 'tail',
  summary: EVENTS.tail,
  options: [
    { flags: '--shop <slug>', text: OPTIONS.shop },
    { flags: '--last <count>', text: EVENTS.since },
  ],
  examples: ['dingdong tail', 'dingdong tail --last 50 --json'],
  async run(context, _args, options) {
    const last = readNumber(context, options, 'last') ?? 10
    return withDatabase(context, async (session) => {
      const { screen, language, clock } = context
      const shop = await chooseShop(context, session, options.shop)
      const { db } = session.pools
      const ended = untilInterrupted()
      const watch: Watch = { seen: new Map(), last }
      let stopped: string | null = null
      screen.note(screen.paint('dim', say(EVENTS.tailing, language, { shop: shop.slug })))
      for (let from = 0; !ended.is(); from = clock.now() - OVERLAP) {
        const line = stoppedLine(context, shop.slug, await readSwitches(db, shop.id))
        if (line !== stopped) screen.note(line ?? screen.paint('green', say(FLOWS.sendsAgain, language)))
        stopped = line
        await tellNews(context, session, shop, watch, from)
        await Promise.race([ended.promise, new Promise<void>((wake) => clock.after(EVERY, wake))])
      }
      return EXIT.ok
    })
  },
}

/** What is looked up only for what is shown: the order's number, and whether anything happens on such an event. */
interface Details {
  readonly order: string | null
  readonly unknownType: boolean
  /** The known type that looks most like an unknown one. */
  readonly near: string | null
}

/** Reads the details of all of these at once. */
async function readDetails(
  context: Context,
  session: Pick<Session, 'config' | 'pools'>,
  shop: ShopRow,
  news: readonly News[],
): Promise<(each: News) => Details> {
  const { db } = session.pools
  const events = news.flatMap(({ event }) => (event ? [event] : []))
  const [byEvent, byOrder, types] = await Promise.all([
    subjectsOf(context, session, shop, events),
    orderNos(
      db,
      shop.id,
      news.flatMap(({ orderId }) => (orderId ? [orderId] : [])),
    ),
    events.length > 0 ? typesOf(db, shop.id) : new Set<string>(),
  ])
  return ({ event, orderId, what }) => {
    const unknownType = event !== null && !types.has(what)
    const order = event === null ? byOrder.get(orderId!) : byEvent.get(event)
    return { order: order ?? null, unknownType, near: unknownType ? nearest(what, types) : null }
  }
}

async function typesOf(db: Queryable, shop: ShopId): Promise<ReadonlySet<string>> {
  const bodies = async (rows: readonly { readonly definition_hash: Buffer }[]) => {
    const hashes = rows.map(({ definition_hash }) => definition_hash)
    return (await readDefinitions(db, hashes)).map(({ body }) => body)
  }
  const [flows, rules] = await Promise.all([
    listFlows(db, shop).then(bodies),
    listRules(db, shop).then(bodies),
  ])
  return heardTypes(flows as Flow[], rules as Rule[])
}

/** The order numbers that events name. What an event says is sealed: without the master key there are none. */
async function subjectsOf(
  { random }: Context,
  { config, pools }: Pick<Session, 'config' | 'pools'>,
  shop: ShopRow,
  ids: readonly EventId[],
): Promise<ReadonlyMap<EventId, string>> {
  if (ids.length === 0) return new Map()
  try {
    const { master } = await findMasterKey(config, false)
    const vault = await createKeyring({ db: pools.db, master, random }).open(shop.id)
    const rows = await readEvents(pools.db, shop.id, ids)
    return new Map(
      rows.flatMap((row) => {
        const { data } = openEvent(shop.id, row, vault)
        const no = data.order?.no ?? data.refs.find(({ kind }) => kind === 'order_no')?.value
        return no ? [[row.id, no]] : []
      }),
    )
  } catch (error) {
    if (error instanceof MasterKeyMissing || error instanceof SealError) return new Map()
    throw error
  }
}

export interface Watch {
  /** The state in which each event and message was shown last. */
  readonly seen: Map<string, string>
  /** At most so many at first; -1: everything that is new. */
  last: number
}

/** Shows what is new since the last look. */
export async function tellNews(
  context: Context,
  session: Pick<Session, 'config' | 'pools'>,
  shop: ShopRow,
  watch: Watch,
  from: Instant,
): Promise<void> {
  const { db } = session.pools
  const { seen, last } = watch
  const [events, messages] = await Promise.all([
    eventsAfter(db, shop.id, firstId(from), LATEST),
    latestMessages(db, shop.id, null, LATEST),
  ])
  const news = [...events.map(eventNews), ...messages.map(messageNews)]
    .filter((each) => seen.get(each.id) !== each.state)
    .sort((a, b) => a.at - b.at)
  for (const each of news) seen.set(each.id, each.state)
  const shown = last >= 0 ? news.slice(news.length - Math.min(news.length, last)) : news
  const detailsOf = await readDetails(context, session, shop, shown)
  for (const each of shown) show(context, shop, { ...each, ...detailsOf(each) })
  watch.last = -1
}

interface News {
  readonly event: EventId | null
  readonly orderId: OrderId | null
  readonly kind: 'event' | 'message'
  readonly id: string
  readonly at: number
  readonly what: string
  readonly state: string
  /** Why it is so, in codes. */
  readonly more: string
  readonly verdict: string | null
  readonly code: string | null
  /** Who said it, of an event. */
  readonly from: Sent | null
}

const eventNews = (row: SeenEvent): News => ({
  kind: 'event',
  event: row.id,
  orderId: null,
  id: formatId('evt', row.id),
  at: row.received_at,
  what: row.type,
  state: row.trust,
  more: '',
  verdict: null,
  code: null,
  from: row,
})

const messageNews = (row: MessageRow): News => ({
  kind: 'message',
  event: null,
  orderId: row.order_id,
  id: formatId('msg', row.id),
  at: row.settled_at ?? row.created_at,
  what: `${row.template} → ${row.channel}`,
  state: isUndelivered(row) ? 'undelivered' : row.delivered_at === null ? row.state : 'delivered',
  more:
    row.state === 'sent'
      ? ''
      : [row.verdict && plainVerdict(row.verdict), row.fate_code].filter(Boolean).join(' '),
  verdict: row.state === 'waiting' || row.state === 'dropped' ? row.verdict : null,
  code: row.state === 'sent' && !isUndelivered(row) ? null : row.fate_code,
  from: null,
})

/** How it stands and why, in words. */
function inWords(context: Context, { time_zone: zone }: ShopRow, { from, state, verdict, code }: News) {
  const { language } = context
  if (from !== null) return { state: senderWords(from, language), why: '' }
  const held = verdict === null ? null : decodeVerdict(verdict)
  const why = [
    ...(verdict === null ? [] : explainReasons(verdict, language)),
    // Says no more than the state does.
    ...(code === null || code === 'receipt_failed' ? [] : [codeText(code, language)]),
  ].join(language === 'zh' ? '' : ' ')
  const word =
    held?.kind === 'hold'
      ? say(MESSAGE_STATES.held, language, { until: localTime(context, held.until, zone) })
      : wordFor(MESSAGE_STATES, state, language)
  return { state: word, why: why && `${language === 'zh' ? '：' : ': '}${why}` }
}

function show(context: Context, shop: ShopRow, news: News & Details): void {
  const { screen, language } = context
  const { paint } = screen
  const { event: _event, orderId: _order, verdict: _verdict, code: _code, from, ...shown } = news
  const style =
    {
      sent: 'green',
      delivered: 'green',
      undelivered: 'red',
      dropped: 'yellow',
      failed: 'red',
      unknown: 'red',
    }[news.state] ?? 'dim'
  const mark = news.kind === 'event' ? paint('cyan', '●') : paint('magenta', '✉')
  const time = paint('dim', localTime(context, news.at, shop.time_zone))
  const words = inWords(context, shop, news)
  const near = news.near ? nearText(news.near, language) : ''
  const parts = [
    news.unknownType
      ? paint('yellow', `${news.what} (${say(EVENTS.unknownType, language, { near })})`)
      : news.what,
    news.order ? paint('bold', news.order) : '',
    paint(style as 'dim', words.state) + paint('dim', words.why),
    paint('dim', news.id),
  ]
  screen.line(`${time} ${mark} ${parts.filter(Boolean).join(' ')}`)
  screen.result(from === null ? shown : { ...shown, source: from.source, name: from.name })
}

function untilInterrupted() {
  const { promise, resolve } = Promise.withResolvers<void>()
  let ended = false
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      ended = true
      resolve()
    })
  }
  return { promise, is: () => ended }
}
