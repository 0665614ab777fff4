import type { FastifyReply, FastifyRequest } from 'fastify'
import {
  type ContactRow,
  type CustomerRow,
  contactsOfCustomers,
  readContacts,
  readCustomers,
  savePreferences,
  setContactState,
} from '../../db/contacts.ts'
import type { ContactId } from '../../domain/ids.ts'
import { maskAddress } from '../../domain/mask.ts'
import type { Instant } from '../../domain/time.ts'
import type { ShopConfig } from '../../pipeline/shop-config.ts'
import type { HttpDeps } from '../deps.ts'
import { type Language, pageLanguage } from '../language.ts'
import type { AddRoute } from '../route.ts'
import { type Html, html, raw } from './html.ts'
import { langQuery, sendPage } from './layout.ts'
import { momentText } from './moment-text.ts'
import { categoriesOf, changed, isOn, PREFERENCE_TEXTS } from './preference-choices.ts'
import { type OpenedLink, openLink, shopOf } from './token-page.ts'

interface Person {
  readonly link: OpenedLink
  readonly contact: ContactRow
  readonly customer: CustomerRow | null
  /** Channels that lead to this person. */
  readonly channels: readonly ContactRow['channel'][]
}

/** `/p/:token`: what a person wants to get, and where. No log-in; the GET changes nothing. */
export function preferencePages(add: AddRoute, deps: HttpDeps): void {
  async function open(request: FastifyRequest, reply: FastifyReply): Promise<Person | null> {
    const link = await openLink(deps, request, reply, ['preferences', 'unsubscribe'])
    if (!link) return null
    const person = await personOf(deps, link)
    if (!person) reply.callNotFound()
    return person
  }

  add('GET /p/:token', {
    async handle({ request, reply }) {
      const person = await open(request, reply)
      return person ? show(deps, request, reply, person, null) : reply
    },
  })

  add('POST /p/:token', {
    perMinute: 60,
    async handle({ request, reply, body }) {
      const person = await open(request, reply)
      if (!person) return reply
      const saved = await save(deps, person, formOf(body))
      const after = saved ? await personOf(deps, person.link) : null
      return show(deps, request, reply, after ?? person, saved ? 'saved' : 'refused')
    },
  })
}

/** Does what the form says; `false` when that is nothing the page offers this person. */
async function save(deps: HttpDeps, person: Person, form: ReadonlyMap<string, string>): Promise<boolean> {
  const { db, clock } = deps
  const { link, contact, customer, channels } = person
  const { shop } = link.token
  const now = clock.now()
  const action = form.get('action')
  if (action === 'resume_address') {
    // What mail came back from is not made good by whoever presses a button.
    if (contact.state !== 'unsubscribed') return false
    await setContactState(db, shop, contact.id, 'ok', 'preferences_page', now)
    return true
  }
  if (customer) {
    const categories = categoriesOf(link.config).map(({ key }) => key)
    const preferences = changed(customer.preferences, form, categories, channels, now)
    if (preferences === null) return false
    if (await savePreferences(db, shop, customer.id, preferences)) return true
    // Merged since the page was opened: what was chosen is the survivor's wish.
    const survivor = await personOf(deps, link)
    return survivor !== null && survivor.customer?.id !== customer.id && save(deps, survivor, form)
  }
  if (action !== 'nothing') return false
  await setContactState(db, shop, contact.id, 'unsubscribed', 'preferences_page', now)
  return true
}

/** The contact of the link, and whose it is now; merged customers are followed. */
async function personOf({ db }: HttpDeps, link: OpenedLink): Promise<Person | null> {
  const { shop, id } = link.token
  const [contact] = await readContacts(db, shop, [id as ContactId])
  if (!contact) return null
  const [customer = null] = contact.customer_id ? await readCustomers(db, shop, [contact.customer_id]) : []
  const own = customer ? await contactsOfCustomers(db, shop, [customer.id]) : [contact]
  return { link, contact, customer, channels: [...new Set(own.map(({ channel }) => channel))] }
}

function formOf(body: unknown): ReadonlyMap<string, string> {
  const entries =
    body !== null && typeof body === 'object' && !Buffer.isBuffer(body) ? Object.entries(body) : []
  return new Map(entries.map(([name, value]) => [name, String(value)]))
}

async function show(
  deps: HttpDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  person: Person,
  outcome: 'saved' | 'refused' | null,
): Promise<FastifyReply> {
  const { config, token } = person.link
  const language = pageLanguage(request, person.customer?.locale, config.row.locale)
  const t = PREFERENCE_TEXTS[language]
  const vault = await deps.keyring.open(token.shop)
  const { channel, id, address } = person.contact
  const plain = vault.sealer.openText(address, { shop: token.shop, column: 'contact.address', row: id })
  const body = html`<section class="card"><h1>${t.title}</h1><p class="soft">${t.intro(maskAddress(channel, plain))}</p>${
    outcome ? OUTCOME_NOTES[outcome](t[outcome]) : null
  }${person.contact.state === 'unsubscribed' ? unsubscribedNote(request, language) : null}</section>${
    person.customer
      ? choices(request, language, person, config, person.customer, deps.clock.now())
      : nothingForm(request, language)
  }<p class="soft small">${t.always}</p>`
  return sendPage(request, reply, deps.random, {
    language,
    shop: shopOf(config),
    title: t.title,
    body,
    status: outcome === 'refused' ? 422 : 200,
  })
}

const OUTCOME_NOTES = {
  saved: (text: string) => html`<p class="note good" role="status">${text}</p>`,
  refused: (text: string) => html`<p class="note bad" role="alert">${text}</p>`,
}

function unsubscribedNote(request: FastifyRequest, language: Language): Html {
  const t = PREFERENCE_TEXTS[language]
  return html`<p class="note warn">${t.unsubscribed}</p>${button(request, 'resume_address', t.resumeAddress)}`
}

const nothingForm = (request: FastifyRequest, language: Language) =>
  html`<section class="card">${button(request, 'nothing', PREFERENCE_TEXTS[language].nothing)}</section>`

function choices(
  request: FastifyRequest,
  language: Language,
  person: Person,
  config: ShopConfig,
  { preferences, time_zone }: CustomerRow,
  now: Instant,
): Html {
  const t = PREFERENCE_TEXTS[language]
  const pausedUntil = preferences.pausedUntil ?? null
  const paused = pausedUntil !== null && pausedUntil > now
  if (!isOn(preferences, 'everything')) {
    return html`<section class="card"><p class="note warn">${t.everythingOff}</p>${button(request, 'something', t.something, '')}</section>`
  }
  const pause = paused
    ? html`<p>${t.pausedUntil(momentText(pausedUntil, time_zone, config.row.time_zone, language))}</p>${button(request, 'resume', t.resume)}`
    : html`<div class="row">${button(request, 'pause_7', t.pauseFor(7))}${button(request, 'pause_30', t.pauseFor(30))}</div>`
  const box = (name: string, label: string, hint: string | null) =>
    html`<label class="choice"><span>${label}${hint ? html`<small>${hint}</small>` : null}</span><input type="checkbox" role="switch" name="on:${name}" value="1"${isOn(preferences, name) ? raw(' checked') : null}></label>`
  return html`<form class="card" method="post" action="${address(request)}"><input type="hidden" name="action" value="choose"><fieldset><legend>${t.what}</legend>${categoriesOf(
    config,
  ).map(({ key, label }) =>
    box(key, label[language], null),
  )}</fieldset><br><fieldset><legend>${t.where}</legend>${person.channels.map((channel) =>
    box(channel, t.channels[channel], null),
  )}</fieldset><button>${t.save}</button></form><section class="card"><h2>${t.pause}</h2>${pause}</section><section class="card"><h2>${t.stop}</h2><p class="soft small">${t.stopText}</p>${button(request, 'nothing', t.nothing)}</section>`
}

function button(request: FastifyRequest, action: string, label: string, look = 'quiet'): Html {
  return html`<form method="post" action="${address(request)}"><button class="${look}" name="action" value="${action}">${label}</button></form>`
}

const address = (request: FastifyRequest) => `${request.url.split('?')[0]}${langQuery(request)}`
