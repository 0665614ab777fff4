import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Random } from '../../domain/ids.ts'
import type { Language } from '../language.ts'
import { type Html, html, raw } from './html.ts'
import { inkOn, STYLE } from './style.ts'

/** A page before it is dressed. */
export interface Page {
  readonly language: Language
  readonly title: string
  /** Whose page it is; `null`: Dingdong's own. */
  readonly shop: { readonly name: string; readonly colour?: string | undefined } | null
  readonly body: Html
  readonly footer?: Html
  /** A constant of the program. */
  readonly script?: Html
  readonly style?: string
  /** Wide pages bring their own frame. */
  readonly wide?: boolean
  /** Frames of our own (the outbox shows mails in one). */
  readonly frames?: boolean
  readonly status?: number
}

/**
 * Sends a page: nothing from elsewhere, scripts and styles only by nonce, kept in no cache, and no address told to
 * the next site, since the address is the secret.
 */
export function sendPage(
  request: FastifyRequest,
  reply: FastifyReply,
  random: Random,
  page: Page,
): FastifyReply {
  const nonce = Buffer.from(random(16)).toString('base64')
  return reply
    .code(page.status ?? 200)
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': [
        "default-src 'none'",
        `script-src 'nonce-${nonce}'`,
        `style-src 'nonce-${nonce}'`,
        "connect-src 'self'",
        "img-src 'self' data:",
        "form-action 'self'",
        `frame-src ${page.frames ? "'self'" : "'none'"}`,
        "frame-ancestors 'none'",
        "base-uri 'none'",
      ].join('; '),
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex, nofollow',
      'content-language': page.language === 'zh' ? 'zh-CN' : 'en',
    })
    .send(pageText(request, page, nonce))
}

function pageText(request: FastifyRequest, page: Page, nonce: string): string {
  const { language, title, shop, body, footer, script, wide } = page
  const colour = /^#[0-9a-f]{6}$/i.test(shop?.colour ?? '') ? shop!.colour! : null
  const style = `${STYLE}${colour ? `:root{--accent:${colour};--on-accent:${inkOn(colour)}}` : ''}${page.style ?? ''}`
  const name = shop?.name ?? (language === 'zh' ? '叮咚' : 'Dingdong')
  const content = wide
    ? body
    : html`<div class="page"><header class="top"><div class="brand"><i aria-hidden="true">${[...name][0] ?? ''}</i><span>${name}</span></div>${languageSwitch(request, language)}</header><main>${body}</main>${footer ? html`<footer>${footer}</footer>` : null}</div>`
  return html`<!doctype html><html lang="${language === 'zh' ? 'zh-CN' : 'en'}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex"><title>${title} · ${name}</title><link rel="icon" href="data:,"><style nonce="${nonce}">${raw(style)}</style></head><body>${content}${script ? html`<script nonce="${nonce}">${script}</script>` : null}</body></html>`
    .__html
}

/** The other language, same page. A page that answers a POST leads back to the page itself. */
export function languageSwitch(request: FastifyRequest, language: Language): Html {
  const other = language === 'zh' ? 'en' : 'zh'
  const [asked = '', query] = request.url.split(/\?(.*)/s)
  // To a browser `//host` and `/\host` are another site's address.
  const path = asked.replace(/^[/\\]*/, '/')
  const page = request.method === 'POST' ? path.replace(/\/(code|keys|logout)$/, '') : path
  const search = new URLSearchParams(query)
  search.set('lang', other)
  const label = other === 'zh' ? '中文' : 'English'
  return html`<a class="lang" lang="${other === 'zh' ? 'zh-CN' : 'en'}" href="${page}?${search.toString()}">${label}</a>`
}

/** Keeps a language that was chosen by the switch: appended to addresses of forms and links. */
export function langQuery(request: FastifyRequest): string {
  const { lang } = (request.query ?? {}) as { lang?: unknown }
  return lang === 'zh' || lang === 'en' ? `?lang=${lang}` : ''
}

/** One short message and nothing else: a link ran out, an order is paid, something went wrong. */
export function plainPage(
  page: Omit<Page, 'body'> & {
    readonly text: readonly string[]
    readonly action?: { readonly href: string; readonly label: string } | null
    readonly second?: { readonly href: string; readonly label: string } | null
  },
): Page {
  const { text, action, second, ...rest } = page
  const body = html`<div class="card"><h1>${page.title}</h1>${text.map((line) => html`<p class="soft">${line}</p>`)}${
    action ? html`<p><a class="button" rel="noreferrer" href="${action.href}">${action.label}</a></p>` : null
  }${second ? html`<p><a class="button quiet" rel="noreferrer" href="${second.href}">${second.label}</a></p>` : null}</div>`
  return { ...rest, body }
}
