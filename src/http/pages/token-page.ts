import type { FastifyReply, FastifyRequest } from 'fastify'
import { type TokenContent, type TokenKind, tokenShop } from '../../domain/token.ts'
import type { ShopConfig } from '../../pipeline/shop-config.ts'
import type { HttpDeps } from '../deps.ts'
import { type Language, pageLanguage } from '../language.ts'
import { plainPage, sendPage } from './layout.ts'
import { shopQuery } from './which-shop.ts'

/** A signed link that holds, with the shop it belongs to. */
export interface OpenedLink {
  readonly token: TokenContent
  readonly config: ShopConfig
}

const TEXTS = {
  zh: {
    expired: '链接已过期',
    expiredText: '为了您的安全，链接只在一段时间内有效。请打开最近一条消息里的链接，或用订单号查询订单。',
    unknown: '链接无法打开',
    unknownText: '链接可能没有复制完整。请从原消息中重新打开，或用订单号查询订单。',
    find: '用订单号查询',
  },
  en: {
    expired: 'This link has expired',
    expiredText:
      'For your safety links work for a while only. Open the one in the latest message, or look the order up by its number.',
    unknown: 'This link does not open anything',
    unknownText:
      'Part of it may be missing. Open it from the message again, or look the order up by its number.',
    find: 'Look up an order',
  },
} as const

/** Reads the path's token; when it does not hold, answers with a page that says what to do, and gives `null`. */
export async function openLink(
  deps: HttpDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  kinds: readonly TokenKind[],
): Promise<OpenedLink | null> {
  const { token: text } = request.params as { token: string }
  const token = await deps.keyring.readLink(text, deps.clock.now())
  if (typeof token === 'object' && kinds.includes(token.kind)) {
    return { token, config: await deps.configs.get(token.shop) }
  }
  const expired = token === 'expired'
  // A link whose end is missing names nobody; one that is merely wrong still leads to the shop it names, if there is one.
  const named = tokenShop(text)
  const config = named && (await deps.configs.get(named.shop).catch(() => null))
  const language = pageLanguage(request, null, config?.row.locale ?? null)
  const words = TEXTS[language]
  sendPage(
    request,
    reply,
    deps.random,
    plainPage({
      language,
      shop: expired && config ? shopOf(config) : null,
      status: expired ? 410 : 404,
      title: expired ? words.expired : words.unknown,
      text: [expired ? words.expiredText : words.unknownText],
      action: { href: `/o${shopQuery(request, config?.row.id ?? null)}`, label: words.find },
    }),
  )
  return null
}

export function shopOf(config: ShopConfig) {
  return { name: config.row.name, colour: config.settings.brand.colour }
}

/** How a locale of ours writes money and dates. */
export const localeOf = (language: Language) => (language === 'zh' ? 'zh-CN' : 'en')
