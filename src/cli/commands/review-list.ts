import { roleText } from '../../domain/flow/role-texts.ts'
import { REVIEW_STATE_WORDS } from '../../domain/review/state-words.ts'
import { decidedWords } from '../../domain/review/turn.ts'
import type { SeenReview } from '../../http/review-seen.ts'
import { type Command, type Context, EXIT } from '../command.ts'
import { table } from '../screen.ts'
import { ask, findServer } from '../session.ts'
import { OPTIONS } from '../texts/commands.ts'
import { REVIEWS } from '../texts/reviews.ts'
import { say } from '../texts/text.ts'

/** Speaks to the running server, so that the buyer comes masked. */
export const reviewList: Command = {
  name: 'review list',
  summary: REVIEWS.list,
  options: [
    { flags: '--all', text: REVIEWS.all },
    { flags: '--shop <slug>', text: OPTIONS.shop },
    { flags: '--key <key>', text: OPTIONS.key },
    { flags: '--url <url>', text: OPTIONS.url },
  ],
  examples: ['dingdong review list', 'dingdong review list --all --json'],
  async run(context, _args, options) {
    const { screen, language } = context
    const server = await findServer(context, options)
    const state = options.all === true ? 'all' : 'waiting'
    const { items } = await ask<{ items: readonly SeenReview[] }>(
      context,
      server,
      'GET',
      `/v1/reviews?limit=200&state=${state}`,
    )
    if (items.length === 0) screen.line(say(REVIEWS.none, language))
    for (const line of table(items.map((item) => rowOf(context, item)))) screen.line(line)
    screen.result(items)
    return EXIT.ok
  },
}

const STYLES = {
  open: 'yellow',
  escalated: 'red',
  approved: 'green',
  rejected: 'red',
  expired: 'dim',
} as const

export const paintState = ({ screen, language }: Context, state: SeenReview['state']) =>
  screen.paint(STYLES[state], say(REVIEW_STATE_WORDS[state], language))

function rowOf(context: Context, item: SeenReview): readonly string[] {
  const { screen, language } = context
  const waits = item.state === 'open' || item.state === 'escalated'
  const who = waits
    ? say(REVIEWS.waits, language, { role: roleText(item.tell, language) })
    : decidedWords(item.state, item.decidedBy ?? '?', language)
  return [
    item.review,
    paintState(context, item.state),
    screen.paint('bold', item.no ?? item.order),
    item.title[language],
    screen.paint('dim', item.what[language]),
    screen.paint('dim', who),
  ]
}
