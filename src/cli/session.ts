import { readAddress } from '../app/address-file.ts'
import { borrowDatabase, openPools, type Pools } from '../app/database.ts'
import { commandLineKey } from '../app/demo-secrets.ts'
import { ensureKey } from '../app/demo-shop.ts'
import { type FoundKey, findMasterKey } from '../app/master-key.ts'
import type { Config } from '../config.ts'
import { type Queryable, transaction } from '../db/connect.ts'
import { checkSchema } from '../db/migrate.ts'
import { findShop, listShops, type ShopRow } from '../db/shops.ts'
import { createKeyring, type Keyring } from '../pipeline/keyring.ts'
import { CommandError, type Context, EXIT } from './command.ts'
import { parseFor } from './shop-in-words.ts'
import { ERRORS } from './texts/errors.ts'
import { type Language, say } from './texts/text.ts'

/** The database as a command has it. */
export interface Session {
  readonly config: Config
  readonly pools: Pools
  readonly databaseUrl: string
  readonly running: boolean
}

/**
 * Lends a command the database: the running one, else the embedded server is started for as long as `work` takes.
 * So these commands work whether Dingdong runs or not. `makes`: it makes the schema, and where there is no
 * data, that too.
 */
export async function withDatabase<T>(
  context: Context,
  work: (session: Session) => Promise<T>,
  { makes = false }: { readonly makes?: boolean } = {},
): Promise<T> {
  const config = context.config()
  const quiet = {
    info: () => {},
    warn: () => {},
    error: (_: object, text: string) => context.screen.note(text),
  }
  const { clock, random } = context
  const database = await borrowDatabase({ config, clock, random, logger: quiet, mayMake: makes })
  const pools = openPools(database.url, 3, 'dingdong command')
  try {
    if (!makes) await checkSchema({ db: pools.db })
    return await work({ config, pools, databaseUrl: database.url, running: database.kind !== 'embedded' })
  } finally {
    await pools.close()
    await database.stop()
  }
}

export interface Opened extends Session {
  readonly key: FoundKey
  readonly keyring: Keyring
}

/** Like `withDatabase`, with the master key, for commands that read or write sealed values. */
export function withKeys<T>(context: Context, work: (session: Opened) => Promise<T>): Promise<T> {
  return withDatabase(context, async (session) => {
    const first = (await listShops(session.pools.db)).length === 0
    const key = await findMasterKey(session.config, first)
    const keyring = createKeyring({ db: session.pools.db, master: key.master, random: context.random })
    return work({ ...session, key, keyring })
  })
}

/** What a printed command needs behind it, so that it works when copied: nothing while there is one shop. */
export async function shopFlag(db: Queryable, shop: Pick<ShopRow, 'slug'>): Promise<string> {
  return (await listShops(db)).length > 1 ? ` --shop ${shop.slug}` : ''
}

/** The shop called `slug`, else the one of DINGDONG_SHOP; without a name the only one. */
export async function chooseShop(
  context: Context,
  { pools }: Pick<Session, 'pools'>,
  named: string | boolean | undefined,
): Promise<ShopRow> {
  const { language, env } = context
  const slug = named ?? (env.DINGDONG_SHOP?.trim() || undefined)
  if (typeof slug === 'string') {
    const found = await findShop(pools.db, slug)
    if (found) return found
    const known = (await listShops(pools.db)).map((shop) => shop.slug).join(', ') || '-'
    throw new CommandError(EXIT.notFound, say(ERRORS.shopUnknown, language, { slug, known }))
  }
  const shops = await listShops(pools.db)
  if (shops.length === 1) return shops[0]!
  if (shops.length === 0) throw new CommandError(EXIT.notFound, say(ERRORS.noShop, language))
  const known = shops.map((shop) => shop.slug).join(', ')
  throw new CommandError(EXIT.usage, say(ERRORS.whichShop, language, { known }))
}

/** Where the server listens: --url, DINGDONG_URL, what the running one wrote down, else as it is configured. */
export async function serverAddress(context: Context, url: string | boolean | undefined): Promise<string> {
  const named = typeof url === 'string' ? url : context.env.DINGDONG_URL
  if (named) return named.replace(/\/+$/, '')
  const config = context.config()
  const left = await readAddress(config.dataDir)
  if (left) return left.url
  return `http://${config.host === '0.0.0.0' ? '127.0.0.1' : config.host}:${config.port}`
}

/** The running server, as one shop sees it. */
export interface Server {
  readonly url: string
  readonly shop: string | null
  readonly key: string
  /** See `shopFlag`. */
  readonly of: string
}

/**
 * The running server with a key for it: --key or DINGDONG_API_KEY; else, on the server's own machine, the key that
 * follows from the master key. Makes sure that somebody answers.
 */
export async function findServer(
  context: Context,
  options: Readonly<Record<string, string | boolean | undefined>>,
): Promise<Server> {
  const url = await serverAddress(context, options.url)
  try {
    await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(10_000) })
  } catch {
    throw new CommandError(EXIT.unavailable, say(ERRORS.noServer, context.language, { url }))
  }
  const given = typeof options.key === 'string' ? options.key : context.env.DINGDONG_API_KEY
  if (given) {
    const of = typeof options.shop === 'string' ? ` --shop ${options.shop}` : ''
    return { url, key: given, shop: null, of }
  }
  return withKeys(context, async (session) => {
    const shop = await chooseShop(context, session, options.shop)
    const { master } = session.key
    const key = await transaction(session.pools.db, (tx) =>
      ensureKey(
        { keyring: session.keyring, clock: context.clock, random: context.random },
        tx,
        shop.id,
        'command line',
        (turn) => commandLineKey(master, shop.id, turn),
      ),
    )
    return { url, key: key.text, shop: shop.slug, of: await shopFlag(session.pools.db, shop) }
  })
}

/** Asks the server's API. Throws `CommandError` with the server's own words when it refuses. */
export async function ask<T>(
  context: Context,
  server: Server,
  method: 'GET' | 'POST',
  route: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<T> {
  let answer: Response
  try {
    answer = await fetch(server.url + route, {
      method,
      headers: {
        authorization: `Bearer ${server.key}`,
        'accept-language': context.language,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      signal: AbortSignal.timeout(60_000),
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
  } catch {
    throw new CommandError(EXIT.unavailable, say(ERRORS.noServer, context.language, { url: server.url }))
  }
  const text = await answer.text()
  if (answer.ok) return (text === '' ? null : parseFor(server.of, text)) as T
  const said = saidIn(server.of, text)
  const words = said ? wordsOf(said, context.language) : `HTTP ${answer.status}: ${text.slice(0, 300)}`
  throw new CommandError(exitOf(answer.status, said?.code), words, said?.code)
}

/** What the server says of a request that it refuses. */
interface Said {
  readonly code: string
  readonly message: string
  readonly fields?: readonly { readonly path: string; readonly problem: string }[]
}

/** `null` where something else than our server has answered. */
function saidIn(of: string, text: string): Said | null {
  try {
    const { error } = parseFor(of, text) as { error?: Said }
    return typeof error?.code === 'string' && typeof error.message === 'string' ? error : null
  } catch {
    return null
  }
}

/** A definition or a value that does not fit was given on the command line. */
const MISUSE: ReadonlySet<string | undefined> = new Set([
  'RULE_INVALID',
  'FLOW_INVALID',
  'TEMPLATE_INVALID',
  'FIELD_INVALID',
])

function exitOf(status: number, code: string | undefined) {
  if (status === 404 || status === 410) return EXIT.notFound
  if (status === 422 && MISUSE.has(code)) return EXIT.usage
  if (status === 429 || status >= 500) return EXIT.unavailable
  return EXIT.failed
}

function wordsOf({ message, fields = [] }: Said, language: Language): string {
  if (fields.length === 0) return message
  // "fields" is the API's name for what stands in the lines below.
  const title = message.replace(/[;；]\s*"fields".*$/, '')
  const lines = fields.map(({ path: where, problem }) => `\n  ${where}: ${problem}`)
  return `${title === message ? title : say(ERRORS.followedBy, language, { title })}${lines.join('')}`
}
