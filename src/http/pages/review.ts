import type { FastifyReply, FastifyRequest } from 'fastify'
import { readReview } from '../../db/reviews.ts'
import { Fault, faultText } from '../../domain/errors.ts'
import { parseId } from '../../domain/ids.ts'
import { REVIEW_CHANGES, type ReviewChange } from '../../pipeline/settle-review.ts'
import type { Caller } from '../auth.ts'
import type { HttpDeps } from '../deps.ts'
import { pageLanguage } from '../language.ts'
import { decideFor, tellReview } from '../review-seen.ts'
import type { AddRoute } from '../route.ts'
import { shopNumber } from '../routes/shop-number.ts'
import { langQuery, sendPage } from './layout.ts'
import { REVIEW_TEXTS } from './review-texts.ts'
import { REVIEW_STYLE, reviewBody } from './review-view.ts'
import { shopOf } from './token-page.ts'

interface Shown {
  readonly refusal: Fault | null
  readonly justDone: ReviewChange | null
}

/** `/review/:shop/:id`: a member decides about an order. Opening it changes nothing; what decides is a POST. */
export function reviewPages(add: AddRoute, deps: HttpDeps): void {
  add('GET /review/:shop/:id', {
    async handle({ request, reply, caller }) {
      return show(deps, request, reply, caller, { refusal: null, justDone: null })
    },
  })

  add('POST /review/:shop/:id', {
    perMinute: 30,
    async handle({ request, reply, caller }) {
      const { id } = placeOf(request, caller)
      const { change, note } = (request.body ?? {}) as { change?: unknown; note?: unknown }
      const known = REVIEW_CHANGES.find((each) => each === change) as ReviewChange | undefined
      if (!known) return show(deps, request, reply, caller, { refusal: null, justDone: null })
      const text = String(note ?? '')
        .trim()
        .slice(0, 1_000)
      try {
        await decideFor(deps, caller, id, known, text || null)
      } catch (error) {
        // Somebody was quicker: the page says who, and how it stands now.
        if (error instanceof Fault && (error.kind === 'conflict' || error.kind === 'forbidden'))
          return show(deps, request, reply, caller, { refusal: error, justDone: null })
        throw error
      }
      return show(deps, request, reply, caller, { refusal: null, justDone: known })
    },
  })
}

/** A member's session is of one shop: the address of another's review is nothing to them. */
function placeOf(request: FastifyRequest, caller: Caller) {
  const { shop, id } = request.params as { shop: string; id: string }
  if (shopNumber(shop) !== caller.shop) throw new Fault('NOT_FOUND')
  return { shop: caller.shop, id }
}

async function show(
  deps: HttpDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  caller: Caller,
  { refusal, justDone }: Shown,
): Promise<FastifyReply> {
  const { shop, id: text } = placeOf(request, caller)
  const id = parseId('rev', text)
  const row = id && (await readReview(deps.db, shop, id))
  if (!row) throw new Fault('NOT_FOUND')
  const [config, review] = await Promise.all([deps.configs.get(shop), tellReview(deps, shop, row)])
  const language = pageLanguage(request, null, config.row.locale)
  return sendPage(request, reply, deps.random, {
    language,
    shop: shopOf(config),
    title: REVIEW_TEXTS[language].title,
    style: REVIEW_STYLE,
    status: refusal === null ? 200 : refusal.kind === 'forbidden' ? 403 : 409,
    body: reviewBody({
      language,
      review,
      mine: caller.roles === null || caller.roles.some((role) => row.roles.includes(role)),
      path: `/review/${shop}/${text}`,
      query: langQuery(request),
      shop,
      timeZone: config.row.time_zone,
      now: deps.clock.now(),
      refusal: refusal && faultText(refusal.code, refusal.params, language),
      justDone,
    }),
  })
}
