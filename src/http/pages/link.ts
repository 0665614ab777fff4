import type { FastifyReply, FastifyRequest } from 'fastify'
import { readMessage } from '../../db/messages.ts'
import { formatId, type MessageId } from '../../domain/ids.ts'
import { alternativesFor } from '../../domain/payment-methods.ts'
import { hashSecret } from '../../domain/seal.ts'
import { failureClassOf } from '../../pipeline/shop-config.ts'
import type { HttpDeps } from '../deps.ts'
import type { InternalSender } from '../internal-sender.ts'
import { pageLanguage } from '../language.ts'
import { openOrder, type SeenOrder } from '../order-seen.ts'
import type { AddRoute } from '../route.ts'
import { html, raw } from './html.ts'
import { type Page, plainPage, sendPage } from './layout.ts'
import { type OpenedLink, openLink, shopOf } from './token-page.ts'

const TEXTS = {
  zh: {
    opening: '正在打开支付页面…',
    openingPage: '正在打开…',
    go: '继续前往支付',
    goPage: '继续',
    underWay: '款项正在路上',
    underWayText: '这笔订单的款项正在路上（例如银行扣款、转账、货到付款），您现在不用再付。',
    otherWay: '改用其他方式支付',
    paid: '订单已付款',
    paidText: '这笔订单的款项已经收到，无需再次支付。',
    ended: '订单已结束',
    endedText: '这笔订单已取消或过期，不能再支付。如仍需要，请到店铺重新下单。',
    none: '暂时无法打开支付页面',
    noneText: '店铺没有提供支付链接，请回到店铺的订单页支付，或联系客服。',
    order: '查看订单',
    shop: '去店铺看看',
    support: '客服：',
  },
  en: {
    opening: 'Opening the payment page…',
    openingPage: 'Opening…',
    go: 'Continue to payment',
    goPage: 'Continue',
    underWay: 'Your payment is on its way',
    underWayText:
      'The money for this order is on its way (a bank debit, a transfer, cash on delivery). There is nothing for you to pay now.',
    otherWay: 'Pay another way',
    paid: 'This order is paid',
    paidText: 'The money has arrived. There is nothing left to pay.',
    ended: 'This order is closed',
    endedText:
      'It was cancelled or ran out of time and can no longer be paid. Please order again if you still want it.',
    none: 'The payment page cannot be opened',
    noneText: 'The shop has not given a payment link. Pay from your order in the shop, or ask its support.',
    order: 'See the order',
    shop: 'Go to the shop',
    support: 'Support: ',
  },
} as const

/**
 * The click is reported by a page that a person sees: not by the GET, which mail scanners and link previews do, and
 * not while the browser only prepares the page. `keepalive` lets the report outlive the page.
 */
const FORWARD = raw(
  `(function(){var a=document.getElementById('go'),d=document,gone=false;function go(){if(gone||d.prerendering||d.visibilityState!=='visible')return;gone=true;try{fetch(location.pathname,{method:'POST',keepalive:true,credentials:'omit'}).catch(function(){})}catch(e){}location.replace(a.href)}d.addEventListener('visibilitychange',go);d.addEventListener('prerenderingchange',go);a.addEventListener('click',function(e){e.preventDefault();gone=false;go()});go()})()`,
)

/**
 * `/l/:token`: forwards a buyer to where they pay (kind `pay`) or see their order (kind `click`); `/l/:token/:method` to
 * where they pay by that method. The token is what counts: a method that nobody offers leads to the usual page.
 */
export function linkPages(add: AddRoute, deps: HttpDeps, sender: InternalSender): void {
  for (const path of ['/l/:token', '/l/:token/:method'] as const) {
    add(`GET ${path}`, {
      async handle({ request, reply }) {
        const link = await openLink(deps, request, reply, ['pay', 'click'])
        return link ? forward(deps, request, reply, link) : reply
      },
    })

    add(`POST ${path}`, {
      perMinute: 60,
      async handle({ reply, request }) {
        const link = await openLink(deps, request, reply, ['pay', 'click'])
        if (!link) return reply
        await tellClick(deps, sender, link, methodOf(request))
        return reply.code(204).send()
      },
    })
  }
}

const methodOf = (request: FastifyRequest): string | null => {
  const { method } = request.params as { method?: string }
  return method !== undefined && /^[a-z][a-z0-9_-]{0,31}$/.test(method) ? method : null
}

async function tellClick(
  deps: HttpDeps,
  sender: InternalSender,
  link: OpenedLink,
  method: string | null,
): Promise<void> {
  const { token } = link
  const seen = await orderOf(deps, link)
  const name = seen && (seen.names.find(({ kind }) => kind === 'order_no') ?? seen.names[0])
  const message = formatId('msg', token.id as MessageId)
  const order = name ? hashSecret(`${name.kind}:${name.value}`).toString('hex', 0, 8) : ''
  await deps.intake.keep(await sender(token.shop, 'browser'), [
    {
      // One click a message, name and method: a second one is a duplicate, whoever sends it.
      id: `click:${message}:${order}${method === null ? '' : `:${method}`}`,
      type: 'link.clicked',
      source: '/l',
      time: deps.clock.now(),
      subject: null,
      data: {
        refs: name ? [name] : [],
        message: { id: message },
        ...(method === null ? {} : { extra: { method } }),
      },
    },
  ])
}

async function orderOf(deps: HttpDeps, { token }: OpenedLink): Promise<SeenOrder | null> {
  const message = await readMessage(deps.db, token.shop, token.id as MessageId)
  return message?.order_id ? openOrder(deps, token.shop, message.order_id) : null
}

async function forward(
  deps: HttpDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  link: OpenedLink,
): Promise<FastifyReply> {
  const { token, config } = link
  const seen = await orderOf(deps, link)
  const language = pageLanguage(request, seen?.locale, config.row.locale)
  const t = TEXTS[language]
  const vault = await deps.keyring.open(token.shop)
  const orderPage = seen
    ? `/o/${vault.sign({ kind: 'order', id: seen.row.id, expiresAt: token.expiresAt })}`
    : null
  const pay = token.kind === 'pay'
  const { url, not } = pay
    ? byMethod(link, seen, methodOf(request), payingOf(seen, deps.clock.now()))
    : { url: seen?.view.pageUrl ?? orderPage, not: null }
  const base = { language, shop: shopOf(config) }
  const send = (page: Page) => sendPage(request, reply, deps.random, page)
  if (url !== null) {
    const body = html`<div class="card"><h1>${pay ? t.opening : t.openingPage}</h1><div class="spin" role="presentation"></div><p><a id="go" class="button" rel="noreferrer" href="${url}">${pay ? t.go : t.goPage}</a></p></div>`
    return send({ ...base, title: pay ? t.opening : t.openingPage, body, script: FORWARD })
  }
  const { support } = config.settings.brand
  const shopPage = seen?.view.pageUrl ?? config.settings.helpUrl ?? null
  const payUrl = seen?.view.payUrl ?? null
  const toShop = shopPage === null ? null : { href: shopPage, label: t.shop }
  const otherWay = payUrl === null ? null : { href: payUrl, label: t.otherWay }
  const told = {
    paid: { title: t.paid, text: t.paidText, second: null },
    under_way: { title: t.underWay, text: t.underWayText, second: otherWay },
    ended: { title: t.ended, text: t.endedText, second: toShop },
    none: { title: t.none, text: t.noneText, second: toShop },
  }[not ?? 'none']
  return send(
    plainPage({
      ...base,
      title: told.title,
      text: [told.text, ...(support && not !== 'paid' ? [`${t.support}${support}`] : [])],
      action: orderPage ? { href: orderPage, label: t.order } : null,
      second: told.second,
    }),
  )
}

/** The page of the method that was chosen, as it stands now; an order that cannot be paid has none. */
function byMethod(
  { config }: OpenedLink,
  seen: SeenOrder | null,
  method: string | null,
  usual: Paying,
): Paying {
  const failure = seen?.view.lastFailure
  if (method === null || !seen || !failure || usual.not !== null) return usual
  const offered = alternativesFor(failureClassOf(config, failure), seen.view, config.settings.paymentMethods)
  return { ...usual, url: offered.find(({ key }) => key === method)?.url ?? usual.url }
}

/** Where an order is paid now. */
interface Paying {
  /** `null`: none is known, or it is not to be paid. */
  readonly url: string | null
  readonly not: 'paid' | 'under_way' | 'ended' | null
}

export function payingOf(seen: SeenOrder | null, now: number): Paying {
  if (!seen) return { url: null, not: null }
  const { view } = seen
  const not = (why: Paying['not']) => ({ url: null, not: why })
  if (view.paidAt !== null) return not('paid')
  if (view.status !== 'open' && view.status !== 'payment_failed') return not('ended')
  if (view.underWay) return not('under_way')
  if (view.expiresAt !== null && view.expiresAt <= now) return not('ended')
  return { url: view.payUrl, not: null }
}
