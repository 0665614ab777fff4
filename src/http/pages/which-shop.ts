import type { FastifyReply, FastifyRequest } from 'fastify'
import { listShops, type ShopRow } from '../../db/shops.ts'
import type { ShopId } from '../../domain/ids.ts'
import type { ShopConfig } from '../../pipeline/shop-config.ts'
import type { HttpDeps } from '../deps.ts'
import { pageLanguage } from '../language.ts'
import { shopNumber } from '../routes/shop-number.ts'
import { html } from './html.ts'
import { sendPage } from './layout.ts'

const TEXTS = {
  zh: {
    find: '查询订单',
    which: '这里有多家店铺。请打开店铺发给您的消息里的链接，或填写店铺名称。',
    unknown: (name: string) => `这里没有店铺“${name}”。请核对名称，或打开店铺发给您的消息里的链接。`,
    shop: '店铺',
    next: '下一步',
  },
  en: {
    find: 'Find your order',
    which:
      'There are several shops here. Open the link in the shop’s message to you, or enter the shop’s name.',
    unknown: (name: string) =>
      `There is no shop “${name}” here. Check the name, or open the link in the shop’s message to you.`,
    shop: 'Shop',
    next: 'Continue',
  },
} as const

/** Longest name of a shop that is looked at. */
const LONGEST = 100

/** The shop a page is about. Without one: what was given for its name, empty when nothing was. */
export type WhichShop = { readonly config: ShopConfig } | { readonly config: null; readonly given: string }

/**
 * The shop that the form or the address names: by its number, its slug or its name, if only one has that. When
 * nothing is named, `only` says which of all shops is meant; `null`: nobody can tell.
 */
export async function whichShop(
  deps: HttpDeps,
  request: FastifyRequest,
  only: (shops: readonly ShopRow[]) => ShopRow | null,
): Promise<WhichShop> {
  const { shop } = { ...(request.query as object), ...(request.body as object | undefined) } as {
    shop?: unknown
  }
  const given = String(shop ?? '')
    .trim()
    .slice(0, LONGEST)
  const shops = await listShops(deps.db)
  const found = given === '' ? only(shops) : named(shops, given)
  return found ? { config: await deps.configs.get(found.id) } : { config: null, given }
}

function named(shops: readonly ShopRow[], text: string): ShopRow | null {
  const number = shopNumber(text)
  const same = (a: string) => a.toLowerCase() === text.toLowerCase()
  const found = shops.find(({ id }) => id === number) ?? shops.find(({ slug }) => same(slug))
  if (found) return found
  const alike = shops.filter(({ name }) => same(name.trim()))
  return alike.length === 1 ? alike[0]! : null
}

/** For people who work for a shop: the only one. */
export const theOnlyShop = (shops: readonly ShopRow[]) => (shops.length === 1 ? shops[0]! : null)

/** For buyers, of whom the demo shop has none: the only one beside it. */
export const theOnlyShopForBuyers = (shops: readonly ShopRow[]) =>
  theOnlyShop(shops.filter(({ demo }) => !demo)) ?? theOnlyShop(shops)

/** The query of an address that keeps the shop, and the language chosen by the switch. */
export function shopQuery(request: FastifyRequest, shop: ShopId | null): string {
  const { lang } = (request.query ?? {}) as { lang?: unknown }
  const query = new URLSearchParams({
    ...(shop === null ? {} : { shop: String(shop) }),
    ...(lang === 'zh' || lang === 'en' ? { lang } : {}),
  }).toString()
  return query === '' ? '' : `?${query}`
}

/** Asks a buyer which shop is meant. The shops are not listed: they do not know of each other. */
export function askWhichShop(
  deps: HttpDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  given: string,
): FastifyReply {
  const language = pageLanguage(request, null, null)
  const t = TEXTS[language]
  const { lang } = (request.query ?? {}) as { lang?: unknown }
  const unknown = given === '' ? null : html`<p class="note bad" role="alert">${t.unknown(given)}</p>`
  const chosen =
    lang === 'zh' || lang === 'en' ? html`<input type="hidden" name="lang" value="${lang}">` : null
  const body = html`<section class="card"><h1>${t.find}</h1>${
    unknown ?? html`<p class="soft">${t.which}</p>`
  }<form method="get" action="/o">${chosen}<label for="shop">${t.shop}</label><input id="shop" name="shop" type="text" maxlength="${LONGEST}" required autofocus autocomplete="off" value="${given}"><button>${t.next}</button></form></section>`
  return sendPage(request, reply, deps.random, {
    language,
    shop: null,
    title: t.find,
    body,
    status: given === '' ? 200 : 404,
  })
}
