import { roleText } from '../../domain/flow/role-texts.ts'
import { formatMoney } from '../../domain/money.ts'
import type { OrderStatus } from '../../domain/order/view.ts'
import { UNDO } from '../../domain/review/life.ts'
import { REVIEW_STATE_WORDS } from '../../domain/review/state-words.ts'
import { byWords } from '../../domain/review/turn.ts'
import { clockText, otherWords, zoneText } from '../../domain/review/words.ts'
import type { Instant } from '../../domain/time.ts'
import type { ReviewChange } from '../../pipeline/settle-review.ts'
import type { Language } from '../language.ts'
import type { ReviewStory } from '../review-seen.ts'
import { type Html, html } from './html.ts'
import { STATUS_TEXTS } from './order-texts.ts'
import { REVIEW_TEXTS } from './review-texts.ts'
import { localeOf } from './token-page.ts'

export interface ReviewPage {
  readonly language: Language
  readonly review: ReviewStory
  /** Whether the reader has one of the roles it is for. */
  readonly mine: boolean
  readonly path: string
  readonly query: string
  readonly shop: number
  readonly timeZone: string
  readonly now: Instant
  /** Somebody else was quicker, or it is too late. */
  readonly refusal: string | null
  readonly justDone: ReviewChange | null
}

const TONE = { open: 'warn', escalated: 'bad', approved: 'good', rejected: 'bad', expired: '' } as const

export function reviewBody(page: ReviewPage): Html {
  const { refusal, justDone, language } = page
  const t = REVIEW_TEXTS[language]
  return html`${refusal === null ? null : html`<p class="note bad" role="alert">${refusal}</p>`}${
    justDone === null
      ? null
      : html`<p class="note good" role="status">${t.done[justDone]} ${page.review.turn[language]}</p>`
  }${summary(page)}${isOpen(page) ? deciding(page) : decided(page)}${history(page)}`
}

const isOpen = ({ review }: ReviewPage) => review.state === 'open' || review.state === 'escalated'

function summary({ language, review }: ReviewPage): Html {
  const t = REVIEW_TEXTS[language]
  const status = STATUS_TEXTS[review.status as OrderStatus]
  const waiting = isOpen({ review } as ReviewPage)
  return html`<section class="card"><span class="badge ${TONE[review.state]}">${REVIEW_STATE_WORDS[review.state][language]}</span>${
    review.total ? html`<div class="amount">${formatMoney(review.total, localeOf(language))}</div>` : null
  }<h1>${review.title[language]}</h1><p>${review.what[language]}</p>${
    waiting
      ? html`<p class="soft small">${review.effect[language]}</p>${review.turn[language] === '' ? null : html`<p class="soft small">${review.turn[language]}</p>`}`
      : null
  }<dl><dt>${t.order}</dt><dd>${review.no ?? review.order}</dd>${
    status ? html`<dt>${t.status}</dt><dd>${status[language]}</dd>` : null
  }${review.buyer.length > 0 ? html`<dt>${t.buyer}</dt><dd>${review.buyer.map((line) => html`<div>${line}</div>`)}</dd>` : null}</dl>${
    review.others.length > 0
      ? html`<h2 class="under">${t.others}</h2>${review.others.map((each) => html`<div>${otherWords(each, language)}</div>`)}`
      : null
  }</section>`
}

/** One form with the note; the button pressed says what is decided. */
function deciding({ language, review, mine, path, query }: ReviewPage): Html {
  const t = REVIEW_TEXTS[language]
  if (!mine) return html`<p class="note warn">${t.notYours}</p>`
  const further = review.action === 'hold'
  return html`<section class="card"><form method="post" action="${path}${query}"><label for="note">${t.note}</label><textarea id="note" name="note" maxlength="1000" rows="3"></textarea><button name="change" value="approve">${further ? t.approve : t.seen}</button><button class="quiet" name="change" value="reject">${t.reject}</button>${
    review.next === null
      ? null
      : html`<button class="quiet" name="change" value="escalate">${t.escalate.replace('{role}', roleText(review.next, language))}</button>`
  }<p class="soft small">${t.rejectHint}</p></form></section>`
}

function decided(page: ReviewPage): Html {
  const { language, review, mine, path, query, timeZone, now } = page
  const t = REVIEW_TEXTS[language]
  const by = review.decidedBy ?? ''
  const undoable =
    mine && review.state !== 'expired' && review.decidedAt !== null && now - review.decidedAt < UNDO
  return html`<section class="card"><h2>${t.decided}</h2><dl><dt>${t.by}</dt><dd>${byWords(by, language)}</dd>${
    review.decidedAt === null
      ? null
      : html`<dt>${t.at}</dt><dd>${clockText(review.decidedAt, timeZone, language)} (${zoneText(timeZone, review.decidedAt)})</dd>`
  }${review.note ? html`<dt>${t.noteShown}</dt><dd>${review.note}</dd>` : null}</dl>${
    undoable
      ? html`<form method="post" action="${path}${query}"><button class="quiet" name="change" value="reopen">${t.reopen}</button></form>`
      : null
  }</section>`
}

function history({ language, review, shop, query, timeZone, now }: ReviewPage): Html {
  const t = REVIEW_TEXTS[language]
  const lines = review.history[language]
  return html`${
    lines.length > 0
      ? html`<section class="card"><h2>${t.history} <span class="soft small">${zoneText(timeZone, now)}</span></h2><ol class="steps">${lines.map((line) => html`<li class="done">${line}</li>`)}</ol></section>`
      : null
  }<form method="post" action="/member/logout${query}"><input type="hidden" name="shop" value="${shop}"><button class="quiet">${t.logout}</button></form>`
}

/** Besides every page's. */
export const REVIEW_STYLE =
  'h2.under{margin:1.25rem 0 .25rem}textarea{width:100%;padding:.6rem .9rem;border:1px solid var(--line);border-radius:.8rem;background:var(--field);color:var(--ink);font:inherit;resize:vertical}@media(min-width:48rem){.page{max-width:36rem}}'
