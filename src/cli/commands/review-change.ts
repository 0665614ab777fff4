import type { ReviewStory } from '../../http/review-seen.ts'
import { REVIEW_CHANGES, type ReviewChange } from '../../pipeline/settle-review.ts'
import { type Command, EXIT } from '../command.ts'
import { ask, findServer } from '../session.ts'
import { OPTIONS } from '../texts/commands.ts'
import { REVIEWS } from '../texts/reviews.ts'
import { say } from '../texts/text.ts'

/** `review approve`, `reject`, `escalate`, `reopen`. */
export const reviewChanges: readonly Command[] = REVIEW_CHANGES.map(changeCommand)

const DONE = {
  approve: REVIEWS.isApproved,
  reject: REVIEWS.isRejected,
  escalate: REVIEWS.isPassedOn,
  reopen: REVIEWS.isReopened,
} as const

function changeCommand(change: ReviewChange): Command {
  const decides = change === 'approve' || change === 'reject'
  return {
    name: `review ${change}`,
    summary: REVIEWS[change],
    args: [{ name: '<review>', text: REVIEWS.id }],
    options: [
      ...(decides ? [{ flags: '--note <text>', text: REVIEWS.note }] : []),
      { flags: '--shop <slug>', text: OPTIONS.shop },
      { flags: '--key <key>', text: OPTIONS.key },
      { flags: '--url <url>', text: OPTIONS.url },
    ],
    examples: [`dingdong review ${change} rev_01k…`],
    async run(context, [id = ''], options) {
      const { screen, language } = context
      const server = await findServer(context, options)
      const body = typeof options.note === 'string' ? { note: options.note } : {}
      const route = `/v1/reviews/${encodeURIComponent(id)}/${change}`
      const story = await ask<ReviewStory>(context, server, 'POST', route, body)
      const turn = story.turn[language]
      const done = say(DONE[change], language, { id: story.review })
      screen.line(turn === '' ? done : language === 'zh' ? `${done}${turn}` : `${done} ${turn}`)
      screen.result(story)
      return EXIT.ok
    },
  }
}
