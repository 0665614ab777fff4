import type { FastifyReply, FastifyRequest } from 'fastify'
import { type ContactId, formatId, type OrderId, parseId, type ShopId } from '../../domain/ids.ts'
import { deliveredKeys } from '../../domain/order/view.ts'
import { DAY, SECOND } from '../../domain/time.ts'
import type { ShopConfig } from '../../pipeline/shop-config.ts'
import { giveAsker, readAsker } from '../code-asker.ts'
import type { HttpDeps } from '../deps.ts'
import { pageLanguage } from '../language.ts'
import { checkOrderCode, codeContacts, recordReveal, sendOrderCode } from '../order-code.ts'
import { maskedContacts, openOrder, type SeenOrder } from '../order-seen.ts'
import type { AddRoute } from '../route.ts'
import { langQuery, sendPage } from './layout.ts'
import { ORDER_TEXTS } from './order-texts.ts'
import { COPY_KEYS, type KeysState, orderBody, orderFooter } from './order-view.ts'
import { openLink, shopOf } from './token-page.ts'

interface OpenedOrder {
  readonly shop: ShopId
  readonly config: ShopConfig
  readonly seen: SeenOrder
  /** Where the forms on the page lead. */
  readonly path: string
}

/** `/o/:token`: a buyer's order; card keys only after a code. */
export function orderPages(add: AddRoute, deps: HttpDeps): void {
  async function open(request: FastifyRequest, reply: FastifyReply): Promise<OpenedOrder | null> {
    const link = await openLink(deps, request, reply, ['order'])
    if (!link) return null
    const { token, config } = link
    const seen = await openOrder(deps, token.shop, token.id as OrderId)
    const { token: text } = request.params as { token: string }
    if (seen) return { shop: token.shop, config, seen, path: `/o/${text}` }
    reply.callNotFound()
    return null
  }

  add('GET /o/:token', {
    async handle({ request, reply }) {
      const order = await open(request, reply)
      return order ? showOrder(deps, request, reply, order, { kind: 'closed' }) : reply
    },
  })

  add('POST /o/:token/code', {
    perMinute: 20,
    async handle({ request, reply, body }) {
      const order = await open(request, reply)
      if (!order) return reply
      const chosen = parseId('con', String((body as { contact?: unknown } | undefined)?.contact ?? ''))
      const to = codeContacts(order.seen).find(({ id }) => id === chosen)
      if (!to) return showOrder(deps, request, reply, order, { kind: 'closed' })
      const asker = giveAsker(deps, request, reply)
      const result = await sendOrderCode(deps, order.shop, order.seen, to.id, asker)
      if (result.sent)
        return showOrder(deps, request, reply, order, { kind: 'sent', to: to.id, wrong: false, asker })
      const seconds = Math.ceil((result.notBefore - deps.clock.now()) / SECOND)
      reply.header('retry-after', seconds)
      return showOrder(deps, request, reply, order, { kind: 'too_soon', to: to.id, seconds, asker }, 429)
    },
  })

  add('POST /o/:token/keys', {
    perMinute: 20,
    async handle({ request, reply, body }) {
      const order = await open(request, reply)
      if (!order) return reply
      const { code, contact } = (body ?? {}) as { code?: unknown; contact?: unknown }
      const to = parseId('con', String(contact ?? '')) as ContactId | null
      const asker = readAsker(request)
      const from = { asker, address: request.ip }
      if (!(await checkOrderCode(deps, order.shop, order.seen.row.id, from, String(code ?? '')))) {
        return showOrder(deps, request, reply, order, { kind: 'sent', to, wrong: true, asker }, 422)
      }
      return revealKeys(deps, request, reply, order)
    },
  })
}

/** Shows the keys, after it was logged that they are shown. */
export async function revealKeys(
  deps: HttpDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  order: OpenedOrder,
): Promise<FastifyReply> {
  const keys = deliveredKeys(order.seen.facts)
  await recordReveal(deps, order.shop, order.seen.row.id, keys.length)
  return showOrder(deps, request, reply, order, { kind: 'shown', keys })
}

async function showOrder(
  deps: HttpDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  order: OpenedOrder,
  keys: KeysState,
  status = 200,
): Promise<FastifyReply> {
  const { shop, config, seen, path } = order
  const language = pageLanguage(request, seen.locale, config.row.locale)
  const contacts = (await maskedContacts(deps, shop, codeContacts(seen))).map(({ id, channel, address }) => ({
    id: formatId('con', id),
    chosen: 'to' in keys && keys.to === id,
    channel,
    address,
  }))
  const view = {
    language,
    seen,
    config,
    keys,
    contacts,
    path,
    query: langQuery(request),
    now: deps.clock.now(),
    preferences: await preferencesPath(deps, shop, seen),
  }
  return sendPage(request, reply, deps.random, {
    language,
    shop: shopOf(config),
    title: ORDER_TEXTS[language].title,
    status,
    body: orderBody(view),
    footer: orderFooter(view),
    ...(keys.kind === 'shown' ? { script: COPY_KEYS } : {}),
  })
}

async function preferencesPath(deps: HttpDeps, shop: ShopId, seen: SeenOrder): Promise<string | null> {
  const [contact] = seen.contacts
  if (!contact) return null
  const vault = await deps.keyring.open(shop)
  const expiresAt = deps.clock.now() + DAY
  return `/p/${vault.sign({ kind: 'preferences', id: contact.id, expiresAt })}`
}
