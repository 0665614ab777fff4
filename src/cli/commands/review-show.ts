import { formatMoney } from '../../domain/money.ts'
import { decidedWords } from '../../domain/review/turn.ts'
import { otherWords, zoneText } from '../../domain/review/words.ts'
import type { ReviewStory } from '../../http/review-seen.ts'
import { type Command, type Context, EXIT } from '../command.ts'
import { ask, findServer } from '../session.ts'
import { OPTIONS } from '../texts/commands.ts'
import { REVIEWS } from '../texts/reviews.ts'
import { say } from '../texts/text.ts'
import { paintState } from './review-list.ts'

export const reviewShow: Command = {
  name: 'review show',
  summary: REVIEWS.show,
  args: [{ name: '<review>', text: REVIEWS.id }],
  options: [
    { flags: '--shop <slug>', text: OPTIONS.shop },
    { flags: '--key <key>', text: OPTIONS.key },
    { flags: '--url <url>', text: OPTIONS.url },
  ],
  examples: ['dingdong review show rev_01k…'],
  async run(context, [id = ''], options) {
    const server = await findServer(context, options)
    const story = await ask<ReviewStory>(context, server, 'GET', `/v1/reviews/${encodeURIComponent(id)}`)
    tell(context, story)
    return EXIT.ok
  },
}

/** Everything about one review, for a terminal. */
function tell(context: Context, story: ReviewStory): void {
  const { screen, language } = context
  const total = story.total ? formatMoney(story.total, language === 'zh' ? 'zh-CN' : 'en') : ''
  screen.line(
    `${screen.paint('bold', story.no ?? story.order)}  ${total}  ${paintState(context, story.state)}  ${screen.paint('dim', story.review)}`,
  )
  const line = (label: string, text: string) => {
    if (text !== '') screen.line(`  ${screen.paint('dim', label)}  ${text}`)
  }
  line(
    say(REVIEWS.matched, language),
    `${story.title[language]}${language === 'zh' ? '：' : ': '}${story.what[language]}`,
  )
  line(say(REVIEWS.buyer, language), story.buyer.join(' · '))
  if (story.others.length > 0) screen.line(`  ${screen.paint('dim', say(REVIEWS.others, language))}`)
  for (const each of story.others) screen.line(`    ${otherWords(each, language)}`)
  if (story.turn[language] !== '') screen.line(`  ${story.turn[language]}`)
  if (story.effect[language] !== '') screen.line(`  ${screen.paint('dim', story.effect[language])}`)
  const zone = zoneText(story.timeZone, story.openedAt)
  const times = language === 'zh' ? `（${zone}）` : ` (${zone})`
  screen.line(`  ${screen.paint('dim', `${say(REVIEWS.history, language)}${times}`)}`)
  for (const each of story.history[language]) screen.line(`    ${each}`)
  if (story.decidedBy !== null) screen.line(`  ${decidedWords(story.state, story.decidedBy, language)}`)
  line(say(REVIEWS.note_, language), story.note ?? '')
  screen.result(story)
}
