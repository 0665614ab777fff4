import type { ContactId } from '../../domain/ids.ts'
import type { Channel } from '../../domain/message.ts'
import { formatMoney, type Money } from '../../domain/money.ts'
import { type Difference, toldShort } from '../../domain/order/received.ts'
import type { OrderView } from '../../domain/order/view.ts'
import type { Instant } from '../../domain/time.ts'
import type { ShopConfig } from '../../pipeline/shop-config.ts'
import type { Asker } from '../code-asker.ts'
import type { Language } from '../language.ts'
import type { SeenOrder } from '../order-seen.ts'
import { type Html, html, raw } from './html.ts'
import { payingOf } from './link.ts'
import { momentText } from './moment-text.ts'
import { ORDER_TEXTS, STATUS_TEXTS } from './order-texts.ts'
import { localeOf } from './token-page.ts'

/** How far the buyer has come towards the keys. */
export type KeysState =
  | { readonly kind: 'closed' }
  | { readonly kind: 'too_soon'; readonly to: ContactId; readonly seconds: number; readonly asker: Asker }
  | {
      readonly kind: 'sent'
      readonly to: ContactId | null
      readonly wrong: boolean
      readonly asker: Asker | null
    }
  | { readonly kind: 'shown'; readonly keys: readonly string[] }

export interface OrderPage {
  readonly language: Language
  readonly seen: SeenOrder
  readonly config: ShopConfig
  readonly keys: KeysState
  /** Addresses a code may go to, masked. */
  readonly contacts: readonly {
    readonly id: string
    readonly channel: Channel
    readonly address: string
    readonly chosen: boolean
  }[]
  readonly path: string
  readonly query: string
  readonly now: Instant
  readonly preferences: string | null
}

export function orderBody(page: OrderPage): Html {
  return html`${summary(page)}${keysCard(page)}${helpCard(page)}`
}

export function orderFooter({ language, preferences, query }: OrderPage): Html {
  return preferences
    ? html`<a href="${preferences}${query}">${ORDER_TEXTS[language].preferences}</a>`
    : html``
}

function summary(page: OrderPage): Html {
  const { language, seen, now } = page
  const { view } = seen
  const t = ORDER_TEXTS[language]
  const status = STATUS_TEXTS[view.status]
  const { url: payUrl, not } = payingOf(seen, now)
  const underWay = not === 'under_way'
  const no = view.no ?? view.ref
  const short = tooLittle(view)
  const badge = underWay
    ? t.underWay
    : short
      ? t.someCame
      : view.status === 'delivered' && view.hasKeys
        ? t.keysReady
        : status[language]
  return html`<section class="card"><span class="badge ${short ? '' : status.tone}">${badge}</span>${
    view.total ? html`<div class="amount">${formatMoney(view.total, localeOf(language))}</div>` : null
  }<h1>${view.title ?? view.items[0]?.name ?? `${t.order} ${no ?? ''}`}</h1>${
    payUrl
      ? html`<p><a class="button" rel="noreferrer" href="${payUrl}">${view.status === 'payment_failed' ? t.payAgain : t.pay}</a></p>`
      : null
  }${underWay ? underWayNote(page) : null}<dl>${no ? html`<dt>${t.order}</dt><dd>${no}</dd>` : null}${view.items.map(
    (item) => html`<dt>${t.item}</dt><dd>${item.name} × ${item.quantity}</dd>`,
  )}${view.refunded.map((sum) => html`<dt>${t.refunded}</dt><dd>${formatMoney(sum, localeOf(language))}</dd>`)}${payUrl && view.expiresAt !== null ? html`<dt>${t.expires}</dt><dd>${moment(page, view.expiresAt)}</dd>` : null}</dl>${steps(page)}</section>`
}

/**
 * A paid order of which plainly less than its total has come. It may be a discount that the total leaves out: both sums are told,
 * and nobody is called short. Once goods or money went the other way it is the shop's affair.
 */
const tooLittle = (view: OrderView): Difference | null => (view.status === 'paid' ? toldShort(view) : null)

/** What is on its way may still be paid otherwise, but nobody is asked to. */
function underWayNote({ language, seen: { view } }: OrderPage): Html {
  const t = ORDER_TEXTS[language]
  const otherWay =
    view.payUrl === null ? null : html` <a rel="noreferrer" href="${view.payUrl}">${t.otherWay}</a>`
  return html`<p class="note good">${t.underWayText}${otherWay}</p>`
}

type Step = readonly [label: string, at: Instant | null, done: boolean]

function steps(page: OrderPage): Html {
  const { language, seen, now } = page
  const { view } = seen
  const t = ORDER_TEXTS[language]
  const ended = view.paidAt === null ? (view.cancelledAt ?? view.expiredAt) : null
  const overdue =
    ended === null && payingOf(seen, now).not === 'ended' && view.paidAt === null ? view.expiresAt : null
  // A gateway does not say when the order was placed; that we have heard of it later than of its payment says nothing.
  const list: Step[] = [[t.placed, view.placedAt, true]]
  const step = (label: string, at: Instant | null): Step => [label, at, at !== null]
  if (ended !== null || overdue !== null) list.push(step(t.closed, ended ?? overdue))
  else list.push(step(t.paid, view.paidAt), step(view.hasKeys ? t.keysReady : t.delivered, view.deliveredAt))
  if (view.refundedAt !== null) list.push(step(t.refunded, view.refundedAt))
  return html`<ol class="steps">${list.map(
    ([label, at, done]) =>
      html`<li class="${done ? 'done' : ''}">${label}${at === null ? null : html` <span class="soft small">${moment(page, at)}</span>`}</li>`,
  )}</ol>`
}

function keysCard(page: OrderPage): Html | null {
  const { language, seen, keys } = page
  const t = ORDER_TEXTS[language]
  if (!seen.view.hasKeys) {
    if (seen.view.status !== 'paid') return null
    const short = tooLittle(seen.view)
    const write = (sum: Money) => formatMoney(sum, localeOf(language))
    return html`<section class="card"><p class="soft">${short ? t.otherSum(write(short.received), write(short.total)) : t.noKeysYet}</p></section>`
  }
  if (keys.kind === 'shown') {
    const { keysLeftOut } = seen.view
    return html`<section class="card"><h2>${t.keysTitle}</h2>${keys.keys.map(
      (key) =>
        html`<div class="key"><code>${key}</code><button type="button" class="quiet" data-copied="${t.copied}">${t.copy}</button></div>`,
    )}${keysLeftOut > 0 ? html`<p class="note warn">${t.keysLeftOut(keysLeftOut)}</p>` : null}<p class="soft small">${t.keysShown}</p></section>`
  }
  return html`<section class="card"><h2>${t.keysTitle}</h2>${
    page.contacts.length === 0
      ? html`<p class="note warn">${t.noContact}</p>`
      : html`${keys.kind === 'closed' ? null : enterCode(page)}${requestCode(page)}`
  }</section>`
}

function requestCode({ language, contacts, keys, path, query }: OrderPage): Html {
  const t = ORDER_TEXTS[language]
  const again = keys.kind !== 'closed'
  const anyChosen = contacts.some(({ chosen }) => chosen)
  const choices =
    contacts.length === 1
      ? html`<input type="hidden" name="contact" value="${contacts[0]!.id}"><p class="small">${t.sendTo} <b>${contacts[0]!.address}</b></p>`
      : html`<fieldset><legend class="small">${t.sendTo}</legend>${contacts.map(
          ({ id, address, chosen }, at) =>
            html`<label class="choice"><input type="radio" name="contact" value="${id}"${chosen || (!anyChosen && at === 0) ? raw(' checked') : null}><span>${address}</span></label>`,
        )}</fieldset>`
  return html`<form method="post" action="${path}/code${query}">${again ? null : html`<p class="soft">${t.keysText}</p>`}${choices}<button class="${again ? 'quiet' : ''}">${again ? t.sendAgain : t.sendCode}</button></form>`
}

function enterCode({ language, keys, path, query, contacts }: OrderPage): Html {
  const t = ORDER_TEXTS[language]
  const chosen = contacts.find((contact) => contact.chosen)
  const note =
    keys.kind === 'too_soon'
      ? html`<p class="note warn" role="alert">${t.tooSoon(keys.seconds)}</p>`
      : keys.kind === 'sent' && keys.wrong
        ? html`<p class="note bad" role="alert">${t.wrong}</p>`
        : html`<p class="note good" role="status">${t.codeSent}</p>`
  return html`${note}<form method="post" action="${path}/keys${query}">${
    chosen ? html`<input type="hidden" name="contact" value="${chosen.id}">` : null
  }${codeField(t.codeLabel, keys.kind === 'closed' || keys.kind === 'shown' ? null : keys.asker)}<button>${t.show}</button></form>`
}

/** With who asked, for browsers that refuse cookies. */
export function codeField(label: string, asker: Asker | null): Html {
  return html`${asker === null ? null : html`<input type="hidden" name="asker" value="${asker}">`}<label for="code">${label}</label><input class="code" id="code" name="code" type="text" inputmode="numeric" autocomplete="one-time-code" maxlength="9" required autofocus>`
}

function helpCard({ language, seen, config }: OrderPage): Html | null {
  const t = ORDER_TEXTS[language]
  const { support } = config.settings.brand
  const { helpUrl } = config.settings
  const { pageUrl } = seen.view
  if (!support && !helpUrl && !pageUrl) return null
  return html`<section class="card"><h2>${t.help}</h2>${support ? html`<p>${t.support}${support}</p>` : null}<div class="row">${
    helpUrl ? html`<a class="button quiet" rel="noreferrer" href="${helpUrl}">${t.helpPage}</a>` : null
  }${pageUrl ? html`<a class="button quiet" rel="noreferrer" href="${pageUrl}">${t.shopPage}</a>` : null}</div></section>`
}

const moment = ({ language, seen, config }: OrderPage, at: Instant): string =>
  momentText(at, seen.timeZone, config.row.time_zone, language)

/** Copies a key at a tap; where the browser refuses, the key can still be selected by one tap. */
export const COPY_KEYS = raw(
  `document.addEventListener('click',function(e){var b=e.target.closest('.key button');if(!b||!navigator.clipboard)return;navigator.clipboard.writeText(b.previousElementSibling.textContent).then(function(){b.textContent=b.dataset.copied})})`,
)
