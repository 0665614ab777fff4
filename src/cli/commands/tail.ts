import { latestMessages, type MessageRow } from '../../db/messages.ts'
import { firstId } from '../../db/partitions.ts'
import { readSwitches } from '../../db/switches.ts'
import { eventsAfter, type SeenEvent } from '../../db/tail.ts'
import { plainVerdict } from '../../domain/gate/verdict.ts'
import { formatId } from '../../domain/ids.ts'
import { toIso } from '../../domain/time.ts'
import { type Command, type Context, EXIT } from '../command.ts'
import { chooseShop, withDatabase } from '../session.ts'
import { stoppedLine } from '../stopped.ts'
import { EVENTS, OPTIONS } from '../texts/commands.ts'
import { FLOWS } from '../texts/flows.ts'
import { say } from '../texts/text.ts'

/** How often is looked, and how far back: what commits late has an older id than what was seen already. */
const EVERY = 500
const OVERLAP = 10_000
const LATEST = 200

/** Reads the database itself; shows types, states and reasons, no personal data. Ends with Ctrl-C. */
export const tail: Command = {
  name: 'tail',
  summary: EVENTS.tail,
  options: [
    { flags: '--shop <slug>', text: OPTIONS.shop },
    { flags: '--last <count>', text: EVENTS.since },
  ],
  examples: ['dingdong tail', 'dingdong tail --last 50 --json'],
  async run(context, _args, options) {
    return withDatabase(context, async (session) => {
      const { screen, language, clock } = context
      const shop = await chooseShop(context, session, options.shop)
      const { db } = session.pools
      const ended = untilInterrupted()
      const seen = new Map<string, string>()
      let stopped: string | null = null
      let last = Number(options.last ?? 10)
      screen.note(screen.paint('dim', say(EVENTS.tailing, language, { shop: shop.slug })))
      for (let from = 0; !ended.is(); from = clock.now() - OVERLAP) {
        const [events, messages, switches] = await Promise.all([
          eventsAfter(db, shop.id, firstId(from), LATEST),
          latestMessages(db, shop.id, null, LATEST),
          readSwitches(db, shop.id),
        ])
        const line = stoppedLine(context, shop.slug, switches)
        if (line !== stopped) screen.note(line ?? screen.paint('green', say(FLOWS.sendsAgain, language)))
        stopped = line
        const news = [...events.map(eventNews), ...messages.map(messageNews)]
          .filter((each) => seen.get(each.id) !== each.state)
          .sort((a, b) => a.at - b.at)
        for (const each of news) seen.set(each.id, each.state)
        for (const each of last >= 0 ? news.slice(news.length - Math.min(news.length, last)) : news)
          show(context, each)
        last = -1
        await Promise.race([ended.promise, new Promise<void>((wake) => clock.after(EVERY, wake))])
      }
      return EXIT.ok
    })
  },
}

interface News {
  readonly kind: 'event' | 'message'
  readonly id: string
  readonly at: number
  readonly what: string
  readonly state: string
  readonly more: string
}

const eventNews = (row: SeenEvent): News => ({
  kind: 'event',
  id: formatId('evt', row.id),
  at: row.received_at,
  what: row.type,
  state: row.trust,
  more: '',
})

const messageNews = (row: MessageRow): News => ({
  kind: 'message',
  id: formatId('msg', row.id),
  at: row.settled_at ?? row.created_at,
  what: `${row.template} → ${row.channel}`,
  state: row.delivered_at === null ? row.state : 'delivered',
  more:
    row.state === 'sent'
      ? ''
      : [row.verdict && plainVerdict(row.verdict), row.fate_code].filter(Boolean).join(' '),
})

function show({ screen }: Context, news: News): void {
  const { paint } = screen
  const style =
    { sent: 'green', delivered: 'green', dropped: 'yellow', failed: 'red', unknown: 'red' }[news.state] ??
    'dim'
  const mark = news.kind === 'event' ? paint('cyan', '●') : paint('magenta', '✉')
  const time = paint('dim', toIso(news.at).slice(11, 19))
  screen.line(
    `${time} ${mark} ${news.what} ${paint(style as 'dim', news.state)} ${paint('dim', `${news.more} ${news.id}`.trim())}`,
  )
  screen.result(news)
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
