import type { DueMessage } from '../db/work.ts'
import type { ShopId } from '../domain/ids.ts'
import type { OrderFacts } from '../domain/order/facts.ts'
import { type OrderView, viewOrder } from '../domain/order/view.ts'
import { failureKind } from '../domain/payment-failure.ts'
import type { TemplateVars } from '../domain/template/variables.ts'
import { DAY, type Instant } from '../domain/time.ts'
import type { TokenKind } from '../domain/token.ts'
import type { ShopVault } from './keyring.ts'
import type { ShopConfig } from './shop-config.ts'

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

/** Everything a template may say about this message. Opens the sealed values; give it to the renderer only. */
export function templateVars(scene: VarsScene, message: DueMessage): TemplateVars {
  const { shop, config, vault } = scene
  const open = (sealed: Buffer | null, column: string, row: string | null) =>
    sealed === null || row === null
      ? null
      : (JSON.parse(vault.sealer.openText(sealed, { shop, column, row })) as unknown)
  const facts = open(message.facts, 'orders.facts', message.order_id) as OrderFacts | null
  const profile = open(message.profile, 'customer.profile', message.customer_id) as {
    name: string | null
  } | null
  const own = open(message.vars, 'message.vars', message.id) as Partial<TemplateVars> | null
  const { brand } = config.settings
  return {
    shop: {
      name: config.row.name,
      ...defined({ colour: brand.colour, logo: brand.logo, support: brand.support }),
    },
    ...(facts && orderVars(viewOrder(facts))),
    ...(profile?.name ? { customer: { name: profile.name } } : {}),
    links: links(scene, message),
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

function orderVars(view: OrderView): Partial<TemplateVars> {
  return {
    order: {
      status: view.status,
      items: view.items.map(({ name, quantity }) => ({ name, quantity })),
      ...defined({ no: view.no, title: view.title, total: view.total, expires_at: view.expiresAt }),
    },
    ...(view.lastFailure ? { failure: { kind: failureKind(view.lastFailure) } } : {}),
    ...(view.refunded[0] ? { refund: { amount: view.refunded[0] } } : {}),
  }
}

/** Signed links of one message. What a token opens is decided by its kind; none of them changes anything by GET. */
function links(
  { vault, config, publicUrl, now }: VarsScene,
  message: DueMessage,
): NonNullable<TemplateVars['links']> {
  const link = (path: string, kind: TokenKind, id: string, life: number) =>
    `${publicUrl}/${path}/${vault.sign({ kind, id, expiresAt: now + life })}`
  const toBuyer = message.audience === 'buyer'
  return {
    ...(message.order_id !== null && toBuyer
      ? {
          pay: link('l', 'pay', message.id, PAY_LINK_LIFE),
          order: link('o', 'order', message.order_id, ORDER_LINK_LIFE),
        }
      : {}),
    ...(message.contact_id !== null && toBuyer
      ? { preferences: link('p', 'preferences', message.contact_id, PREFERENCES_LINK_LIFE) }
      : {}),
    ...defined({ help: config.settings.helpUrl }),
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
