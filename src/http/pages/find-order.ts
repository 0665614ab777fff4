import type { FastifyReply, FastifyRequest } from 'fastify'
import { findOrderByContact } from '../../db/codes.ts'
import { type ContactId, newId, type OrderId } from '../../domain/ids.ts'
import { emailAddress, phoneAddress } from '../../domain/order/contact.ts'
import { normaliseRef } from '../../domain/order/refs.ts'
import { DAY } from '../../domain/time.ts'
import type { ShopConfig } from '../../pipeline/shop-config.ts'
import { mayAskCode } from '../code-ask-rate.ts'
import { type Asker, giveAsker, readAsker } from '../code-asker.ts'
import type { HttpDeps } from '../deps.ts'
import { pageLanguage } from '../language.ts'
import { checkOrderCode, codeContacts, sendOrderCode } from '../order-code.ts'
import { openOrder } from '../order-seen.ts'
import type { AddRoute } from '../route.ts'
import { html } from './html.ts'
import { sendPage } from './layout.ts'
import { revealKeys } from './order.ts'
import { ORDER_TEXTS } from './order-texts.ts'
import { codeField } from './order-view.ts'
import { shopOf } from './token-page.ts'
import { askWhichShop, shopQuery, theOnlyShopForBuyers, whichShop } from './which-shop.ts'

/** Work that goes on after the answer; `settled` waits for it at shutdown. */
export interface Background {
  run(work: Promise<unknown>): void
}

interface Asked {
  readonly no: string
  readonly contact: string
}

/**
 * `/o`: order number and address instead of a link. Every answer is the same whether the order exists or not, and
 * is given before anything is looked up, so that its time tells nothing either.
 */
export function findOrderPages(add: AddRoute, deps: HttpDeps, background: Background): void {
  add('GET /o', {
    async handle({ request, reply }) {
      const which = await whichShop(deps, request, theOnlyShopForBuyers)
      if (!which.config) return askWhichShop(deps, request, reply, which.given)
      return showForm(deps, request, reply, which.config, { no: '', contact: '' }, false)
    },
  })

  add('POST /o', {
    perMinute: 10,
    async handle({ request, reply }) {
      const which = await whichShop(deps, request, theOnlyShopForBuyers)
      if (!which.config) return askWhichShop(deps, request, reply, which.given)
      const { config } = which
      const asked = askedFor(request)
      if (asked.no === '' || asked.contact === '') {
        return showForm(deps, request, reply, config, asked, true)
      }
      const asker = giveAsker(deps, request, reply)
      background.run(sendIfKnown(deps, config, asked, { asker, address: request.ip }))
      return showCodeForm(deps, request, reply, config, asked, { asker, wrong: false })
    },
  })

  add('POST /o/keys', {
    perMinute: 10,
    async handle({ request, reply }) {
      const which = await whichShop(deps, request, theOnlyShopForBuyers)
      if (!which.config) return askWhichShop(deps, request, reply, which.given)
      const { config } = which
      const asked = askedFor(request)
      const { code } = request.body as { code?: unknown }
      const shop = config.row.id
      const found = await find(deps, config, asked)
      // An order that does not exist costs the same look at a code as one that does.
      const order = found?.id ?? (newId('ord', deps.clock.now(), deps.random) as OrderId)
      const asker = readAsker(request)
      const from = { asker, address: request.ip }
      const right = await checkOrderCode(deps, shop, order, from, String(code ?? ''))
      const seen = right && found ? await openOrder(deps, shop, found.id) : null
      if (!seen) return showCodeForm(deps, request, reply, config, asked, { asker, wrong: true })
      const vault = await deps.keyring.open(shop)
      const expiresAt = deps.clock.now() + 30 * DAY
      const path = `/o/${vault.sign({ kind: 'order', id: seen.row.id, expiresAt })}`
      return revealKeys(deps, request, reply, { shop, config, seen, path })
    },
  })
}

function askedFor(request: FastifyRequest): Asked {
  const { no, contact } = (request.body ?? {}) as { no?: unknown; contact?: unknown }
  return {
    no: String(no ?? '')
      .trim()
      .slice(0, 200),
    contact: String(contact ?? '')
      .trim()
      .slice(0, 320),
  }
}

async function find(deps: HttpDeps, config: ShopConfig, { no, contact }: Asked) {
  const shop = config.row.id
  const channel = contact.includes('@') ? 'email' : 'sms'
  const address = channel === 'email' ? emailAddress(contact) : phoneAddress(contact, config.row.country)
  const vault = await deps.keyring.open(shop)
  const index = vault.index(`contact.${channel}`, address.ok ? address.identity : contact)
  return findOrderByContact(deps.db, shop, normaliseRef('order_no', no).value, channel, index)
}

async function sendIfKnown(
  deps: HttpDeps,
  config: ShopConfig,
  asked: Asked,
  { asker, address }: { readonly asker: Asker; readonly address: string },
): Promise<void> {
  const shop = config.row.id
  const vault = await deps.keyring.open(shop)
  const identity = normaliseRef('order_no', asked.no).value
  if (!(await mayAskCode(deps.db, shop, vault, { kind: 'order', address, identity }, deps.clock.now())))
    return
  const found = await find(deps, config, asked)
  const seen = found && (await openOrder(deps, shop, found.id))
  if (seen && codeContacts(seen).some(({ id }) => id === found.contact_id)) {
    await sendOrderCode(deps, shop, seen, found.contact_id as ContactId, asker)
  }
}

function showForm(
  deps: HttpDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  config: ShopConfig,
  { no, contact }: Asked,
  incomplete: boolean,
): FastifyReply {
  const language = pageLanguage(request, null, config.row.locale)
  const t = ORDER_TEXTS[language]
  const body = html`<section class="card"><h1>${t.find}</h1><p class="soft">${t.findText}</p>${
    incomplete ? html`<p class="note bad" role="alert">${t.fillBoth}</p>` : null
  }<form method="post" action="/o${shopQuery(request, config.row.id)}"><input type="hidden" name="shop" value="${config.row.id}"><label for="no">${t.findNo}</label><input id="no" name="no" type="text" maxlength="200" required autocomplete="off" value="${no}"><label for="contact">${t.findContact}</label><input id="contact" name="contact" type="text" maxlength="320" required autocomplete="email" value="${contact}"><button>${t.next}</button></form></section>`
  return sendPage(request, reply, deps.random, {
    language,
    shop: shopOf(config),
    title: t.find,
    body,
    status: incomplete ? 422 : 200,
  })
}

function showCodeForm(
  deps: HttpDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  config: ShopConfig,
  { no, contact }: Asked,
  { asker, wrong }: { readonly asker: Asker | null; readonly wrong: boolean },
): FastifyReply {
  const language = pageLanguage(request, null, config.row.locale)
  const t = ORDER_TEXTS[language]
  const body = html`<section class="card"><h1>${t.find}</h1>${
    wrong
      ? html`<p class="note bad" role="alert">${t.wrong}</p>`
      : html`<p class="note good" role="status">${t.ifMatches}</p>`
  }<form method="post" action="/o/keys${shopQuery(request, config.row.id)}"><input type="hidden" name="shop" value="${config.row.id}"><input type="hidden" name="no" value="${no}"><input type="hidden" name="contact" value="${contact}">${codeField(t.codeLabel, asker)}<button>${t.next}</button></form><p><a class="button quiet" href="/o${shopQuery(request, config.row.id)}">${t.back}</a></p></section>`
  return sendPage(request, reply, deps.random, {
    language,
    shop: shopOf(config),
    title: t.find,
    body,
    status: wrong ? 422 : 200,
  })
}
