import type { DueMessage } from '../db/due-messages.ts'
import { classForBuyer } from '../domain/failure/classify.ts'
import type { FailureClass } from '../domain/failure-class.ts'
import { greetedBy } from '../domain/greeting.ts'
import type { ShopId } from '../domain/ids.ts'
import type { Money } from '../domain/money.ts'
import { cameFor, toldShort } from '../domain/order/received.ts'
import type { LastFailure, OrderView } from '../domain/order/view.ts'
import { alternativesFor, filled, withPayUrl } from '../domain/payment-methods.ts'
import type { TemplateVars } from '../domain/template/variables.ts'
import { DAY, type Instant } from '../domain/time.ts'
import type { TokenKind } from '../domain/token.ts'
import type { ShopVault } from './keyring.ts'
import { failureClassOf, type ShopConfig } from './shop-config.ts'
import type { Subject } from './subjects.ts'

const PAY_LINK_LIFE = 30 * DAY
const ORDER_LINK_LIFE = 180 * DAY
/** Laws ask that an unsubscribe link works long after the message (CAN-SPAM: 30 days); ours outlives inbox cleaning. */
const PREFERENCES_LINK_LIFE = 400 * DAY

export interface VarsScene {
  readonly shop: ShopId
  readonly config: ShopConfig
  readonly vault: ShopVault
  readonly publicUrl: string
  readonly now: Instant
}

/** What a message was planned with, beside what its order knows. */
type OwnVars = Partial<TemplateVars> & { readonly renewUrl?: string }

/** Everything a template may say about this message, in clear: give it to the renderer only. */
export function templateVars(
  scene: VarsScene,
  message: DueMessage,
  { view: said, name }: Subject,
): TemplateVars {
  const { shop, config, vault } = scene
  const place = { shop, column: 'message.vars', row: message.id }
  const own = message.vars && (JSON.parse(vault.sealer.openText(message.vars, place)) as OwnVars)
  const { brand, payUrlTemplate } = config.settings
  const view = said && withPayUrl(said, payUrlTemplate)
  const greeted = greetedBy(name)
  return {
    shop: {
      name: config.row.name,
      ...defined({ colour: brand.colour, logo: brand.logo, support: brand.support }),
    },
    ...(view && orderVars(view, scene.now, (failure) => classOf(config, message.audience, failure))),
    ...(view && alternativeVars(scene, message, view)),
    ...(greeted ? { customer: { name: greeted } } : {}),
    links: links(scene, message, own, view),
    ...own,
  }
}

/** The account's registered address and the order's short code, for roads on which links may not vary. */
export function withFixedLink(vars: TemplateVars, registered?: string, code?: string): TemplateVars {
  return {
    ...vars,
    ...(registered === undefined ? {} : { links: { ...vars.links, registered } }),
    ...(code === undefined ? {} : { order: { ...vars.order, short_code: code } }),
  }
}

/** Members see the class as it is; buyers never that it was risk. */
function classOf(config: ShopConfig, audience: DueMessage['audience'], failure: LastFailure) {
  const kind = failureClassOf(config, failure)
  return audience === 'buyer' ? classForBuyer(kind) : kind
}

function orderVars(
  view: OrderView,
  now: Instant,
  classOfFailure: (failure: LastFailure) => FailureClass,
): Partial<TemplateVars> {
  // A reservation that has run out is no reservation.
  const reserved = view.reservedUntil !== null && view.reservedUntil > now ? view.reservedUntil : null
  return {
    order: {
      status: view.status,
      payable: view.payUrl !== null,
      items: view.items.map(({ name, quantity }) => ({ name, quantity })),
      ...defined({
        no: view.no ?? view.ref,
        title: view.title,
        total: view.total,
        paid_total: paidTotal(view),
        missing: toldShort(view)?.by,
        expires_at: view.expiresAt,
        reserved_until: reserved,
      }),
    },
    ...(view.lastFailure ? { failure: { class: classOfFailure(view.lastFailure) } } : {}),
    ...(view.refunded[0] ? { refund: { amount: view.refunded[0] } } : {}),
  }
}

/** Nobody is told that another sum came than did: of two currencies there is none to tell. */
function paidTotal(view: OrderView): Money | null {
  const came = view.paidAt === null ? [] : cameFor(view)
  return came.length === 1 ? came[0]! : null
}

/** Other ways to pay, each behind the message's own signed pay link, which leads on to that method's page. */
function alternativeVars(
  { config, vault, publicUrl, now }: VarsScene,
  message: DueMessage,
  view: OrderView,
): Pick<TemplateVars, 'alternatives'> {
  if (view.lastFailure === null || view.paidAt !== null || message.audience !== 'buyer') return {}
  const found = alternativesFor(
    failureClassOf(config, view.lastFailure),
    view,
    config.settings.paymentMethods,
  )
  if (found.length === 0) return {}
  const token = vault.sign({ kind: 'pay', id: message.id, expiresAt: now + PAY_LINK_LIFE })
  const language = (message.locale ?? config.row.locale).startsWith('zh') ? 'zh' : 'en'
  const link = (key: string) => `${publicUrl}/l/${token}/${key}`
  return { alternatives: found.map(({ key, names }) => ({ name: names[language], link: link(key) })) }
}

/**
 * Signed links of one message. Where nobody knows a page that takes the payment, the button leads to the order: the
 * shop's own page of it, or ours, which says what can be done. What a token opens is decided by its kind;
 * none of them changes anything by GET.
 */
function links(
  { vault, config, publicUrl, now }: VarsScene,
  message: DueMessage,
  own: OwnVars | null,
  view: OrderView | null,
): NonNullable<TemplateVars['links']> {
  const link = (path: string, kind: TokenKind, id: string, life: number) =>
    `${publicUrl}/${path}/${vault.sign({ kind, id, expiresAt: now + life })}`
  const toBuyer = message.audience === 'buyer'
  const { helpUrl, consoleUrlTemplate } = config.settings
  const console = !toBuyer && consoleUrlTemplate ? filled(consoleUrlTemplate, view?.no ?? null) : null
  return {
    ...(message.order_id !== null && toBuyer
      ? {
          pay: link('l', view && view.payUrl !== null ? 'pay' : 'click', message.id, PAY_LINK_LIFE),
          order: link('o', 'order', message.order_id, ORDER_LINK_LIFE),
        }
      : {}),
    ...(message.contact_id !== null && toBuyer
      ? { preferences: link('p', 'preferences', message.contact_id, PREFERENCES_LINK_LIFE) }
      : {}),
    // No token: whoever opens it has to log in. Only ever in messages to members.
    ...(own?.review?.id && !toBuyer
      ? { review: `${publicUrl}/review/${config.row.id}/${own.review.id}` }
      : {}),
    ...defined({ help: helpUrl, console, renew: toBuyer ? own?.renewUrl : null }),
  }
}

/** RFC 8058 one-click address; essential messages and messages to members have none. */
export function unsubscribeLink({ vault, publicUrl, now }: VarsScene, message: DueMessage): string | null {
  if (message.contact_id === null || message.purpose === 'essential' || message.audience !== 'buyer')
    return null
  const token = vault.sign({
    kind: 'unsubscribe',
    id: message.contact_id,
    expiresAt: now + PREFERENCES_LINK_LIFE,
  })
  return `${publicUrl}/u/${token}`
}

function defined<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value != null)) as {
    [K in keyof T]?: NonNullable<T[K]>
  }
}
