import type { ShopId } from '../domain/ids.ts'
import type { MasterKey } from '../domain/seal/master.ts'
import { keyedHash } from '../domain/seal.ts'
import { type NewSecret, newApiKey } from '../domain/secret-text.ts'

/** One way into the demo shop: a source with its secret path and settings. */
export interface DemoConnection {
  readonly source: 'stripe' | 'woocommerce' | 'dujiaoka' | 'standard-webhooks'
  readonly name: string
  /** The secret part of `/in/<shop>/<token>`. */
  readonly token: string
  readonly settings: Readonly<Record<string, unknown>>
  /** What callbacks are signed with; `null` where only the path is secret. */
  readonly secret: string | null
}

export interface DemoSecrets {
  readonly smtpPass: string
  readonly smsKey: string
  readonly smsSecret: string
  readonly smsCallback: string
  readonly webhook: string
}

/**
 * The demo shop's secrets follow from the master key: the simulators, which keep nothing, have the same ones after
 * every start, and the `demo` command can sign callbacks without reading any out of the database.
 */
export function demoSecrets(master: MasterKey): DemoSecrets {
  return {
    smtpPass: derive(master, 'smtp').toString('hex', 0, 12),
    smsKey: derive(master, 'sms-key').toString('hex', 0, 8),
    smsSecret: derive(master, 'sms-secret').toString('hex', 0, 16),
    smsCallback: derive(master, 'sms-callback').toString('hex', 0, 16),
    webhook: `whsec_${derive(master, 'webhook').toString('base64')}`,
  }
}

export function demoConnections(master: MasterKey, shop: ShopId): readonly DemoConnection[] {
  const token = (source: string) => derive(master, 'path', source, String(shop)).toString('hex', 0, 20)
  const stripe = `whsec_${derive(master, 'stripe').toString('hex', 0, 16)}`
  const woocommerce = derive(master, 'woocommerce').toString('hex', 0, 16)
  const own = `whsec_${derive(master, 'own').toString('base64')}`
  const paths = {
    stripe: token('stripe'),
    woo: token('woocommerce'),
    dujiaoka: token('dujiaoka'),
    own: token('own'),
  }
  return [
    {
      source: 'stripe',
      name: 'Stripe',
      token: paths.stripe,
      settings: { secrets: [stripe] },
      secret: stripe,
    },
    {
      source: 'woocommerce',
      name: 'WooCommerce',
      token: paths.woo,
      settings: { secrets: [woocommerce] },
      secret: woocommerce,
    },
    {
      source: 'dujiaoka',
      name: '独角数卡',
      token: paths.dujiaoka,
      settings: { pathSecret: paths.dujiaoka },
      secret: null,
    },
    {
      source: 'standard-webhooks',
      name: 'Shop system',
      token: paths.own,
      settings: { secrets: [own] },
      secret: own,
    },
  ]
}

/** The demo shop's API key, shown at every start so that the line to try always works. Only ever for the demo shop. */
export const demoApiKey = (master: MasterKey, shop: ShopId, turn: number): NewSecret =>
  derivedKey(master, 'api-key', shop, turn)

/**
 * The key by which this program's own command line speaks to the server as one shop. It follows from the master
 * key, so only who has that (and the database, where its hash must be) has it.
 */
export const commandLineKey = (master: MasterKey, shop: ShopId, turn: number): NewSecret =>
  derivedKey(master, 'command-line', shop, turn)

/** `turn`: how many of its like were revoked before. */
function derivedKey(master: MasterKey, what: string, shop: ShopId, turn: number): NewSecret {
  const after = turn === 0 ? [] : [String(turn)]
  return newApiKey(shop, (bytes) => derive(master, what, String(shop), ...after).subarray(0, bytes))
}

function derive(master: MasterKey, ...what: readonly string[]): Buffer {
  return keyedHash(master.bytes, 'dingdong.demo', ...what)
}
