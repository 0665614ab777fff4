import type { FastifyReply, FastifyRequest } from 'fastify'
import { findShortCode } from '../../db/short-codes.ts'
import { Fault } from '../../domain/errors.ts'
import type { ShopId } from '../../domain/ids.ts'
import { readShortCode } from '../../domain/short-code.ts'
import { DAY } from '../../domain/time.ts'
import type { ShopVault } from '../../pipeline/keyring.ts'
import type { ShopConfig } from '../../pipeline/shop-config.ts'
import { shortCodeIndex } from '../../pipeline/short-codes.ts'
import { type Asker, giveAsker, readAsker } from '../code-asker.ts'
import type { HttpDeps } from '../deps.ts'
import { pageLanguage } from '../language.ts'
import { checkOrderCode, codeContacts, sendOrderCode } from '../order-code.ts'
import { openOrder, type SeenOrder } from '../order-seen.ts'
import type { AddRoute } from '../route.ts'
import { shopNumber } from '../routes/shop-number.ts'
import { takeTry, tryWasRight } from '../short-code-rate.ts'
import type { Background } from './find-order.ts'
import { type Html, html } from './html.ts'
import { langQuery, sendPage } from './layout.ts'
import { payingOf } from './link.ts'
import { codeField } from './order-view.ts'
import { SHORT_CODE_TEXTS, STANDS } from './short-code-texts.ts'
import { shopOf } from './token-page.ts'
import { shopQuery } from './which-shop.ts'

/** What a typed code led to. */
type Found =
  | { readonly kind: 'order'; readonly seen: SeenOrder; readonly code: string }
  | { readonly kind: 'wrong' | 'too_many' }

interface Visit {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly config: ShopConfig
  readonly vault: ShopVault
}

/**
 * `/c/:shop`: the page that a shop's registered address leads to. A code from a text message shows only how the
 * order stands and where to go on; name, goods, amount and address need the code that is sent to the order's contact.
 */
export function shortCodePages(add: AddRoute, deps: HttpDeps, background: Background): void {
  async function visit(request: FastifyRequest, reply: FastifyReply): Promise<Visit> {
    const shop = shopNumber((request.params as { shop: string }).shop)
    const config = shop === null ? null : await deps.configs.get(shop).catch(() => null)
    if (!config) throw new Fault('ROUTE_UNKNOWN')
    return { request, reply, config, vault: await deps.keyring.open(config.row.id) }
  }

  add('GET /c/:shop', {
    async handle({ request, reply }) {
      return showForm(deps, await visit(request, reply), null)
    },
  })

  add('POST /c/:shop', {
    perMinute: 20,
    async handle({ request, reply }) {
      const here = await visit(request, reply)
      const found = await find(deps, here)
      return found.kind === 'order' ? showStanding(deps, here, found) : showForm(deps, here, found.kind)
    },
  })

  add('POST /c/:shop/code', {
    perMinute: 10,
    async handle({ request, reply }) {
      const here = await visit(request, reply)
      const found = await find(deps, here)
      if (found.kind !== 'order') return showForm(deps, here, found.kind)
      const [to] = codeContacts(found.seen)
      const asker = giveAsker(deps, request, reply)
      if (to) background.run(sendOrderCode(deps, here.config.row.id, found.seen, to.id, asker))
      return showCodeForm(deps, here, found.code, to ? 'sent' : 'noContact', asker)
    },
  })

  add('POST /c/:shop/keys', {
    perMinute: 10,
    async handle({ request, reply }) {
      const here = await visit(request, reply)
      const found = await find(deps, here)
      if (found.kind !== 'order') return showForm(deps, here, found.kind)
      const given = String((request.body as { code?: unknown } | undefined)?.code ?? '')
      const { id } = found.seen.row
      const asker = readAsker(request)
      if (!(await checkOrderCode(deps, here.config.row.id, id, { asker, address: request.ip }, given)))
        return showCodeForm(deps, here, found.code, 'wrongCode', asker)
      const token = here.vault.sign({ kind: 'order', id, expiresAt: deps.clock.now() + DAY })
      return reply.redirect(`/o/${token}${langQuery(request)}`, 303)
    },
  })
}

async function find(deps: HttpDeps, { request, config, vault }: Visit): Promise<Found> {
  const shop: ShopId = config.row.id
  const now = deps.clock.now()
  if ((await takeTry(deps, shop, vault, request.ip, now)) === 'too_many') return { kind: 'too_many' }
  const code = readShortCode(String((request.body as { short?: unknown } | undefined)?.short ?? ''))
  // What cannot be a code is looked up all the same: its time says nothing.
  const order = await findShortCode(deps.db, shop, shortCodeIndex(vault, code ?? ''), now)
  const seen = order && (await openOrder(deps, shop, order))
  if (!seen || code === null) return { kind: 'wrong' }
  await tryWasRight(deps, shop, vault, request.ip)
  return { kind: 'order', seen, code }
}

function showForm(deps: HttpDeps, here: Visit, problem: 'wrong' | 'too_many' | null): FastifyReply {
  const t = textsOf(here)
  const note = problem === null ? null : problem === 'wrong' ? t.wrong : t.tooMany
  const body = html`<section class="card"><h1>${t.title}</h1><p class="soft">${t.ask}</p>${
    note === null ? null : html`<p class="note bad" role="alert">${note}</p>`
  }<form method="post" action="${here.request.url.split('?')[0]!.replace(/\/(code|keys)$/, '')}${langQuery(here.request)}"><label for="short">${t.label}</label><input class="code" id="short" name="short" type="text" maxlength="16" required autofocus autocomplete="off" autocapitalize="characters" spellcheck="false"><button>${t.look}</button></form><p><a class="button quiet" href="/o${shopQuery(here.request, here.config.row.id)}">${t.find}</a></p></section>`
  return send(deps, here, body, problem === null ? 200 : problem === 'wrong' ? 422 : 429)
}

function showStanding(
  deps: HttpDeps,
  here: Visit,
  { seen, code }: Extract<Found, { kind: 'order' }>,
): FastifyReply {
  const t = textsOf(here)
  const language = languageOf(here)
  const { url, not } = payingOf(seen, deps.clock.now())
  const stands = not === 'under_way' ? t.underWay : STANDS[seen.view.status][language]
  const body = html`<section class="card"><h1>${t.found}</h1><p><span class="badge">${stands}</span></p>${
    url === null ? null : html`<p><a class="button" rel="noreferrer" href="${url}">${t.pay}</a></p>`
  }<p class="soft">${t.details}</p>${form(here, 'code', code, html`<button class="quiet">${t.send}</button>`)}</section>`
  return send(deps, here, body, 200)
}

function showCodeForm(
  deps: HttpDeps,
  here: Visit,
  code: string,
  state: 'sent' | 'wrongCode' | 'noContact',
  asker: Asker | null,
): FastifyReply {
  const t = textsOf(here)
  const tone = state === 'sent' ? 'good' : 'bad'
  const body = html`<section class="card"><h1>${t.title}</h1><p class="note ${tone}" role="status">${t[state]}</p>${
    state === 'noContact'
      ? null
      : form(here, 'keys', code, html`${codeField(t.codeLabel, asker)}<button>${t.show}</button>`)
  }</section>`
  return send(deps, here, body, state === 'wrongCode' ? 422 : 200)
}

function form({ request, config }: Visit, step: 'code' | 'keys', code: string, inside: Html): Html {
  return html`<form method="post" action="/c/${config.row.id}/${step}${langQuery(request)}"><input type="hidden" name="short" value="${code}">${inside}</form>`
}

const languageOf = ({ request, config }: Visit) => pageLanguage(request, null, config.row.locale)
const textsOf = (here: Visit) => SHORT_CODE_TEXTS[languageOf(here)]

function send(deps: HttpDeps, here: Visit, body: Html, status: number): FastifyReply {
  const { request, reply, config } = here
  const { title } = textsOf(here)
  return sendPage(request, reply, deps.random, {
    language: languageOf(here),
    shop: shopOf(config),
    title,
    body,
    status,
  })
}
