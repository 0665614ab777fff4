import type { FastifyReply, FastifyRequest } from 'fastify'
import { readInstallation } from '../../db/installation.ts'
import { listShops } from '../../db/shops.ts'
import { Fault } from '../../domain/errors.ts'
import { sameBytes } from '../../domain/seal/hash.ts'
import { hashSecret } from '../../domain/seal.ts'
import { SECOND } from '../../domain/time.ts'
import type { HttpDeps } from '../deps.ts'
import { pageLanguage } from '../language.ts'
import { record } from '../record.ts'
import type { AddRoute } from '../route.ts'
import { makeSession, SESSION_COOKIE, SESSION_LIFE, sameOriginFirst } from '../session.ts'
import { html } from './html.ts'
import { langQuery, sendPage } from './layout.ts'

const TEXTS = {
  zh: {
    title: '管理员登录',
    text: '首次启动时，终端里显示过管理员密钥。忘记了可以运行 dingdong admin secret 重新生成。',
    label: '管理员密钥',
    button: '登录',
    wrong: '密钥不对。请检查是否缺少字符，或运行 dingdong admin secret 重新生成。',
  },
  en: {
    title: 'Log in',
    text: 'The first start showed the admin secret in the terminal. If it is lost, dingdong admin secret makes a new one.',
    label: 'Admin secret',
    button: 'Log in',
    wrong:
      'That is not the secret. Check for missing characters, or make a new one with dingdong admin secret.',
  },
} as const

/** `/login`: the admin secret against a session of twelve hours. */
export function loginPages(add: AddRoute, deps: HttpDeps): void {
  add('GET /', {
    async handle({ reply }) {
      if (!deps.outbox) throw new Fault('ROUTE_UNKNOWN')
      return reply.redirect('/outbox', 302)
    },
  })

  add('GET /login', {
    async handle({ request, reply }) {
      return showForm(deps, request, reply, false)
    },
  })

  add('POST /login', {
    perMinute: 10,
    before: sameOriginFirst,
    async handle({ request, reply }) {
      const { secret, next } = (request.body ?? {}) as { secret?: unknown; next?: unknown }
      const expected = (await readInstallation(deps.db))?.admin_secret_hash ?? null
      if (expected === null || !sameBytes(hashSecret(String(secret ?? '').trim()), expected)) {
        return showForm(deps, request, reply, true)
      }
      const [shop] = await listShops(deps.db)
      if (shop) await record(deps, deps.db, { shop: shop.id, actor: 'admin' }, 'admin.login', 'admin')
      reply.setCookie(SESSION_COOKIE, makeSession(deps.sessionKey, expected, deps.clock.now(), deps.random), {
        ...cookieOptions(deps),
        maxAge: SESSION_LIFE / SECOND,
      })
      return reply.redirect(ownPath(String(next ?? '')), 303)
    },
  })

  add('POST /logout', {
    async handle({ reply }) {
      reply.clearCookie(SESSION_COOKIE, cookieOptions(deps))
      return reply.redirect('/login', 303)
    },
  })
}

const cookieOptions = (deps: HttpDeps) => ({
  path: '/',
  httpOnly: true,
  sameSite: 'strict' as const,
  secure: deps.publicUrl().startsWith('https:'),
})

/** Where to go after the log-in: a path of ours, nowhere else. */
function ownPath(text: string): string {
  return /^\/(?![/\\])[\w\-./?=&%]*$/.test(text) ? text : '/outbox'
}

function showForm(
  deps: HttpDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  wrong: boolean,
): FastifyReply {
  const language = pageLanguage(request, null, null)
  const t = TEXTS[language]
  const { next } = { ...(request.query as object), ...(request.body as object | undefined) } as {
    next?: unknown
  }
  const body = html`<section class="card"><h1>${t.title}</h1><p class="soft">${t.text}</p>${
    wrong ? html`<p class="note bad" role="alert">${t.wrong}</p>` : null
  }<form method="post" action="/login${langQuery(request)}"><input type="hidden" name="next" value="${ownPath(String(next ?? ''))}"><label for="secret">${t.label}</label><input id="secret" name="secret" type="password" autocomplete="current-password" required autofocus><button>${t.button}</button></form></section>`
  return sendPage(request, reply, deps.random, {
    language,
    shop: null,
    title: t.title,
    body,
    status: wrong ? 401 : 200,
  })
}
