import type { Tx } from '../db/connect.ts'
import { type ConnectionRow, lockConnections } from '../db/connections.ts'
import { parseId, type Random, type ShopId } from '../domain/ids.ts'
import { nearest } from '../domain/template/nearest.ts'
import { INTERNAL_SOURCE } from '../pipeline/open-shop.ts'
import { SOURCES } from '../sources/registry.ts'
import type { Source } from '../sources/source.ts'
import { CommandError, type Context, EXIT } from './command.ts'
import { nearText } from './texts/errors.ts'
import { CONNECTIONS } from './texts/setup.ts'
import { say } from './texts/text.ts'

/** Connections nobody adds or switches by hand: our own, and those that API keys bring along (see key list). */
const OWN: ReadonlySet<string> = new Set([INTERNAL_SOURCE, 'api'])

export const isShown = ({ source }: ConnectionRow) => !OWN.has(source)

/** Senders that make the signing secret themselves, and show it only once they have our address. */
const MAKE_THEIR_OWN_SECRET: ReadonlySet<string> = new Set(['stripe'])

/** What a new connection's settings start from, before what the shop says. */
export type FirstSettings =
  /** Only the address is secret. */
  | { readonly secret: 'path'; readonly settings: { readonly pathSecret: string } }
  /** We make the secret, and the sender is told it. */
  | {
      readonly secret: 'ours'
      readonly text: string
      readonly settings: { readonly secrets: readonly string[] }
    }
  | { readonly secret: 'theirs' }

export function firstSettings(source: Source, token: string, random: Random): FirstSettings {
  if (MAKE_THEIR_OWN_SECRET.has(source.name)) return { secret: 'theirs' }
  if ((source.secrets as readonly string[]).includes('pathSecret'))
    return { secret: 'path', settings: { pathSecret: token } }
  // A rail has keys of its own, and several of them: they are given in a file.
  if (!takesSecret(source)) return { secret: 'theirs' }
  // 32 bytes in the form of Standard Webhooks; to WooCommerce it is a text like any other.
  const text = `whsec_${Buffer.from(random(32)).toString('base64')}`
  return { secret: 'ours', text, settings: { secrets: [text] } }
}

/** Settings without which no callback can be read are made by pasting one secret, or in a file. */
export const takesSecret = ({ secrets }: Source) => (secrets as readonly string[]).includes('secrets')

/** What is said of a connection that lacks them. */
export const lacking = (source: Source) =>
  takesSecret(source) ? CONNECTIONS.waiting : CONNECTIONS.waitingForKeys

/** The source called `name`. Throws `CommandError` with the nearest name. */
export function chooseSource({ language }: Context, name: string): Source {
  const source = SOURCES.get(name)
  if (source) return source
  const known = [...SOURCES.keys()]
  const near = nearText(nearest(name, known), language)
  const text = say(CONNECTIONS.sourceUnknown, language, { source: name, near, known: known.join(', ') })
  throw new CommandError(EXIT.usage, text)
}

export interface Locked {
  readonly row: ConnectionRow
  /** The shop's other connections. */
  readonly others: readonly ConnectionRow[]
}

/**
 * The connection with this `conn_…`, for it to be changed: until `tx` ends nobody else changes any of the shop's. Throws
 * `CommandError` when the shop has none, or none to be changed by hand.
 */
export async function lockConnection(
  { language }: Context,
  tx: Tx,
  shop: ShopId,
  text: string,
): Promise<Locked> {
  const id = parseId('conn', text)
  const rows = await lockConnections(tx, shop)
  const row = rows.find((each) => each.id === id)
  if (row && isShown(row)) return { row, others: rows.filter((each) => each !== row) }
  throw new CommandError(EXIT.notFound, say(CONNECTIONS.unknown, language, { id: text }))
}
