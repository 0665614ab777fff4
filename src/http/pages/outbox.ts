import type { FastifyReply, FastifyRequest } from 'fastify'
import { Fault } from '../../domain/errors.ts'
import type { HttpDeps, OutboxLab } from '../deps.ts'
import { pageLanguage } from '../language.ts'
import type { AddRoute } from '../route.ts'
import { sendPage } from './layout.ts'
import { OUTBOX_KINDS, type OutboxFilter, type OutboxKind, outboxItems } from './outbox-items.ts'
import { LIVE, OUTBOX_STYLE, outboxBody, outboxList } from './outbox-view.ts'

/** `/outbox`: what the demo shop's simulators received, as their receivers would see it. */
export function outboxPages(add: AddRoute, deps: HttpDeps): void {
  const lab = (): OutboxLab => {
    if (!deps.outbox) throw new Fault('ROUTE_UNKNOWN')
    return deps.outbox
  }

  async function open(request: FastifyRequest) {
    const config = await deps.configs.get(lab().shop)
    const language = pageLanguage(request, null, config.row.locale)
    const query = request.query as Record<string, unknown>
    const filter = filterOf(query)
    const items = await outboxItems(deps, lab(), filter)
    return {
      language,
      config,
      filter,
      items,
      query,
      publicUrl: deps.publicUrl(),
      timeZone: config.row.time_zone,
    }
  }

  add('GET /outbox', {
    async handle({ request, reply }) {
      const view = await open(request)
      const { language, config } = view
      return sendPage(request, reply, deps.random, {
        language,
        shop: { name: config.row.name, colour: config.settings.brand.colour },
        title: language === 'zh' ? '发件箱' : 'Outbox',
        wide: true,
        frames: true,
        style: OUTBOX_STYLE,
        body: outboxBody(request, view, String(view.query.item ?? ''), view.query.view === 'text'),
        script: LIVE,
      })
    },
  })

  add('GET /outbox/list', {
    async handle({ request, reply }) {
      const view = await open(request)
      const [newest] = view.items
      // Cheap to ask for every two seconds: nothing is sent while nothing changed.
      const etag = `"${view.items.length}-${newest?.id ?? ''}-${view.language}"`
      reply.header('etag', etag).header('cache-control', 'no-store')
      if (request.headers['if-none-match'] === etag) return reply.code(304).send()
      return reply
        .type('text/html; charset=utf-8')
        .send(outboxList(view, String(view.query.item ?? '')).__html)
    },
  })

  add('GET /outbox/mail/:sequence', {
    async handle({ request, reply }) {
      const { sequence } = request.params as { sequence: string }
      const mail = lab()
        .mail.list()
        .find((each) => String(each.sequence) === sequence)?.content
      if (!mail) throw new Fault('NOT_FOUND')
      return sendMail(reply, mail.html)
    },
  })
}

/** A mail's HTML for the frame: it may look as it likes, and do nothing; its links open in a tab of their own. */
function sendMail(reply: FastifyReply, html: string): FastifyReply {
  const policy =
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
  return reply
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy,
      'x-frame-options': 'SAMEORIGIN',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    })
    .send(`<base target="_blank">${html}`)
}

function filterOf(query: Readonly<Record<string, unknown>>): OutboxFilter {
  const kind = OUTBOX_KINDS.find((each) => each === query.kind) ?? null
  return {
    kind: kind as OutboxKind | null,
    text: String(query.q ?? '')
      .trim()
      .slice(0, 200),
  }
}
