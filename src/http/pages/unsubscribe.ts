import type { FastifyReply, FastifyRequest } from 'fastify'
import { readContacts, setContactState } from '../../db/contacts.ts'
import type { ContactId } from '../../domain/ids.ts'
import { maskAddress } from '../../domain/mask.ts'
import type { HttpDeps } from '../deps.ts'
import { pageLanguage } from '../language.ts'
import type { AddRoute } from '../route.ts'
import { html } from './html.ts'
import { langQuery, plainPage, sendPage } from './layout.ts'
import { PREFERENCE_TEXTS } from './preference-choices.ts'
import { type OpenedLink, openLink, shopOf } from './token-page.ts'

const TEXTS = {
  zh: {
    title: '退订',
    ask: (address: string) => `${address} 将不再收到本店的提醒和通知。付款凭证和验证码等必要消息仍会发送。`,
    button: '确认退订',
    done: '已退订',
    doneText: (address: string) => `${address} 不会再收到本店的提醒和通知。`,
    undo: (button: string) => `想重新接收？请打开消息设置，点“${button}”。`,
    settings: '打开消息设置',
    choose: '只想关掉一部分？',
  },
  en: {
    title: 'Unsubscribe',
    ask: (address: string) =>
      `${address} will get no more reminders and notices of this shop. Receipts and one-time codes still come.`,
    button: 'Unsubscribe',
    done: 'You are unsubscribed',
    doneText: (address: string) => `${address} gets no more reminders and notices of this shop.`,
    undo: (button: string) => `To get them again, open the message settings and press “${button}”.`,
    settings: 'Open message settings',
    choose: 'Choose what you get instead',
  },
} as const

/**
 * `/u/:token`, the address in List-Unsubscribe. One POST without cookies ends it (RFC 8058 §3.1), in whatever
 * encoding the mail program uses; a GET, which scanners do, only shows the button, or that it is done.
 */
export function unsubscribePages(add: AddRoute, deps: HttpDeps): void {
  add('GET /u/:token', {
    async handle({ request, reply }) {
      const link = await openLink(deps, request, reply, ['unsubscribe'])
      return link ? show(deps, request, reply, link) : reply
    },
  })

  add('POST /u/:token', {
    bodyLimit: 16 * 1024,
    async handle({ request, reply }) {
      const link = await openLink(deps, request, reply, ['unsubscribe'])
      if (!link) return reply
      const { shop, id } = link.token
      await setContactState(deps.db, shop, id as ContactId, 'unsubscribed', 'one_click', deps.clock.now())
      return show(deps, request, reply, link)
    },
  })
}

async function show(
  deps: HttpDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  { token, config }: OpenedLink,
): Promise<FastifyReply> {
  const { shop, id } = token
  const [contact] = await readContacts(deps.db, shop, [id as ContactId])
  const language = pageLanguage(request, null, config.row.locale)
  const t = TEXTS[language]
  const vault = await deps.keyring.open(shop)
  const place = { shop, column: 'contact.address', row: id }
  const address = contact
    ? maskAddress(contact.channel, vault.sealer.openText(contact.address, place))
    : '***'
  const preferences = `/p/${vault.sign({ kind: 'preferences', id, expiresAt: token.expiresAt })}${langQuery(request)}`
  const page = { language, shop: shopOf(config) }
  if (contact?.state === 'unsubscribed') {
    const action = { href: preferences, label: t.settings }
    const undo = t.undo(PREFERENCE_TEXTS[language].resumeAddress)
    return sendPage(
      request,
      reply,
      deps.random,
      plainPage({ ...page, title: t.done, text: [t.doneText(address), undo], second: action }),
    )
  }
  const body = html`<section class="card"><h1>${t.title}</h1><p class="soft">${t.ask(address)}</p><form method="post" action="${request.url.split('?')[0]!}${langQuery(request)}"><button name="List-Unsubscribe" value="One-Click">${t.button}</button></form><p><a class="button quiet" href="${preferences}">${t.choose}</a></p></section>`
  return sendPage(request, reply, deps.random, { ...page, title: t.title, body })
}
