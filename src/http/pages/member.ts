import type { FastifyReply, FastifyRequest } from 'fastify'
import { addAudit } from '../../db/audit.ts'
import { formatId, newId } from '../../domain/ids.ts'
import { SECOND } from '../../domain/time.ts'
import type { ShopConfig } from '../../pipeline/shop-config.ts'
import { type Asker, giveAsker, readAsker } from '../code-asker.ts'
import type { HttpDeps } from '../deps.ts'
import { pageLanguage } from '../language.ts'
import { memberByCode, sendMemberCode } from '../member-code.ts'
import type { AddRoute } from '../route.ts'
import { MEMBER_COOKIE, makeMemberSession, SESSION_LIFE, sameOriginFirst } from '../session.ts'
import type { Background } from './find-order.ts'
import { type Html, html } from './html.ts'
import { plainPage, sendPage } from './layout.ts'
import { codeField } from './order-view.ts'
import { shopOf } from './token-page.ts'
import { theOnlyShop, type WhichShop, whichShop } from './which-shop.ts'

const TEXTS = {
  zh: {
    title: '员工登录',
    text: '输入您在本店登记的邮箱，我们会发送一个验证码。',
    email: '邮箱',
    shop: '店铺（名称或简称）',
    noShop: (name: string) => `这里没有店铺“${name}”。请核对名称，或用消息里的链接打开。`,
    whichShop: '请填写店铺。',
    send: '发送验证码',
    sent: '如果这是本店员工的邮箱，验证码已经发出，10 分钟内有效。',
    code: '验证码',
    enter: '登录',
    wrong: '验证码不对或已失效。请使用在这个浏览器里获取的最新验证码，或重新获取。',
    fill: '请填写邮箱。',
    again: '换个邮箱或重新发送',
    out: '已退出',
    outText: '您已退出登录。',
    in: '已登录',
    inText: '请从消息中的链接打开要处理的内容。',
    login: '重新登录',
  },
  en: {
    title: 'Log in',
    text: 'Enter the email address the shop has of you. A code is sent to it.',
    email: 'Email address',
    shop: 'Shop (its name, or its short name)',
    noShop: (name: string) =>
      `There is no shop “${name}” here. Check its name, or use the link in a message of the shop.`,
    whichShop: 'Please enter the shop.',
    send: 'Send the code',
    sent: 'If somebody of this shop has this address, a code is on its way. It works for 10 minutes.',
    code: 'Code',
    enter: 'Log in',
    wrong:
      'That code is wrong or no longer works. Use the newest one asked for in this browser, or have a new one sent.',
    fill: 'Please enter your email address.',
    again: 'Another address, or send again',
    out: 'Logged out',
    outText: 'You are logged out.',
    in: 'Logged in',
    inText: 'Open what you want to decide from the link in its message.',
    login: 'Log in again',
  },
} as const

interface Asked {
  readonly email: string
  readonly next: string
}

/**
 * `/member`: people who work for a shop log in with a code that is sent to their address. Every answer is the same
 * whether somebody has that address or not, and is given before anything is looked up.
 */
export function memberPages(add: AddRoute, deps: HttpDeps, background: Background): void {
  add('GET /member', {
    async handle({ request, reply }) {
      return showEmail(deps, request, reply, await shopOfForm(deps, request), askedFor(request), false)
    },
  })

  add('POST /member', {
    perMinute: 10,
    before: sameOriginFirst,
    async handle({ request, reply }) {
      const which = await shopOfForm(deps, request)
      const asked = askedFor(request)
      const { config } = which
      if (!config || !asked.email.includes('@')) return showEmail(deps, request, reply, which, asked, true)
      const asker = giveAsker(deps, request, reply)
      background.run(sendMemberCode(deps, config, asked.email, { asker, address: request.ip }))
      return showCode(deps, request, reply, config, asked, { asker, wrong: false })
    },
  })

  add('POST /member/code', {
    perMinute: 10,
    before: sameOriginFirst,
    async handle({ request, reply }) {
      const which = await shopOfForm(deps, request)
      const asked = askedFor(request)
      const { config } = which
      if (!config) return showEmail(deps, request, reply, which, asked, true)
      const { code } = (request.body ?? {}) as { code?: unknown }
      const shop = config.row.id
      const asker = readAsker(request)
      const from = { asker, address: request.ip }
      const member = await memberByCode(deps, shop, asked.email, from, String(code ?? ''))
      if (!member) return showCode(deps, request, reply, config, asked, { asker, wrong: true })
      const now = deps.clock.now()
      const actor = `member:${formatId('mem', member)}`
      const id = newId('adt', now, deps.random)
      await addAudit(deps.db, shop, { id, at: now, actor, action: 'member.login', target: actor, detail: {} })
      const session = makeMemberSession(deps.sessionKey, { shop, member }, now, deps.random)
      reply.setCookie(MEMBER_COOKIE, session, { ...cookie(deps), maxAge: SESSION_LIFE / SECOND })
      if (asked.next !== '') return reply.redirect(asked.next, 303)
      return showLine(deps, request, reply, config, 'in')
    },
  })

  add('POST /member/logout', {
    before: sameOriginFirst,
    async handle({ request, reply }) {
      reply.clearCookie(MEMBER_COOKIE, cookie(deps))
      return showLine(deps, request, reply, (await shopOfForm(deps, request)).config, 'out')
    },
  })
}

/** Lax, unlike the administrator's: the way here is a link in a mail. What changes something is a POST of our own page. */
const cookie = (deps: HttpDeps) => ({
  path: '/',
  httpOnly: true,
  sameSite: 'lax' as const,
  secure: deps.publicUrl().startsWith('https:'),
})

/** The shop that the form or the link names; the only one where there is one. */
const shopOfForm = (deps: HttpDeps, request: FastifyRequest) => whichShop(deps, request, theOnlyShop)

function askedFor(request: FastifyRequest): Asked {
  const { email, next } = { ...(request.query as object), ...(request.body as object | undefined) } as {
    email?: unknown
    next?: unknown
  }
  return {
    email: String(email ?? '')
      .trim()
      .slice(0, 320),
    next: reviewPath(String(next ?? '')),
  }
}

/** Where to go after the log-in: a review, nowhere else. */
const reviewPath = (text: string): string =>
  /^\/review\/\d{1,10}\/rev_[0-9a-z]{26}(\?lang=(zh|en))?$/.test(text) ? text : ''

/** What the page's language switch, too, must keep: the shop and where to go afterwards. */
function kept(request: FastifyRequest, config: ShopConfig | null, { next }: Asked): string {
  const { lang } = request.query as { lang?: unknown }
  const query = new URLSearchParams({
    ...(config ? { shop: String(config.row.id) } : {}),
    ...(next === '' ? {} : { next }),
    ...(lang === 'zh' || lang === 'en' ? { lang } : {}),
  }).toString()
  return query === '' ? '' : `?${query}`
}

function hidden(config: ShopConfig | null, { email, next }: Asked, withEmail: boolean): Html {
  return html`<input type="hidden" name="shop" value="${config?.row.id ?? ''}"><input type="hidden" name="next" value="${next}">${
    withEmail ? html`<input type="hidden" name="email" value="${email}">` : null
  }`
}

function showEmail(
  deps: HttpDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  which: WhichShop,
  asked: Asked,
  incomplete: boolean,
): FastifyReply {
  const { config } = which
  const language = pageLanguage(request, null, config?.row.locale ?? null)
  const t = TEXTS[language]
  const shopField = config
    ? hidden(config, asked, false)
    : html`<input type="hidden" name="next" value="${asked.next}"><label for="shop">${t.shop}</label><input id="shop" name="shop" type="text" maxlength="100" required autocomplete="organization" value="${which.given}">`
  const note = complaint(which, incomplete, t)
  const body = html`<section class="card"><h1>${t.title}</h1><p class="soft">${t.text}</p>${
    note === null ? null : html`<p class="note bad" role="alert">${note}</p>`
  }<form method="post" action="/member${kept(request, config, asked)}">${shopField}<label for="email">${t.email}</label><input id="email" name="email" type="text" inputmode="email" maxlength="320" required autocomplete="email" value="${asked.email}" autofocus><button>${t.send}</button></form></section>`
  const status = !config && which.given !== '' ? 404 : incomplete ? 422 : 200
  return sendPage(request, reply, deps.random, {
    language,
    shop: config && shopOf(config),
    title: t.title,
    body,
    status,
  })
}

function complaint(
  which: WhichShop,
  incomplete: boolean,
  t: (typeof TEXTS)['zh'] | (typeof TEXTS)['en'],
): string | null {
  if (!which.config && which.given !== '') return t.noShop(which.given)
  if (!incomplete) return null
  return which.config ? t.fill : t.whichShop
}

function showCode(
  deps: HttpDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  config: ShopConfig,
  asked: Asked,
  { asker, wrong }: { readonly asker: Asker | null; readonly wrong: boolean },
): FastifyReply {
  const language = pageLanguage(request, null, config.row.locale)
  const t = TEXTS[language]
  const note = wrong
    ? html`<p class="note bad" role="alert">${t.wrong}</p>`
    : html`<p class="note good" role="status">${t.sent}</p>`
  const body = html`<section class="card"><h1>${t.title}</h1>${note}<form method="post" action="/member/code${kept(request, config, asked)}">${hidden(config, asked, true)}${codeField(t.code, asker)}<button>${t.enter}</button></form><p><a class="button quiet" href="/member${kept(request, config, asked)}">${t.again}</a></p></section>`
  return sendPage(request, reply, deps.random, {
    language,
    shop: shopOf(config),
    title: t.title,
    body,
    status: wrong ? 422 : 200,
  })
}

function showLine(
  deps: HttpDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  config: ShopConfig | null,
  which: 'in' | 'out',
): FastifyReply {
  const language = pageLanguage(request, null, config?.row.locale ?? null)
  const t = TEXTS[language]
  const href = `/member${config ? `?shop=${config.row.id}` : ''}`
  return sendPage(
    request,
    reply,
    deps.random,
    plainPage({
      language,
      shop: config && shopOf(config),
      title: which === 'in' ? t.in : t.out,
      text: [which === 'in' ? t.inText : t.outText],
      action: which === 'in' ? null : { href, label: t.login },
    }),
  )
}
