import {
  type AccountRow,
  addMember,
  addMemberContact,
  listAccounts,
  listMemberContacts,
} from '../db/accounts.ts'
import { type Db, type Tx, transaction } from '../db/connect.ts'
import {
  addApiKey,
  addConnection,
  findApiKey,
  findConnectionByPath,
  saveKeyScopes,
} from '../db/connections.ts'
import { saveAccountSettings } from '../db/reseal.ts'
import { bumpConfig, findShop, type ShopRow } from '../db/shops.ts'
import { type AccountId, formatId, newId, type Random, type ShopId } from '../domain/ids.ts'
import { emailAddress } from '../domain/order/contact.ts'
import type { MasterKey } from '../domain/seal/master.ts'
import { hashSecret } from '../domain/seal.ts'
import type { NewSecret } from '../domain/secret-text.ts'
import type { Clock } from '../domain/time.ts'
import { SCOPES } from '../http/permissions.ts'
import type { Lab } from '../lab/lab.ts'
import type { Keyring } from '../pipeline/keyring.ts'
import { type AccountToOpen, openShop } from '../pipeline/open-shop.ts'
import type { Presets } from '../pipeline/presets.ts'
import { type DemoSecrets, demoApiKey, demoConnections } from './demo-secrets.ts'

export const DEMO_SLUG = 'demo'
/** Where on the webhook simulator the demo shop takes orders such as "cancel this one". */
export const COMMANDS_PATH = '/commands'

export interface DemoDeps {
  readonly db: Db
  readonly keyring: Keyring
  readonly master: MasterKey
  readonly clock: Clock
  readonly random: Random
  readonly lab: Lab
  readonly secrets: DemoSecrets
  readonly language: 'zh' | 'en'
  readonly presets: () => Promise<Presets>
}

export interface DemoShop {
  readonly id: ShopId
  readonly language: 'zh' | 'en'
  /** The path of the SMS account's callbacks, for the simulator. */
  readonly smsCallbackPath: string
  readonly apiKey: string
}

/**
 * The demo shop with everything it needs, made where it is missing: so a start that was broken off half way is
 * completed by the next. Its accounts are pointed at this start's simulators.
 */
export async function ensureDemoShop(deps: DemoDeps): Promise<DemoShop> {
  const { db } = deps
  const there = await findShop(db, DEMO_SLUG)
  // It stays in the language it was made in, whatever the terminal of this start speaks.
  const furnishing = there ? { ...deps, language: demoLanguage(there) } : deps
  const accounts = accountsOf(furnishing)
  const id = there?.id ?? (await open(deps, accounts))
  const rows = await listAccounts(db, id)
  const key = await transaction(db, async (tx) => {
    const changed = await pointAccounts(deps, tx, id, rows, accounts)
    await addConnections(furnishing, tx, id)
    const key = await ensureKey(deps, tx, id, 'demo', (turn) => demoApiKey(deps.master, id, turn))
    const furnished = await addMembers(furnishing, tx, id)
    if (changed || furnished) await bumpConfig(tx, id)
    return key
  })
  const sms = rows.find((row) => row.channel === 'sms')!
  const { language } = furnishing
  const smsCallbackPath = `/cb/${id}/${formatId('acct', sms.id as AccountId)}`
  return { id, language, smsCallbackPath, apiKey: key.text }
}

/** The language that the demo shop was made in. */
export const demoLanguage = ({ locale }: Pick<ShopRow, 'locale'>): 'zh' | 'en' =>
  locale.startsWith('zh') ? 'zh' : 'en'

/** Where the demo shop and its buyers are: a country whose SMS the shop's words may go to, links included. */
const PLACES = {
  zh: {
    name: '叮咚演示店',
    locale: 'zh-CN',
    timeZone: 'Asia/Shanghai',
    currency: 'CNY',
    country: 'CN',
  },
  en: {
    name: 'Dingdong Demo Shop',
    locale: 'en',
    timeZone: 'America/New_York',
    currency: 'USD',
    country: 'US',
  },
} as const

async function open(deps: DemoDeps, accounts: readonly AccountToOpen[]): Promise<ShopId> {
  const shop = {
    slug: DEMO_SLUG,
    ...PLACES[deps.language],
    settings: { brand: { support: 'help@demo.example' } },
    demo: true,
  }
  const opened = await openShop(deps, shop, await deps.presets(), accounts, deps.clock.now())
  // Another process was quicker.
  return opened?.id ?? (await findShop(deps.db, DEMO_SLUG))!.id
}

function accountsOf({ lab, secrets, language }: DemoDeps): readonly AccountToOpen[] {
  const { smtp, sms, webhook } = lab
  const commands = new URL(COMMANDS_PATH, webhook.url).href
  const mail = {
    host: smtp.host,
    port: smtp.port,
    security: 'none',
    user: smtp.user,
    pass: smtp.pass,
    from: 'shop@demo.example',
  }
  // Under what holds in China whoever carries it: each vendor whose rules are known bans every SMS about a payment.
  const law =
    language === 'zh'
      ? {
          country: PLACES.zh.country,
          signature: '叮咚演示店',
          registeredLink: { url: 'https://shop.demo.example/d' },
        }
      : { country: PLACES.en.country }
  const signed = (url: string) => ({ url, secrets: [secrets.webhook] })
  return [
    { channel: 'email', provider: 'smtp', name: 'Demo mail', settings: mail },
    { channel: 'sms', provider: 'sms-http', name: 'Demo SMS', settings: { ...sms.account(), ...law } },
    { channel: 'webhook', provider: 'webhook', name: 'Demo webhook', settings: signed(webhook.url) },
    { channel: 'command', provider: 'command', name: 'Demo shop system', settings: signed(commands) },
    { channel: 'inbox', provider: 'inbox', name: 'Inbox', settings: {} },
  ]
}

/** The simulators listen on other ports after each start. */
async function pointAccounts(
  { keyring }: DemoDeps,
  tx: Tx,
  shop: ShopId,
  rows: readonly AccountRow[],
  wanted: readonly AccountToOpen[],
): Promise<boolean> {
  const { sealer } = await keyring.open(shop)
  let changed = false
  for (const row of rows) {
    const account = wanted.find((each) => each.channel === row.channel && each.provider === row.provider)
    if (!account) continue
    const place = { shop, column: 'account.settings', row: row.id }
    const settings = JSON.stringify(account.settings)
    if (sealer.openText(row.settings, place) === settings) continue
    await saveAccountSettings(tx, shop, row.id, sealer.seal(settings, place))
    changed = true
  }
  return changed
}

async function addConnections(
  { keyring, master, clock, random, language }: DemoDeps,
  tx: Tx,
  shop: ShopId,
): Promise<void> {
  const { sealer } = await keyring.open(shop)
  const { currency } = PLACES[language]
  for (const { source, name, token, settings: own } of demoConnections(master, shop)) {
    const settings = source === 'dujiaoka' ? { ...own, currency } : own
    const path_hash = hashSecret(token)
    if (await findConnectionByPath(tx, shop, path_hash)) continue
    const now = clock.now()
    const id = newId('conn', now, random)
    const sealed = sealer.seal(JSON.stringify(settings), { shop, column: 'connection.settings', row: id })
    await addConnection(tx, shop, { id, source, name, path_hash, settings: sealed, created_at: now })
  }
}

type KeyDeps = Pick<DemoDeps, 'keyring' | 'clock' | 'random'>

/**
 * An API key of which the text follows from the master key, added where its hash is not there yet. One that was revoked
 * stays so, and the key of the next turn takes its place.
 */
export async function ensureKey(
  deps: KeyDeps,
  tx: Tx,
  shop: ShopId,
  name: string,
  keyOf: (turn: number) => NewSecret,
): Promise<NewSecret> {
  for (let turn = 0; ; turn++) {
    const key = keyOf(turn)
    const known = await findApiKey(tx, key.hash)
    if (known && known.revoked_at !== null) continue
    if (!known) await addFullKey(deps, tx, shop, name, key)
    // Made by an earlier version, which had fewer permissions to give.
    else if (SCOPES.some((scope) => !known.scopes.includes(scope)))
      await saveKeyScopes(tx, known.shop_id, known.id, SCOPES)
    return key
  }
}

/** Adds an API key that may do everything in its shop. */
export async function addFullKey(
  { keyring, clock, random }: KeyDeps,
  tx: Tx,
  shop: ShopId,
  name: string,
  key: NewSecret,
): Promise<void> {
  const now = clock.now()
  const connection = newId('conn', now, random)
  const { sealer } = await keyring.open(shop)
  const settings = sealer.seal('{}', { shop, column: 'connection.settings', row: connection })
  await addConnection(tx, shop, {
    id: connection,
    source: 'api',
    name,
    path_hash: null,
    settings,
    created_at: now,
  })
  await addApiKey(tx, shop, {
    id: newId('key', now, random),
    name,
    hash: key.hash,
    scopes: SCOPES,
    connection_id: connection,
    created_at: now,
  })
}

async function addMembers(
  { keyring, clock, random, language }: DemoDeps,
  tx: Tx,
  shop: ShopId,
): Promise<boolean> {
  if ((await listMemberContacts(tx, shop)).length > 0) return false
  const vault = await keyring.open(shop)
  const { locale } = PLACES[language]
  const people = [
    { name: language === 'zh' ? '小运' : 'Olive', roles: ['operator'], mail: 'operator@demo.example' },
    { name: language === 'zh' ? '小财' : 'Finn', roles: ['finance'], mail: 'finance@demo.example' },
  ]
  for (const { name, roles, mail } of people) {
    const now = clock.now()
    const member = newId('mem', now, random)
    const address = emailAddress(mail)
    if (!address.ok) throw new Error(`${mail} is no mail address`)
    await addMember(tx, shop, { id: member, name, roles, locale }, now)
    const id = newId('con', now, random)
    const sealed = vault.sealer.seal(address.address, { shop, column: 'contact.address', row: id })
    const index = vault.index('contact.email', address.identity)
    await addMemberContact(tx, shop, member, { id, channel: 'email', index, address: sealed }, now)
  }
  return true
}
